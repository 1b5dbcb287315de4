/** The state of one forest: what `apply` works on. */
import { emptyRoot } from '../trie/node.ts';
import type { Path } from '../trie/path.ts';
import type { Ghost, GhostInfo, Root, StagedDiff } from './ghosts/ghost.ts';
import type { EventRoots } from './event.ts';
import type { DeadlockMember, Lease, LockChange } from './locks/lock.ts';
import { LockTable } from './locks/lock-table.ts';
import type { Outcome, Rejection } from './outcome.ts';
import { PathIndex } from './locks/path-index.ts';
import type { Race } from './ghosts/race.ts';
import { RequestTable } from './requests.ts';
import { SchemaTable } from './schemas/schema-table.ts';
import type { Entry } from './values/value.ts';

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
  /** The newest one given; 0 before the first. */
  fencingToken: number;
  /** Oldest first. */
  readonly leases: Map<string, Lease>;
  readonly locks: LockTable;
  /** The lease of each node that is bound to one: the same as `Lease.nodes`, by path. */
  readonly bindings: PathIndex<string>;
  /** Races with live ghosts. */
  readonly races: Map<string, Race>;
  /** Races without any, the one that was left first in front; the newest `racesKeptMax`. */
  readonly endedRaces: Map<string, Race>;
  readonly schemas: SchemaTable;
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
  /**
   * Ghosts that ended because the command's own ghost did, or won their race; and that itself where a reviewer's rejection
   * ended it.
   */
  readonly endedGhostIds: readonly string[];
  readonly droppedOperations: number;
  /** The checkpoint that a rewind went to. */
  readonly checkpoint: string;
  /** What became of locks, in order. */
  readonly lockChanges: readonly LockChange[];
  /** Nodes that the end of their lease deleted. */
  readonly deletedPaths: readonly Path[];
  /** A commit that waits for reviewers. */
  readonly commitPending: boolean;
  /**
   * What a judge objected to, so that a replay need not ask again. In effects that are not `rejected` a schema gate has
   * reverted the ghost because of it.
   */
  readonly refusal: Rejection | null;
}

/** A wait that was aborted because it closed a circle, its victim first. */
export interface Deadlock {
  readonly lockId: string;
  readonly circle: readonly DeadlockMember[];
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
  /** The circles behind the changes 'aborted' of `effects.lockChanges`, for those whose wait it was. */
  readonly deadlocks: readonly Deadlock[];
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
    fencingToken: 0,
    leases: new Map(),
    locks: new LockTable(),
    bindings: new PathIndex(),
    races: new Map(),
    endedRaces: new Map(),
    schemas: new SchemaTable(),
  };
}
