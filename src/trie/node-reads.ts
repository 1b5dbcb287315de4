/** For tests: what an operation costs, told by the nodes and chunks that it looks at. */
import type { TrieNode } from './node.ts';

/** Makes every chunk of a tree call `onRead` when one of its nodes or chunks is read. The tree is spoilt for anything else. */
export function countNodeReads<E extends object>(root: TrieNode<E>, onRead: () => void): void {
  const pending = root.children === null ? [] : [root.children];
  for (const chunk of pending) {
    for (const node of chunk.nodes) if (node.children !== null) pending.push(node.children);
    pending.push(...(chunk.chunks ?? []));
    chunk.nodes = counted(chunk.nodes, onRead);
    if (chunk.chunks !== null) chunk.chunks = counted(chunk.chunks, onRead);
  }
}

function counted<A extends object>(items: A, onRead: () => void): A {
  return new Proxy(items, {
    get(target, name, receiver): unknown {
      if (typeof name === 'string' && /^\d+$/.test(name)) onRead();
      return Reflect.get(target, name, receiver);
    },
  });
}
