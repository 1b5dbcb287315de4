/**
 * Machines on one machine: a network namespace each, and one in the middle through which all that they send each other goes. There it is dropped
 * without a word, in the directions that a partition cuts. The processes of the run itself are on the outside and reach everybody.
 *
 * Needs Linux, root and `ip`; nothing else, as the rules of routing can drop.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A machine: how to run something on it, and where it is reached. */
export interface Host {
  readonly name: string;
  readonly address: string;
  /** A command that turns into what it is given to run, so that signals reach that. */
  readonly before: readonly string[];
}

/** What names of namespaces and wires begin with; then comes the process of the run. */
const idPrefix = 'hl';

/** Addresses are 10.90 to 10.249, by the process, so that several runs do not meet. */
const netOf = (pid: number): string => `10.${90 + (pid % 160)}`;

export class Network {
  readonly hosts: readonly Host[];
  readonly #id: string;
  readonly #middle: string;
  /** What is dropped: the sender's address, and the receiver's. */
  readonly #cuts: (readonly [from: string, to: string])[] = [];

  private constructor(id: string, middle: string, hosts: readonly Host[]) {
    this.#id = id;
    this.#middle = middle;
    this.hosts = hosts;
  }

  /** Why there can be none here; empty where there can. */
  static async obstacle(): Promise<string> {
    try {
      const network = await Network.make(['probe']);
      await network.close();
      return '';
    } catch (error) {
      return `no network namespaces: ${error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error)}`;
    }
  }

  /** Takes away what runs have left behind that were killed: what still runs in their namespaces, these, and the wires to them. */
  static async sweep(isGone: (pid: number) => boolean): Promise<void> {
    const { stdout } = await execute('ip', ['netns', 'list']);
    const names = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
    const owners = new Set<number>();
    for (const name of names) {
      const owner = Number(new RegExp(`^${idPrefix}(\\d+)-`).exec(name)?.[1]);
      if (Number.isNaN(owner) || !isGone(owner)) continue;
      owners.add(owner);
      const inside = await execute('ip', ['netns', 'pids', name]);
      for (const pid of inside.stdout.split('\n').filter((line) => line !== '')) end(Number(pid));
      await execute('ip', ['netns', 'delete', name]);
    }
    for (const owner of owners)
      await execute('ip', ['link', 'delete', `${idPrefix}${owner}o`]).catch(() => undefined);
  }

  /** Machines by their names, of a few letters each. */
  static async make(names: readonly string[]): Promise<Network> {
    const id = `${idPrefix}${process.pid}`;
    const middle = `${id}-middle`;
    const net = netOf(process.pid);
    const hosts = names.map((name, index) => ({
      name,
      address: `${net}.${index + 1}.2`,
      before: ['ip', 'netns', 'exec', `${id}-${name}`],
    }));
    const network = new Network(id, middle, hosts);
    try {
      await network.#build(net);
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  /** From now on nothing of what one sends reaches the other. */
  async cut(from: Host, to: Host): Promise<void> {
    await this.#ip(['-n', this.#middle, ...rule('add', from.address, to.address)]);
    this.#cuts.push([from.address, to.address]);
  }

  /** Everybody reaches everybody again. */
  async heal(): Promise<void> {
    for (const [from, to] of this.#cuts.splice(0))
      await this.#ip(['-n', this.#middle, ...rule('delete', from, to)]);
  }

  /** Takes it down; whatever still runs in it has no network any more. */
  async close(): Promise<void> {
    for (const { name } of this.hosts) await this.#try(['netns', 'delete', `${this.#id}-${name}`]);
    await this.#try(['netns', 'delete', this.#middle]);
    await this.#try(['link', 'delete', `${this.#id}o`]);
  }

  async #build(net: string): Promise<void> {
    await this.#ip(['netns', 'add', this.#middle]);
    await execute('ip', [
      ...['netns', 'exec', this.#middle, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'],
    ]);
    const outside = `${this.#id}o`;
    await this.#ip([
      'link',
      'add',
      outside,
      'type',
      'veth',
      'peer',
      'name',
      'outside',
      'netns',
      this.#middle,
    ]);
    await this.#ip(['-n', this.#middle, 'address', 'add', `${net}.0.1/30`, 'dev', 'outside']);
    await this.#ip(['-n', this.#middle, 'link', 'set', 'outside', 'up']);
    await this.#ip(['address', 'add', `${net}.0.2/30`, 'dev', outside]);
    await this.#ip(['link', 'set', outside, 'up']);
    await this.#ip(['route', 'add', `${net}.0.0/16`, 'via', `${net}.0.1`]);
    for (const [index, { name, address }] of this.hosts.entries()) {
      const space = `${this.#id}-${name}`;
      const gateway = `${net}.${index + 1}.1`;
      await this.#ip(['netns', 'add', space]);
      await this.#ip([
        ...['-n', this.#middle, 'link', 'add', 'name', name],
        ...['type', 'veth', 'peer', 'name', 'wire', 'netns', space],
      ]);
      await this.#ip(['-n', this.#middle, 'address', 'add', `${gateway}/30`, 'dev', name]);
      await this.#ip(['-n', this.#middle, 'link', 'set', name, 'up']);
      await this.#ip(['-n', space, 'address', 'add', `${address}/30`, 'dev', 'wire']);
      await this.#ip(['-n', space, 'link', 'set', 'lo', 'up']);
      await this.#ip(['-n', space, 'link', 'set', 'wire', 'up']);
      await this.#ip(['-n', space, 'route', 'add', 'default', 'via', gateway]);
    }
  }

  async #ip(args: readonly string[]): Promise<void> {
    await execute('ip', [...args]);
  }

  /** Of what may not be there. */
  async #try(args: readonly string[]): Promise<void> {
    await this.#ip(args).catch(() => undefined);
  }
}

function rule(what: 'add' | 'delete', from: string, to: string): string[] {
  return ['rule', what, 'from', from, 'to', to, 'priority', '100', 'blackhole'];
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
