/** For tests: what an operation costs, told by the keys that it looks at. */
import type { TrieNode } from './node.ts';

/** Makes every chunk of a tree call `onRead` when one of its keys is read. The tree is spoilt for anything else. */
export function countKeyReads<E extends object>(root: TrieNode<E>, onRead: () => void): void {
  const pending = root.children === null ? [] : [root.children];
  for (const chunk of pending) {
    for (const node of chunk.nodes) if (node.children !== null) pending.push(node.children);
    pending.push(...(chunk.chunks ?? []));
    chunk.keys = new Proxy(chunk.keys, {
      get(keys, name, receiver): unknown {
        if (typeof name === 'string' && /^\d+$/.test(name)) onRead();
        return Reflect.get(keys, name, receiver);
      },
    });
  }
}
