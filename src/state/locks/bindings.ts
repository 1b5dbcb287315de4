/**
 * Nodes of the trunk that are bound to leases. A put with a lease binds its node, a put without one unbinds it, and so does
 * whatever deletes or replaces it; other changes leave it bound. A copy of a bound node is not bound.
 */
import { nodesPerLeaseMax } from '../../base/limits.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import type { Operation } from '../command.ts';
import type { ForestState } from '../forest.ts';
import { bindNode, findLease, unbindNode } from './lease-table.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';

/** Refuses operations that bind to a lease that is not live, or to one that has no room for them. */
export function checkBindings(state: ForestState, operations: Iterable<Operation>): Rejection | null {
  return findUnbindable(state, operations)?.rejection ?? null;
}

/** The first operation that {@link checkBindings} refuses. */
export function findUnbindable(
  state: ForestState,
  operations: Iterable<Operation>,
): { readonly path: Path; readonly rejection: Rejection } | null {
  let added: Map<string, number> | null = null;
  for (const operation of operations) {
    if (operation.kind !== 'put' || operation.leaseId === undefined) continue;
    const lease = findLease(state, operation.leaseId);
    if ('reason' in lease) return { path: operation.path, rejection: lease };
    added ??= new Map();
    const nodes = (added.get(lease.id) ?? lease.nodes.size) + 1;
    if (nodes > nodesPerLeaseMax) {
      const message = `lease ${lease.id} has ${nodesPerLeaseMax} nodes bound to it already; take another one`;
      const metadata = { limit: 'nodesPerLeaseMax', maximum: nodesPerLeaseMax };
      return { path: operation.path, rejection: reject('QUOTA_EXCEEDED', message, metadata) };
    }
    added.set(lease.id, nodes);
  }
  return null;
}

/** Brings the bindings up to what `operations`, which made `revision` on the trunk, have done. */
export function bindAll(state: ForestState, operations: readonly Operation[], revision: number): void {
  for (const operation of operations) {
    if (operation.kind === 'put' && operation.leaseId !== undefined) {
      const former = state.bindings.get(operation.path);
      if (former !== undefined && former !== operation.leaseId) forget(state, operation.path, former);
      const lease = state.leases.get(operation.leaseId);
      if (lease !== undefined) bindNode(lease, formatPath(operation.path), revision);
      state.bindings.set(operation.path, operation.leaseId);
    } else if (state.bindings.size > 0) {
      unbindBy(state, operation);
    }
  }
}

function unbindBy(state: ForestState, operation: Operation): void {
  const { path } = operation;
  const isSubtree =
    operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
  if (isSubtree) state.bindings.deleteWithin(path, (at, leaseId) => forget(state, at, leaseId));
  else if (operation.kind === 'put' || operation.kind === 'delete') unbind(state, path);
}

function unbind(state: ForestState, path: Path): void {
  const leaseId = state.bindings.delete(path);
  if (leaseId !== undefined) forget(state, path, leaseId);
}

function forget(state: ForestState, path: Path, leaseId: string): void {
  const lease = state.leases.get(leaseId);
  if (lease !== undefined) unbindNode(lease, formatPath(path));
}
