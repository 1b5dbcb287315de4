/**
 * One run from one seed: a broker on its machine, a network, clients, and everything that goes wrong between them. At the end
 * the faults stop, the broker starts once more, and what it says then is held against all that clients saw.
 */
import type { Random } from '../../src/base/random.ts';
import { CodecDamage } from '../../src/codec/damage.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { errorCode, FileSystemError } from '../../src/journal/embedded/file-system.ts';
import { JournalDamage, JournalFailure } from '../../src/journal/journal.ts';
import type { Woods } from './agents/forester.ts';
import { CallFailure } from './call.ts';
import { Client } from './client.ts';
import type { Surroundings } from './client.ts';
import { isCounting } from './count.ts';
import { History } from './history.ts';
import type { Broken } from './history.ts';
import { judge } from './judge.ts';
import { Machine } from './machine.ts';
import type { DiskFault } from './machine.ts';
import { Network } from './network.ts';
import { agentsOf, defaultForest, neighbours } from './roster.ts';
import type { Agent } from './roster.ts';
import { Scheduler, Stalled } from './scheduler.ts';
import { planOf, randomFor } from './swarm.ts';
import type { Plan, PlannedFault, Wishes } from './swarm.ts';

export interface WorldOptions {
  readonly seed: number;
  /** How long clients work at the usual pace, in simulated milliseconds. */
  readonly workMs: number;
  readonly diskFault: DiskFault;
  readonly wishes: Wishes;
}

export interface RunResult {
  readonly seed: number;
  readonly plan: Plan;
  readonly violations: readonly Broken[];
  /** Set where the broker found the disk damaged and stopped: the end of a run, but no lie. */
  readonly damage: string;
  /** The disk lost what nothing on it tells of: the limit that `layout.ts` states. */
  readonly isBeyondLimit: boolean;
  readonly events: number;
  readonly revisions: number;
  readonly starts: number;
  readonly checked: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
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
  readonly #options: WorldOptions;
  readonly #plan: Plan;
  readonly #workMs: number;
  readonly #random: Random;
  readonly #scheduler = new Scheduler();
  readonly #history = new History();
  readonly #machine: Machine;
  readonly #woods: Woods = new Map();
  #network: Network;
  #isOpen = true;
  #isStarting = false;
  #damage = '';

