/**
 * The broker's machine: a disk that outlives crashes, and one run of the broker after the other on it. What runs is the whole
 * broker behind its transport: services, sequencer, state machine, hub, embedded journal.
 */
import type { Random } from '../../src/base/random.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import type { FileSystem } from '../../src/journal/embedded/file-system.ts';
import { segmentName } from '../../src/journal/embedded/segment.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { DiskOperation } from '../../src/journal/embedded/simulated-file-system.ts';
import { PinnedRoots } from '../../src/rpc/pinned-roots.ts';
import { methodPath } from '../../src/rpc/http2/method-table.ts';
import { hyperloomMethods } from '../../src/rpc/services/methods.ts';
import type { Method } from '../../src/rpc/transport.ts';
import { SchemaCompiler } from '../../src/schema/compile.ts';
import { SchemaJudge } from '../../src/schema/judge.ts';
import { ValueForms } from '../../src/schema/value-forms.ts';
import { LocalForests } from '../../src/sequencer/local-forests.ts';
import { reject } from '../../src/state/outcome.ts';
import { copyOf, Disk, filesBelow } from './disk.ts';
import type { Fault } from './guarantees.ts';
import { SimulatedClock } from './scheduler.ts';
import type { Scheduler } from './scheduler.ts';

/** What the disk does that a good one does not. */
export type DiskFault = 'none' | 'lying_sync';

export interface MachineOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly diskFault: DiskFault;
  /** Told when the broker takes no more writes. */
  readonly onWriteStop: () => void;
  readonly onFault: (kind: Fault) => void;
}

/** One run of the broker, from its start to its crash. */
export interface Incarnation {
  readonly clock: SimulatedClock;
  readonly methods: ReadonlyMap<string, Method>;
  readonly forests: LocalForests;
  isDead: boolean;
  /** Called once when it dies. */
  readonly onDeath: Set<() => void>;
}

/** The state of a forest right after a start. */
export interface ForestHash {
  readonly forest: string;
  readonly position: number;
  readonly hash: string;
}

const folder = '/data';
/** So small that much of it goes to files, is merged, and found again by the next start. */
const indexSizes = { tailEntries: 64, fanIn: 2, fileEntriesMin: 128, keptEntriesMin: 20 };

