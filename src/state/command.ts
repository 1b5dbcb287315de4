/** What can be asked of a forest. A journaled command never changes its meaning: a new meaning is a new command. */
import type { Path } from '../trie/path.ts';
import type { BasisEntry } from './cascades/basis.ts';
import type { AffectedAgent, AffectedGhost, NotUndone, UndonePublish } from './cascades/cascade-parts.ts';
import type { CommandCommon } from './command-common.ts';
import type { Gate } from './ghosts/gate.ts';
import type { LockCommand } from './locks/lock-command.ts';
import type { FieldChange, ScalarField } from './values/message-field.ts';
import type { Migration, SchemaCommand } from './schemas/schema.ts';
import type { Value } from './values/value.ts';

export type { BasisEntry } from './cascades/basis.ts';
export type { RequestKey } from './command-common.ts';

/** One change of one path. */
export type Operation =
  /** `leaseId`: the lease that the node is bound to; absent where it is to be bound to none. */
  | { readonly kind: 'put'; readonly path: Path; readonly value: Value; readonly leaseId?: string }
  /** `addition.kind` is `text`, `bytes` or `items`; items are JSON texts joined by commas, without brackets. */
  | { readonly kind: 'append'; readonly path: Path; readonly addition: Value }
  /** `patch` is RFC 7396 JSON text of `patchBytes` UTF-8 bytes. */
  | { readonly kind: 'merge'; readonly path: Path; readonly patch: string; readonly patchBytes: number }
  /** A bigint is exact within int64; a number is a double. */
  | { readonly kind: 'increment'; readonly path: Path; readonly amount: bigint | number }
  | MessagePatch
  | FieldIncrement
  | { readonly kind: 'delete'; readonly path: Path; readonly scope: 'subtree' | 'node' }
  /** `sourceRevision` 0: what the diff itself sees. */
  | { readonly kind: 'copy'; readonly path: Path; readonly source: Path; readonly sourceRevision: number };

/** A merge into a message, or an addition to its repeated fields. A node that does not exist counts as an empty one. */
export interface MessagePatch {
  readonly kind: 'merge_message' | 'append_message';
  readonly path: Path;
  /** A message, which a node must be of the type of. */
  readonly patch: Value;
  /** What is done with its fields; what is not named stays. None where a message without anything set is merged. */
  readonly fields: readonly FieldChange[];
  /** The fields' names, as they were asked for. */
  readonly mask: readonly string[];
}

/** An addition to a number in a message. A node or field that does not exist counts as 0. */
export interface FieldIncrement {
  readonly kind: 'increment_field';
  readonly path: Path;
  /** A bigint for integers, a number for doubles and floats. */
  readonly amount: bigint | number;
  readonly field: ScalarField;
  /** What the field counts as where it is not set; absent: 0. */
  readonly initial?: bigint | number;
  /** The type URL that a node must have, or gets. */
  readonly type: string;
}

/** What must hold when a diff takes effect. */
export type Precondition = { readonly path: Path } & (
  | { readonly kind: 'presence'; readonly present: boolean }
  | { readonly kind: 'modified_revision'; readonly revision: number }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'subtree_unchanged_since'; readonly revision: number }
  /** A field of a message. `equals` is its body on the wire. */
  | ({ readonly kind: 'field'; readonly field: ScalarField } & Expectation)
  /** A part of a JSON value. `equals` is JSON text. */
  | ({ readonly kind: 'json'; readonly pointer: string } & Expectation)
);

/** Whether something must be set, or what it must be. */
export type Expectation = { readonly isSet: boolean } | { readonly equals: string };

/** What commands that write carry. */
export interface Fenced {
  /** Tokens of the locks that it was written under, at least one; absent where there are none. */
  readonly fencingTokens?: readonly number[];
}

/** What commands that bind nodes to leases carry. */
export interface Binding {
  /** A lease has room for each node once, however often it is put; absent: every put takes room, as in old records. See `locks/bindings.ts`. */
  readonly bindingsByPath?: true;
}

/** Applies a context diff to the trunk (`ghostId` empty) or stages it in a ghost. */
export interface Publish extends CommandCommon, Fenced, Binding {
  readonly kind: 'publish';
  readonly ghostId: string;
  readonly operations: readonly Operation[];
  readonly preconditions: readonly Precondition[];
  readonly label: string;
  readonly basis: readonly BasisEntry[];
  /** The edition of the ghost that the author knows; absent where it does not say. */
  readonly edition?: number;
}

