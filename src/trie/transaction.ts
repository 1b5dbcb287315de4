/**
 * The only way to change a trie. Nodes on the way to a change are made anew; chunks of children are copied when they are
 * first touched and edited in place after that, until `commit` publishes them. What was published never changes.
 */
import { assert } from '../base/assert.ts';
import { changeChild, findChild, removeChild } from './children.ts';
import type { Change } from './children.ts';
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
    this.#change(path, path.length, (node, grafted) => {
      const entry = make(node?.entry ?? null, grafted);
      return nodeOf<E>(entry, node?.children ?? null, this.#stamp, node?.grafted ?? 0);
    });
  }

  /** Takes away the entry at `path`; children stay. Without an entry there nothing changes. */
  remove(path: Path): void {
    const found = this.#cutOff(path);
    if (found === undefined || found.node.entry === null) return;
    const { children, grafted } = found.node;
    if (children === null) this.#cut(path, found.depth);
    else this.#change(path, path.length, () => nodeOf<E>(null, children, this.#stamp, grafted));
  }

  /** Takes away `path` and everything below it. Where there is nothing, nothing changes. */
  removeSubtree(path: Path): void {
    const found = this.#cutOff(path);
    if (found !== undefined && found.node.count > 0) this.#cut(path, found.depth);
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
    this.#change(path, path.length, () => top);
  }

  /** Publishes the changes so far: nothing edits the returned tree any more. Later changes begin from it. */
  commit(): TrieNode<E> {
    this.#owner = { stamp: this.#stamp };
    return this.#root;
  }

  /** Puts what `make` returns in place of the node at the first `depth` segments of `path`. */
  #change(path: Path, depth: number, make: MakeNode<E>): void {
    this.#root = new PathChange<E>(path, depth, make, this.#stamp, this.#owner).of(this.#root);
  }

  /**
   * The node at `path`, and how deep the last node above it lies that stays without it: one with an entry or another child. -1
   * where nothing stays.
   */
  #cutOff(path: Path): { readonly node: TrieNode<E>; readonly depth: number } | undefined {
    let node = this.#root;
    let depth = -1;
    for (const [at, segment] of path.entries()) {
      if (node.children === null) return undefined;
      if (node.entry !== null || node.children.size > 1) depth = at;
      const child = findChild(node.children, segment);
      if (child === undefined) return undefined;
      node = child;
    }
    return { node, depth };
  }

  /** Takes away what lies on `path` below the first `depth` segments, or everything. */
  #cut(path: Path, depth: number): void {
    if (depth < 0) {
      this.#root = nodeOf<E>(null, null, this.#stamp, 0);
      return;
    }
    this.#change(path, depth, (node) => {
      assert(node?.children != null, 'what is cut off is there');
      const children = removeChild(node.children, path[depth] as string, this.#owner);
      return nodeOf<E>(node.entry, children, this.#stamp, node.grafted);
    });
  }
}

/** Makes a node from the one in its place, and the latest copy that put that one there. */
type MakeNode<E extends object> = (old: TrieNode<E> | undefined, grafted: Stamp) => TrieNode<E>;

/** A change on its way down a path. */
class PathChange<E extends object> implements Change<E> {
  readonly #path: Path;
  readonly #end: number;
  readonly #make: MakeNode<E>;
  readonly #stamp: Stamp;
  readonly #owner: Owner;
  #depth = 0;
  #grafted = 0;

  /** For the node at the first `end` segments of `path`. */
  constructor(path: Path, end: number, make: MakeNode<E>, stamp: Stamp, owner: Owner) {
    this.#path = path;
    this.#end = end;
    this.#make = make;
    this.#stamp = stamp;
    this.#owner = owner;
  }

  /** To be called with the root, and from then on with one child after the other. */
  of(old: TrieNode<E> | undefined): TrieNode<E> {
    if (old !== undefined && old.grafted !== 0) this.#grafted = laterStamp(this.#grafted, old.grafted);
    if (this.#depth === this.#end) return this.#make(old, this.#grafted);
    const segment = this.#path[this.#depth] as string;
    this.#depth += 1;
    const children = changeChild<E>(old?.children ?? null, segment, this, this.#owner);
    return nodeOf<E>(old?.entry ?? null, children, this.#stamp, old?.grafted ?? 0);
  }
}
