/** What the broker says of commits and reverts. */
import type { CascadeReport } from './cascade.ts';
import type { GhostCheckpoint, RevertedAttempt } from './ghost-info.ts';

/** A committed ghost. */
export interface Committed {
  /** The trunk revision it made; 0 where it went into a parent or had nothing to commit. */
  readonly revision: number;
  /** Operations that took effect. */
  readonly operations: number;
  readonly repeated: boolean;
  /** The version of its schema that a migration has put into force, or that was in force already; 0 for other ghosts. */
  readonly schemaVersion: number;
}

/** What was taken back. */
export interface Reverted {
  /** The trunk revision that the inverse of a revision made; 0 for ghosts. */
  readonly revision: number;
  /** The last valid checkpoint. */
  readonly checkpoint: GhostCheckpoint | undefined;
  /** This and earlier attempts, oldest first. */
  readonly attempts: readonly RevertedAttempt[];
  readonly droppedOperations: number;
  /** Time that it took inside the broker. */
  readonly brokerTimeMs: number;
  readonly repeated: boolean;
  /** What a cascade has undone, or would undo. */
  readonly cascade?: CascadeReport | undefined;
  /** Of a ghost that lives on: its edition; 0 otherwise. */
  readonly edition: number;
}
