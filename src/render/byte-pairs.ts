/**
 * Byte pair encoding, counted: a run of bytes is merged pair by pair, the pair of the least rank first, the leftmost of equals, until no
 * pair has a rank. Exact for every length, in time that grows with n log n: the usual way, a scan for the least rank before each
 * merge, takes minutes for a megabyte of one letter.
 */

import { noRank } from './token-table.ts';
import type { TokenTable } from './token-table.ts';

/** Up to here a scan is faster than a heap. */
const scannedBytesMax = 48;
/** Merges between two yields: about a millisecond. */
const mergesPerStep = 1_024;

/** Tokens in a run of bytes, one character a byte. Yields now and then on the way. */
export function* mergeSteps(run: string, tokens: TokenTable): Generator<void, number> {
  if (run.length <= scannedBytesMax) return scanned(run, tokens);
  return yield* heaped(run, tokens);
}

function scanned(run: string, tokens: TokenTable): number {
  const starts = Array.from({ length: run.length + 1 }, (_, at) => at);
  const pairRank = (at: number): number => {
    const end = starts[at + 2];
    const rank = end === undefined ? noRank : tokens.rankOf(run, starts[at] as number, end);
    return rank === noRank ? Infinity : rank;
  };
  const pairs = starts.map((_, at) => pairRank(at));
  for (;;) {
    let least = Infinity;
    let place = -1;
    for (const [at, rank] of pairs.entries()) {
      if (rank >= least) continue;
      least = rank;
      place = at;
    }
    if (place < 0) return starts.length - 1;
    starts.splice(place + 1, 1);
    pairs.splice(place + 1, 1);
    pairs[place] = pairRank(place);
    if (place > 0) pairs[place - 1] = pairRank(place - 1);
  }
}

/** A run as a linked list of parts, and its pairs in a heap. Pairs that are gone stay in the heap until they come up. */
function* heaped(run: string, tokens: TokenTable): Generator<void, number> {
  const { length } = run;
  // By the start of a part: the start of the next and the previous one, and the rank of the pair that it begins.
  const next = new Int32Array(length + 1);
  const previous = new Int32Array(length + 1);
  const pairs = new Int32Array(length + 1).fill(noRank);
  const heap = new PairHeap(length);
  const rate = (start: number): void => {
    const middle = next[start] as number;
    const rank = middle < length ? tokens.rankOf(run, start, next[middle] as number) : noRank;
    pairs[start] = rank;
    if (rank !== noRank) heap.push(rank, start);
  };
  for (let at = 0; at <= length; at += 1) {
    next[at] = at + 1;
    previous[at] = at - 1;
  }
  for (let at = 0; at < length; at += 1) {
    rate(at);
    if (at % mergesPerStep === mergesPerStep - 1) yield;
  }
  let parts = length;
  for (let step = 1; heap.size > 0; step += 1) {
    if (step % mergesPerStep === 0) yield;
    const { rank, start } = heap.pop();
    if (pairs[start] !== rank) continue;
    const middle = next[start] as number;
    const end = next[middle] as number;
    next[start] = end;
    previous[end] = start;
    pairs[middle] = noRank;
    parts -= 1;
    rate(start);
    const before = previous[start] as number;
    if (before >= 0) rate(before);
  }
  return parts;
}

/** Starts of a run, as many as a number holds beside a rank. */
const startsMax = 2 ** 24;

/** The least rank first, of equal ones the leftmost: one number each, in a binary heap. */
class PairHeap {
  #keys: Float64Array<ArrayBuffer>;
  #size = 0;

  constructor(capacity: number) {
    this.#keys = new Float64Array(Math.max(16, capacity));
  }

  get size(): number {
    return this.#size;
  }

  push(rank: number, start: number): void {
    if (this.#size === this.#keys.length) {
      const keys = new Float64Array(this.#size * 2);
      keys.set(this.#keys);
      this.#keys = keys;
    }
    const key = rank * startsMax + start;
    let at = this.#size;
    this.#size += 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = this.#keys[parent] as number;
      if (above <= key) break;
      this.#keys[at] = above;
      at = parent;
    }
    this.#keys[at] = key;
  }

  /** There must be one. */
  pop(): { readonly rank: number; readonly start: number } {
    const keys = this.#keys;
    const top = keys[0] as number;
    this.#size -= 1;
    const last = keys[this.#size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && (keys[child + 1] as number) < (keys[child] as number)) child += 1;
      if ((keys[child] as number) >= last) break;
      keys[at] = keys[child] as number;
      at = child;
    }
    keys[at] = last;
    return { rank: Math.floor(top / startsMax), start: top % startsMax };
  }
}
