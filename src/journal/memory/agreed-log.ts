import { AgreedLogClosed } from '../agreed-log.ts';
import type { AgreedLog, AgreedLogEntry, LogBounds } from '../agreed-log.ts';
import { JournalDamage } from '../journal.ts';

const firstTimeMs = 1_000_000;

/** A log in memory that several replicas of one process share, for tests. Whoever holds a {@link MemoryReplicaLog} of it takes part. */
export class MemoryLog {
  readonly entries: AgreedLogEntry[] = [];
  readonly #sequences = new Map<string, number>();
  /** How far its clock was put forward. */
  laterMs = 0;
  /** Entries that were cut. */
  cutThrough = 0;
  #heard = Promise.withResolvers<void>();

  /** Stores an entry, unless its id is known. */
  store(id: string, payload: Uint8Array): number {
    const known = this.#sequences.get(id);
    if (known !== undefined) return known;
    const sequence = this.entries.length + 1;
    this.entries.push({ sequence, timeMs: firstTimeMs + sequence + this.laterMs, payload: payload.slice() });
    this.#sequences.set(id, sequence);
    this.tell();
    return sequence;
  }

  /** Resolves when there may be something new. */
  get news(): Promise<void> {
    return this.#heard.promise;
  }

  tell(): void {
    const heard = this.#heard;
    this.#heard = Promise.withResolvers<void>();
    heard.resolve();
  }
}

/** One replica's end of a {@link MemoryLog}, whose ways can be closed one by one. */
export class MemoryReplicaLog implements AgreedLog {
  readonly entryBytesMax = 1024 * 1024;
  readonly #log: MemoryLog;
  #isClosed = false;
  /** What gets through: entries on their way in, answers, entries on their way out. */
  readonly #ways = { in: true, answers: true, out: true };

  constructor(log: MemoryLog) {
    this.#log = log;
  }

  /** Closes or opens ways: what waits at one goes on when it opens. */
  set(ways: Partial<Record<'in' | 'answers' | 'out', boolean>>): void {
    Object.assign(this.#ways, ways);
    this.#log.tell();
  }

  async append(id: string, payload: Uint8Array): Promise<number> {
    await this.#until(() => this.#ways.in);
    const sequence = this.#log.store(id, payload);
    await this.#until(() => this.#ways.answers);
    return sequence;
  }

  async *follow(from: number): AsyncGenerator<AgreedLogEntry> {
    for (let at = from - 1; ; at += 1) {
      try {
        await this.#until(() => this.#ways.out && this.#log.entries.length > at);
      } catch (error) {
        if (error instanceof AgreedLogClosed) return;
        throw error;
      }
      if (at < this.#log.cutThrough) throw new JournalDamage(`entry ${at + 1} was cut`);
      const entry = this.#log.entries[at];
      if (entry !== undefined) yield entry;
    }
  }

  async bounds(): Promise<LogBounds> {
    return { first: this.#log.cutThrough + 1, last: this.#log.entries.length };
  }

  async cut(through: number): Promise<void> {
    this.#log.cutThrough = Math.max(this.#log.cutThrough, through);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#log.tell();
    return Promise.resolve();
  }

  async #until(isOpen: () => boolean): Promise<void> {
    for (;;) {
      if (this.#isClosed) throw new AgreedLogClosed('the log was closed');
      if (isOpen()) return;
      await this.#log.news;
    }
  }
}
