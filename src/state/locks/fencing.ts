/**
 * What locks mean for writes. A write of one node is a moment of IX at that node, what removes or replaces a subtree is a
 * moment of X there: neither may run into a lock of another owner. Who writes under locks proves it with their tokens.
 */
import { formatPath } from '../../trie/path.ts';
import type { CommitGhost, Fenced, Operation, Publish, RevertCascade, RevertRevision } from '../command.ts';
import type { ForestState } from '../forest.ts';
import { stagedDiffs } from '../ghosts/ghost.ts';
import type { Lock } from './lock.ts';
import { locked } from './locks.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';

/** Refuses operations that run into locks, or that come with a token that is not the latest any more. */
export function checkFences(
  state: ForestState,
  { fencingTokens }: Fenced,
  operations: Iterable<Operation>,
): Rejection | null {
  const leaseId = fencingTokens === undefined ? '' : ownerOf(state, fencingTokens, operations);
  if (typeof leaseId !== 'string') return leaseId;
  if (state.locks.held === 0) return null;
  for (const operation of operations) {
    const lock = state.locks.obstacle(operation.path, momentOf(operation), leaseId);
    if (lock !== null) return locked(formatPath(operation.path), lock);
  }
  return null;
}

/** What can be held up by locks. */
export type FencedCommand = Publish | CommitGhost | RevertRevision | RevertCascade;

/** What a command writes that locks can hold up; nothing where its ghost is over. */
export function fencedOperations(state: ForestState, command: FencedCommand): Iterable<Operation> {
  if (command.kind === 'revert_revision' || command.kind === 'revert_cascade') return command.operations;
  const ghost = command.ghostId === '' ? null : state.ghosts.get(command.ghostId);
  if (ghost === undefined) return [];
  if (command.kind === 'publish') return command.operations;
  const diffs = stagedDiffs(ghost?.staged ?? null);
  return {
    *[Symbol.iterator]() {
      for (const { operations } of diffs) yield* operations;
    },
  };
}

/** The right that an operation takes for a moment. */
export function momentOf(operation: Operation): 'ix' | 'x' {
  if (operation.kind === 'copy') return 'x';
  return operation.kind === 'delete' && operation.scope === 'subtree' ? 'x' : 'ix';
}

/** The lease that all tokens belong to. */
function ownerOf(
  state: ForestState,
  tokens: readonly number[],
  operations: Iterable<Operation>,
): string | Rejection {
  let leaseId = '';
  for (const token of tokens) {
    const lock = state.locks.withToken(token);
    if (lock === undefined) return stale(state, token, operations);
    if (leaseId !== '' && leaseId !== lock.leaseId) {
      const metadata = { lock_id: lock.id, lease_id: lock.leaseId };
      const message = `the fencing tokens are of different leases: ${token} is of ${lock.leaseId}, another one of ${leaseId}`;
      return reject('NOT_LOCK_OWNER', message, metadata);
    }
    leaseId = lock.leaseId;
  }
  return leaseId;
}

function stale(state: ForestState, token: number, operations: Iterable<Operation>): Rejection {
  const told: Record<string, string | number> = { fencing_token: token };
  let who = '';
  for (const operation of operations) {
    const lock = state.locks.obstacle(operation.path, momentOf(operation), '');
    if (lock === null) continue;
    Object.assign(told, newestAt(operation, lock));
    who = `; ${formatPath(operation.path)} is locked by ${lock.author === '' ? 'somebody' : lock.author} now`;
    break;
  }
  const message = `fencing token ${token} is not the latest: its lock was released, or its lease has ended${who}`;
  return reject('STALE_FENCING_TOKEN', message, told);
}

function newestAt({ path }: Operation, lock: Lock): Record<string, string | number> {
  return {
    path: formatPath(path),
    lock_id: lock.id,
    lease_id: lock.leaseId,
    holder: lock.author,
    newest_token: lock.fencingToken,
  };
}
