/** Going through the children of a node in order. */
import { chunkFor, lowerBound } from './children.ts';
import { nameAt, nameCount } from './names.ts';
import type { Children, TrieNode } from './node.ts';

/** Stands before, at, or behind a child. Children must not be edited meanwhile, so it goes over published ones only. */
export class ChildCursor<E extends object> {
  /** From the top to a leaf chunk. */
  readonly #chunks: Children<E>[] = [];
  readonly #places: number[] = [];

  /** Stands at the first child, or at the first one not before `from`. */
  constructor(children: Children<E> | null, from?: string) {
    for (let chunk = children; chunk !== null;) {
      const isLeaf = chunk.chunks === null;
      const place =
        from === undefined ? 0 : isLeaf ? lowerBound(chunk.names, from) : chunkFor(chunk.names, from);
      this.#chunks.push(chunk);
      this.#places.push(place);
      chunk = chunk.chunks === null ? null : (chunk.chunks[place] as Children<E>);
    }
    this.#carry();
  }

  /** Segment of the child where it stands; `undefined` behind the last one. */
  get segment(): string | undefined {
    const leaf = this.#chunks.at(-1);
    return leaf === undefined ? undefined : nameAt(leaf.names, this.#places.at(-1) as number);
  }

  /** The child where it stands; `undefined` behind the last one. */
  get node(): TrieNode<E> | undefined {
    const leaf = this.#chunks.at(-1);
    return leaf?.nodes[this.#places[this.#places.length - 1] as number];
  }

  /** Goes on to the next child. */
  advance(): void {
    this.#step(this.#places.length - 1);
  }

  /**
   * Where both stand at the beginning of a chunk that they share, however large, goes behind it with both and returns
   * true. So a comparison costs what differs, not what is there.
   */
  skipShared(other: ChildCursor<E>): boolean {
    const [length, otherLength] = [this.#chunks.length, other.#chunks.length];
    let shared = 0;
    for (let up = 1; up <= Math.min(length, otherLength); up += 1) {
      if (this.#places[length - up] !== 0 || other.#places[otherLength - up] !== 0) break;
      if (this.#chunks[length - up] !== other.#chunks[otherLength - up]) break;
      shared = up;
    }
    if (shared === 0) return false;
    this.#leave(length - shared);
    other.#leave(otherLength - shared);
    return true;
  }

  /** Goes behind the whole chunk at `depth`. */
  #leave(depth: number): void {
    if (depth === 0) {
      this.#chunks.length = 0;
      this.#places.length = 0;
    } else {
      this.#step(depth - 1);
    }
  }

  #step(depth: number): void {
    if (depth < 0) return;
    this.#places[depth] = (this.#places[depth] as number) + 1;
    this.#chunks.length = depth + 1;
    this.#places.length = depth + 1;
    this.#carry();
  }

  /** From behind the end of a chunk goes up and on, and then down to the leaf chunk. */
  #carry(): void {
    let depth = this.#chunks.length - 1;
    while (
      depth >= 0 &&
      (this.#places[depth] as number) >= nameCount((this.#chunks[depth] as Children<E>).names)
    ) {
      this.#chunks.pop();
      this.#places.pop();
      depth -= 1;
      if (depth >= 0) this.#places[depth] = (this.#places[depth] as number) + 1;
    }
    for (let chunk = this.#chunks.at(-1); chunk !== undefined && chunk.chunks !== null;) {
      chunk = chunk.chunks[this.#places.at(-1) as number] as Children<E>;
      this.#chunks.push(chunk);
      this.#places.push(0);
    }
  }
}
