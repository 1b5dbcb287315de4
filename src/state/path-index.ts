/**
 * A mutable index of some paths of a forest, by segment: for tables that ask what lies at, above or below a path and hold
 * far fewer paths than the trie does. Not part of any published state: edited in place.
 */
import type { Path } from '../trie/path.ts';

/** A place in the index; it is there as long as it, or something below it, has a value. */
export class IndexNode<T> {
  readonly parent: IndexNode<T> | null;
  readonly segment: string;
  children: Map<string, IndexNode<T>> | null = null;
  value: T | undefined = undefined;

  constructor(parent: IndexNode<T> | null, segment: string) {
    this.parent = parent;
    this.segment = segment;
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
      for (const [segment, child] of node.children ?? []) visit(child, [...at, segment]);
    };
    visit(top, path);
    top.value = undefined;
    top.children = null;
    prune(top);
  }

  #find(path: Path): IndexNode<T> | undefined {
    let node: IndexNode<T> | undefined = this.root;
    for (let depth = 0; depth < path.length && node !== undefined; depth += 1) {
      node = node.children?.get(path[depth] as string);
    }
    return node;
  }
}

/** The child of that segment, made where it is not there. */
export function childOf<T>(node: IndexNode<T>, segment: string): IndexNode<T> {
  const known = node.children?.get(segment);
  if (known !== undefined) return known;
  const child = new IndexNode<T>(node, segment);
  (node.children ??= new Map()).set(segment, child);
  return child;
}

/** Lets go of `node`, and of those above it, as far as they have neither a value nor children. */
export function prune<T>(node: IndexNode<T>): void {
  let at: IndexNode<T> = node;
  while (at.parent !== null && at.value === undefined && at.children === null) {
    const { parent, segment } = at;
    parent.children?.delete(segment);
    if (parent.children?.size === 0) parent.children = null;
    at = parent;
  }
}

/** The path of a place. */
export function pathOf<T>(node: IndexNode<T>): Path {
  const path: string[] = [];
  for (let at = node; at.parent !== null; at = at.parent) path.push(at.segment);
  return path.reverse();
}
