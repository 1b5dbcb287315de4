/**
 * A mutable index of some paths of a forest, by segment: for tables that ask what lies at, above or below a path and hold
 * far fewer paths than the trie does. Not part of any published state: edited in place.
 */
import type { Path } from '../../trie/path.ts';

/** A place in the index; it is there as long as it, or something below it, has a value. */
export class IndexNode<T> {
  readonly parent: IndexNode<T> | null;
  readonly segment: string;
  /** By segment. Most have one child, for which a map would be a waste. */
  #children: IndexNode<T> | Map<string, IndexNode<T>> | null = null;
  value: T | undefined = undefined;

  constructor(parent: IndexNode<T> | null, segment: string) {
    this.parent = parent;
    this.segment = segment;
  }

  get isLeaf(): boolean {
    return this.#children === null;
  }

  child(segment: string): IndexNode<T> | undefined {
    if (this.#children instanceof Map) return this.#children.get(segment);
    return this.#children?.segment === segment ? this.#children : undefined;
  }

  /** In no particular order. */
  children(): Iterable<IndexNode<T>> {
    if (this.#children === null) return [];
    return this.#children instanceof Map ? this.#children.values() : [this.#children];
  }

  /** Adds a child of a segment that none has so far. */
  add(child: IndexNode<T>): void {
    if (this.#children === null) {
      this.#children = child;
      return;
    }
    if (!(this.#children instanceof Map))
      this.#children = new Map([[this.#children.segment, this.#children]]);
    this.#children.set(child.segment, child);
  }

  remove(child: IndexNode<T>): void {
    if (this.#children instanceof Map) {
      this.#children.delete(child.segment);
      if (this.#children.size === 0) this.#children = null;
    } else if (this.#children === child) this.#children = null;
  }

  removeAll(): void {
    this.#children = null;
  }
}

export class PathIndex<T> {
  readonly root = new IndexNode<T>(null, '');
  #size = 0;

  /** Paths that have a value. */
  get size(): number {
    return this.#size;
  }

  get(path: Path): T | undefined {
    return this.#find(path)?.value;
  }

  set(path: Path, value: T): void {
    let node = this.root;
    for (const segment of path) node = childOf(node, segment);
    if (node.value === undefined) this.#size += 1;
    node.value = value;
  }

  /** Returns what was there. */
  delete(path: Path): T | undefined {
    const node = this.#find(path);
    const value = node?.value;
    if (node === undefined || value === undefined) return undefined;
    node.value = undefined;
    this.#size -= 1;
    prune(node);
    return value;
  }

  /** Takes away everything at `path` and below, told to `removed` in no particular order. */
  deleteWithin(path: Path, removed: (path: Path, value: T) => void): void {
    const top = this.#find(path);
    if (top === undefined) return;
    const visit = (node: IndexNode<T>, at: Path): void => {
      if (node.value !== undefined) {
        this.#size -= 1;
        removed(at, node.value);
      }
      for (const child of node.children()) visit(child, [...at, child.segment]);
    };
    visit(top, path);
    top.value = undefined;
    top.removeAll();
    prune(top);
  }

  #find(path: Path): IndexNode<T> | undefined {
    let node: IndexNode<T> | undefined = this.root;
    for (let depth = 0; depth < path.length && node !== undefined; depth += 1) {
      node = node.child(path[depth] as string);
    }
    return node;
  }
}

/** The child of that segment, made where it is not there. */
export function childOf<T>(node: IndexNode<T>, segment: string): IndexNode<T> {
  const known = node.child(segment);
  if (known !== undefined) return known;
  const child = new IndexNode<T>(node, segment);
  node.add(child);
  return child;
}

/** Lets go of `node`, and of those above it, as far as they have neither a value nor children. */
export function prune<T>(node: IndexNode<T>): void {
  let at: IndexNode<T> = node;
  while (at.parent !== null && at.value === undefined && at.isLeaf) {
    at.parent.remove(at);
    at = at.parent;
  }
}

/** The path of a place. */
export function pathOf<T>(node: IndexNode<T>): Path {
  const path: string[] = [];
  for (let at = node; at.parent !== null; at = at.parent) path.push(at.segment);
  return path.reverse();
}
