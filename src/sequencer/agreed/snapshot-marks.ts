/**
 * Which entries of a log mark a snapshot, and which of these are there. It follows from the log alone, so all replicas agree on who takes the next
 * one: whoever's mark comes first, until it is there or the log's time says that it will not be any more.
 */
import { sharedSnapshotMsMax } from '../../base/limits.ts';
import type { SnapshotTaken } from '../../codec/agreed-entry.ts';
import type { LogTableContent, OpenMark } from '../../codec/shared-snapshot.ts';

/** The newest shared snapshot, and the one before: the log is kept from there on, should the newest not be readable. */
const takenMax = 2;

export class SnapshotMarks {
  #open: OpenMark | null = null;
  #taken: readonly SnapshotTaken[] = [];
  #grownBytes = 0;
  #olderBytes = 0;
  #timeMs = 0;

  constructor(content?: LogTableContent) {
    if (content === undefined) return;
    this.#open = content.openMark;
    this.#taken = content.taken;
    this.#grownBytes = content.grownBytes;
    this.#olderBytes = content.olderBytes;
    this.#timeMs = content.timeMs;
  }

  get content(): Pick<LogTableContent, 'openMark' | 'taken' | 'grownBytes' | 'olderBytes' | 'timeMs'> {
    return {
      openMark: this.#open,
      taken: this.#taken,
      grownBytes: this.#grownBytes,
      olderBytes: this.#olderBytes,
      timeMs: this.#timeMs,
    };
  }

  /** What the log and the snapshots beside it take, in bytes: the newest snapshot, the state of the one before, and the log from there on. */
  get storedBytes(): number {
    const newest = this.#taken.at(-1);
    const older = this.#taken.length < takenMax ? 0 : (this.#taken[0]?.bytes ?? 0);
    const snapshots = newest === undefined ? 0 : Math.max(newest.bytes, newest.storedBytes) + older;
    return snapshots + this.#olderBytes + this.#grownBytes;
  }

  /** Oldest first, two at most. */
  get taken(): readonly SnapshotTaken[] {
    return this.#taken;
  }

  /** Somebody is taking one. */
  get isUnderWay(): boolean {
    return this.#open !== null && this.#timeMs - this.#open.timeMs < sharedSnapshotMsMax;
  }

  /** Notes an entry. */
  grew(bytes: number, timeMs: number): void {
    this.#grownBytes += bytes;
    this.#timeMs = Math.max(this.#timeMs, timeMs);
  }

  /** Whether so much has come that a start should not read it again: `bytesMin`, or half of what the last one took. */
  isDue(bytesMin: number): boolean {
    return this.#grownBytes >= Math.max(bytesMin, (this.#taken.at(-1)?.bytes ?? 0) / 2);
  }

  /** Notes a mark; false where it does not count, because another one's snapshot is under way. */
  open(replica: string, sequence: number): boolean {
    if (this.isUnderWay) return false;
    this.#open = { replica, sequence, timeMs: this.#timeMs, grownBytes: this.#grownBytes };
    return true;
  }

  /**
   * Notes that a snapshot is there; false where it comes too late. `isCounted`: snapshots may say what the log takes behind them, so that whoever
   * begins with one knows it too.
   */
  take(replica: string, taken: SnapshotTaken, isCounted: boolean): boolean {
    if (this.#open?.replica !== replica || this.#open.sequence !== taken.sequence) return false;
    this.#grownBytes -= this.#open.grownBytes;
    this.#olderBytes = isCounted ? this.#open.grownBytes : 0;
    this.#open = null;
    this.#taken = [...this.#taken, taken].slice(-takenMax);
    return true;
  }
}