  constructor(options: WorldOptions) {
    const { seed, workMs, diskFault, wishes } = options;
    this.#options = options;
    this.#plan = planOf(seed, wishes);
    this.#workMs = workMs * this.#plan.pace;
    this.#random = randomFor(seed, 'world');
    this.#machine = new Machine({
      scheduler: this.#scheduler,
      random: randomFor(seed, 'machine'),
      diskFault,
      onWriteStop: () => this.#crashSoon(),
      onFault: (kind) => this.#history.fault(kind),
    });
    this.#network = this.#networkWith(this.#plan.hasFaultyNetwork ? 40 + this.#random.below(400) : calm);
  }

  noteStray(error: unknown): void {
    if (isDamage(error)) {
      this.#found(error);
      return;
    }
    const what = error instanceof Error ? String(error.stack) : String(error);
    this.#history.expect('no bug', false, () => `nobody caught ${what}`);
  }

  async run(): Promise<RunResult> {
    await this.#live().catch((error: unknown) => {
      if (error instanceof Found) return;
      if (!(error instanceof Stalled)) throw error;
      this.#history.expect('live', false, () => error.message);
    });
    this.#history.expect('live', true, () => '');
    const { broken, forests, checked, faults } = this.#history;
    const isBeyondLimit = this.#machine.disk.misdirected?.isLast === true && broken.length > 0;
    const revisions = forests.flatMap(({ writes }) => writes.map(({ revision }) => revision));
    return {
      seed: this.#options.seed,
      plan: this.#plan,
      violations: isBeyondLimit ? [] : broken,
      damage: this.#damage,
      isBeyondLimit,
      events: this.#scheduler.count,
      revisions: Math.max(0, ...revisions),
      starts: this.#machine.starts,
      checked,
      faults,
    };
  }

  async #live(): Promise<void> {
    await this.#until(this.#start());
    if (this.#plan.crowds.includes('neighbours')) await this.#until(this.#makeNeighbours());
    const agents = agentsOf(this.#plan.crowds, this.#woods).map((agent) => this.#run(agent));
    this.#scheduler.after(this.#workMs, () => {
      this.#isOpen = false;
    });
    for (const fault of this.#plan.faults)
      this.#scheduler.after(fault.at * this.#workMs, () => this.#happen(fault));
    await this.#until(Promise.race([Promise.all(agents), this.#endOfDamage()]));
    if (this.#damage === '' && this.#history.broken.length === 0) await this.#judge();
  }

  /** A refusal that no agent has reckoned with is a finding. */
  async #run({ name, forest, run }: Agent): Promise<void> {
    await run(new Client(name, forest, this.#surroundings(name))).catch((error: unknown) => {
      if (!(error instanceof CallFailure)) throw error;
      const { code, reason, message } = error;
      this.#history.expect('no bug', false, () => `${name} was refused: ${code} ${reason} ${message}`);
    });
  }

  #surroundings(name: string): Surroundings {
    return {
      scheduler: this.#scheduler,
      random: randomFor(this.#options.seed, name),
      history: this.#history,
      network: this.#network,
      isOpen: () => this.#isOpen && this.#damage === '',
      startedMs: () => this.#machine.startedMs,
      pace: this.#plan.pace,
    };
  }

  async #makeNeighbours(): Promise<void> {
    const client = new Client('founder', defaultForest, this.#surroundings('founder'));
    await client.ask(ForestService.method.createForest, { name: neighbours, requestId: 'founded' });
  }

  #happen({ kind }: PlannedFault): void {
    const { disk } = this.#machine;
    const random = this.#random;
    switch (kind) {
      case 'kill':
        return this.#crash('process');
      case 'power failure':
        return this.#crash('power');
      case 'orderly stop':
        void this.#stop();
        return;
      case 'crash in a disk operation':
        this.#history.fault(kind);
        return disk.simulated.failAt(1 + random.below(30), 'crash');
      case 'failed disk operation': {
        this.#history.fault(kind);
        const how = (['EIO', 'ENOSPC', 'short'] as const)[random.below(3)] ?? 'EIO';
        return disk.simulated.failAt(1 + random.below(30), how);
      }
      case 'misdirected write':
        return disk.misdirectSoon();
      case 'bit rot':
        void disk.rot().then((isDone) => {
          if (isDone) this.#history.fault(kind);
        });
        return;
      case 'full disk':
        this.#history.fault(kind);
        disk.fill(random.below(20_000));
        this.#scheduler.after(random.below(fullMsMax), () => disk.makeRoom());
        return;
      case 'clock jump':
        this.#history.fault(kind);
        return this.#machine.jump(random.below(jumpMsMax * 2) - jumpMsMax);
    }
  }

  #crashSoon(): void {
    this.#scheduler.after(this.#random.below(60), () => this.#crash('process'));
  }

  /** The machine stops between any two steps of what goes on at this moment, not only where the broker waits for its disk. */
  #crash(kind: 'process' | 'power'): void {
    let steps = this.#random.below(20);
    const step = (): void => {
      if (steps === 0) this.#crashNow(kind);
      else void Promise.resolve().then(step);
      steps -= 1;
    };
    step();
  }

  #crashNow(kind: 'process' | 'power'): void {
    if (this.#isStarting && this.#machine.current === null) {
      // A crash like any other: the start fails, and comes again.
      this.#history.fault('crash while starting');
      this.#machine.disk.simulated.failAt(1, 'crash');
      return;
    }
    if (this.#machine.current === null) return;
    this.#history.fault(kind === 'power' ? 'power failure' : 'kill');
    this.#machine.crash(kind);
    this.#scheduler.after(this.#random.below(120), () => void this.#restart());
  }

  async #stop(): Promise<void> {
    if (this.#machine.current === null) return;
    this.#history.fault('orderly stop');
    await this.#machine.stop();
    this.#scheduler.after(this.#random.below(120), () => void this.#restart());
  }

  async #start(): Promise<void> {
    for (const { forest, position, hash } of await this.#machine.start())
      this.#history.forest(forest).hashes.push({ position, hash, by: `start ${this.#machine.starts}` });
  }

  async #restart(): Promise<void> {
    if (this.#isStarting || this.#machine.current !== null || this.#damage !== '') return;
    this.#isStarting = true;
    try {
      await this.#start();
    } catch (error) {
      const what = error instanceof Error ? String(error.stack) : String(error);
      if (isDamage(error)) this.#found(error);
      else if (errorCode(error) !== undefined || error instanceof JournalFailure) this.#startAgain();
      else this.#history.expect('no bug', false, () => `the broker did not start: ${what}`);
    }
    this.#isStarting = false;
  }

  /** A crash while starting is a crash like any other; a disk that fails then is tried again. */
  #startAgain(): void {
    this.#machine.crash(this.#machine.disk.simulated.stopped ? 'power' : 'process');
    this.#scheduler.after(this.#random.below(120), () => void this.#restart());
  }

  /** The broker found its disk damaged and stopped: which it may only where the disk was. */
  #found(error: Error): void {
    this.#damage ||= error.message;
    const isDamaged =
      this.#options.diskFault !== 'none' ||
      this.#history.faults.has('bit rot') ||
      this.#history.faults.has('misdirected write');
    this.#history.expect('no bug', isDamaged, () => `damage on a good disk: ${String(error.stack)}`);
  }

  async #endOfDamage(): Promise<void> {
    while (this.#damage === '' && this.#history.broken.length === 0) await this.#scheduler.sleep(50);
  }

  async #judge(): Promise<void> {
    this.#network = this.#networkWith(calm);
    this.#machine.disk.heal();
    const judged = this.#plan.crowds.includes('neighbours') ? [defaultForest, neighbours] : [defaultForest];
    const surroundings = { ...this.#surroundings('judge'), pace: 1 };
    await this.#until(
      judge({
        clients: judged.map((forest) => new Client('judge', forest, surroundings)),
        woods: this.#woods,
        hasRestarted: this.#machine.starts > 1,
        restart: async (kind) => {
          this.#machine.crash(kind);
          await this.#restart();
          return this.#damage === '';
        },
        elsewhere: async () =>
          (await this.#machine.replayElsewhere()).map((each) => ({ ...each, by: 'another machine' })),
        isFlatMeasured: isCounting,
      }).catch((error: unknown) => {
        if (!isDamage(error)) throw error;
        this.#found(error);
      }),
    );
  }

  /** Lets simulated time pass until something has happened. */
  async #until<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const watched = promise.finally(() => {
      isOver = true;
    });
    watched.catch(() => undefined);
    const isDone = (): boolean => {
      if (this.#machine.disk.simulated.stopped && !this.#isStarting) this.#crashNow('power');
      return isOver || this.#damage !== '';
    };
    await this.#scheduler.run(isDone, this.#scheduler.nowMs + this.#workMs + restMsMax);
    if (this.#damage !== '' && !isOver) throw new Found();
    if (!isOver) throw new Stalled('nothing happens any more, and somebody still waits');
    return await watched;
  }

  #networkWith(breaksOneIn: number): Network {
    return new Network({
      scheduler: this.#scheduler,
      random: randomFor(this.#options.seed, 'network'),
      machine: this.#machine,
      breaksOneIn,
      onFault: (kind) => this.#history.fault(kind),
      onBug: (what) => this.#history.expect('no bug', false, () => what),
      onDamage: (error) => this.#found(error),
      onQueued: (isWithinBounds, method) =>
        this.#history.expect('bounded', isWithinBounds, () => `${method} sends to who does not read`),
    });
  }
}

/** Twice this is less than the hour for which a request id is remembered. */
const jumpMsMax = 29 * 60_000;
/** How long a disk stays full. */
const fullMsMax = 1_500;
/** A network on which no connection breaks. */
const calm = 1_000_000_000;

/** A run ends where the broker found damage. */
class Found extends Error {}

function isDamage(error: unknown): error is JournalDamage | CodecDamage {
  return error instanceof JournalDamage || error instanceof CodecDamage;
}
