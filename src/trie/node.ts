/**
 * What the trie is made of. Nodes are immutable; chunks of children are edited only by the transaction that made them,
 * before it publishes them. Both stay small: most leaves are their own entries (`LeafEntry`), other nodes are 56 bytes; a
 * place in a chunk is 8, and 2 more than the name has characters.
 */
import type { Names } from './names.ts';

/**
 * When something happened. Trunk revisions are positive. Within a ghost stamps count down from -1 and are later than
 * every positive one, since a ghost begins after its base. 0 is "never".
 */
export type Stamp = number;

/** The later of two stamps. */
export function laterStamp(a: Stamp, b: Stamp): Stamp {
  if (a < 0) return b < a ? b : a;
  return b < 0 || b > a ? b : a;
}

/** The identity of a transaction: what carries it may be edited by it. Held by chunks, so it must lead to nothing. */
export interface Owner {
  /** Only so that a debugger shows something: owners are told apart by identity. */
  readonly stamp: Stamp;
}

/** A node of the trie: a path's entry and what is below it. */
export interface TrieNode<E extends object> {
  /** `null` where the path has no value of its own, only children. */
  readonly entry: E | null;
  /** `null` for leaves. */
  readonly children: Children<E> | null;
  /** Latest change at this node or below it: an entry set or removed, a subtree removed or put here. */
  readonly touched: Stamp;
  /** When a copy put this whole subtree here; 0 if none did. Nodes inside the copy keep their older stamps. */
  readonly grafted: Stamp;
  /** Entries at this node and below it. */
  readonly count: number;
  /** Levels below this node; 0 for leaves. */
  readonly height: number;
}

/**
 * An entry that stands in the trie in place of a node wherever the node would add nothing to it: at a leaf that was last
 * touched when its entry was made. That is nearly every leaf, and an object of 56 bytes less for each.
 */
export abstract class LeafEntry {
  /** When the entry was made. */
  abstract readonly touched: Stamp;

  get entry(): this {
    return this;
  }

  get children(): null {
    return null;
  }

  get grafted(): Stamp {
    return 0;
  }

  get count(): number {
    return 1;
  }

  get height(): number {
    return 0;
  }
}

/** The node that has these: the entry itself where that says it all. */
export function nodeOf<E extends object>(
  entry: E | null,
  children: Children<E> | null,
  touched: Stamp,
  grafted: Stamp,
): TrieNode<E> {
  if (children === null && grafted === 0 && entry instanceof LeafEntry && entry.touched === touched)
    return entry;
  return new FullNode<E>(entry, children, touched, grafted);
}

class FullNode<E extends object> implements TrieNode<E> {
  readonly entry: E | null;
  readonly children: Children<E> | null;
  readonly touched: Stamp;
  readonly grafted: Stamp;

  constructor(entry: E | null, children: Children<E> | null, touched: Stamp, grafted: Stamp) {
    this.entry = entry;
    this.children = children;
    this.touched = touched;
    this.grafted = grafted;
  }

  get count(): number {
    const own = this.entry === null ? 0 : 1;
    return this.children === null ? own : own + this.children.count;
  }

  get height(): number {
    return this.children === null ? 0 : this.children.height;
  }
}

/** Four words of 32 bits. */
export interface HashLanes {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/**
 * The children of a node: a B-tree, of which this is one chunk with all that is below it. Only `children.ts` edits it.
 * Arrays have no room to spare (growing ones in place would leave a third of them empty), and names are shared
 * between versions.
 */
export class Children<E extends object> {
  /** Who may edit this chunk. */
  readonly owner: Owner;
  /** Leaf chunk: the segments, ascending. Branch: a lower bound for each chunk. */
  names: Names;
  /** Leaf chunk: the node of each name. Empty in a branch. */
  nodes: TrieNode<E>[];
  /** Branch: the chunks below. `null` in a leaf chunk. */
  chunks: Children<E>[] | null;
  /** Children in it. */
  size: number;
  /** Entries in it and below it. */
  count: number;
  /** Levels from the parent node down to the deepest node. */
  height: number;
  /** Sum of the children's hashes, once it was asked for; see `hash.ts`. */
  hash: HashLanes | null;

  constructor(
    owner: Owner,
    names: Names,
    nodes: TrieNode<E>[],
    chunks: Children<E>[] | null,
    size: number,
    count: number,
    height: number,
  ) {
    this.owner = owner;
    this.names = names;
    this.nodes = nodes;
    this.chunks = chunks;
    this.size = size;
    this.count = count;
    this.height = height;
    this.hash = null;
  }
}

/** The root of a forest without any node. */
export function emptyRoot<E extends object>(): TrieNode<E> {
  return nodeOf<E>(null, null, 0, 0);
}
