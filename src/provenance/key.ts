/**
 * What the index is sorted by: 64 bits made from what is looked for. A path is hashed from the top, so that all its ancestors fall out
 * on the way. Two things may get the same key: whoever looks something up compares it with the journal.
 */
import type { Path } from '../trie/path.ts';

/** What an entry of the index says. `at` is a revision on the trunk, the number of a diff in a ghost. */
export type EntryKind =
  /** The node was put or removed at `at`, whatever was there. */
  | 'assigned'
  /** It and all below it was removed, or became a copy. */
  | 'replaced'
  /** Something was added to it or merged into it. */
  | 'added'
  /** Somebody had read it, or that it was absent, in the view of `at`. */
  | 'read'
  /** The same, with all below it. */
  | 'read_subtree'
  /** Somebody had read something below it, in a view not later than `at`. */
  | 'read_below'
  /** Something happened to the ghost as a whole; `at` is the position. */
  | 'story'
  /** A ghost was begun in this one when `at` was its newest diff. */
  | 'child'
  /** A diff was staged in the ghost, or reached the trunk. */
  | 'diff'
  /** The revision was taken back. */
  | 'undone';

const salts: Readonly<Record<EntryKind, number>> = {
  assigned: 0x1f83d9ab,
  replaced: 0x5be0cd19,
  added: 0x3c6ef372,
  read: 0x510e527f,
  read_subtree: 0x6a09e667,
  read_below: 0x243f6a88,
  story: 0x13198a2e,
  child: 0x2e8a4137,
  diff: 0x452821e6,
  undone: 0x38d01377,
};

/** 64 bits as two unsigned words. */
export interface Key {
  readonly high: number;
  readonly low: number;
}

/** A hash under way. Two lanes of 32 bits, multiplied by different constants for each character. */
export class KeyMaker {
  /** The key that {@link make} made last. */
  high = 0;
  low = 0;
  #first = 0;
  #second = 0;

  /** Begins with a layer: a ghost's id, or the empty name of the trunk. */
  begin(layer: string): this {
    this.#first = 0x0eadbeef ^ layer.length;
    this.#second = 0x41c6ce57;
    this.#text(layer);
    return this;
  }

  /** Goes down to a child, or on to another word. */
  enter(segment: string): this {
    this.#first = Math.imul(this.#first ^ 0x2f, 0x9e3779b1);
    this.#second = Math.imul(this.#second ^ 0x2f, 0x5f356495);
    this.#text(segment);
    return this;
  }

  /** Sets `high` and `low` for what was entered so far, which can be gone on from. */
  make(kind: EntryKind): void {
    const salt = salts[kind];
    const [first, second] = [this.#first ^ salt, this.#second + salt];
    let high = Math.imul(first ^ (first >>> 16), 0x85ebca6b);
    high ^= Math.imul(second ^ (second >>> 13), 0xc2b2ae35);
    let low = Math.imul(second ^ (second >>> 16), 0x85ebca6b);
    low ^= Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
    this.high = (high ^ (high >>> 15)) >>> 0;
    this.low = (low ^ (low >>> 14)) >>> 0;
  }

  #text(text: string): void {
    let [first, second] = [this.#first, this.#second];
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      first = Math.imul(first ^ code, 0x9e3779b1);
      second = Math.imul(second ^ code, 0x5f356495);
    }
    // Of a product only the upper bits depend on all that went in; they must reach the lower ones of what comes next.
    this.#first = first ^ (first >>> 15);
    this.#second = second ^ (second >>> 13);
  }
}

const maker = new KeyMaker();

/** The key of a path in a layer. */
export function pathKey(kind: EntryKind, layer: string, path: Path): Key {
  maker.begin(layer);
  for (const segment of path) maker.enter(segment);
  maker.make(kind);
  return { high: maker.high, low: maker.low };
}

/** The keys of a path's ancestors, the root first, and of the path itself at last. */
export function keysDownTo(kind: EntryKind, layer: string, path: Path): Key[] {
  maker.begin(layer);
  maker.make(kind);
  const keys: Key[] = [{ high: maker.high, low: maker.low }];
  for (const segment of path) {
    maker.enter(segment).make(kind);
    keys.push({ high: maker.high, low: maker.low });
  }
  return keys;
}

/** The key of a ghost as a whole; or, for diffs, of the trunk. */
export function ghostKey(kind: 'story' | 'child' | 'diff', ghostId: string): Key {
  maker.begin(ghostId).make(kind);
  return { high: maker.high, low: maker.low };
}

/** The key of a revision. */
export function undoneKey(revision: number): Key {
  maker.begin(String(revision)).make('undone');
  return { high: maker.high, low: maker.low };
}
