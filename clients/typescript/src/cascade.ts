/** What goes with a trunk revision that is taken back, and who is told. */
import { readBasisEntry, type BasisEntry } from './basis.ts';
import {
  Cascade as WireCascade,
  NotUndoneCause as WireCause,
  type BasisReverted as WireBasisReverted,
  type CascadeReport as WireReport,
} from './gen/hyperloom/v1/cascade_pb.ts';
import type { RevertedBasis as WireRevertedBasis } from './gen/hyperloom/v1/ghost_pb.ts';

/**
 * How far the return of a trunk revision goes: the revision alone (`none`), with all that was derived from it (`all`); `report` changes
 * nothing and tells what `all` would do.
 */
export type Cascade = 'none' | 'report' | 'all';

/** Why a write is not undone: overwritten by others, built upon by others, history given up, a schema that came later. */
export type NotUndoneCause = 'overwritten' | 'built_upon' | 'history_gone' | 'schema';

/** A publish that is undone. */
export interface UndonePublish {
  readonly revision: number;
  readonly author: string;
  readonly label: string;
  /** How many publishes away from the one that was named: 0 is that one. */
  readonly hops: number;
}

/** A write that stays. */
export interface NotUndone {
  readonly path: string;
  /** Which publish wrote it. */
  readonly revision: number;
  readonly cause: NotUndoneCause;
  /** 0 where nobody has. */
  readonly overwrittenByRevision: number;
}

/** A live ghost that has read what is undone: it is not committed before it has looked again. */
export interface AffectedGhost {
  readonly ghostId: string;
  readonly author: string;
  /** What it has read; at most 100. */
  readonly basis: readonly BasisEntry[];
}

/** What a cascade undoes, or would undo; at most 1,000 of each. */
export interface CascadeReport {
  /** Oldest first. */
  readonly undone: readonly UndonePublish[];
  readonly notUndone: readonly NotUndone[];
  readonly ghosts: readonly AffectedGhost[];
  readonly undoneTotal: number;
  readonly notUndoneTotal: number;
  readonly ghostsTotal: number;
  /** Operations that the inverse consists of. */
  readonly operations: number;
}

/** Told to an agent: what some of its work was made from was taken back. */
export interface BasisReverted {
  /** The agent. */
  readonly author: string;
  /** Its publishes that had read it, oldest first. They are undone too where it was a cascade. */
  readonly revisions: readonly number[];
  /** Live ghosts that have read it. */
  readonly ghostIds: readonly string[];
  /** What it had read; at most 100. */
  readonly basis: readonly BasisEntry[];
  /** Why it was reverted. */
  readonly reason: string;
}

/** Something that was read for what is staged in a ghost, and then taken back. */
export interface RevertedBasis {
  /** What was read, and at which revision. Who has read it again at {@link revertedRevision} or later has looked again. */
  readonly basis: BasisEntry;
  /** The trunk revision that took it back. */
  readonly revertedRevision: number;
  /** The number of the diff that was staged with it. */
  readonly sequence: number;
}

export function wireCascade(cascade: Cascade): WireCascade {
  return cascades[cascade];
}

const cascades: Readonly<Record<Cascade, WireCascade>> = {
  none: WireCascade.NONE,
  report: WireCascade.REPORT,
  all: WireCascade.ALL,
};

const causes: Readonly<Record<number, NotUndoneCause>> = {
  [WireCause.OVERWRITTEN]: 'overwritten',
  [WireCause.BUILT_UPON]: 'built_upon',
  [WireCause.HISTORY_GONE]: 'history_gone',
  [WireCause.SCHEMA]: 'schema',
};

/** Reads a report from its message. */
export function readCascadeReport(report: WireReport): CascadeReport {
  return {
    undone: report.undone.map(({ revision, author, label, hops }) => ({
      revision: Number(revision),
      author,
      label,
      hops,
    })),
    notUndone: report.notUndone.map(({ path, revision, cause, overwrittenByRevision }) => ({
      path,
      revision: Number(revision),
      cause: causes[cause] ?? 'built_upon',
      overwrittenByRevision: Number(overwrittenByRevision),
    })),
    ghosts: report.ghosts.map(({ ghostId, author, basis }) => ({
      ghostId,
      author,
      basis: basis.map(readBasisEntry),
    })),
    undoneTotal: Number(report.undoneTotal),
    notUndoneTotal: Number(report.notUndoneTotal),
    ghostsTotal: Number(report.ghostsTotal),
    operations: Number(report.operations),
  };
}

/** Reads from its message what an agent is told. */
export function readBasisReverted(told: WireBasisReverted): BasisReverted {
  return {
    author: told.author,
    revisions: told.revisions.map(Number),
    ghostIds: told.ghostIds,
    basis: told.basis.map(readBasisEntry),
    reason: told.reason,
  };
}

/** Reads from its message what a ghost stands on that was reverted. */
export function readRevertedBasis(reverted: WireRevertedBasis): RevertedBasis | undefined {
  const { basis, revertedRevision, sequence } = reverted;
  if (basis === undefined) return undefined;
  return {
    basis: readBasisEntry(basis),
    revertedRevision: Number(revertedRevision),
    sequence: Number(sequence),
  };
}
