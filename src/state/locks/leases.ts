/** The life of a lease: taken, ended, expired. */
import { leasesPerForestMax } from '../../base/limits.ts';
import { parsePath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { Transaction } from '../../trie/transaction.ts';
import type { Proposal } from '../command.ts';
import { leaseReason, noEffects } from '../describe.ts';
import type { ForestState } from '../forest.ts';
import { endWithDescendants } from '../ghosts/ghost-table.ts';
import { findLease, newLease } from './lease-table.ts';
import type { Lease, LockChange } from './lock.ts';
import type { EndLease, ExpireLease, GrantLease } from './lock-command.ts';
import { dropLock, grantingOf, settle } from './locks.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import type { Step } from '../step.ts';
import type { Entry } from '../values/value.ts';

/** Takes a lease. */
export function applyGrantLease(
  state: ForestState,
  proposal: Proposal,
  command: GrantLease,
): Step | Rejection {
  if (state.leases.size >= leasesPerForestMax) {
    const message = `no more leases: leasesPerForestMax is ${leasesPerForestMax}; end some first`;
    return reject('QUOTA_EXCEEDED', message, { limit: 'leasesPerForestMax', maximum: leasesPerForestMax });
  }
  state.leases.set(command.leaseId, newLease(proposal, command));
  return {
    outcome: { kind: 'lease_granted', leaseId: command.leaseId },
    effects: noEffects,
    roots: null,
  };
}

/**
 * Ends a lease and, in the same entry, all that hangs on it. The deletion of its nodes is the one write that no lock holds
 * up: what somebody has locked may not outlive the owner that it was bound to.
 */
export function applyEndLease(
  state: ForestState,
  proposal: Proposal,
  command: EndLease | ExpireLease,
): Step | Rejection {
  const lease = findLease(state, command.leaseId);
  if ('reason' in lease) return lease;
  const hasExpired = command.kind === 'expire_lease';
  const granting = grantingOf(state, proposal);
  state.leases.delete(lease.id);
  const releasedLocks = lease.locks;
  const revertedGhosts = lease.ghostIds.size;
  endLocks(state, lease, hasExpired, granting.changes);
  const endedGhostIds = endGhosts(state, lease, command);
  const before = state.root;
  const deletedPaths = deleteNodes(state, lease);
  const deadlocks = settle(state, granting);
  const revision = deletedPaths.length === 0 ? 0 : state.revision;
  const ended = { revision, deletedNodes: deletedPaths.length, releasedLocks, revertedGhosts };
  return {
    outcome: { kind: 'lease_ended', leaseId: lease.id, ...ended },
    effects: { ...noEffects, revision, endedGhostIds, deletedPaths, lockChanges: granting.changes },
    roots: revision === 0 ? null : { before, after: state.root },
    deadlocks,
  };
}

function endLocks(state: ForestState, lease: Lease, hasExpired: boolean, changes: LockChange[]): void {
  for (const entry of state.locks.ownedBy(lease.id)) {
    const { lock } = entry;
    if (lock.state === 'held' && hasExpired && lock.delayMs > 0) {
      state.locks.delay(entry);
      changes.push({ lockId: lock.id, kind: 'delayed', fencingToken: 0 });
    } else {
      dropLock(state, entry, lock.state === 'held' ? 'released' : 'withdrawn', changes);
    }
  }
  lease.locks = 0;
}

function endGhosts(state: ForestState, lease: Lease, command: EndLease | ExpireLease): string[] {
  const reason = leaseReason(command);
  const { author } = command;
  const as = command.kind === 'expire_lease' ? 'expired' : 'reverted';
  const endedIds: string[] = [];
  for (const ghostId of lease.ghostIds) {
    const ghost = state.ghosts.get(ghostId);
    // One inside another of the same lease has ended with that one.
    if (ghost === undefined) continue;
    endedIds.push(...endWithDescendants(state, ghost, as, reason, author));
  }
  return endedIds;
}

function deleteNodes(state: ForestState, lease: Lease): readonly Path[] {
  if (lease.nodes.size === 0) return [];
  const paths: Path[] = [];
  const transaction = new Transaction<Entry>(state.root, state.revision + 1);
  for (const text of lease.nodes.keys()) {
    const path = parsePath(text);
    if ('problem' in path) continue;
    transaction.remove(path);
    state.bindings.delete(path);
    paths.push(path);
  }
  state.root = transaction.commit();
  state.revision += 1;
  return paths;
}
