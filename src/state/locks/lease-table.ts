/** Leases by id. */
import type { Proposal } from '../command.ts';
import type { ForestState } from '../forest.ts';
import type { Lease } from './lock.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';

/** The live lease of that id. */
export function findLease(state: ForestState, leaseId: string): Lease | Rejection {
  const lease = state.leases.get(leaseId);
  if (lease !== undefined) return lease;
  const message = `there is no lease ${leaseId}, or it is over; take a new one`;
  return reject('LEASE_NOT_FOUND', message, { lease_id: leaseId });
}

/** A lease as a command makes it. */
export function newLease(
  { position, timeMs, command: { author } }: Proposal,
  { leaseId: id, ttlMs, label }: { readonly leaseId: string; readonly ttlMs: number; readonly label: string },
): Lease {
  return { id, ttlMs, label, author, position, timeMs, locks: 0, ghostIds: noGhosts, nodes: noNodes };
}

/** What leases without any share: most have nothing but a lock. */
export const noGhosts: ReadonlySet<string> = new Set();
export const noNodes: ReadonlyMap<string, number> = new Map();

/** Lets a ghost live with a lease. */
export function hangGhost(lease: Lease, ghostId: string): void {
  if (lease.ghostIds === noGhosts) lease.ghostIds = new Set();
  (lease.ghostIds as Set<string>).add(ghostId);
}

/** Forgets a ghost that is over. */
export function letGhostGo(lease: Lease, ghostId: string): void {
  if (lease.ghostIds !== noGhosts) (lease.ghostIds as Set<string>).delete(ghostId);
}

/** Notes that a node was bound to a lease. */
export function bindNode(lease: Lease, path: string, revision: number): void {
  if (lease.nodes === noNodes) lease.nodes = new Map();
  (lease.nodes as Map<string, number>).set(path, revision);
}

/** Forgets a node. */
export function unbindNode(lease: Lease, path: string): void {
  if (lease.nodes !== noNodes) (lease.nodes as Map<string, number>).delete(path);
}

/** Ends a lease that nothing hangs on. */
export function endIfBare(state: ForestState, lease: Lease): void {
  if (lease.locks + lease.ghostIds.size + lease.nodes.size === 0) state.leases.delete(lease.id);
}
