/**
 * What a live ghost has read that was reverted since. Such a ghost is not committed before it has looked again: a diff staged
 * in it, or its commit, names in its basis the same path at the revert's revision or later.
 *
 * To have looked is a fact about the ghost's owner: going back to a checkpoint does not undo it. What was read only by diffs
 * that a return to a checkpoint drops is of no consequence any more.
 */
import { revertedBasisPerGhostMax } from '../../base/limits.ts';
import { formatPath, isWithin } from '../../trie/path.ts';
import type { AffectedGhost, AffectedRead, RevertedBasis } from './cascade-parts.ts';
import type { BasisEntry, CommitGhost } from '../command.ts';
import type { ForestState } from '../forest.ts';
import type { Ghost, StagedDiff } from '../ghosts/ghost.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';

/** Marks the ghosts that had read what `revertedRevision` took back, as far as they are still live. */
export function markGhosts(
  state: ForestState,
  affected: readonly AffectedGhost[],
  revertedRevision: number,
): void {
  for (const { ghostId, reads } of affected) {
    const ghost = state.ghosts.get(ghostId);
    if (ghost !== undefined) ghost.revertedBasis = merged(ghost.revertedBasis, reads, revertedRevision);
  }
}

/** Each path and extent once, with its newest revert. More than fit become one about everything, which is as safe. */
function merged(
  known: readonly RevertedBasis[],
  reads: readonly AffectedRead[],
  revertedRevision: number,
): readonly RevertedBasis[] {
  const marks = new Map<string, RevertedBasis>();
  for (const mark of [...known, ...reads.map((read) => ({ ...read, revertedRevision }))]) {
    const key = `${mark.basis.extent} ${formatPath(mark.basis.path)}`;
    const sequence = Math.min(mark.sequence, marks.get(key)?.sequence ?? Infinity);
    marks.set(key, { ...mark, sequence });
  }
  if (marks.size <= revertedBasisPerGhostMax) return [...marks.values()];
  const sequence = Math.min(...Array.from(marks.values(), (mark) => mark.sequence));
  const revision = Math.min(...Array.from(marks.values(), ({ basis }) => basis.revision));
  return [{ basis: { path: [], revision, extent: 'subtree' }, sequence, revertedRevision }];
}

/** What is left of the marks when somebody has looked at `basis`. */
export function notLookedAt(
  marks: readonly RevertedBasis[],
  basis: readonly BasisEntry[],
): readonly RevertedBasis[] {
  if (marks.length === 0 || basis.length === 0) return marks;
  const left = marks.filter((mark) => !basis.some((look) => covers(look, mark)));
  return left.length === marks.length ? marks : left;
}

/** A look into a ghost shows its old base, so only one at the trunk counts. */
function covers(look: BasisEntry, { basis, revertedRevision }: RevertedBasis): boolean {
  if (look.revision < revertedRevision) return false;
  if (look.extent === 'subtree') return isWithin(basis.path, look.path);
  return basis.extent !== 'subtree' && formatPath(look.path) === formatPath(basis.path);
}

/** A ghost went back to the diff `sequence`: drops the marks that came with what was staged after it. */
export function forgetReads(ghost: Ghost, sequence: number): void {
  if (ghost.revertedBasis.length === 0) return;
  ghost.revertedBasis = ghost.revertedBasis.filter((mark) => mark.sequence <= sequence);
}

/** Refuses the commit of a ghost that has read what was reverted, or into one that has. */
export function checkRevertedBasis(
  ghost: Ghost,
  parent: Ghost | null,
  diffs: readonly StagedDiff[],
  { basis = [] }: CommitGhost,
): Rejection | null {
  const own = refusalOf(ghost, notLookedAt(ghost.revertedBasis, basis));
  if (own !== null || parent === null || parent.revertedBasis.length === 0) return own;
  return refusalOf(parent, afterCommit(parent, diffs, basis));
}

/** What is left of a parent's marks when what its child has staged, and looked at, goes into it. */
export function afterCommit(
  parent: Ghost,
  diffs: readonly StagedDiff[],
  basis: readonly BasisEntry[],
): readonly RevertedBasis[] {
  let left = notLookedAt(parent.revertedBasis, basis);
  for (const diff of diffs) left = notLookedAt(left, diff.basis);
  return left;
}

function refusalOf(ghost: Ghost, left: readonly RevertedBasis[]): Rejection | null {
  const [first] = left;
  if (first === undefined) return null;
  const path = formatPath(first.basis.path);
  const revision = first.revertedRevision;
  const more = left.length === 1 ? '' : ` and ${left.length - 1} more`;
  const message =
    `ghost ${ghost.id} has read ${path}${more}, which revision ${revision} took back; look at it again, and say so in the basis of ` +
    `a diff or of the commit, at that revision or later`;
  return reject('BASIS_REVERTED', message, { ghost_id: ghost.id, path, revision });
}
