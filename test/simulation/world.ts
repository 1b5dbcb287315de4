/**
 * One run from one seed: a broker on its machine, a network, clients, and everything that goes wrong between them. At the end
 * the faults stop, the broker starts once more, and what it says then is held against all that clients saw.
 */
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { FileSystemError } from '../../src/journal/embedded/file-system.ts';
import { JournalDamage } from '../../src/journal/journal.ts';
import { workInGhosts } from './agents/ghost-worker.ts';
import { intrude, workUnderLocks } from './agents/locker.ts';
import { publish } from './agents/publisher.ts';
import { read } from './agents/reader.ts';
import { stream } from './agents/streamer.ts';
import { subscribe } from './agents/subscriber.ts';
import { check } from './checks.ts';
import type { Story, Violation } from './checks.ts';
import { Client } from './client.ts';
import { History } from './history.ts';
import { Machine } from './machine.ts';
import type { DiskFault } from './machine.ts';
import { textOf } from './model.ts';
import { Network } from './network.ts';
import { Scheduler, Stalled } from './scheduler.ts';

export interface WorldOptions {
  readonly seed: number;
  /** How long clients work, in simulated milliseconds. */
  readonly workMs: number;
  readonly diskFault?: DiskFault;
}

export interface RunResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Set where the broker found the disk damaged and refused to start: the end of a run, but no lie. */
  readonly damage: string;
  readonly events: number;
  readonly revisions: number;
  readonly starts: number;
  readonly reads: number;
  readonly seen: number;
}

/** Runs a seed to its end. */
export async function simulate(options: WorldOptions): Promise<RunResult> {
  const world = new World(options);
  // What a stopped machine was about to do comes to nothing; whatever else nobody caught would have ended the process.
  const stray = (error: unknown): void => {
    if (!(error instanceof FileSystemError) || error.code !== 'ECRASHED') world.noteStray(error);
  };
  process.on('unhandledRejection', stray);
  try {
    return await world.run();
  } finally {
    process.off('unhandledRejection', stray);
  }
}

/** However long a run may take to come to rest once the faults are over, in simulated milliseconds. */
const restMsMax = 600_000;

class World {
  readonly #seed: number;
  readonly #workMs: number;
  readonly #random: Random;
  readonly #scheduler = new Scheduler();
  readonly #history = new History();
  readonly #machine: Machine;
  #network: Network;
  #isOpen = true;
  #isStarting = false;
  #damage = '';

  constructor({ seed, workMs, diskFault = 'none' }: WorldOptions) {
    this.#seed = seed;
    this.#workMs = workMs;
    this.#random = seededRandom(seed);
    const onWriteStop = (): void => this.#crashSoon('process');
    this.#machine = new Machine({ scheduler: this.#scheduler, random: this.#random, diskFault, onWriteStop });
    this.#network = this.#networkWith(40 + this.#random.below(400));
  }

  noteStray(error: unknown): void {
    this.#history.bugs.push(`nobody caught ${error instanceof Error ? error.stack : String(error)}`);
  }

