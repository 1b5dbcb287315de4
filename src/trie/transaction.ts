/**
 * The only way to change a trie. Nodes on the way to a change are made anew; chunks of children are copied when they are
 * first touched and edited in place after that, until `commit` publishes them. What was published never changes.
 */
import { findChild, onlyChild, putChild, removeChild } from './children.ts';
import { locate } from './lookup.ts';
import type { Located } from './lookup.ts';
import { laterStamp, nodeOf } from './node.ts';
import type { Owner, Stamp, TrieNode } from './node.ts';
import type { Path } from './path.ts';

/** Makes an entry from the one before it, and the latest copy that put that one where it is (0 if none did). */
export type MakeEntry<E extends object> = (old: E | null, grafted: Stamp) => E;

/** Changes of one stamp on one root. */
export class Transaction<E extends object> {
  readonly #stamp: Stamp;
  #root: TrieNode<E>;
  #owner: Owner;

  /** `stamp` is later than every stamp in `root`. */
  constructor(root: TrieNode<E>, stamp: Stamp) {
    this.#root = root;
    this.#stamp = stamp;
    this.#owner = { stamp };
  }

  /** The node at `path` with the changes so far. Not to be kept beyond the next change, which may edit its children. */
  get(path: Path): Located<E> | undefined {
    return locate(this.#root, path);
  }

  /** Gives `path` an entry, in place of the one it has. */
  set(path: Path, entry: E): void {
    this.update(path, () => entry);
  }

  /**
   * Gives `path` the entry that `make` returns for the one it has (`null` where it has none), and for when it came there:
   * see `Located`. Goes down once: in a large tree it is misses of the processor's caches on the way that take the time.
   */
  update(path: Path, make: MakeEntry<E>): void {
    this.#root = this.#update(this.#root, path, 0, this.#root.grafted, make);
  }

  /** Takes away the entry at `path`; children stay. Without an entry there nothing changes. */
  remove(path: Path): void {
    this.#root = this.#remove(this.#root, path, 0, false) ?? this.#emptied();
  }

  /** Takes away `path` and everything below it. Where there is nothing, nothing changes. */
  removeSubtree(path: Path): void {
    if (path.length === 0 && this.#root.count === 0) return;
    this.#root = this.#remove(this.#root, path, 0, true) ?? this.#emptied();
  }

  /**
   * Puts the subtree `node`, of this tree or of any other, at `path`, in place of all that is there. It is shared and
   * not copied: the cost is that of one `set`. A subtree without entries is the same as {@link removeSubtree}.
   */
  graft(path: Path, node: TrieNode<E>): void {
    if (node.count === 0) {
      this.removeSubtree(path);
      return;
    }
    // From now on the subtree may be in two places: nobody may edit it any more.
    this.#owner = { stamp: this.#stamp };
    const top = nodeOf<E>(node.entry, node.children, this.#stamp, this.#stamp);
    this.#root = this.#graft(this.#root, path, 0, top);
  }

  /** Publishes the changes so far: nothing edits the returned tree any more. Later changes begin from it. */
  commit(): TrieNode<E> {
    this.#owner = { stamp: this.#stamp };
    return this.#root;
  }

  #emptied(): TrieNode<E> {
    return nodeOf<E>(null, null, this.#stamp, 0);
  }

  /** `grafted`: that of `node` in its place. */
  #update(
    node: TrieNode<E> | undefined,
    path: Path,
    depth: number,
    grafted: Stamp,
    make: MakeEntry<E>,
  ): TrieNode<E> {
    if (depth === path.length) {
      const entry = make(node?.entry ?? null, grafted);
      return nodeOf<E>(entry, node?.children ?? null, this.#stamp, node?.grafted ?? 0);
    }
    const child = childOf(node, path[depth] as string);
    // Before going down: what is below may be edited in place, and the old counts with it.
    const count = child?.count ?? 0;
    const below = child === undefined || child.grafted === 0 ? grafted : laterStamp(grafted, child.grafted);
    const changed = this.#update(child, path, depth + 1, below, make);
    return this.#withChild(node, path[depth] as string, changed, changed.count - count, false);
  }

  #graft(node: TrieNode<E> | undefined, path: Path, depth: number, top: TrieNode<E>): TrieNode<E> {
    if (depth === path.length) return top;
    const child = childOf(node, path[depth] as string);
    const count = child?.count ?? 0;
    const height = child?.height ?? 0;
    const changed = this.#graft(child, path, depth + 1, top);
    return this.#withChild(
      node,
      path[depth] as string,
      changed,
      changed.count - count,
      changed.height < height,
    );
  }

  /** `null` where nothing is left; `node` itself where nothing was to be removed. */
  #remove(node: TrieNode<E>, path: Path, depth: number, wholly: boolean): TrieNode<E> | null {
    if (depth === path.length) {
      if (wholly) return null;
      if (node.entry === null) return node;
      return node.children === null ? null : nodeOf<E>(null, node.children, this.#stamp, node.grafted);
    }
    const segment = path[depth] as string;
    const child = childOf(node, segment);
    if (child === undefined || node.children === null) return node;
    const { count, height } = child;
    const changed = this.#remove(child, path, depth + 1, wholly);
    if (changed === child) return node;
    if (changed !== null)
      return this.#withChild(node, segment, changed, changed.count - count, changed.height < height);
    const children = removeChild(node.children, segment, count, this.#owner);
    if (children === null && node.entry === null) return null;
    return nodeOf<E>(node.entry, children, this.#stamp, node.grafted);
  }

  #withChild(
    node: TrieNode<E> | undefined,
    segment: string,
    child: TrieNode<E>,
    countChange: number,
    isLower: boolean,
  ): TrieNode<E> {
    const owner = this.#owner;
    if (node === undefined) return nodeOf<E>(null, onlyChild(segment, child, owner), this.#stamp, 0);
    const children =
      node.children === null
        ? onlyChild(segment, child, owner)
        : putChild(node.children, segment, child, countChange, isLower, owner);
    return nodeOf<E>(node.entry, children, this.#stamp, node.grafted);
  }
}

function childOf<E extends object>(node: TrieNode<E> | undefined, segment: string): TrieNode<E> | undefined {
  return node === undefined || node.children === null ? undefined : findChild(node.children, segment);
}
