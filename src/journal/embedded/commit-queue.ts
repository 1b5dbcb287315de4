import type { Clock, Timer } from '../../base/clock.ts';
import { lazySyncDelayMsMax } from '../../base/limits.ts';
import type { Durability } from '../journal.ts';
import { Batch } from './batch.ts';
import { recordOverheadBytes } from './layout.ts';

export interface CommitQueueOptions {
  readonly clock: Clock;
  /** Runs a callback once what is happening now is over, so that all appends of one turn of the event loop share a batch. */
  readonly defer: (callback: () => void) => void;
  readonly seed: number;
  readonly lastPosition: number;
  /** A batch takes no further entry that would make it larger than this. */
  readonly batchBytesMax: number;
  /** Makes a batch durable. Called for one batch at a time, in order. */
  readonly write: (batch: Batch) => Promise<void>;
  readonly onDurable: (position: number) => void;
  /** Called at most once; nothing is written afterwards. */
  readonly onFailure: (error: unknown) => void;
}

// Memory that batches hand on; a larger one than usual is left to the garbage collector.
const spareBuffersMax = 2;
const bufferBytesFirst = 64 * 1024;

/** Group commit: while one batch is on its way to the disk, the next one fills. */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  /** Not yet on their way to the disk; the last one is filling. */
  readonly #batches: Batch[] = [];
  readonly #spareBuffers: Uint8Array[] = [];
  #lastPosition: number;
  #durablePosition: number;
  #unwrittenBytes = 0;
  /** Up to here somebody waits, so no delay is allowed. */
  #urgentPosition = 0;
  #state: 'idle' | 'deferred' | 'writing' | 'failed' = 'idle';
  #timer: Timer | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    this.#lastPosition = options.lastPosition;
    this.#durablePosition = options.lastPosition;
  }

  get lastPosition(): number {
    return this.#lastPosition;
  }

  get durablePosition(): number {
    return this.#durablePosition;
  }

  /** Bytes of records that are not durable yet. */
  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  append(payload: Uint8Array, durability: Durability): number {
    let batch = this.#batches[this.#batches.length - 1];
    if (
      batch === undefined ||
      batch.length + recordOverheadBytes + payload.length > this.#options.batchBytesMax
    ) {
      // A full batch goes now, whoever waits for it: what is not written stays in memory.
      if (batch !== undefined) this.#urgentPosition = this.#lastPosition;
      const buffer = this.#spareBuffers.pop() ?? new Uint8Array(bufferBytesFirst);
      batch = new Batch(this.#lastPosition + 1, this.#options.seed, buffer);
      this.#batches.push(batch);
    }
    const before = batch.length;
    batch.append(payload);
    this.#unwrittenBytes += batch.length - before;
    this.#lastPosition += 1;
    if (durability === 'sync') this.#urgentPosition = this.#lastPosition;
    this.#schedule();
    return this.#lastPosition;
  }

  /** Starts making everything up to `position` durable. */
  hurry(position: number): void {
    this.#urgentPosition = Math.max(this.#urgentPosition, position);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#state !== 'idle' || this.#batches.length === 0) return;
    if (this.#urgentPosition > this.#durablePosition) {
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#state = 'deferred';
      this.#options.defer(() => void this.#writeBatches());
    } else {
      this.#timer ??= this.#options.clock.setTimer(lazySyncDelayMsMax, () => {
        this.#timer = undefined;
        this.hurry(this.#lastPosition);
      });
    }
  }

  /** Writes batch after batch as long as somebody waits. Never rejects. */
  async #writeBatches(): Promise<void> {
    this.#state = 'writing';
    for (;;) {
      if (this.#urgentPosition <= this.#durablePosition) break;
      const batch = this.#batches.shift();
      if (batch === undefined) break;
      try {
        await this.#options.write(batch);
      } catch (error) {
        this.#state = 'failed';
        this.#batches.length = 0;
        this.#options.onFailure(error);
        return;
      }
      if (
        this.#spareBuffers.length < spareBuffersMax &&
        batch.buffer.length <= 2 * this.#options.batchBytesMax
      ) {
        this.#spareBuffers.push(batch.buffer);
      }
      this.#unwrittenBytes -= batch.length;
      this.#durablePosition = batch.lastPosition;
      this.#options.onDurable(batch.lastPosition);
    }
    this.#state = 'idle';
    this.#schedule();
  }
}
