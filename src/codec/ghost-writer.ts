/** Ghosts → `SnapshotGhost`, `SnapshotStaged` and `SnapshotView` items. */
import type { Attempt } from '../state/outcome.ts';
import type { GhostInfo, GhostState, Root, Staged, StagedDiff } from '../state/ghosts/ghost.ts';
import { changesOf } from '../state/ghosts/edition.ts';
import type { PendingCommitInfo } from '../state/ghosts/pending-commit.ts';
import { writePending, writeStandings } from './gate-items.ts';
import { writeMigration, writeMigrationName } from './schema-command.ts';
import { copiesThePast } from './past-copies.ts';
import { writeRevertedBasis } from './reverted-basis.ts';
import type { SnapshotItems } from './snapshot-items.ts';
import { itemField } from './snapshot-items.ts';
import type { FrozenGhost, SnapshotSource } from './snapshot-source.ts';
import { writeStagedDiff } from './staged-diff.ts';
import { writeTree } from './tree-writer.ts';
import type { WireWriter } from './wire-writer.ts';

/** Number of a ghost's state. */
export const ghostStateNumber = { live: 1, committed: 2, reverted: 3, expired: 4 } as const satisfies Record<
  GhostState,
  number
>;

/** The tree that a ghost's base is compared with. */
interface Reference {
  readonly root: Root;
  readonly ghostId: string;
  readonly isView: boolean;
}

/** Writes the live ghosts, each after the one it is in. */
export function* writeGhosts(
  items: SnapshotItems,
  source: SnapshotSource,
): Generator<Uint8Array, void, undefined> {
  const byId = new Map(source.ghosts.map((ghost) => [ghost.id, ghost]));
  const byBase = new Map<Root, FrozenGhost>();
  let previous: FrozenGhost | null = null;
  for (const ghost of source.ghosts) {
    const reference = referenceOf(ghost, source, byId, byBase, previous);
    writeGhost(items, ghost, reference);
    yield* writeTree(items, ghost.base, reference.root);
    yield* writeStaged(items, ghost);
    if (!byBase.has(ghost.base)) byBase.set(ghost.base, ghost);
    if (ghost.parentId === '') previous = ghost;
  }
}

/** Picks the tree to which the difference is likely to be small: the same one, the parent's, or one of a near revision. */
function referenceOf(
  ghost: FrozenGhost,
  source: SnapshotSource,
  byId: ReadonlyMap<string, FrozenGhost>,
  byBase: ReadonlyMap<Root, FrozenGhost>,
  previous: FrozenGhost | null,
): Reference {
  const trunk = { root: source.root, ghostId: '', isView: false };
  if (ghost.base === source.root) return trunk;
  const same = byBase.get(ghost.base);
  if (same !== undefined) return { root: same.base, ghostId: same.id, isView: false };
  const parent = byId.get(ghost.parentId);
  if (parent !== undefined) return { root: parent.root, ghostId: parent.id, isView: true };
  if (previous === null) return trunk;
  const distance = Math.abs(previous.baseRevision - ghost.baseRevision);
  const isNear = distance < source.revision - ghost.baseRevision;
  return isNear ? { root: previous.base, ghostId: previous.id, isView: false } : trunk;
}

/** Writes what is staged, with views where the diffs alone do not lead to them. */
function* writeStaged(items: SnapshotItems, ghost: FrozenGhost): Generator<Uint8Array, void, undefined> {
  const links = linksOf(ghost.staged);
  let from = 0;
  let view = ghost.base;
  for (const point of [...ghost.checkpoints, ghost]) {
    const to = point.staged?.diffs ?? 0;
    let isPast = false;
    for (const { diff, previous, bytes } of links.slice(from, to)) {
      writeStagedItem(items, diff, bytes - (previous?.bytes ?? 0));
      isPast ||= copiesThePast(diff);
      if (items.isFull) yield items.take();
    }
    if (isPast) {
      items.open(itemField.view, 0);
      items.close();
      yield* writeTree(items, point.root, view);
    }
    from = to;
    view = point.root;
  }
}

/** Oldest first. */
function linksOf(staged: Staged | null): Staged[] {
  const links: Staged[] = [];
  for (let link = staged; link !== null; link = link.previous) links.push(link);
  return links.reverse();
}

