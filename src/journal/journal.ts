/**
 * The journal of one forest: an append-only log of opaque entries, and the snapshots that shorten its replay.
 *
 * Rules for every back end (checked by the contract suite):
 * - Positions are 1, 2, 3, … without a gap.
 * - `append` takes its place at once and never waits; what has been appended becomes durable in order, as a prefix.
 * - After a failed write or sync nothing more is accepted, and nothing is retried on the same file: `onFailure` is told
 *   once, and `append` throws `JournalFailure` from then on. A disk without room for the next records is no failure where
 *   the journal was told to wait for it: nothing was written yet, so what was appended waits (`lacksRoom`), and nothing of it
 *   is told before it is durable.
 * - After a crash a prefix survives that holds at least everything that was reported durable. Damage to that prefix
 *   is an error when the journal is opened, never silently less data.
 */

import type { SideFiles } from './side-files.ts';

/** One appended entry. `payload` must not be changed and is only valid until the next entry batch is asked for. */
export interface JournalEntry {
  readonly position: number;
  readonly payload: Uint8Array;
}

/** How soon an entry must be durable: `sync` starts a group commit at once; `lazy` may wait for the next one, or a bound. */
export type Durability = 'sync' | 'lazy';

/** A snapshot on disk: the state after applying all entries up to and including `position`. */
export interface SnapshotInfo {
  readonly position: number;
  readonly bytes: number;
}

/** A group commit: when its write began, and when it was durable, in monotonic milliseconds. */
export interface Commit {
  readonly startMs: number;
  readonly durableMs: number;
  readonly bytes: number;
}

/** The journal can take nothing more: the disk failed or is full. */
export class JournalFailure extends Error {
  override readonly name = 'JournalFailure';
}

/** The stored data is damaged, or not ours, or of another version. The broker must not start on it. */
export class JournalDamage extends Error {
  override readonly name = 'JournalDamage';
}

/** What a journal begins with that has no entries before: a snapshot at the position before its first. */
export interface JournalBase {
  readonly position: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface Journal {
  /** The oldest position that can still be read; `lastPosition + 1` when none can. */
  readonly firstPosition: number;
  /** The newest appended position; 0 in a new journal. */
  readonly lastPosition: number;
  /** Everything up to here survives a crash of the machine. */
  readonly durablePosition: number;
  /** Bytes that the journal and its snapshots take on disk. */
  readonly storedBytes: number;
  /** At most so many, once what was appended and one more entry of `payloadBytes` are in it. */
  storedBytesWith(payloadBytes: number): number;

  /** The disk has no room for what comes next. What is appended all the same waits until it has. */
  readonly lacksRoom: boolean;

  /** Files beside it. */
  readonly beside: SideFiles;

  /** Appends a copy of `payload` and returns its position. */
  append(payload: Uint8Array, durability: Durability): number;
  /** Sets the one listener for growth of `durablePosition`; `commit` is what made it grow, absent where there is no disk. */
  onDurable(listener: (position: number, commit?: Commit) => void): void;
  /** Sets the one listener for the failure after which the journal takes nothing more. */
  onFailure(listener: (failure: JournalFailure) => void): void;
  /** Resolves once everything appended so far is durable. */
  flush(): Promise<void>;

  /** Entries from `from` to `to` (both inclusive, `to` at most `lastPosition`), in order, in batches of bounded bytes. */
  read(from: number, to: number): AsyncIterable<readonly JournalEntry[]>;

  /** Stores a snapshot atomically: after a crash it is there whole or not at all. Waits until `position` is durable. */
  saveSnapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<SnapshotInfo>;
  /** Complete snapshots, oldest first. */
  snapshots(): readonly SnapshotInfo[];
  /**
   * The chunks of a stored snapshot, checked against their checksum; throws `JournalDamage` where it does not hold, and
   * `PositionsReleased` where it was released meanwhile. A chunk
   * holds until the next one is asked for.
   */
  readSnapshot(position: number): AsyncIterable<Uint8Array>;
  /**
   * Frees history: afterwards reading is only promised from the newest snapshot at or below `position` (or from the
   * beginning where there is none). Keeps that snapshot and all newer ones.
   */
  releaseBefore(position: number): Promise<void>;

  /** From now on it fails rather than wait for room: it is about to be closed. */
  stopWaiting(): void;
  /** Makes everything durable, but for what the disk has no room for, and lets go of the files. */
  close(): Promise<void>;
}
