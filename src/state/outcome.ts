/** What comes of a command. */
import type { Entry } from './values/value.ts';
import type { Path } from '../trie/path.ts';
import type { DeadlockMember } from './locks/lock.ts';

/** The names of `hyperloom.v1.ErrorReason` without their prefix. */
export type Reason =
  | 'INVALID_PATH'
  | 'INVALID_PATTERN'
  | 'INVALID_VALUE'
  | 'INVALID_REQUEST'
  | 'LIMIT_EXCEEDED'
  | 'WRONG_TYPE'
  | 'OUT_OF_BOUNDS'
  | 'OUTSIDE_SCOPE'
  | 'OVERLAPPING_COPY'
  | 'INVALID_PAGE_TOKEN'
  | 'SCHEMA_VIOLATION'
  | 'UNBOUND_PATH'
  | 'INVALID_SCHEMA'
  | 'FOREST_NOT_FOUND'
  | 'NODE_NOT_FOUND'
  | 'GHOST_NOT_FOUND'
  | 'CHECKPOINT_NOT_FOUND'
  | 'LEASE_NOT_FOUND'
  | 'LOCK_NOT_FOUND'
  | 'REVIEWER_NOT_FOUND'
  | 'SCHEMA_NOT_FOUND'
  | 'FOREST_EXISTS'
  | 'CHECKPOINT_EXISTS'
  | 'SCHEMA_OVERLAP'
  | 'PRECONDITION_FAILED'
  | 'CONFLICT'
  | 'LOCKED'
  | 'DEADLOCK'
  | 'REVIEW_REJECTED'
  | 'REVIEW_OUTDATED'
  | 'GHOST_INTERRUPTED'
  | 'GATE_REVERTED'
  | 'BASIS_REVERTED'
  | 'GHOST_OVER'
  | 'GHOST_HAS_CHILDREN'
  | 'REQUEST_ID_REUSED'
  | 'FOREST_PROTECTED'
  | 'STALE_FENCING_TOKEN'
  | 'NOT_LOCK_OWNER'
  | 'RACE_OVER'
  | 'GATE_LIMIT'
  | 'SCHEMA_BREAKING'
  | 'SCHEMA_STORED'
  | 'SCHEMA_UNUSABLE'
  | 'SCHEMA_SUPERSEDED'
  | 'REVISION_COMPACTED'
  | 'REVISION_IN_FUTURE'
  | 'QUOTA_EXCEEDED'
  | 'RACE_EXHAUSTED'
  | 'ANSWER_TOO_LARGE'
  | 'DISK_FULL'
  | 'JOURNAL_UNAVAILABLE'
  | 'NOT_SERVING'
  | 'BACKUP_DAMAGED'
  | 'ACCESS_CHANGED'
  | 'CREDENTIALS_MISSING'
  | 'CREDENTIALS_INVALID'
  | 'CREDENTIALS_EXPIRED'
  | 'PERMISSION_MISSING'
  | 'AUTHOR_FORBIDDEN';

/** A field of the request that is at fault. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
  /** The rule that it breaks, where it is one of a schema; the description begins with it. */
  readonly rule?: string;
}

export type ConflictKind = 'value' | 'subtree' | 'precondition' | 'basis' | 'refused';

/** Why one path could not be rebased. `null` where the node is absent. */
export interface Conflict {
  readonly path: Path;
  readonly kind: ConflictKind;
  readonly base: Entry | null;
  readonly trunk: Entry | null;
  readonly ghost: Entry | null;
  readonly message: string;
}

/** An expected refusal. Nothing took effect. */
export interface Rejection {
  readonly kind: 'rejected';
  readonly reason: Reason;
  /** What was wrong, with which value, and what to do. For people. */
  readonly message: string;
  /** For programs; keys as documented at each `ErrorReason`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly conflicts: readonly Conflict[];
  /** The circle of a DEADLOCK, its victim first; absent from all others. Not remembered with a request. */
  readonly circle?: readonly DeadlockMember[];
}