function writeStagedItem(items: SnapshotItems, diff: StagedDiff, bytes: number): void {
  items.open(itemField.staged, bytes + 64);
  writeStagedDiff(items.writer, 1, diff);
  items.writer.uint(2, bytes);
  items.close();
}

function writeGhost(items: SnapshotItems, ghost: FrozenGhost, reference: Reference): void {
  const { writer } = items;
  items.open(itemField.ghost, 128);
  writeIdentity(writer, ghost);
  writer.uint(8, ghost.sequence);
  writer.uint(9, ghost.firstSequence);
  for (const { name, sequence, staged } of ghost.checkpoints) {
    const mark = writer.open(10, 32);
    writer.text(1, name);
    writer.uint(2, sequence);
    writer.uint(3, staged?.diffs ?? 0);
    writer.close(mark);
  }
  writeAttempts(writer, ghost.attempts);
  writer.uint(12, ghost.beginPosition);
  writer.uint(13, ghost.beginTimeMs);
  writer.uint(14, ghostStateNumber.live);
  writer.uint(16, ghost.staged?.operations ?? 0);
  writer.uint(17, ghost.staged?.bytes ?? 0);
  writer.text(18, reference.ghostId);
  writer.boolean(19, reference.isView);
  writeGated(writer, ghost, ghost.pendingCommit);
  if (ghost.migration !== null && ghost.parentId === '') writeMigration(writer, 27, ghost.migration);
  writeRevertedBasis(writer, 28, ghost.revertedBasis);
  items.close();
}

/** Writes a ghost that is over. */
export function writeEndedGhost(items: SnapshotItems, ghost: GhostInfo): void {
  const { writer } = items;
  items.open(itemField.endedGhost, 128);
  writeIdentity(writer, ghost);
  writer.uint(8, ghost.sequence);
  for (const { name, sequence, stagedOperations } of ghost.checkpoints) {
    const mark = writer.open(10, 32);
    writer.text(1, name);
    writer.uint(2, sequence);
    writer.uint(4, stagedOperations);
    writer.close(mark);
  }
  writeAttempts(writer, ghost.attempts);
  writer.uint(12, ghost.beginPosition);
  writer.uint(13, ghost.beginTimeMs);
  writer.uint(14, ghostStateNumber[ghost.state]);
  writer.uint(15, ghost.committedRevision);
  writer.uint(16, ghost.stagedOperations);
  writer.uint(17, ghost.stagedBytes);
  writeGated(writer, ghost, null);
  writeMigrationName(writer, 27, ghost.migration);
  items.close();
}

type Identity = Pick<GhostInfo, 'id' | 'scope' | 'baseRevision' | 'parentId' | 'label' | 'author' | 'ttlMs'>;

function writeIdentity(writer: WireWriter, ghost: Identity): void {
  writer.text(1, ghost.id);
  writer.path(2, ghost.scope);
  writer.uint(3, ghost.baseRevision);
  writer.text(4, ghost.parentId);
  writer.text(5, ghost.label);
  writer.text(6, ghost.author);
  writer.uint(7, ghost.ttlMs);
}

type Gated = Pick<
  GhostInfo,
  'sequence' | 'attempts' | 'attemptsMade' | 'gates' | 'raceId' | 'leaseId' | 'run'
> & { readonly earlierEditions?: readonly number[] };

function writeGated(writer: WireWriter, ghost: Gated, pending: PendingCommitInfo | null): void {
  // Ghosts that remember all of their attempts are written as they were before there were editions.
  if (ghost.attemptsMade > ghost.attempts.length) writer.uint(20, changesOf(ghost));
  writeStandings(writer, 21, ghost.gates);
  writePending(writer, 22, pending);
  writer.text(23, ghost.raceId);
  writer.text(24, ghost.leaseId);
  writer.uint(25, ghost.run);
  writer.uints(26, ghost.earlierEditions);
}

function writeAttempts(writer: WireWriter, attempts: readonly Attempt[]): void {
  for (const { reason, checkpoint, droppedOperations, author } of attempts) {
    const mark = writer.open(11, reason.length + 32);
    writer.text(1, reason);
    writer.text(2, checkpoint);
    writer.uint(3, droppedOperations);
    writer.text(4, author);
    writer.close(mark);
  }
}
