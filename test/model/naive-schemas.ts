/**
 * Schemas as a child would write them: below `/a`, and three deep below any `/b`, no value may have a 3 in it. It must not import
 * anything that decides behaviour from `src`.
 */
import type { NaiveOperation, NaiveTree } from './naive-forest.ts';

/** The paths that it is about, and what no value there may contain. */
export const typed = { paths: ['/a/{x}', '/{x}/b/{y}'], word: '3' };

/** Some operation has left a value that does not fit. */
export function violates(after: NaiveTree, operations: readonly NaiveOperation[]): boolean {
  return operations.some((operation) => {
    if (operation.kind === 'delete') return false;
    if (operation.kind !== 'copy') return isUnfit(after, operation.path);
    const below = `${operation.path}/`;
    return [...after.nodes.keys()].some(
      (path) => (path === operation.path || path.startsWith(below)) && isUnfit(after, path),
    );
  });
}

/** Every value that does not fit. */
export function unfitPaths(tree: NaiveTree): string[] {
  return [...tree.nodes.keys()].filter((path) => isUnfit(tree, path));
}

function isUnfit(tree: NaiveTree, path: string): boolean {
  const node = tree.nodes.get(path);
  const isBound = /^\/a\/[^/]+$/.test(path) || /^\/[^/]+\/b\/[^/]+$/.test(path);
  return node !== undefined && isBound && node.json.includes(typed.word);
}
