/** What happened. */
import type { TrieNode } from '../trie/node.ts';
import type { AffectedAgent } from './cascades/cascade-parts.ts';
import type { BasisEntry, Operation } from './command.ts';
import type { Gate } from './ghosts/gate.ts';
import type { Entry } from './values/value.ts';

/** One operation as it took effect. */
export interface Change {
  readonly operation: Operation;
  /** Who staged it, where that is not the event's author; empty otherwise. */
  readonly author: string;
  /** For increments the sum as JSON; empty for all others. */
  readonly sum: string;
}

export type TransitionKind =
  | 'begun'
  | 'staged'
  | 'checkpointed'
  | 'rewound'
  | 'reverted'
  | 'committed'
  | 'expired'
  | 'commit_requested'
  | 'approved';

/** What an event did to a ghost. */
export interface Transition {
  readonly kind: TransitionKind;
  readonly checkpoint: string;
  readonly reason: string;
  readonly droppedOperations: number;
  readonly sequence: number;
  /** For `begun`. */
  readonly begun: {
    readonly scope: readonly string[];
    readonly baseRevision: number;
    readonly parentId: string;
    readonly ttlMs: number;
    readonly run: number;
    readonly gates: readonly Gate[];
    readonly raceId: string;
    readonly leaseId: string;
    readonly migration: string;
  } | null;
  /** As whom it was approved or rejected; empty for all others. */
  readonly reviewer: string;
}

/** The state on both sides of an event. Only with live events; those read back from the journal go without. */
export interface EventRoots {
  readonly before: TrieNode<Entry>;
  readonly after: TrieNode<Entry>;
}

/** An event of a forest. Several events can share a position: a ghost that ends takes those inside it along. */
export interface ForestEvent {
  readonly position: number;
  readonly timeMs: number;
  /** The trunk revision it made; 0 for events inside ghosts. */
  readonly revision: number;
  readonly author: string;
  readonly label: string;
  readonly ghostId: string;
  readonly requestId: string;
  readonly transition: Transition | null;
  readonly changes: readonly Change[];
  readonly basis: readonly BasisEntry[];
  readonly revertedRevision: number;
  /** The lease whose end deleted what was bound to it; empty for all others. */
  readonly leaseId: string;
  /** Of a revert: who had read what it took back. Absent where nobody had. */
  readonly basisReverted?: BasisReverted;
  /** The trace context of the call that did it. Absent where there was none. */
  readonly traceParent?: string;
  readonly roots: EventRoots | null;
}

/** Agents who had read what a revert took back. */
export interface BasisReverted {
  /** By name; the first of them. */
  readonly agents: readonly AffectedAgent[];
  readonly reason: string;
}
