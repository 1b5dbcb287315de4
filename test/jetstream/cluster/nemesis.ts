/** Does to brokers, to NATS, to their disks, clocks and network, and to clients what the plan says, one or two things at a time; and waits until all brokers are back. */
import { asking, insisting, limits, sleep } from '../../consistency/broker.ts';
import type { Absence } from '../../consistency/broker.ts';
import type { Chronicle } from '../../consistency/chronicle.ts';
import type { Fleet } from '../../consistency/fleet.ts';
import { forests, nowNs } from '../../consistency/record.ts';
import { putText } from '../../support/broker.ts';
import type { ClusterBroker } from './broker.ts';
import type { Cluster, NatsNode } from './cluster.ts';
import type { Host } from './network.ts';
import type { Direction, Fault, Planned, Trouble } from './schedule.ts';

/** Who is not back after this is broken: elections of NATS and starts take seconds, on a machine that does everything at once a minute. */
const backMsMax = 120_000;
/** One look whether a broker is back. */
const lookMsMax = 1_000;
/** Clocks jump up to so far, in both directions. */
const jumpMsMax = 3_600_000;
/** So few revisions a compaction leaves that slow subscribers, and reads of what was long ago, need older ones. */
const keptMax = 40;
/** What a broker says that the log was cut before. */
const leftBehind = 'this broker was away for long, and finds a snapshot at its next start';
/** What two at once are counted as, beside each of them. */
const together = 'two_at_once';

export class Nemesis {
  readonly #cluster: Cluster;
  readonly #fleet: Fleet;
  readonly #chronicles: readonly Chronicle[];
  readonly counts: Map<string, number>;
  /** Times in which somebody was away, until all brokers took writes again. */
  readonly absences: Absence[] = [];
  /** The longest time from the end of a fault, or of two at once, until all brokers took writes again. */
  readonly backMs: Map<string, number> = new Map();
  /** What must not have happened. */
  readonly bugs: string[] = [];
  #looks = 0;
  #forests = 0;

  constructor(cluster: Cluster, fleet: Fleet, chronicles: readonly Chronicle[], chosen: readonly Fault[]) {
    this.#cluster = cluster;
    this.#fleet = fleet;
    this.#chronicles = chronicles;
    this.counts = new Map(chosen.map((fault) => [fault, 0]));
  }