/** Makes a {@link Rejection}. */
export function reject(
  reason: Reason,
  message: string,
  metadata: Readonly<Record<string, string | number>> = {},
  extras: { readonly violations?: readonly FieldViolation[]; readonly conflicts?: readonly Conflict[] } = {},
): Rejection {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) texts[key] = String(value);
  return {
    kind: 'rejected',
    reason,
    message,
    metadata: texts,
    violations: extras.violations ?? [],
    conflicts: extras.conflicts ?? [],
  };
}

/** The result of a command that took effect. */
export type Success =
  /** On the trunk `revision` > 0 and `sequence` = 0; in a ghost the other way round. */
  | {
      readonly kind: 'published';
      readonly revision: number;
      readonly sequence: number;
      /** In a ghost: its edition afterwards. */
      readonly edition?: number;
    }
  | { readonly kind: 'ghost_begun'; readonly ghostId: string }
  | {
      readonly kind: 'checkpointed';
      readonly ghostId: string;
      readonly checkpoint: CheckpointInfo;
      readonly edition?: number;
    }
  /** `revision` is 0 where a ghost went into its parent or had nothing to commit. */
  | {
      readonly kind: 'committed';
      readonly ghostId: string;
      readonly revision: number;
      readonly operations: number;
      /** Where it went into a parent: the parent's edition afterwards. */
      readonly parentEdition?: number;
      /** Of a migration: the version of its schema that is in force now. */
      readonly schemaVersion?: number;
    }
  /** Its reviewers are asked. As the outcome of a request it is replaced by what comes of the commit. */
  | { readonly kind: 'commit_pending'; readonly ghostId: string }
  | { readonly kind: 'reviewed'; readonly ghostId: string; readonly approved: boolean }
  /** A ghost was dropped or rewound. `checkpoint` is the last valid one. */
  | {
      readonly kind: 'ghost_reverted';
      readonly ghostId: string;
      readonly checkpoint: CheckpointInfo | null;
      readonly attempts: readonly Attempt[];
      readonly droppedOperations: number;
      /** Of a ghost that lives on. */
      readonly edition?: number;
    }
  | { readonly kind: 'revision_reverted'; readonly revision: number }
  | { readonly kind: 'compacted'; readonly revision: number }
  | { readonly kind: 'lease_granted'; readonly leaseId: string }
  /** `revision` is 0 where no node was bound to it. */
  | {
      readonly kind: 'lease_ended';
      readonly leaseId: string;
      readonly revision: number;
      readonly deletedNodes: number;
      readonly releasedLocks: number;
      readonly revertedGhosts: number;
    }
  | {
      readonly kind: 'lock_granted';
      readonly lockId: string;
      readonly leaseId: string;
      readonly fencingToken: number;
    }
  /** Whether it still waits is to be asked of the lock table: the outcome is remembered as it was. */
  | { readonly kind: 'lock_waiting'; readonly lockId: string; readonly leaseId: string }
  | { readonly kind: 'lock_released'; readonly lockId: string }
  | { readonly kind: 'lock_delay_ended'; readonly lockId: string }
  /** `unchanged`: it was the newest version already. */
  | {
      readonly kind: 'schema_registered';
      readonly name: string;
      readonly version: number;
      readonly revision: number;
      readonly unchanged: boolean;
    }
  | { readonly kind: 'unbound_paths_set'; readonly revision: number };

export type Outcome = Success | Rejection;

/** A checkpoint as it is told to clients. */
export interface CheckpointInfo {
  readonly name: string;
  readonly sequence: number;
  readonly stagedOperations: number;
}

/** An attempt that was reverted. */
export interface Attempt {
  readonly reason: string;
  readonly checkpoint: string;
  readonly droppedOperations: number;
  readonly author: string;
}
