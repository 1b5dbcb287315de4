/** The state of one forest: what `apply` works on. */
import { emptyRoot } from '../trie/node.ts';
import type { Ghost, GhostInfo, Root, StagedDiff } from './ghost.ts';
import type { EventRoots } from './event.ts';
import type { Outcome } from './outcome.ts';
import { RequestTable } from './requests.ts';
import type { Entry } from './value.ts';

/**
 * Owned by whoever calls `apply`, which edits the tables in place; roots are immutable, so a reader that holds one is
 * never disturbed.
 */
export interface ForestState {
  /** Journal position of the newest applied command. */
  position: number;
  /** Its time. */
  timeMs: number;
  /** Newest trunk revision. */
  revision: number;
  /** The trunk. */
  root: Root;
  /** History below this revision is given up; 0 if none is. */
  compactedRevision: number;
  /** Live ghosts, oldest first. */
  readonly ghosts: Map<string, Ghost>;
  /** Ghosts that are over, oldest first; the newest `endedGhostsKeptMax`. */
  readonly ended: Map<string, GhostInfo>;
  readonly requests: RequestTable;
}

/** What a command did, beside its outcome: stored with it, so that history can be read without replaying. */
export interface Effects {
  readonly rejected: boolean;
  readonly revision: number;
  readonly sequence: number;
  /** Sums of the command's own increments. */
  readonly sums: readonly string[];
  /** What a commit replayed. */
  readonly committed: readonly StagedDiff[];
  /** The ghost that a commit went into; empty for the trunk. */
  readonly parentId: string;
  /** Ghosts that ended because the command's own ghost did. */
  readonly endedGhostIds: readonly string[];
  readonly droppedOperations: number;
  /** The checkpoint that a rewind went to. */
  readonly checkpoint: string;
}

/** The result of `apply`. */
export interface Applied {
  readonly outcome: Outcome;
  readonly effects: Effects;
  /** Whether the command belongs into the journal. Where not, the state is as it was. */
  readonly recorded: boolean;
  /** True where the outcome is an earlier one, given again. */
  readonly repeated: boolean;
  /** The trunk or ghost view on both sides of the change; `null` where no view changed. */
  readonly roots: EventRoots | null;
}

/** Finds the trunk's root at a past revision. The caller of `apply` makes sure that it can be found. */
export type Past = (revision: number) => Root;

/** The state of a new forest. */
export function emptyForest(): ForestState {
  return {
    position: 0,
    timeMs: 0,
    revision: 0,
    root: emptyRoot<Entry>(),
    compactedRevision: 0,
    ghosts: new Map(),
    ended: new Map(),
    requests: new RequestTable(),
  };
}