  /** Follows the plan until the time is over, and with `isWhole` until everything came at least once. Rejects where somebody ends by itself, or does not come back. */
  async follow(plan: Iterator<Planned, void>, untilNs: number, isWhole: boolean): Promise<void> {
    for (;;) {
      const { value: planned } = plan.next();
      if (planned === undefined) return sleep((untilNs - nowNs()) / 1e6);
      await sleep(planned.pauseMs);
      const { troubles } = planned;
      const what = troubles.map(({ fault }) => fault).join(' and ');
      await this.#lookForDead(what);
      const isEnough = !isWhole || [...this.counts.values()].every((count) => count > 0);
      if (nowNs() >= untilNs && isEnough) return;
      await this.#bringAll(troubles, what);
      for (const { fault } of troubles) this.#count(fault);
      if (troubles.length > 1) this.#count(together);
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  async #bringAll(troubles: readonly Trouble[], what: string): Promise<void> {
    const absence: Absence = { startNs: nowNs(), endNs: Infinity, kind: 'stopped' };
    this.absences.push(absence);
    await Promise.all(
      troubles.map(async (trouble) => {
        await sleep(trouble.afterMs);
        await this.#bring(trouble);
      }),
    );
    const endNs = nowNs();
    await Promise.all(this.#cluster.brokers.map((broker) => this.#isBack(broker, what)));
    absence.endNs = nowNs();
    const backMs = (absence.endNs - endNs) / 1e6;
    const name = troubles.length > 1 ? together : what;
    this.backMs.set(name, Math.max(this.backMs.get(name) ?? 0, backMs));
  }

  #bring({ fault, which, lastsMs, direction }: Trouble): Promise<void> {
    const broker = one(this.#cluster.brokers, which);
    const nats = one(this.#cluster.nats, which);
    switch (fault) {
      case 'kill_broker':
        return this.#restart(broker, 'SIGKILL', lastsMs);
      case 'terminate_broker':
        return this.#restart(broker, 'SIGTERM', lastsMs);
      case 'stop_broker':
        return broker.pause(lastsMs);
      case 'cut_broker':
        return this.#cut(broker.host, this.#hosts('nats'), direction, lastsMs);
      case 'move_clock':
        return Promise.resolve(broker.moveClock((which % (2 * jumpMsMax)) - jumpMsMax));
      case 'fill_broker_disk':
        return this.#fillBroker(broker, lastsMs);
      case 'kill_nats':
        return restartNats([nats], lastsMs);
      case 'kill_all_nats':
        return restartNats(this.#cluster.nats, lastsMs);
      case 'stop_nats':
        return stopNats(nats, lastsMs);
      case 'cut_nats':
        return this.#cut(nats.host, [...this.#hosts('nats'), ...this.#hosts('brokers')], direction, lastsMs);
      case 'cut_nats_routes':
        return this.#cut(nats.host, this.#hosts('nats'), direction, lastsMs);
      case 'fill_nats_disk':
        return fillNats(nats, lastsMs);
      case 'stop_worker':
        return this.#fleet.pause(which, lastsMs);
      case 'kill_worker':
        return this.#fleet.replace(which);
      case 'compact':
        return one(this.#chronicles, which).compact(broker.address, which % keptMax);
      case 'make_forest':
        return this.#makeForest(which);
      default:
        throw new TypeError(`no such fault: ${String(fault)}`);
    }
  }

  #hosts(whose: 'nats' | 'brokers'): readonly Host[] {
    return this.#cluster[whose].map(({ host }) => host);
  }

  async #restart(broker: ClusterBroker, signal: 'SIGTERM' | 'SIGKILL', pauseMs: number): Promise<void> {
    const code = await broker.restart(signal, pauseMs);
    if (signal === 'SIGTERM' && code !== 0)
      this.bugs.push(`broker ${broker.host.name} ended with ${code} when it was told to stop`);
  }

  async #cut(host: Host, others: readonly Host[], direction: Direction, lastsMs: number): Promise<void> {
    const { network } = this.#cluster;
    for (const other of others) {
      if (other === host) continue;
      if (direction !== 'in') await network.cut(host, other);
      if (direction !== 'out') await network.cut(other, host);
    }
    await sleep(lastsMs);
    await network.heal();
  }

  /** Made at one broker, written at the next and read at the third, deleted there; and then nobody has it. */
  async #makeForest(which: number): Promise<void> {
    this.#forests += 1;
    const name = `extra-${this.#forests}`;
    const { brokers } = this.#cluster;
    const [maker, writer, reader] = [0, 1, 2].map((offset) => one(brokers, which + offset).address) as [
      string,
      string,
      string,
    ];
    const text = putText('/first', name);
    const write = { forest: name, operations: [text], requestId: `first of ${name}` };
    const read = { forest: name, path: '/first' };
    await insisting(maker, (clients) =>
      clients.forests.createForest({ name, requestId: `make ${name}` }, limits),
    );
    const { revision } = await insisting(writer, ({ context }) => context.publish(write, limits));
    const shown = await insisting(reader, ({ context }) => context.get(read, limits));
    if (revision !== 1n || shown.revision !== 1n)
      this.bugs.push(`the first of ${name} has revision ${revision}, and was read at ${shown.revision}`);
    await insisting(reader, (clients) =>
      clients.forests.deleteForest({ name, requestId: `delete ${name}` }, limits),
    );
    for (const { address, host } of brokers) {
      const found = await insisting(address, ({ forests: all }) => all.listForests({}, limits));
      if (found.forests.some((each) => each.name === name))
        this.bugs.push(`broker ${host.name} has ${name}, which was deleted`);
    }
  }

  /** All that is on a broker's disk follows from the log, so it may end; but it must say why, and with room it starts again. */
  async #fillBroker(broker: ClusterBroker, lastsMs: number): Promise<void> {
    const { name } = broker.host;
    await broker.disk.fill();
    await sleep(lastsMs);
    if (broker.isRunning) await this.#lookAtFull(broker);
    else if (!broker.errors.includes('ENOSPC'))
      this.bugs.push(`broker ${name} ended and does not say ENOSPC`);
    await broker.disk.empty();
    await broker.restart('SIGKILL', 0);
  }

