/** Making a tree out of its nodes in the order of paths, stamps included: how snapshots are read back. */
import { assert } from '../base/assert.ts';
import { childrenOfSorted } from './children.ts';
import { nodeOf } from './node.ts';
import type { Owner, Stamp, TrieNode } from './node.ts';
import { compareSegments, formatPath } from './path.ts';
import type { Path } from './path.ts';

/** A node whose children are still coming. */
interface OpenNode<E extends object> {
  readonly segment: string;
  readonly entry: E | null;
  readonly touched: Stamp;
  readonly grafted: Stamp;
  readonly keys: string[];
  readonly nodes: TrieNode<E>[];
}

/** Takes nodes as `walk` gives them, the root first, and makes the same tree in linear time. */
export class TrieBuilder<E extends object> {
  readonly #owner: Owner = { stamp: 0 };
  /** The root and the nodes down to the last one that came. */
  readonly #open: OpenNode<E>[] = [];

  /** Adds a node with its own stamps (`node.touched`, `node.grafted`). Its parent came before it, and nothing later did. */
  add(path: Path, entry: E | null, touched: Stamp, grafted: Stamp): void {
    assert(path.length > 0 || this.#open.length === 0, 'the root comes first, and once');
    while (this.#open.length > Math.max(1, path.length)) this.#close();
    const isBelow = this.#open.every((open, depth) => depth === 0 || open.segment === path[depth - 1]);
    assert(
      path.length === this.#open.length && isBelow,
      `the parent of ${formatPath(path)} did not come before it`,
    );
    const segment = path.at(-1) ?? '';
    const before = this.#open.at(-1)?.keys.at(-1);
    assert(
      before === undefined || compareSegments(before, segment) < 0,
      `${formatPath(path)} is out of order`,
    );
    this.#open.push({ segment, entry, touched, grafted, keys: [], nodes: [] });
  }

  /** The tree. The builder is used up. */
  finish(): TrieNode<E> {
    while (this.#open.length > 1) this.#close();
    const [root] = this.#open;
    assert(root !== undefined, 'no root came');
    return this.#nodeOf(root);
  }

  #close(): void {
    const done = this.#open.pop();
    const parent = this.#open.at(-1);
    assert(done !== undefined && parent !== undefined, 'the root stays open');
    assert(
      done.entry !== null || done.keys.length > 0,
      `a node "${done.segment}" without entry and children`,
    );
    parent.keys.push(done.segment);
    parent.nodes.push(this.#nodeOf(done));
  }

  #nodeOf(open: OpenNode<E>): TrieNode<E> {
    return nodeOf<E>(
      open.entry,
      childrenOfSorted(open.keys, open.nodes, this.#owner),
      open.touched,
      open.grafted,
    );
  }
}
