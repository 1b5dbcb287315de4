/**
 * The index: who wrote what, and who had read it, by keys of paths. Derived from the journal, and no part of the state.
 *
 * What comes last lies in a short list without order (the tail), which every search looks through; a full one is sorted and becomes a
 * run, and eight runs of a size are merged into one of the next. So an entry is moved a few times in its life, and a search
 * looks into a few dozen runs at most, by halving. Merging goes on beside everything else, a few milliseconds at a time.
 */
import type { Clock } from '../base/clock.ts';
import { Entries, inOrder } from './entries.ts';
import type { Cursor, Hit } from './entries.ts';
import type { EntrySink } from './feeder.ts';
import type { Key } from './key.ts';
import { resultInSlices } from './slices.ts';
import { merged, sorted, sortedMax } from './sorting.ts';

/** Runs of one size that become one of the next. */
const fanIn = 8;

export class IndexRuns implements EntrySink {
  readonly #clock: Clock;
  #tail = new Entries(64);
  /** Sorted runs by size, the smallest first. */
  readonly #levels: Entries[][] = [];
  #merging: Promise<void> | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Entries in it. */
  get size(): number {
    let size = this.#tail.length;
    for (const level of this.#levels) for (const run of level) size += run.length;
    return size;
  }

  add(high: number, low: number, at: number, position: number): void {
    if (this.#tail.isFull) this.#makeRoom();
    this.#tail.push(high, low, at, position);
  }

  /** Hits under a key behind `after` and up to `until` (inclusive), in order, at most `limit`. */
  find(key: Key, after: Cursor, until: number, limit: number): Hit[] {
    const found = this.#tail.scan(key, after, until);
    for (const level of this.#levels)
      for (const run of level) found.push(...run.find(key, after, until, limit));
    return found.sort(inOrder).slice(0, limit);
  }

  /** The last hit under a key before a place. */
  findLast(key: Key, before: Cursor): Hit | null {
    let last: Hit | null = null;
    const consider = (hit: Hit | null): void => {
      if (hit !== null && (last === null || inOrder(last, hit) < 0)) last = hit;
    };
    const isBefore = (hit: Hit): boolean => inOrder(hit, before) < 0;
    consider(this.#tail.scan(key, { at: -1, position: -1 }, before.at).findLast(isBefore) ?? null);
    for (const level of this.#levels) for (const run of level) consider(run.findLast(key, before));
    return last;
  }

  /** Resolves when no runs are waiting to be merged. */
  async settled(): Promise<void> {
    while (this.#merging !== null) await this.#merging;
  }

  /** A new forest's tail is small: there may be a thousand of them. */
  #makeRoom(): void {
    const { length } = this.#tail;
    if (length < sortedMax) {
      const larger = new Entries(Math.min(sortedMax, length * 4));
      for (let index = 0; index < length; index += 1) larger.take(this.#tail, index);
      this.#tail = larger;
      return;
    }
    this.#level(0).push(sorted(this.#tail));
    this.#tail.length = 0;
    if (this.#level(0).length >= fanIn) this.#merging ??= this.#merge();
  }

  async #merge(): Promise<void> {
    for (let index = 0; index < this.#levels.length; index += 1) {
      while (this.#level(index).length >= fanIn) {
        const parts = this.#level(index).slice(0, fanIn);
        const run = await resultInSlices(merged(parts), this.#clock);
        this.#level(index).splice(0, fanIn);
        this.#level(index + 1).push(run);
      }
    }
    this.#merging = null;
  }

  #level(index: number): Entries[] {
    return (this.#levels[index] ??= []);
  }
}
