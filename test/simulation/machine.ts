/**
 * The broker's machine: a disk that outlives crashes, and one run of the broker after the other on it. What runs is the whole
 * broker behind its transport: services, sequencer, state machine, hub, embedded journal.
 */
import type { Random } from '../../src/base/random.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import type { FileSystem } from '../../src/journal/embedded/file-system.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { DiskOperation } from '../../src/journal/embedded/simulated-file-system.ts';
import { PinnedRoots } from '../../src/rpc/pinned-roots.ts';
import { methodPath } from '../../src/rpc/http2/method-table.ts';
import { hyperloomMethods } from '../../src/rpc/services/methods.ts';
import type { Method } from '../../src/rpc/transport.ts';
import { SchemaCompiler } from '../../src/schema/compile.ts';
import { SchemaJudge } from '../../src/schema/judge.ts';
import { LocalForests } from '../../src/sequencer/local-forests.ts';
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
}

/** One run of the broker, from its start to its crash. */
export interface Incarnation {
  readonly number: number;
  readonly clock: SimulatedClock;
  readonly methods: ReadonlyMap<string, Method>;
  readonly forests: LocalForests;
  isDead: boolean;
  /** Called once when it dies. */
  readonly onDeath: Set<() => void>;
}

const folder = '/data';

export class Machine {
  readonly disk: SimulatedFileSystem;
  readonly #options: MachineOptions;
  #current: Incarnation | null = null;
  #starts = 0;
  #wallOffsetMs = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    const { random } = options;
    this.disk = new SimulatedFileSystem({ random, before: (operation) => this.#latency(operation) });
  }

  /** The broker, while it is up. */
  get current(): Incarnation | null {
    return this.#current;
  }

  get starts(): number {
    return this.#starts;
  }

  /** Starts the broker on what is on the disk. Throws what the broker would refuse to start with. */
  async start(): Promise<void> {
    const { scheduler, random, diskFault, onWriteStop } = this.#options;
    const clock = new SimulatedClock(scheduler, this.#wallOffsetMs);
    this.#starts += 1;
    const dead = new Set<() => void>();
    const store = await DataFolder.open(folder, {
      clock,
      random,
      fileSystem: diskFault === 'lying_sync' ? lying(this.disk) : this.disk,
      segmentBytes: 16 * 1024,
      defer: (callback) => void scheduler.after(0, callback),
    });
    const schemaCompiler = new SchemaCompiler();
    const forests = await LocalForests.open({
      store,
      clock,
      random,
      snapshotJournalBytes: 8 * 1024,
      onWriteStop: () => onWriteStop(),
      judge: new SchemaJudge(schemaCompiler),
    });
    const methods = hyperloomMethods({
      forests,
      clock,
      pinnedRoots: new PinnedRoots(random),
      schemaCompiler,
      version: 'simulated',
      journal: 'embedded',
      startTimeMs: clock.nowMs(),
      usage: () => ({ residentBytes: 0, cpuMs: 0 }),
    });
    this.#current = {
      number: this.#starts,
      clock,
      forests,
      methods: new Map(methods.map((method) => [methodPath(method), method])),
      isDead: false,
      onDeath: dead,
    };
  }

  /** The process is killed, or the power goes: whoever is connected loses the connection. */
  crash(kind: 'process' | 'power'): void {
    const { random } = this.#options;
    const current = this.#current;
    this.#current = null;
    if (current !== null) {
      current.isDead = true;
      current.clock.isStopped = true;
      for (const tell of current.onDeath) tell();
    }
    if (kind === 'process') this.disk.restartProcess();
    else this.disk.crash((['nothing', 'everything', 'torn', 'torn'] as const)[random.below(4)] ?? 'torn');
  }

  /** The wall clock jumps; monotonic time does not. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
    if (this.#current !== null) this.#current.clock.wallOffsetMs += byMs;
  }

  #latency(operation: DiskOperation): Promise<void> {
    const { scheduler, random } = this.#options;
    const isSync = operation.kind === 'datasync' || operation.kind === 'syncDirectory';
    const slow = random.below(50) === 0 ? 30 : 1;
    const ms = (isSync ? 0.2 + random.below(2_000) / 1_000 : random.below(300) / 1_000) * slow;
    return scheduler.sleep(ms);
  }
}

/** A disk that says "synced" and is not: what its owner must find out, because no broker can survive it. */
function lying(disk: FileSystem): FileSystem {
  return {
    open: async (path, mode) => ({ ...(await disk.open(path, mode)), datasync: async () => undefined }),
    rename: (from, to) => disk.rename(from, to),
    unlink: (path) => disk.unlink(path),
    readdir: (path) => disk.readdir(path),
    mkdir: (path) => disk.mkdir(path),
    rmdir: (path) => disk.rmdir(path),
    stat: (path) => disk.stat(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    lock: (path) => disk.lock(path),
  };
}
