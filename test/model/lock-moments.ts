/** What operations ask of locks, as the naive table takes it. */
import type { Operation } from '../../src/state/command.ts';
import { formatPath, parsePath } from '../../src/trie/path.ts';
import type { NaiveMode } from './naive-locks.ts';

/** The right that each operation takes for a moment. */
export function momentsOf(operations: readonly Operation[]): { path: string; mode: NaiveMode }[] {
  return operations.map((operation) => ({ path: formatPath(operation.path), mode: momentOf(operation) }));
}

export function momentOf(operation: Operation): 'ix' | 'x' {
  const takesSubtree =
    operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
  return takesSubtree ? 'x' : 'ix';
}

export function pathOf(text: string): readonly string[] {
  const path = parsePath(text);
  if ('problem' in path) throw new Error(path.problem);
  return path;
}

/** What operations on the trunk do to the nodes that are bound to leases: path → lease. */
export function bindAll(bound: Map<string, string>, operations: readonly Operation[]): void {
  for (const operation of operations) {
    const path = formatPath(operation.path);
    const takesSubtree = momentOf(operation) === 'x';
    if (takesSubtree) {
      for (const at of [...bound.keys()]) {
        if (at === path || at.startsWith(path === '/' ? '/' : `${path}/`)) bound.delete(at);
      }
    } else if (operation.kind === 'put' || operation.kind === 'delete') {
      bound.delete(path);
      if (operation.kind === 'put' && operation.leaseId !== undefined) bound.set(path, operation.leaseId);
    }
  }
}
