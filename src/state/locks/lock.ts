/** Locks and leases: what they are. The table that grants them is in `lock-table.ts`. */
import type { Path } from '../../trie/path.ts';

/**
 * Gray's modes. Clients ask for `s`, `six` and `x`; `is` and `ix` are the table's own marks above a lock, and `ix` is what
 * a write of a single node asks for when it has to wait.
 */
export type LockMode = 'is' | 'ix' | 's' | 'six' | 'x';

/** A subtree and a right on it. */
export interface LockTarget {
  readonly path: Path;
  readonly mode: LockMode;
}

/** Where a lock stands. `delayed`: its holder has vanished, and its targets are kept quiet for a while. */
export type LockState = 'waiting' | 'held' | 'delayed';

/** A lock that is held, waited for or delayed. Owned by the state machine and edited in place. */
export interface Lock {
  readonly id: string;
  readonly leaseId: string;
  readonly targets: readonly LockTarget[];
  readonly author: string;
  readonly label: string;
  /** How long its targets stay quiet after its holder has vanished. */
  readonly delayMs: number;
  /** Journal position of its request, by which waiters are ordered. */
  readonly position: number;
  readonly requestTimeMs: number;
  state: LockState;
  /** Grows with every grant in the forest, never given twice; 0 while it waits. */
  fencingToken: number;
  /** 0 while it waits. */
  grantTimeMs: number;
}

/** An owner. Locks of one lease never stand in one another's way. Edited in place. */
export interface Lease {
  readonly id: string;
  readonly ttlMs: number;
  readonly label: string;
  readonly author: string;
  /** Journal position of its grant: the youngest of a circle of waiters is the one with the latest. */
  readonly position: number;
  readonly timeMs: number;
  /** How many of its locks are held or waited for; not those that are delayed, which nobody owns any more. */
  locks: number;
  ghostIds: ReadonlySet<string>;
  /** Paths (as text) of the nodes bound to it, in the order in which they were bound, with the revision that did. */
  nodes: ReadonlyMap<string, number>;
}

/** What became of a lock: part of a command's effects, because one command can grant what many others wait for. */
export interface LockChange {
  readonly lockId: string;
  readonly kind: 'granted' | 'released' | 'withdrawn' | 'aborted' | 'delayed';
  /** Where it was granted; 0 otherwise. */
  readonly fencingToken: number;
}

/** One of a circle of waiters, each for the next and the last for the first; the victim comes first. */
export interface DeadlockMember {
  readonly leaseId: string;
  readonly lockId: string;
  readonly author: string;
  readonly targets: readonly LockTarget[];
}
