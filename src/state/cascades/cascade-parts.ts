/** What is told of a revert that takes along what was derived: what it undoes, what stays, and who had read it. */
import type { Path } from '../../trie/path.ts';
import type { BasisEntry } from './basis.ts';

/** A publish that is undone. */
export interface UndonePublish {
  readonly revision: number;
  /** Publishes between it and the one that was named. */
  readonly hops: number;
  readonly author: string;
  readonly label: string;
}

/** Why a write stays. */
export type NotUndoneCause = 'overwritten' | 'built_upon' | 'history_gone' | 'schema';

/** A write that stays. */
export interface NotUndone {
  readonly path: Path;
  readonly revision: number;
  readonly cause: NotUndoneCause;
  /** 0 where nobody has. */
  readonly overwrittenBy: number;
}

/** A live ghost that has read what is undone. */
export interface AffectedGhost {
  readonly ghostId: string;
  readonly author: string;
  readonly reads: readonly AffectedRead[];
}

/** Something that was read for the diff `sequence` of a ghost. */
export interface AffectedRead {
  readonly basis: BasisEntry;
  readonly sequence: number;
}

/** An agent whose publishes had read what is undone. */
export interface AffectedAgent {
  readonly author: string;
  /** Trunk revisions, oldest first. */
  readonly revisions: readonly number[];
  readonly ghostIds: readonly string[];
  /** The first of it. */
  readonly basis: readonly BasisEntry[];
}

/** Something that was read for a staged diff and taken back by `revertedRevision`. */
export interface RevertedBasis extends AffectedRead {
  readonly revertedRevision: number;
}
