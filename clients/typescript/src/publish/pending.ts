/** Publishes that have no outcome yet, in the order of the calls: first those sent, then those waiting for room. */
import type { OutcomeObserver, Published } from './diff.ts';

/** One publish. Its frame is `bytes[start, end)`, shared with its neighbours and kept until the outcome for a resend. */
export interface Pending {
  /** Its place in the order of all calls, from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** In the clock's monotonic milliseconds. */
  readonly deadlineMs: number;
  readonly observer: OutcomeObserver;
  readonly resolve: (published: Published) => void;
  readonly reject: (reason: unknown) => void;
  /** Takes the listener off the caller's signal. */
  readonly release: (() => void) | undefined;
  /** True once the caller has its answer; an outcome that still comes is dropped. */
  settled: boolean;
}

/** A queue with a mark between what is sent and what is not. Taking from the front costs the same at any length. */
export class PendingQueue {
  #entries: (Pending | undefined)[] = [];
  #head = 0;
  #sentEnd = 0;
  #sentBytes = 0;
  #bytes = 0;

  /** Without an outcome. */
  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** Bytes of all. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many are sent and have no outcome. */
  get sent(): number {
    return this.#sentEnd - this.#head;
  }

  /** Bytes of those sent. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Puts one at the end. */
  push(entry: Pending): void {
    this.#entries.push(entry);
    this.#bytes += entry.end - entry.start;
  }

  /** The next one to be sent. */
  nextUnsent(): Pending | undefined {
    return this.#entries[this.#sentEnd];
  }

  /** Moves the mark behind `nextUnsent()`. */
  markSent(entry: Pending): void {
    this.#sentEnd += 1;
    this.#sentBytes += entry.end - entry.start;
  }

  /** The oldest. */
  peek(): Pending | undefined {
    return this.#entries[this.#head];
  }

  /** Takes the oldest, which must have been sent. */
  shift(): Pending | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined || this.#head === this.#sentEnd) return undefined;
    this.#entries[this.#head] = undefined;
    this.#head += 1;
    this.#sentBytes -= entry.end - entry.start;
    this.#bytes -= entry.end - entry.start;
    if (this.#head >= 1_024 && this.#head * 2 >= this.#entries.length) this.#compact();
    return entry;
  }

  /** The stream is gone: all are unsent again, but for those whose callers gave up, which are forgotten. */
  rewind(): void {
    this.#entries = [...this].filter((entry) => !entry.settled);
    this.#head = 0;
    this.#sentEnd = 0;
    this.#sentBytes = 0;
    this.#bytes = this.#entries.reduce(
      (sum, entry) => sum + (entry === undefined ? 0 : entry.end - entry.start),
      0,
    );
  }

  /** Forgets those at the mark that nobody waits for and that were never sent. */
  dropSettledUnsent(): void {
    const kept = this.#entries.slice(this.#sentEnd).filter((entry) => entry?.settled !== true);
    this.#entries.length = this.#sentEnd;
    this.#entries.push(...kept);
    this.#bytes = this.#entries.reduce(
      (sum, entry) => sum + (entry === undefined ? 0 : entry.end - entry.start),
      0,
    );
  }

  *[Symbol.iterator](): Generator<Pending> {
    for (let index = this.#head; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index];
      if (entry !== undefined) yield entry;
    }
  }

  #compact(): void {
    this.#entries = this.#entries.slice(this.#head);
    this.#sentEnd -= this.#head;
    this.#head = 0;
  }
}

/** Gives the caller its answer, once. */
export function settle(entry: Pending, outcome: Published | Error): void {
  if (entry.settled) return;
  entry.settled = true;
  entry.release?.();
  if (outcome instanceof Error) {
    entry.reject(outcome);
    return;
  }
  entry.observer.onPublished(outcome);
  entry.resolve(outcome);
}
