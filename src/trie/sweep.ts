/** Going over all nodes of a tree without asking where they are: for what looks at each of a million, one after the other. */
import { laterStamp } from './node.ts';
import type { Children, Stamp, TrieNode } from './node.ts';

/** Chunks that are still to be looked at, and what their nodes were put there by. */
interface Waiting<E extends object> {
  readonly chunk: Children<E>;
  readonly grafted: Stamp;
}

/**
 * Calls `visit` for each node, in no certain order, with the latest copy that put it there (0 where none did). Pauses (yields) behind each
 * chunk of siblings, which are some dozens at most. What is gone over must be published.
 */
export function* sweep<E extends object>(
  root: TrieNode<E>,
  visit: (node: TrieNode<E>, grafted: Stamp) => void,
): Generator<void, void, void> {
  visit(root, root.grafted);
  if (root.children === null) return;
  const waiting: Waiting<E>[] = [{ chunk: root.children, grafted: root.grafted }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { chunk, grafted: above } = next;
    for (const below of chunk.chunks ?? []) waiting.push({ chunk: below, grafted: above });
    for (const node of chunk.nodes) {
      const grafted = node.grafted === 0 ? above : laterStamp(above, node.grafted);
      visit(node, grafted);
      if (node.children !== null) waiting.push({ chunk: node.children, grafted });
    }
    yield;
  }
}
