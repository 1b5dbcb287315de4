/**
 * Whether what a ghost had read is as it was. What was read in the ghost's own view came from its base or from itself, so it has
 * changed where its base and the state that it is committed into differ. What was read outside, in the line that it is committed into (the
 * trunk or its parent), has changed where that bears a later stamp than the view had. Who has read elsewhere is taken at both.
 */
import type { Path } from '../../trie/path.ts';
import { formatPath } from '../../trie/path.ts';
import type { BasisEntry, CommitGhost } from '../command.ts';
import { lastTouched, sameSubtree, sameValue, standingOf } from '../values/standing.ts';
import type { Standing } from '../values/standing.ts';
import type { Ghost, Root, StagedDiff } from './ghost.ts';

/** The state that a ghost stands on, and the one that it is committed into. */
export interface ReadViews {
  readonly base: Root;
  readonly target: Root;
}

type Reader = Pick<Ghost, 'id' | 'parentId' | 'baseRevision' | 'firstSequence'>;

/** Says whether something that was read is as it was. */
export type ReadStands = (read: BasisEntry) => boolean;

/** How a commit judges what was read; `null`: not at all. */
export function readJudge(
  views: ReadViews,
  ghost: Reader,
  diffs: readonly StagedDiff[],
  { isolation, readsInViews }: Pick<CommitGhost, 'isolation' | 'readsInViews'>,
): ReadStands | null {
  if (isolation !== 'serializable') return null;
  if (readsInViews === true) return (read) => standsInView(views, ghost, read);
  const written = new Set(diffs.flatMap(({ operations }) => operations.map(({ path }) => formatPath(path))));
  return (read) => standsByRevision(views, read, written);
}

function standsInView({ base, target }: ReadViews, ghost: Reader, read: BasisEntry): boolean {
  const { ghostId = '', path, extent } = read;
  const [before, now] = [standingOf(base, path), standingOf(target, path)];
  if (ghostId === ghost.parentId) return standsInLine({ base, target }, ghost, read, before, now);
  const isSame = extent === 'absent' ? !now.present || before.present : sameExtent(before, now, extent);
  if (ghostId === ghost.id) return isSame;
  return isSame && (extent === 'absent' || stampOf(now, extent) <= read.revision);
}

/** It was read in the view that the ghost is committed into, then or before. */
function standsInLine(
  { base, target }: ReadViews,
  { baseRevision, firstSequence }: Reader,
  read: BasisEntry,
  before: Standing,
  now: Standing,
): boolean {
  const { ghostId = '', path, extent, revision, sequence = 0 } = read;
  if (extent === 'absent') return !now.present;
  if (isThere(now, extent)) return isSeen(stampOf(now, extent), read);
  // Absent now, so it bears no stamp: it must have been absent in what was read.
  const isOfBase = ghostId === '' ? revision <= baseRevision : sequence <= firstSequence;
  if (isOfBase) return !isThere(before, extent) && isUntouched(base, path, read);
  return isUntouched(target, path, read);
}

type Extent = 'node' | 'subtree';

function isThere({ present, entry }: Standing, extent: Extent): boolean {
  return extent === 'node' ? entry !== null : present;
}

function stampOf({ modified, touched }: Standing, extent: Extent): number {
  return extent === 'node' ? modified : touched;
}

function sameExtent(before: Standing, now: Standing, extent: Extent): boolean {
  return extent === 'node' ? sameValue(before, now) : sameSubtree(before, now);
}

/** What bears the stamp was in the view that was read. */
function isSeen(stamp: number, { ghostId = '', revision, sequence = 0 }: BasisEntry): boolean {
  return stamp < 0 ? -stamp <= sequence : ghostId !== '' || stamp <= revision;
}

/** Of a path that is absent the nearest ancestor decides, which can only err towards "changed". */
function isUntouched(root: Root, path: Path, read: BasisEntry): boolean {
  return isSeen(lastTouched(root, path), read);
}

/**
 * The rule of commits in records from before there were views in it: in ghosts in ghosts it misses what has changed, as staged stamps are
 * below every revision, and what is absent has changed unless the ghost wrote there.
 */
function standsByRevision(views: ReadViews, read: BasisEntry, written: ReadonlySet<string>): boolean {
  const now = standingOf(views.target, read.path);
  if (read.extent === 'absent') return !now.present;
  const stamp = read.extent === 'node' ? now.modified : now.touched;
  if (now.present && (read.extent === 'subtree' || now.entry !== null)) return stamp <= read.revision;
  // Absent now: fine only if it was so at the base too and the ghost had read its own write.
  return !standingOf(views.base, read.path).present && written.has(formatPath(read.path));
}