  /** Reads go on. */
  async #lookAtFull({ address, host }: ClusterBroker): Promise<void> {
    const read = { path: '/', pageSize: 5, view: { consistency: { case: 'stale', value: {} } } } as const;
    await asking(address, ({ context }) => context.list(read, { timeoutMs: 20_000 })).catch(
      (error: unknown) => {
        this.bugs.push(`reads at broker ${host.name} do not go on with a full disk: ${String(error)}`);
      },
    );
  }

  async #lookForDead(what: string): Promise<void> {
    for (const broker of this.#cluster.brokers)
      if (!broker.isRunning) await this.#begunAnew(broker, `before ${what}`);
    for (const { host, server } of this.#cluster.nats)
      if (!server.isRunning)
        throw new Error(`NATS ${host.name} ended by itself before ${what}: ${server.output}`);
  }

  /** A broker that ended by itself: it may where it was away while the log was cut twice, and then begins anew. */
  async #begunAnew(broker: ClusterBroker, when: string): Promise<void> {
    const { host, errors } = broker;
    if (!errors.includes(leftBehind))
      throw new Error(`broker ${host.name} ended by itself ${when}: ${errors}`);
    this.#count('left_behind');
    await broker.start();
  }

  /** Resolves when it takes writes and shows all that was acknowledged. */
  async #isBack(broker: ClusterBroker, what: string): Promise<void> {
    const endNs = nowNs() + backMsMax * 1e6;
    for (;;) {
      try {
        await asking(broker.address, async ({ context }) => {
          for (const forest of forests) {
            this.#looks += 1;
            const write = {
              forest,
              operations: [putText('/pulse', 'back')],
              requestId: `look ${this.#looks}`,
            };
            await context.publish(write, { timeoutMs: lookMsMax });
            await context.get({ forest, path: '/pulse' }, { timeoutMs: lookMsMax });
          }
        });
        return;
      } catch (error) {
        if (!broker.isRunning) await this.#begunAnew(broker, `in ${what}`);
        if (nowNs() > endNs)
          throw new Error(`broker ${broker.host.name} is not back ${backMsMax} ms after ${what}`, {
            cause: error,
          });
        await sleep(20);
      }
    }
  }
}

function one<T>(all: readonly T[], which: number): T {
  const chosen = all[which % all.length];
  if (chosen === undefined) throw new RangeError('there is none');
  return chosen;
}

async function restartNats(nodes: readonly NatsNode[], pauseMs: number): Promise<void> {
  await Promise.all(nodes.map(({ server }) => server.end()));
  await sleep(pauseMs);
  await Promise.all(nodes.map(({ server }) => server.start()));
}

async function stopNats({ server }: NatsNode, lastsMs: number): Promise<void> {
  server.pause();
  await sleep(lastsMs);
  server.resume();
}

/** A server of NATS gives its JetStream up for good when its disk is full: with room it has to be started again. */
async function fillNats(node: NatsNode, lastsMs: number): Promise<void> {
  await node.disk.fill();
  await sleep(lastsMs);
  await node.disk.empty();
  await restartNats([node], 0);
}
