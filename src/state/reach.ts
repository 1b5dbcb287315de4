/** How far a command reaches: into which past revisions, and whether beyond ghosts. */
import { unreachable } from '../base/assert.ts';
import type { Command, Operation } from './command.ts';
import type { Applied, Effects, ForestState } from './forest.ts';

/** Trunk revisions whose roots `apply` may ask for. Some may be compacted or in the future: `apply` refuses those first. */
export function revisionsNeeded(state: ForestState, command: Command): readonly number[] {
  switch (command.kind) {
    case 'publish':
    case 'revert_revision':
    case 'revert_cascade':
      return copiedRevisions(command.operations);
    case 'begin_ghost':
      return command.parentId === '' ? [command.baseRevision] : none;
    case 'commit_ghost': {
      const needed: number[] = [];
      let link = state.ghosts.get(command.ghostId)?.staged ?? null;
      for (; link !== null; link = link.previous) needed.push(...copiedRevisions(link.diff.operations));
      return needed;
    }
    case 'checkpoint_ghost':
    case 'rewind_ghost':
    case 'revert_ghost':
    case 'expire_ghost':
    case 'review_ghost':
    case 'compact':
    case 'grant_lease':
    case 'end_lease':
    case 'expire_lease':
    case 'acquire_lock':
    case 'release_lock':
    case 'end_lock_delay':
    case 'register_schema':
    case 'set_unbound_paths':
      return none;
    default:
      return unreachable(command);
  }
}

const none: readonly number[] = [];

/**
 * The oldest revision that applying an entry again needs the root of, by what its record says; `Infinity` where it needs none. Of a commit
 * that was refused the record does not tell what it would have copied.
 */
export function oldestNeeded(command: Command, { committed }: Pick<Effects, 'committed'>): number {
  let oldest = command.kind === 'begin_ghost' && command.parentId === '' ? command.baseRevision : Infinity;
  const own = 'operations' in command ? [command.operations] : [];
  for (const operations of [...own, ...committed.map((diff) => diff.operations)])
    for (const revision of copiedRevisions(operations)) oldest = Math.min(oldest, revision);
  return oldest;
}

/** Trunk revisions that operations copy from. */
export function copiedRevisions(operations: readonly Operation[]): readonly number[] {
  let found: number[] | null = null;
  for (const operation of operations) {
    if (operation.kind === 'copy' && operation.sourceRevision !== 0)
      (found ??= []).push(operation.sourceRevision);
  }
  return found ?? none;
}

/** The command touches nothing but ghosts, so its outcome need not wait for the disk. */
export function staysInGhost(state: ForestState, command: Command): boolean {
  switch (command.kind) {
    case 'publish':
      return command.ghostId !== '';
    case 'commit_ghost':
      return (state.ghosts.get(command.ghostId)?.parentId ?? '') !== '';
    case 'begin_ghost':
    case 'checkpoint_ghost':
    case 'rewind_ghost':
    case 'revert_ghost':
    case 'expire_ghost':
      return true;
    // A decision must not be lost once the reviewer was told that it was taken.
    case 'review_ghost':
    case 'revert_revision':
    case 'revert_cascade':
    case 'compact':
    case 'grant_lease':
    case 'end_lease':
    case 'expire_lease':
    case 'acquire_lock':
    case 'release_lock':
    case 'end_lock_delay':
    case 'register_schema':
    case 'set_unbound_paths':
      return false;
    default:
      return unreachable(command);
  }
}

/**
 * The end of a lease that was asked for without a request id, and of locks with it, but of nothing else: its outcome need not
 * wait for the disk. Should a crash take it, the lease is there again; but its owner keeps it alive no more, so it ends within
 * its ttl, like that of an owner that has vanished. What was told to others because of it (a grant, a write where the lock was)
 * lies behind it in the journal and was told when it was durable, so that a crash can no longer take what came before it.
 *
 * A lock whose lease lives on is given back when that is durable: its owner goes on keeping the lease alive, and a lock that
 * came back would be held for as long. So is what comes with a request id: a repetition, even after a crash and the end of
 * the lease, brings the same outcome.
 */
export function isFarewell(state: ForestState, command: Command, { outcome, effects }: Applied): boolean {
  if (command.kind !== 'release_lock' && command.kind !== 'end_lease') return false;
  if (command.request !== null || outcome.kind === 'rejected') return false;
  const isOnlyLocks = effects.revision === 0 && effects.endedGhostIds.length === 0;
  return isOnlyLocks && command.leaseId !== '' && !state.leases.has(command.leaseId);
}

/** Nobody waits for what a command did to locks. */
export function isUnawaited({ lockChanges }: Effects): boolean {
  return lockChanges.every(({ kind }) => kind === 'released');
}

/** How many operations a command that made a revision did on the trunk. */
export function operationsOf(command: Command, effects: Effects): number {
  if ('operations' in command) return command.operations.length;
  const committed = effects.committed.reduce((sum, diff) => sum + diff.operations.length, 0);
  return committed + effects.deletedPaths.length;
}
