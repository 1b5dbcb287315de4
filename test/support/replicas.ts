/** Replicas of one forest in this process, on a log in memory whose ways can be closed, with clocks that a test moves. */
import { formatAskMs, formatSilenceMs } from '../../src/base/limits.ts';
import { seededRandom } from '../../src/base/random.ts';
import { decodeAgreedEntry } from '../../src/codec/agreed-entry.ts';
import { agreedFormat } from '../../src/codec/agreed-format.ts';
import type { Formats } from '../../src/codec/agreed-format.ts';
import { AgreedRecords } from '../../src/journal/agreed-records.ts';
import { MemoryLog, MemoryReplicaLog } from '../../src/journal/memory/agreed-log.ts';
import { MemoryObjects } from '../../src/journal/memory/agreed-objects.ts';
import { MemoryStore } from '../../src/memory-store.ts';
import { startFromSnapshot } from '../../src/sequencer/agreed/snapshot-start.ts';
import { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { LiveForestOptions } from '../../src/sequencer/live-forest.ts';
import type { Command } from '../../src/state/command.ts';
import type { Outcome } from '../../src/state/outcome.ts';
import { ManualClock } from './manual-clock.ts';
import { settle } from './watcher.ts';

export interface Replica {
  readonly forest: LiveForest;
  readonly log: MemoryReplicaLog;
  readonly clock: ManualClock;
  readonly records: AgreedRecords;
  /** Resolves with what comes of a command. */
  propose(command: Command): Promise<Outcome>;
}

export class Replicas {
  readonly log = new MemoryLog();
  readonly all: Replica[] = [];
  readonly fatal: unknown[] = [];
  /** What was tried and will be tried again. */
  readonly failures: unknown[] = [];
  readonly objects = new MemoryObjects();
  readonly #snapshotBytes: number;
  readonly #more: Partial<LiveForestOptions>;
  /** How often one has joined, or tried to. */
  #joins = 0;

  private constructor(snapshotBytes: number, more: Partial<LiveForestOptions>) {
    this.#snapshotBytes = snapshotBytes;
    this.#more = more;
  }

  /** `snapshotBytes`: growth of the log after which a snapshot is shared. */
  static async start(
    count: number,
    snapshotBytes = Infinity,
    more: Partial<LiveForestOptions> = {},
  ): Promise<Replicas> {
    const replicas = new Replicas(snapshotBytes, more);
    for (let index = 0; index < count; index += 1) await replicas.join();
    return replicas;
  }

  /** One more, which begins with what is shared. `formats`: what it knows of them; default: what this version does. */
  async join(formats?: Formats): Promise<Replica> {
    this.#joins += 1;
    const seed = this.#joins;
    const log = new MemoryReplicaLog(this.log);
    const clock = new ManualClock(1_000_000 + seed);
    const { objects } = this;
    const told = {
      onProgress: () => undefined,
      onFailure: (error: unknown) => void this.failures.push(error),
      onFatal: (error: unknown) => void this.fatal.push(error),
    };
    const store = new MemoryStore();
    const common = { log, objects, formats, ...told };
    const { journal, shared } = await startFromSnapshot({ forest: 'test', store, ...common });
    const records = new AgreedRecords(journal);
    const forest = await LiveForest.open({
      name: 'test',
      journal: records,
      clock,
      random: seededRandom(seed),
      snapshotJournalBytes: this.#snapshotBytes,
      onWriteStop: () => undefined,
      agreed: { records, shared, ...common, onRestored: () => undefined },
      ...this.#more,
    });
    const propose = async (command: Command): Promise<Outcome> => (await forest.propose(command)).outcome;
    const replica = { forest, log, clock, records, propose };
    this.all.push(replica);
    return replica;
  }

  /** Resolves when every replica has seen all that is in the log. */
  async caughtUp(): Promise<void> {
    for (const { forest } of this.all) await forest.upToDate(Infinity);
  }

  /** Resolves when the newest format that those who are there know is in force. */
  async agreeOnFormat(): Promise<void> {
    for (let format = 1; format < agreedFormat; format += 1) {
      // The first question is asked at the start.
      if (format > 1) await this.advance(formatAskMs);
      for (let turns = 0; turns < 20; turns += 1) await settle();
      await this.advance(formatSilenceMs);
      await this.caughtUp();
    }
  }

  /** Lets time pass for everybody. */
  async advance(byMs: number): Promise<void> {
    for (const { clock } of this.all) clock.advance(byMs);
    await settle();
  }

  /** What every replica takes the state for. */
  async hashes(): Promise<string[]> {
    await this.caughtUp();
    const hashes: string[] = [];
    for (const { forest } of this.all) {
      const { hash, position } = await forest.stateHash();
      hashes.push(`${hash} at ${position}`);
    }
    return hashes;
  }

  async close(): Promise<void> {
    for (const { forest } of this.all) await forest.close();
  }
}

/** Lets time pass until it is done; `meanwhile` is called at each turn. */
export async function done<T>(
  replicas: Replicas,
  work: Promise<T>,
  meanwhile?: (turn: number) => void,
): Promise<T> {
  const standing = { isDone: false };
  void work.finally(() => (standing.isDone = true)).catch(() => undefined);
  for (let turn = 0; !standing.isDone; turn += 1) {
    meanwhile?.(turn);
    await replicas.advance(0);
    await settle();
  }
  return work;
}

/** Does something before each entry of a replica with such a command gets its place. Returns how many there were. */
export function beforeEntries(
  { log }: Replica,
  kind: Command['kind'],
  act: (count: number) => Promise<unknown>,
): () => number {
  const append = log.append.bind(log);
  let count = 0;
  log.append = async (id, payload) => {
    if (decodeAgreedEntry(payload).commands.some(({ command }) => command.kind === kind))
      await act((count += 1));
    return append(id, payload);
  };
  return () => count;
}
