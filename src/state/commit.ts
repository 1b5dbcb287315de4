/** Committing a ghost: its operations are replayed onto the newest trunk, or onto its parent. */
import { Transaction } from '../trie/transaction.ts';
import { bindAll, findUnbindable } from './bindings.ts';
import type { CommitGhost, Operation } from './command.ts';
import { noEffects } from './describe.ts';
import { checkFences } from './fencing.ts';
import type { ForestState, Past } from './forest.ts';
import { endGhost, liveGhost } from './ghost-table.ts';
import { stage, stagedDiffs } from './ghost.ts';
import type { Ghost, Root, StagedDiff } from './ghost.ts';
import { operate, operationBytes } from './operate.ts';
import { reject } from './outcome.ts';
import type { Conflict, Rejection } from './outcome.ts';
import { rejectConflicts } from './publish.ts';
import { conflictsOf, describe } from './rebase.ts';
import type { RebaseViews } from './rebase.ts';
import type { Step } from './step.ts';
import type { Entry } from './value.ts';

/** Commits a ghost as one revision, or reports every conflict and changes nothing. */
export function applyCommit(state: ForestState, command: CommitGhost, past: Past): Step | Rejection {
  const ghost = liveGhost(state, command.ghostId);
  if ('reason' in ghost) return ghost;
  if (ghost.children.size > 0) {
    const metadata = { ghost_id: ghost.id, children: [...ghost.children].slice(0, 100).join(',') };
    const message = `${ghost.children.size} ghosts in ${ghost.id} are still live; commit or revert them first`;
    return reject('GHOST_HAS_CHILDREN', message, metadata);
  }
  const parent = state.ghosts.get(ghost.parentId) ?? null;
  const diffs = stagedDiffs(ghost.staged);
  const fenced = checkFences(state, command, operationsOf(diffs));
  if (fenced !== null) return fenced;
  const target = parent?.root ?? state.root;
  const views = { base: ghost.base, target, ghost: ghost.root };
  const conflicts = conflictsOf(views, diffs, command.isolation === 'serializable');
  if (conflicts.length > 0) return refuse(ghost, conflicts);
  if (diffs.length === 0) return endEmpty(state, ghost);
  const unbindable = findUnbindable(state, operationsOf(diffs));
  if (unbindable !== null)
    return refuse(ghost, [describe(views, unbindable.path, 'refused', unbindable.rejection.message)]);
  const stamp = parent === null ? state.revision + 1 : -(parent.sequence + 1);
  const replayed = replay(state, views, diffs, stamp, past);
  if ('conflicts' in replayed) return refuse(ghost, replayed.conflicts);
  if (parent === null) {
    state.root = replayed.root;
    state.revision = stamp;
    if (state.leases.size > 0) for (const diff of diffs) bindAll(state, diff.operations, stamp);
  } else {
    intoParent(parent, replayed);
  }
  const revision = parent === null ? stamp : 0;
  const operations = ghost.staged?.operations ?? 0;
  endGhost(state, ghost, 'committed', revision);
  return {
    outcome: { kind: 'committed', ghostId: ghost.id, revision, operations },
    effects: {
      ...noEffects,
      revision,
      sequence: ghost.sequence,
      committed: replayed.diffs,
      parentId: parent?.id ?? '',
    },
    roots: { before: target, after: replayed.root },
  };
}

/** Everything staged, without making a list of it: there may be millions, and as a rule nobody holds a lock. */
function operationsOf(diffs: readonly StagedDiff[]): Iterable<Operation> {
  return {
    *[Symbol.iterator]() {
      for (const diff of diffs) yield* diff.operations;
    },
  };
}

function endEmpty(state: ForestState, ghost: Ghost): Step {
  endGhost(state, ghost, 'committed');
  const outcome = { kind: 'committed', ghostId: ghost.id, revision: 0, operations: 0 } as const;
  return { outcome, effects: { ...noEffects, sequence: ghost.sequence }, roots: null };
}

function refuse(ghost: Ghost, conflicts: readonly Conflict[]): Rejection {
  const message = `ghost ${ghost.id} conflicts with newer changes on ${conflicts.length} paths; revert it and try again on the newest state`;
  return rejectConflicts(message, conflicts);
}

/** Replays all operations; what is refused on the newer state (a wrong type, a limit) is a conflict as well. */
function replay(
  state: ForestState,
  views: RebaseViews,
  diffs: readonly StagedDiff[],
  stamp: number,
  past: Past,
): { root: Root; diffs: StagedDiff[] } | { conflicts: Conflict[] } {
  const transaction = new Transaction<Entry>(views.target, stamp);
  const { revision, compactedRevision } = state;
  const replayed: StagedDiff[] = [];
  for (const diff of diffs) {
    const sums: string[] = [];
    const context = { stamp, author: diff.author, revision, compactedRevision, past, sums };
    for (const operation of diff.operations) {
      const rejection = operate(transaction, operation, context);
      if (rejection !== null)
        return { conflicts: [describe(views, operation.path, 'refused', rejection.message)] };
    }
    // In a parent they carry its own next number.
    replayed.push({ ...diff, sequence: stamp < 0 ? -stamp : diff.sequence, sums });
  }
  return { root: transaction.commit(), diffs: replayed };
}

/** The parent stages the child's diffs as its own next one. */
function intoParent(
  parent: Ghost,
  { root, diffs }: { readonly root: Root; readonly diffs: readonly StagedDiff[] },
): void {
  parent.root = root;
  parent.sequence += 1;
  for (const diff of diffs) {
    const bytes = diff.operations.reduce((sum, operation) => sum + operationBytes(operation), 0);
    parent.staged = stage(parent.staged, { ...diff, sums: [] }, bytes);
  }
}
