/**
 * Nodes of the trunk that are bound to leases. A put with a lease binds its node, a put without one unbinds it, and so does
 * whatever deletes or replaces it; other changes leave it bound. A copy of a bound node is not bound.
 */
import { nodesPerLeaseMax } from '../../base/limits.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import type { Binding, Operation } from '../command.ts';
import type { ForestState } from '../forest.ts';
import { bindNode, findLease, unbindNode } from './lease-table.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';

/** Refuses operations that bind to a lease that is not live, or to one that has no room for them. */
export function checkBindings(
  state: ForestState,
  operations: Iterable<Operation>,
  how: Binding,
): Rejection | null {
  return findUnbindable(state, operations, how)?.rejection ?? null;
}

/** The first operation that {@link checkBindings} refuses. */
export function findUnbindable(
  state: ForestState,
  operations: Iterable<Operation>,
  { bindingsByPath }: Binding,
): { readonly path: Path; readonly rejection: Rejection } | null {
  const added = new Map<string, Set<unknown>>();
  for (const operation of operations) {
    if (operation.kind !== 'put' || operation.leaseId === undefined) continue;
    const lease = findLease(state, operation.leaseId);
    if ('reason' in lease) return { path: operation.path, rejection: lease };
    const own = added.get(lease.id) ?? new Set();
    added.set(lease.id, own);
    const path = formatPath(operation.path);
    // In old records every put takes room.
    if (bindingsByPath !== true) own.add(operation);
    else if (!lease.nodes.has(path)) own.add(path);
    if (lease.nodes.size + own.size <= nodesPerLeaseMax) continue;
    return { path: operation.path, rejection: full(lease.id, path, bindingsByPath === true) };
  }
  return null;
}

function full(leaseId: string, path: string, isByPath: boolean): Rejection {
  // A refusal is remembered word by word, so those of old records keep theirs.
  const message = isByPath
    ? `lease ${leaseId} has no room for ${path}: it can have ${nodesPerLeaseMax} nodes; take another one`
    : `lease ${leaseId} has ${nodesPerLeaseMax} nodes bound to it already; take another one`;
  return reject('QUOTA_EXCEEDED', message, { limit: 'nodesPerLeaseMax', maximum: nodesPerLeaseMax });
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