/** Begins a ghost under an id that the sequencer made. `baseRevision` is always filled in. */
export interface BeginGhost extends CommandCommon {
  readonly kind: 'begin_ghost';
  readonly ghostId: string;
  readonly scope: Path;
  readonly baseRevision: number;
  readonly parentId: string;
  readonly ttlMs: number;
  readonly label: string;
  /** What must be fulfilled before it can be committed, at least one; absent where there is nothing. */
  readonly gates?: readonly Gate[];
  /** The race that it takes part in. */
  readonly raceId?: string;
  /** How many attempts that race has. Absent: as it was declared before, or the most. */
  readonly attemptsMax?: number;
  /** The lease that it lives with. */
  readonly leaseId?: string;
  /** The edition of the parent that the author knows. */
  readonly parentEdition?: number;
  /** The version of a schema that its commit puts into force. Only on the trunk. */
  readonly migration?: Migration;
  /** How many its author may have, as of now. In no journal, as figures of operators change: brokers that share a forest say it beside the command. */
  readonly authorGhostsMax?: number;
}

export interface CheckpointGhost extends CommandCommon {
  readonly kind: 'checkpoint_ghost';
  readonly ghostId: string;
  readonly name: string;
  readonly edition?: number;
}

export interface CommitGhost extends CommandCommon, Fenced, Binding {
  readonly kind: 'commit_ghost';
  readonly ghostId: string;
  readonly isolation: 'writes' | 'serializable';
  /** What was read is judged by the view that it was read in; absent: by its revision alone, as in old records. See `ghosts/reads.ts`. */
  readonly readsInViews?: true;
  readonly label: string;
  /**
   * Of the broker's own commits, when the last approval has come: what was approved. Refused where the ghost is not that
   * any more. Absent from those that clients ask for.
   */
  readonly approvedEdition?: number;
  readonly edition?: number;
  /** What the committer has looked at, at least one entry; absent where it does not say. */
  readonly basis?: readonly BasisEntry[];
}

/** A reviewer's decision about one edition of a ghost. */
export interface ReviewGhost extends CommandCommon {
  readonly kind: 'review_ghost';
  readonly ghostId: string;
  readonly reviewer: string;
  readonly edition: number;
  readonly approved: boolean;
  readonly reason: string;
}

/** Takes a ghost back to a checkpoint; an empty name is the newest one, or the ghost's beginning. */
export interface RewindGhost extends CommandCommon {
  readonly kind: 'rewind_ghost';
  readonly ghostId: string;
  readonly checkpoint: string;
  readonly reason: string;
}

export interface RevertGhost extends CommandCommon {
  readonly kind: 'revert_ghost';
  readonly ghostId: string;
  readonly reason: string;
}

/** Proposed by the timekeeper when a ghost's owner gave no sign of life for its ttl. */
export interface ExpireGhost extends CommandCommon {
  readonly kind: 'expire_ghost';
  readonly ghostId: string;
}

/** Writes the inverse of a trunk revision. The sequencer has worked out operations and preconditions from history. */
export interface RevertRevision extends CommandCommon, Fenced {
  readonly kind: 'revert_revision';
  readonly revision: number;
  readonly operations: readonly Operation[];
  /** That nobody has built on what is taken back. One that fails is a conflict. */
  readonly preconditions: readonly Precondition[];
  readonly reason: string;
}

/**
 * Undoes publishes on the trunk, and marks the live ghosts that have read what they wrote. What is to be done, and who is
 * affected, was worked out from history by the sequencer; the state machine checks that it still stands.
 */
export interface RevertCascade extends CommandCommon, Fenced {
  readonly kind: 'revert_cascade';
  /** The revision that was named. */
  readonly revision: number;
  readonly operations: readonly Operation[];
  /** That nobody has changed what is undone since it was worked out. One that fails is a conflict. */
  readonly preconditions: readonly Precondition[];
  readonly reason: string;
  /** Oldest first; the first is `revision` itself. */
  readonly undone: readonly UndonePublish[];
  /** In the order of paths; the first of them. */
  readonly notUndone: readonly NotUndone[];
  readonly notUndoneTotal: number;
  /** All live ghosts that had read what is undone. */
  readonly ghosts: readonly AffectedGhost[];
  /** Agents that had read what is undone, by name; the first of them. */
  readonly agents: readonly AffectedAgent[];
  /** Only the revision itself is undone. Those who had read it are told all the same. */
  readonly alone: boolean;
}

/** Gives up history below a revision. */
export interface Compact extends CommandCommon {
  readonly kind: 'compact';
  readonly revision: number;
}

export type Command =
  | Publish
  | BeginGhost
  | CheckpointGhost
  | CommitGhost
  | RewindGhost
  | RevertGhost
  | ExpireGhost
  | ReviewGhost
  | RevertRevision
  | RevertCascade
  | Compact
  | LockCommand
  | SchemaCommand;

/** A command with its place and time in the forest's order. */
export interface Proposal {
  /** Journal position. */
  readonly position: number;
  /** Milliseconds since the epoch; never less than that of the proposal before. */
  readonly timeMs: number;
  /** Which run of the broker proposes it: a random number, only kept of commands about ghosts. Absent: 0. */
  readonly run?: number;
  readonly command: Command;
}
