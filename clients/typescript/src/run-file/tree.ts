/** Which part of what happened is about a tree. */
import type { Operation } from '../api.ts';

/** Whether a path is the tree or below it. */
export function isIn(path: string, tree: string): boolean {
  return tree === '/' || path === tree || path.startsWith(`${tree}/`);
}

/** What an operation does to a tree: itself where it is inside, what it does from above, or nothing. */
export function within(each: Operation, tree: string): Operation | undefined {
  if (isIn(each.path, tree)) return each;
  if (!isIn(tree, each.path)) return undefined;
  if (each.kind === 'delete') return each.scope === 'subtree' ? { ...each, path: tree } : undefined;
  // The tree came with what was copied to a node above it.
  return each.kind === 'copy'
    ? {
        ...each,
        path: tree,
        source: `${each.source === '/' ? '' : each.source}${tree.slice(each.path === '/' ? 0 : each.path.length)}`,
      }
    : undefined;
}

/** A path of the tree under another root. */
export function moved(path: string, tree: string, target: string): string {
  if (tree === target || !isIn(path, tree)) return path;
  const rest = tree === '/' ? path : path.slice(tree.length);
  return target === '/' ? rest || '/' : `${target}${rest === '/' ? '' : rest}`;
}
