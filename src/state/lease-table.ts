/** Leases by id. */
import type { Proposal } from './command.ts';
import type { ForestState } from './forest.ts';
import type { Lease } from './lock.ts';
import { reject } from './outcome.ts';
import type { Rejection } from './outcome.ts';

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
  const hanging = { lockIds: new Set<string>(), ghostIds: new Set<string>(), nodes: new Map() };
  return { id, ttlMs, label, author, position, timeMs, ...hanging };
}

/** Ends a lease that nothing hangs on. */
export function endIfBare(state: ForestState, lease: Lease): void {
  if (lease.lockIds.size + lease.ghostIds.size + lease.nodes.size === 0) state.leases.delete(lease.id);
}