export class Machine {
  readonly disk: Disk;
  readonly #options: MachineOptions;
  #current: Incarnation | null = null;
  /** The newest run, from the moment in which it begins to start. */
  #life = { isOver: false };
  #starts = 0;
  #startedMs = 0;
  #wallOffsetMs = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    const { random, diskFault, onFault } = options;
    const simulated = new SimulatedFileSystem({ random, before: (operation) => this.#latency(operation) });
    this.disk = new Disk(simulated, random, diskFault === 'lying_sync', {
      onLyingSync: () => onFault('lying sync'),
      onMisdirected: () => onFault('misdirected write'),
    });
  }

  /** The broker, while it is up. */
  get current(): Incarnation | null {
    return this.#current;
  }

  get starts(): number {
    return this.#starts;
  }

  /** When the broker was last started, or began to. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** Starts the broker on what is on the disk. Throws what the broker would refuse to start with. */
  async start(): Promise<readonly ForestHash[]> {
    const { scheduler, onWriteStop } = this.#options;
    const clock = new SimulatedClock(scheduler, this.#wallOffsetMs);
    this.#starts += 1;
    this.#startedMs = scheduler.nowMs;
    const life = { isOver: false };
    this.#life = life;
    const fileSystem = this.disk.fileSystemFor(() => life.isOver);
    const schemaCompiler = new SchemaCompiler();
    const forests = await this.#open(fileSystem, clock, new SchemaJudge(schemaCompiler), onWriteStop);
    const hashes = await hashesOf(forests);
    this.#startedMs = scheduler.nowMs;
    const methods = hyperloomMethods({
      forests,
      clock,
      pinnedRoots: new PinnedRoots(this.#options.random),
      schemaCompiler,
      valueForms: new ValueForms(schemaCompiler),
      version: 'simulated',
      journal: 'embedded',
      startTimeMs: clock.nowMs(),
      usage: () => ({ residentBytes: 0, cpuMs: 0 }),
      onDiffRefused: () => undefined,
    });
    this.#current = {
      clock,
      forests,
      methods: new Map(methods.map((method) => [methodPath(method), method])),
      isDead: false,
      onDeath: new Set(),
    };
    return hashes;
  }

  /** The process is killed, or the power goes: whoever is connected loses the connection. */
  crash(kind: 'process' | 'power'): void {
    const { random, onFault } = this.#options;
    this.#die();
    this.disk.noteCrash();
    const { simulated } = this.disk;
    if (kind === 'process') simulated.restartProcess();
    else {
      const keeps = (['nothing', 'everything', 'torn', 'torn'] as const)[random.below(4)] ?? 'torn';
      if (keeps === 'torn') onFault('unsynced writes torn');
      simulated.crash(keeps);
    }
  }

  /** The broker is asked to stop, as by SIGTERM: subscribers get their last word, and everything reaches the disk. */
  async stop(): Promise<void> {
    const current = this.#current;
    if (current === null) return;
    const stopping = reject('NOT_SERVING', 'the broker stops; resume from the last bookmark');
    for (const forest of current.forests.list()) forest.hub.drainAll(stopping);
    await current.forests.close();
    if (this.#current !== current) return;
    this.#die();
    this.disk.noteCrash();
    this.disk.simulated.restartProcess();
  }

  /** The wall clock jumps; monotonic time does not. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
    if (this.#current !== null) this.#current.clock.wallOffsetMs += byMs;
  }

  /**
   * What a second machine makes of the same journals. It has no snapshots, wherever the journal still begins at its
   * beginning, so that it replays all of it.
   */
  async replayElsewhere(): Promise<readonly ForestHash[]> {
    const { scheduler, random } = this.#options;
    const disk = await copyOf(this.disk.simulated, random);
    const files = await filesBelow(disk, folder);
    // A restored forest begins with a snapshot at position 0, which nothing stands for.
    const isExtra = (path: string): boolean =>
      /snapshots\/0*[1-9]\d*\.snapshot$/.test(path) &&
      files.includes(path.replace(/snapshots\/.*/, `segments/${segmentName(1)}`));
    for (const path of files) if (isExtra(path)) await disk.unlink(path);
    const clock = new SimulatedClock(scheduler, this.#wallOffsetMs);
    const judge = new SchemaJudge(new SchemaCompiler());
    const forests = await this.#open(disk, clock, judge, () => undefined);
    const hashes = await hashesOf(forests);
    clock.isStopped = true;
    return hashes;
  }

  async #open(
    fileSystem: FileSystem,
    clock: SimulatedClock,
    judge: SchemaJudge,
    onWriteStop: () => void,
  ): Promise<LocalForests> {
    const { scheduler, random } = this.#options;
    const defer = (callback: () => void): void => void scheduler.after(0, callback);
    const store = await DataFolder.open(folder, {
      clock,
      random,
      fileSystem,
      segmentBytes: 16 * 1024,
      defer,
      waitsForRoom: true,
    });
    return LocalForests.open({
      store,
      clock,
      random,
      snapshotJournalBytes: 8 * 1024,
      onWriteStop,
      judge,
      indexSizes,
    });
  }

  #die(): void {
    const current = this.#current;
    this.#current = null;
    this.#life.isOver = true;
    if (current === null) return;
    current.isDead = true;
    current.clock.isStopped = true;
    for (const tell of current.onDeath) tell();
  }

  #latency(operation: DiskOperation): Promise<void> {
    const { scheduler, random } = this.#options;
    const isSync = operation.kind === 'datasync' || operation.kind === 'syncDirectory';
    const slow = random.below(50) === 0 ? 30 : 1;
    const ms = (isSync ? 0.2 + random.below(2_000) / 1_000 : random.below(300) / 1_000) * slow;
    return scheduler.sleep(ms);
  }
}

async function hashesOf(forests: LocalForests): Promise<readonly ForestHash[]> {
  const hashes: ForestHash[] = [];
  for (const forest of forests.list()) hashes.push({ forest: forest.name, ...(await forest.stateHash()) });
  return hashes;
}
