/** Servers of NATS as processes: alone or as a cluster, to be killed, stopped for a while and started again on the same data. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePorts } from '../../bench/harness/ports.ts';
import { findTool } from '../../bench/harness/tools.ts';

export interface NatsOptions {
  /** Lines of configuration beside those that are needed. */
  readonly lines?: readonly string[];
  /** Without it files are synced now and then, as NATS does by default. */
  readonly syncs?: boolean;
  /** Machines of their own, one a server. Default: this one. */
  readonly hosts?: readonly NatsHost[];
  /** Where configurations and data go, and stay. Default: a folder that goes with the servers. */
  readonly folder?: string;
}

/** Where a server runs. */
export interface NatsHost {
  readonly address: string;
  /** A command that turns into what it is given to run. */
  readonly before: readonly string[];
}

/** One server. */
export class NatsServer {
  readonly name: string;
  readonly port: number;
  /** Where it tells of itself. */
  readonly monitorPort: number;
  readonly #configuration: string;
  readonly #before: readonly string[];
  #child: ChildProcess | null = null;
  #output = '';

  constructor(
    name: string,
    port: number,
    monitorPort: number,
    configuration: string,
    before: readonly string[] = [],
  ) {
    this.name = name;
    this.port = port;
    this.monitorPort = monitorPort;
    this.#configuration = configuration;
    this.#before = before;
  }

  /** False before it was started, and once it has ended. */
  get isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** Everything that it wrote since it was started. */
  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const program = findTool('nats-server');
    if (program === undefined) throw new Error('there is no nats-server: node bench/setup.ts builds it');
    const [command, ...args] = [...this.#before, program, '--config', this.#configuration];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#output = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (this.#output.includes('Server is ready')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}: ${this.#output}`)));
    });
  }

  /** Sends a signal that ends it, and waits for the end. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** Stops it as if its machine stood still, until {@link resume}. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Resolves when a {@link pause} has reached it: where much else runs, its threads may go on for a moment. */
  async standsStill(): Promise<void> {
    const tasks = `/proc/${this.#child?.pid ?? 0}/task`;
    for (;;) {
      // The state comes behind the name, which is in brackets.
      const states = readdirSync(tasks).map((task) =>
        readFileSync(`${tasks}/${task}/stat`, 'utf8').split(') ')[1]?.charAt(0),
      );
      if (states.every((state) => state === 'T')) return;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }
}

/** Servers that belong together, with a folder for their data. */
export class NatsCluster {
  readonly servers: readonly NatsServer[];
  readonly #hosts: readonly NatsHost[];
  readonly #folder: string | null;

  private constructor(servers: readonly NatsServer[], hosts: readonly NatsHost[], folder: string | null) {
    this.servers = servers;
    this.#hosts = hosts;
    this.#folder = folder;
  }

  static async start(
    count = 1,
    { lines = [], syncs = true, hosts = [], folder: given }: NatsOptions = {},
  ): Promise<NatsCluster> {
    const folder = given ?? (await mkdtemp(join(tmpdir(), 'hyperloom-nats-')));
    const ports = await freePorts(count * 3);
    const routes = ports
      .slice(count, 2 * count)
      .map((port, index) => `nats://${addressOf(hosts, index)}:${port}`);
    const servers: NatsServer[] = [];
    for (const [index, port] of ports.slice(0, count).entries()) {
      const name = `n${index + 1}`;
      const host = addressOf(hosts, index);
      const file = join(folder, `${name}.conf`);
      const monitorPort = ports[2 * count + index] ?? 0;
      const jetstream = `store_dir: "${join(folder, name)}", ${syncs ? 'sync_interval: always' : ''}`;
      const cluster = `cluster { name: hyperloom, listen: "${host}:${ports[count + index]}", routes: [${routes.join(', ')}] }`;
      const all = [
        `server_name: ${name}`,
        `listen: "${host}:${port}"`,
        `http: "${host}:${monitorPort}"`,
        'max_payload: 18MB',
        `jetstream { ${jetstream} }`,
        ...(count > 1 ? [cluster] : []),
        ...lines,
      ];
      await writeFile(file, all.join('\n'));
      servers.push(new NatsServer(name, port, monitorPort, file, hosts[index]?.before));
    }
    const started = new NatsCluster(servers, hosts, given === undefined ? folder : null);
    await Promise.all(servers.map((server) => server.start()));
    return started;
  }

  /** What `--journal` is told. */
  address(query = ''): string {
    const named = this.servers.map(({ port }, index) => `${addressOf(this.#hosts, index)}:${port}`).join(',');
    return `nats://${named}${query === '' ? '' : `?${query}`}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.end()));
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }
}

function addressOf(hosts: readonly NatsHost[], index: number): string {
  return hosts[index]?.address ?? '127.0.0.1';
}
