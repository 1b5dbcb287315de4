/**
 * Decides when a forest's next snapshot is due, and writes one at a time. While there is work it is due when the journal has grown by much; when
 * there is none, by little: a start then has hardly anything to replay.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { snapshotAtRestBytesMin, snapshotAtRestMs, snapshotAtRestShare } from '../base/limits.ts';
import { JournalFailure } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import type { ForestState } from '../state/forest.ts';
import { encodeInSlices } from './snapshots.ts';

export interface SnapshotWriterOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** The live state: each snapshot freezes it as it is when its turn comes. */
  readonly state: ForestState;
  /** Journal growth after which a snapshot is due, in bytes, unless half of the last one is more. */
  readonly journalBytes: number;
}

export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions;
  #grownBytes = 0;
  #isWriting = false;
  /** Looks whether the forest is at rest, as long as a snapshot would be worth it. */
  #restTimer: Timer | null = null;
  #grewLately = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
  }

  /** Notes that the journal grew. */
  grew(bytes: number): void {
    this.#grownBytes += bytes;
    this.#grewLately = true;
    if (this.#restTimer === null && this.#grownBytes >= snapshotAtRestBytesMin) this.#awaitRest();
  }

  /** Writes a snapshot if one is due. A failure costs time at the next start and no data; a broken disk shows in the journal too. */
  writeIfDue(): void {
    this.#writeIfGrown(Math.max(this.#options.journalBytes, this.#newestBytes / 2));
  }

  /**
   * Writes a snapshot of the present state, or of a later one, once those under way are done. `onFrozen` is called in the turn of which the
   * state is: what is applied later is not in it.
   */
  write(onFrozen: () => void = () => undefined): Promise<void> {
    const { journal, clock, state } = this.#options;
    this.#isWriting = true;
    const written = this.#last.then(async () => {
      this.#grownBytes = 0;
      const { position } = state;
      onFrozen();
      if (position === (journal.snapshots().at(-1)?.position ?? 0)) return;
      // A state that the journal has not taken, as in the midst of a stop, must not be what a start begins with.
      if (position > journal.lastPosition) throw new JournalFailure('the journal takes nothing more');
      await journal.saveSnapshot(position, encodeInSlices(state, clock));
    });
    this.#last = written
      .catch(() => undefined)
      .finally(() => {
        this.#isWriting = false;
      });
    return written;
  }

  /** Begins nothing more by itself; resolves when nothing is being written. */
  close(): Promise<void> {
    this.#restTimer?.cancel();
    return this.#last;
  }

  get #newestBytes(): number {
    return this.#options.journal.snapshots().at(-1)?.bytes ?? 0;
  }

  #writeIfGrown(bytesMin: number): void {
    // What grows while a snapshot is written counts for the next one, whose measure is the size of this one.
    if (this.#isWriting || this.#grownBytes < bytesMin) return;
    void this.write().catch(() => undefined);
  }

  #awaitRest(): void {
    this.#grewLately = false;
    this.#restTimer = this.#options.clock.setTimer(snapshotAtRestMs, () => {
      this.#restTimer = null;
      if (this.#grewLately) this.#awaitRest();
      else this.#writeAtRest();
    });
  }

  #writeAtRest(): void {
    if (this.#isWriting) {
      this.#awaitRest();
      return;
    }
    const share = Math.max(this.#options.journalBytes, this.#newestBytes) * snapshotAtRestShare;
    this.#writeIfGrown(Math.max(snapshotAtRestBytesMin, share));
  }
}
