/** A journal that nobody writes to, some of which may be missing: what is whole of it can be read like any other. */
import { JournalFailure, type Journal, type JournalEntry, type SnapshotInfo } from './journal.ts';
import type { SideFiles } from './side-files.ts';

/** Positions without a gap, both inclusive. */
export interface WholeRange {
  readonly from: number;
  readonly to: number;
}

export abstract class ReadOnlyJournal implements Journal {
  readonly lacksRoom = false;
  abstract readonly beside: SideFiles;
  abstract readonly firstPosition: number;
  abstract readonly lastPosition: number;
  abstract readonly storedBytes: number;
  /** What can be read, oldest first. */
  abstract readonly wholeRanges: readonly WholeRange[];

  abstract read(from: number, to: number): AsyncIterable<readonly JournalEntry[]>;
  abstract snapshots(): readonly SnapshotInfo[];
  abstract readSnapshot(position: number): AsyncIterable<Uint8Array>;

  get durablePosition(): number {
    return this.lastPosition;
  }

  /** The newest position to which everything from `from` on is whole; `from - 1` where not even that is. */
  wholeUntil(from: number): number {
    return this.wholeRanges.find((range) => range.from <= from && from <= range.to)?.to ?? from - 1;
  }

  storedBytesWith(): number {
    return this.storedBytes;
  }

  append(): never {
    throw readOnly();
  }

  saveSnapshot(): Promise<never> {
    return Promise.reject(readOnly());
  }

  releaseBefore(): Promise<never> {
    return Promise.reject(readOnly());
  }

  onDurable(): void {
    // Nothing becomes durable that is not.
  }

  onFailure(): void {
    // Nothing is written that could fail.
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  stopWaiting(): void {
    // Nothing waits.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function readOnly(): JournalFailure {
  return new JournalFailure('the journal is only looked at');
}
