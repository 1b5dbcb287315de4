/** Finding a node by its path. */
import { findChild } from './children.ts';
import { laterStamp } from './node.ts';
import type { Stamp, TrieNode } from './node.ts';
import type { Path } from './path.ts';

/** A node at its place in a tree. */
export interface Located<E extends object> {
  readonly node: TrieNode<E>;
  /**
   * The latest copy that put the node where it is: that of its own subtree or of one around it. The node's own stamps
   * are older, since a copy shares what it copies.
   */
  readonly grafted: Stamp;
}

/** The node at `path`, with or without an entry. */
export function find<E extends object>(root: TrieNode<E>, path: Path): TrieNode<E> | undefined {
  let node: TrieNode<E> | undefined = root;
  for (let depth = 0; depth < path.length; depth += 1) {
    if (node.children === null) return undefined;
    node = findChild(node.children, path[depth] as string);
    if (node === undefined) return undefined;
  }
  return node;
}

/** The node at `path`, and when it came there. */
export function locate<E extends object>(root: TrieNode<E>, path: Path): Located<E> | undefined {
  let node: TrieNode<E> | undefined = root;
  let grafted = root.grafted;
  for (let depth = 0; depth < path.length; depth += 1) {
    if (node.children === null) return undefined;
    node = findChild(node.children, path[depth] as string);
    if (node === undefined) return undefined;
    if (node.grafted !== 0) grafted = laterStamp(grafted, node.grafted);
  }
  return { node, grafted };
}

/** When anything at the node's path or below it changed last, copies included. */
export function effectiveTouched<E extends object>(located: Located<E>): Stamp {
  return laterStamp(located.node.touched, located.grafted);
}
