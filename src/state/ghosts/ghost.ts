/** A ghost: a pointer to an immutable root, and the list of what was staged on it. */
import type { Path } from '../../trie/path.ts';
import type { TrieNode } from '../../trie/node.ts';
import type { BasisEntry, Operation, Precondition } from '../command.ts';
import type { GateStanding } from './gate.ts';
import type { Attempt } from '../outcome.ts';
import type { PendingCommit } from './pending-commit.ts';
import type { RevertedBasis } from '../cascades/cascade-parts.ts';
import type { Migration } from '../schemas/schema.ts';
import type { Entry } from '../values/value.ts';

/** The root of a forest or of a ghost's view. */
export type Root = TrieNode<Entry>;

/** A diff staged in a ghost. */
export interface StagedDiff {
  readonly sequence: number;
  readonly timeMs: number;
  readonly author: string;
  readonly label: string;
  readonly operations: readonly Operation[];
  readonly preconditions: readonly Precondition[];
  readonly basis: readonly BasisEntry[];
  /** Sums of the increments as a commit made them; empty while staged. */
  readonly sums: readonly string[];
}

/**
 * What is staged, newest first, as a linked list: going back to a checkpoint, or dropping everything, is an assignment,
 * however much there is.
 */
export interface Staged {
  readonly diff: StagedDiff;
  readonly previous: Staged | null;
  /** Diffs, operations and bytes up to here. */
  readonly diffs: number;
  readonly operations: number;
  readonly bytes: number;
}

/** A named point inside a ghost: pointers only. */
export interface Checkpoint {
  readonly name: string;
  readonly sequence: number;
  readonly root: Root;
  readonly staged: Staged | null;
}

export type GhostState = 'live' | 'committed' | 'reverted' | 'expired';

/** What is remembered of a ghost that is over, and told of one that lives. */
export interface GhostInfo {
  readonly id: string;
  readonly scope: Path;
  readonly baseRevision: number;
  readonly parentId: string;
  readonly label: string;
  readonly author: string;
  readonly state: GhostState;
  readonly stagedOperations: number;
  readonly stagedBytes: number;
  readonly sequence: number;
  readonly ttlMs: number;
  readonly checkpoints: readonly {
    readonly name: string;
    readonly sequence: number;
    readonly stagedOperations: number;
  }[];
  /** The newest of them. */
  readonly attempts: readonly Attempt[];
  /** How many there were in all. */
  readonly attemptsMade: number;
  /** The run of the broker that changed it last; see `edition.ts`. */
  readonly run: number;
  readonly committedRevision: number;
  readonly beginTimeMs: number;
  readonly beginPosition: number;
  readonly gates: readonly GateStanding[];
  /** A commit was asked for and waits for reviewers. */
  readonly commitPending: boolean;
  /** Empty where it is in none. */
  readonly raceId: string;
  /** The lease that it lives or lived with; empty for none. */
  readonly leaseId: string;
  /** The schema of which its commit puts a version into force; empty for none. */
  readonly migration: string;
  /** What it has read that was reverted since, and was not looked at again. Of one that is over: nothing. */
  readonly revertedBasis: readonly RevertedBasis[];
}

/** A live ghost. Owned by the state machine and edited in place; its roots are immutable. */
export interface Ghost {
  readonly id: string;
  readonly scope: Path;
  readonly baseRevision: number;
  readonly parentId: string;
  readonly label: string;
  readonly author: string;
  readonly ttlMs: number;
  readonly beginPosition: number;
  readonly beginTimeMs: number;
  /** Ghosts around it: 0 on the trunk. */
  readonly depth: number;
  /** The view it was begun on. */
  readonly base: Root;
  /** Where its own sequence began: that of its parent at the time, so that stamps never collide. */
  readonly firstSequence: number;
  root: Root;
  sequence: number;
  staged: Staged | null;
  checkpoints: Checkpoint[];
  attempts: readonly Attempt[];
  attemptsMade: number;
  run: number;
  /** Its last edition in each earlier run that changed it, oldest first. */
  earlierEditions: readonly number[];
  readonly children: Set<string>;
  gates: readonly GateStanding[];
  pendingCommit: PendingCommit | null;
  readonly raceId: string;
  readonly leaseId: string;
  /** The version of a schema that it is about, or the ghost on the trunk that it is in: whose commit puts it into force. */
  readonly migration: Migration | null;
  /** What it has read that was reverted since, and was not looked at again. */
  revertedBasis: readonly RevertedBasis[];
}

/** Staged diffs, oldest first. */
export function stagedDiffs(staged: Staged | null): StagedDiff[] {
  const diffs = new Array<StagedDiff>(staged?.diffs ?? 0);
  for (let link = staged; link !== null; link = link.previous) diffs[link.diffs - 1] = link.diff;
  return diffs;
}

/** The newest diff up to `sequence` that is staged; where there is none, what the ghost began with. At most `sequence`. */
export function lastStaged(
  { staged, firstSequence }: Pick<Ghost, 'staged' | 'firstSequence'>,
  sequence: number,
): number {
  let link = staged;
  while (link !== null && link.diff.sequence > sequence) link = link.previous;
  return link?.diff.sequence ?? Math.min(firstSequence, sequence);
}

/** Everything in some diffs, without making a list of it: there may be millions. */
export function operationsIn(diffs: readonly StagedDiff[]): Iterable<Operation> {
  return {
    *[Symbol.iterator]() {
      for (const diff of diffs) yield* diff.operations;
    },
  };
}

/** Everything staged, oldest first. */
export function stagedOperations(staged: Staged | null): Iterable<Operation> {
  return operationsIn(stagedDiffs(staged));
}

/** Adds a diff of `bytes` bytes to what is staged. */
export function stage(previous: Staged | null, diff: StagedDiff, bytes: number): Staged {
  return {
    diff,
    previous,
    diffs: (previous?.diffs ?? 0) + 1,
    operations: (previous?.operations ?? 0) + diff.operations.length,
    bytes: (previous?.bytes ?? 0) + bytes,
  };
}

/** A live ghost's standing, or its last one when it ends in `state`. */
export function ghostInfo(ghost: Ghost, state: GhostState, committedRevision: number): GhostInfo {
  return {
    id: ghost.id,
    scope: ghost.scope,
    baseRevision: ghost.baseRevision,
    parentId: ghost.parentId,
    label: ghost.label,
    author: ghost.author,
    state,
    stagedOperations: ghost.staged?.operations ?? 0,
    stagedBytes: ghost.staged?.bytes ?? 0,
    sequence: ghost.sequence,
    ttlMs: ghost.ttlMs,
    checkpoints: ghost.checkpoints.map((checkpoint) => ({
      name: checkpoint.name,
      sequence: checkpoint.sequence,
      stagedOperations: checkpoint.staged?.operations ?? 0,
    })),
    attempts: ghost.attempts,
    attemptsMade: ghost.attemptsMade,
    run: ghost.run,
    committedRevision,
    beginTimeMs: ghost.beginTimeMs,
    beginPosition: ghost.beginPosition,
    gates: ghost.gates,
    commitPending: ghost.pendingCommit !== null,
    raceId: ghost.raceId,
    leaseId: ghost.leaseId,
    migration: ghost.parentId === '' ? (ghost.migration?.name ?? '') : '',
    revertedBasis: state === 'live' ? ghost.revertedBasis : [],
  };
}
