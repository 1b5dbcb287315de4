import { assert } from '../../base/assert.ts';
import {
  JournalFailure,
  type Durability,
  type Journal,
  type JournalBase,
  type JournalEntry,
  type SnapshotInfo,
} from '../journal.ts';
import { MemorySideFiles } from './side-files.ts';
import { PositionsReleased } from '../positions-released.ts';

export interface MemoryJournalOptions {
  /** `automatic`: an entry is durable after a microtask. `held`: only when `makeDurable` says so. */
  readonly durability?: 'automatic' | 'held';
}

// What one batch of a reading holds, so that tests see more than one.
const batchEntriesMax = 256;

/** The journal without a disk, for tests. It is lost with the object; nothing else about it is simpler. */
export class MemoryJournal implements Journal {
  readonly beside = new MemorySideFiles();
  readonly lacksRoom = false;
  readonly #isHeld: boolean;
  #payloads: Uint8Array[] = [];
  #firstPosition = 1;
  #durablePosition = 0;
  #isScheduled = false;
  #isClosed = false;
  #failure: JournalFailure | undefined;
  #stored: readonly StoredSnapshot[] = [];
  #waiters: Waiter[] = [];
  #durableListener: (position: number) => void = () => undefined;
  #failureListener: ((failure: JournalFailure) => void) | undefined;

  constructor(options: MemoryJournalOptions = {}) {
    this.#isHeld = options.durability === 'held';
  }

  /** A journal that begins behind a base. */
  static async behind(base: JournalBase | null): Promise<MemoryJournal> {
    const journal = new MemoryJournal();
    if (base === null) return journal;
    journal.#firstPosition = base.position + 1;
    journal.#durablePosition = base.position;
    await journal.saveSnapshot(base.position, base.chunks);
    return journal;
  }

  get firstPosition(): number {
    return this.#firstPosition;
  }

  get lastPosition(): number {
    return this.#firstPosition + this.#payloads.length - 1;
  }

  get durablePosition(): number {
    return this.#durablePosition;
  }

  get storedBytes(): number {
    let total = 0;
    for (const payload of this.#payloads) total += payload.length;
    for (const { info } of this.#stored) total += info.bytes;
    return total;
  }

  storedBytesWith(payloadBytes: number): number {
    return this.storedBytes + payloadBytes;
  }

  append(payload: Uint8Array, _durability: Durability): number {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed) throw new JournalFailure('the journal is closed');
    this.#payloads.push(payload.slice());
    if (!this.#isHeld && !this.#isScheduled) {
      this.#isScheduled = true;
      queueMicrotask(() => {
        this.#isScheduled = false;
        this.makeDurable(this.lastPosition);
      });
    }
    return this.lastPosition;
  }

  /** Makes everything up to `position` durable, as a finished sync does. */
  makeDurable(position: number): void {
    assert(position <= this.lastPosition, `position ${position} is not there yet`);
    if (this.#failure !== undefined || position <= this.#durablePosition) return;
    this.#durablePosition = position;
    this.#durableListener(position);
    const settled = this.#waiters.filter((waiter) => waiter.position <= position);
    this.#waiters = this.#waiters.filter((waiter) => waiter.position > position);
    for (const waiter of settled) waiter.resolve();
  }

  /** Fails as a disk does: what is not durable never will be. */
  fail(failure: JournalFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#failureListener?.(failure);
    for (const waiter of waiters) waiter.reject(failure);
  }

  onDurable(listener: (position: number) => void): void {
    this.#durableListener = listener;
  }

  onFailure(listener: (failure: JournalFailure) => void): void {
    const isFirst = this.#failureListener === undefined;
    this.#failureListener = listener;
    if (isFirst && this.#failure !== undefined) listener(this.#failure);
  }

  flush(): Promise<void> {
    return this.#untilDurable(this.lastPosition);
  }

  async *read(from: number, to: number): AsyncGenerator<readonly JournalEntry[]> {
    assert(to <= this.lastPosition, `position ${to} is not there yet`);
    for (let start = from; start <= to; start += batchEntriesMax) {
      if (start < this.#firstPosition) throw new PositionsReleased(start, this.#firstPosition);
      const end = Math.min(to, start + batchEntriesMax - 1);
      const offset = start - this.#firstPosition;
      const payloads = this.#payloads.slice(offset, offset + end - start + 1);
      yield payloads.map((payload, index) => ({ position: start + index, payload }));
    }
  }

  async saveSnapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    assert(position <= this.lastPosition, `position ${position} is not there yet`);
    await this.#untilDurable(position);
    const copies: Uint8Array[] = [];
    for await (const chunk of chunks) copies.push(chunk.slice());
    if (position + 1 < this.#firstPosition) throw new PositionsReleased(position, this.#firstPosition);
    const info = { position, bytes: copies.reduce((total, chunk) => total + chunk.length, 0) };
    const others = this.#stored.filter((other) => other.info.position !== position);
    this.#stored = [...others, { info, chunks: copies }].sort(
      (one, other) => one.info.position - other.info.position,
    );
    return info;
  }

  snapshots(): readonly SnapshotInfo[] {
    return this.#stored.map(({ info }) => info);
  }

  async *readSnapshot(position: number): AsyncGenerator<Uint8Array> {
    const stored = this.#stored.find(({ info }) => info.position === position);
    const oldest = this.#stored[0]?.info.position ?? 0;
    if (stored === undefined && position < oldest) throw new PositionsReleased(position, oldest + 1);
    if (stored === undefined) throw new RangeError(`there is no snapshot at position ${position}`);
    yield* stored.chunks;
  }

  async releaseBefore(position: number): Promise<void> {
    const kept = this.snapshots().findLast((snapshot) => snapshot.position <= position);
    if (kept === undefined) return;
    this.#stored = this.#stored.filter(({ info }) => info.position >= kept.position);
    if (kept.position < this.#firstPosition) return;
    this.#payloads = this.#payloads.slice(kept.position + 1 - this.#firstPosition);
    this.#firstPosition = kept.position + 1;
  }

  stopWaiting(): void {
    // It never waits for room.
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  #untilDurable(position: number): Promise<void> {
    if (position <= this.#durablePosition) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ position, resolve, reject });
    });
  }
}

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (failure: JournalFailure) => void;
}

interface StoredSnapshot {
  readonly info: SnapshotInfo;
  readonly chunks: readonly Uint8Array[];
}