  async run(): Promise<RunResult> {
    const violations = await this.#live().catch((error: unknown): Violation[] => {
      if (error instanceof Stalled) return [{ guarantee: 'live', what: error.message }];
      throw error;
    });
    const { writes, reads, subscribers } = this.#history;
    return {
      seed: this.#seed,
      violations,
      damage: this.#damage,
      events: this.#scheduler.count,
      revisions: Math.max(0, ...writes.map(({ revision }) => revision)),
      starts: this.#machine.starts,
      reads: reads.length,
      seen: subscribers.reduce((sum, { seen }) => sum + seen.length, 0),
    };
  }

  /** Lets everything happen, and returns what is wrong. */
  async #live(): Promise<Violation[]> {
    await this.#until(this.#machine.start());
    const agents = Promise.all(this.#agents());
    this.#scheduler.after(this.#workMs, () => {
      this.#isOpen = false;
    });
    this.#faults();
    await this.#until(Promise.race([agents, this.#endOfDamage()]));
    return this.#damage === '' ? this.#judge() : [];
  }

  #agents(): Promise<void>[] {
    const surroundings = {
      scheduler: this.#scheduler,
      random: this.#random,
      history: this.#history,
      network: this.#network,
      isOpen: (): boolean => this.#isOpen && this.#damage === '',
      starts: (): number => this.#machine.starts,
    };
    const client = (name: string): Client => new Client(name, surroundings);
    return [
      publish(client('publisher')),
      publish(client('writer')),
      stream(client('streamer')),
      read(client('reader')),
      workInGhosts(client('worker')),
      workInGhosts(client('tinkerer')),
      workUnderLocks(client('holder')),
      workUnderLocks(client('rival')),
      intrude(client('intruder')),
      subscribe(client('follower'), '/'),
      subscribe(client('watcher'), '/p'),
    ];
  }

  /** Schedules what goes wrong. */
  #faults(): void {
    const random = this.#random;
    for (let crashes = random.below(4); crashes > 0; crashes -= 1) {
      const kind = random.below(3) === 0 ? 'process' : 'power';
      this.#scheduler.after(random.below(this.#workMs), () => this.#crash(kind));
    }
    if (random.below(4) === 0) {
      const kind = (['EIO', 'ENOSPC', 'short', 'crash'] as const)[random.below(4)] ?? 'EIO';
      this.#scheduler.after(random.below(this.#workMs), () =>
        this.#machine.disk.failAt(1 + random.below(30), kind),
      );
    }
    if (random.below(4) === 0) {
      const byMs = random.below(7_200_000) - 3_600_000;
      this.#scheduler.after(random.below(this.#workMs), () => this.#machine.jump(byMs));
    }
  }

  #crashSoon(kind: 'process' | 'power'): void {
    this.#scheduler.after(this.#random.below(60), () => this.#crash(kind));
  }

  #crash(kind: 'process' | 'power'): void {
    if (this.#machine.current === null || this.#isStarting) return;
    this.#machine.crash(kind);
    this.#scheduler.after(this.#random.below(120), () => void this.#restart());
  }

  async #restart(): Promise<void> {
    if (this.#isStarting || this.#machine.current !== null) return;
    this.#isStarting = true;
    try {
      await this.#machine.start();
    } catch (error) {
      if (error instanceof JournalDamage) this.#damage = error.message;
      else if (error instanceof FileSystemError) this.#startAgain();
      else
        this.#history.bugs.push(
          `the broker did not start: ${error instanceof Error ? error.stack : String(error)}`,
        );
    }
    this.#isStarting = false;
  }

  /** A crash while starting is a crash like any other; a disk that fails then is tried again. */
  #startAgain(): void {
    this.#machine.crash(this.#machine.disk.stopped ? 'power' : 'process');
    this.#scheduler.after(this.#random.below(120), () => void this.#restart());
  }

  async #endOfDamage(): Promise<void> {
    while (this.#damage === '' && this.#history.bugs.length === 0) await this.#scheduler.sleep(50);
  }

  /** The faults are over: the broker is asked for its story, and restarted twice on the way. */
  async #judge(): Promise<Violation[]> {
    this.#network = this.#networkWith(1_000_000_000);
    const client = new Client('judge', {
      scheduler: this.#scheduler,
      random: this.#random,
      history: this.#history,
      network: this.#network,
      isOpen: () => true,
      starts: () => this.#machine.starts,
    });
    if (this.#history.bugs.length > 0)
      return this.#history.bugs.map((what) => ({ guarantee: 'no bug', what }));
    const hashes: string[] = [];
    // Ghosts that nobody keeps alive any more end, and everything that is under way reaches the disk.
    await this.#until(this.#scheduler.sleep(5_000));
    for (const kind of ['process', 'power', null] as const) {
      const status = await this.#until(
        client.ask(ForestService.method.getStatus, { includeStateHash: true }),
      );
      hashes.push(status.stateHash);
      if (kind === null) break;
      this.#machine.crash(kind);
      await this.#until(this.#restart());
      if (this.#damage !== '') return [];
    }
    const events = await this.#until(this.#events(client));
    const { nodes } = await this.#until(
      client.ask(ContextService.method.list, { path: '/', pageSize: 10_000 }),
    );
    const valued = nodes.filter(({ value }) => value !== undefined);
    const live = await this.#until(client.ask(ContextService.method.listGhosts, { pageSize: 1_000 }));
    const liveGhosts = live.ghosts.map(({ id }) => id);
    const story: Story = {
      events,
      liveGhosts,
      final: new Map(valued.map(({ path, value }) => [path, textOf(value)])),
      hashes,
    };
    return check(this.#history, story);
  }

  async #events(client: Client): Promise<Event[]> {
    const events: Event[] = [];
    let pageToken = '';
    do {
      const page = await client.ask(ContextService.method.history, { pageSize: 1_000, pageToken });
      events.push(...page.events);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return events;
  }

  /** Lets simulated time pass until something has happened. */
  async #until<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const watched = promise.finally(() => {
      isOver = true;
    });
    watched.catch(() => undefined);
    const isDone = (): boolean => {
      if (this.#machine.disk.stopped) this.#crash('power');
      return isOver;
    };
    await this.#scheduler.run(isDone, this.#scheduler.nowMs + this.#workMs + restMsMax);
    if (!isOver) throw new Stalled('nothing happens any more, and somebody still waits');
    return await watched;
  }

  #networkWith(breaksOneIn: number): Network {
    return new Network({
      scheduler: this.#scheduler,
      random: this.#random,
      machine: this.#machine,
      breaksOneIn,
      onBug: (what) => void this.#history.bugs.push(what),
    });
  }
}
