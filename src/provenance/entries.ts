/** Entries of the index, in columns: 24 bytes each, and no object. */
import type { Key } from './key.ts';

/** What was found under a key: where in its layer, and the journal's position of the entry that says so. */
export interface Hit {
  readonly at: number;
  readonly position: number;
}

/** A place in the order of hits: what is behind it is asked for. */
export interface Cursor {
  readonly at: number;
  readonly position: number;
}

/** Takes entries of the index. */
export interface EntrySink {
  add(high: number, low: number, at: number, position: number): void;
}

/** Before everything at `at` and later. */
export function from(at: number): Cursor {
  return { at, position: -1 };
}

/** Memory that an entry takes. */
export const entryBytes = 24;

/** Where entries lie: see {@link Entries}. */
export type Columns = readonly [Uint32Array, Uint32Array, Float64Array, Float64Array];

/** In fewer entries than these, halving finds a place as soon as a guess does. */
const guessedMin = 256;

export class Entries {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly at: Float64Array;
  readonly position: Float64Array;
  length = 0;

  constructor(capacity: number, columns?: Columns) {
    const [high, low, at, position] = columns ?? [
      new Uint32Array(capacity),
      new Uint32Array(capacity),
      new Float64Array(capacity),
      new Float64Array(capacity),
    ];
    this.high = high;
    this.low = low;
    this.at = at;
    this.position = position;
  }

  get isFull(): boolean {
    return this.length === this.high.length;
  }

  push(high: number, low: number, at: number, position: number): void {
    const { length } = this;
    this.high[length] = high;
    this.low[length] = low;
    this.at[length] = at;
    this.position[length] = position;
    this.length = length + 1;
  }

  /** Adds an entry of others. */
  take(other: Entries, index: number): void {
    this.push(
      other.high[index] as number,
      other.low[index] as number,
      other.at[index] as number,
      other.position[index] as number,
    );
  }

  /** Whether the entry `index` comes before, at or behind a key and a place: negative, zero, positive. */
  compare(index: number, { high, low }: Key, { at, position }: Cursor): number {
    return (
      (this.high[index] as number) - high ||
      (this.low[index] as number) - low ||
      (this.at[index] as number) - at ||
      (this.position[index] as number) - position
    );
  }

  /** The same between two entries. */
  compareWith(index: number, other: Entries, otherIndex: number): number {
    return (
      (this.high[index] as number) - (other.high[otherIndex] as number) ||
      (this.low[index] as number) - (other.low[otherIndex] as number) ||
      (this.at[index] as number) - (other.at[otherIndex] as number) ||
      (this.position[index] as number) - (other.position[otherIndex] as number)
    );
  }

  /** Some of the entries, in the same memory. */
  part(start: number, end: number): Entries {
    const part = new Entries(0, [
      this.high.subarray(start, end),
      this.low.subarray(start, end),
      this.at.subarray(start, end),
      this.position.subarray(start, end),
    ]);
    part.length = end - start;
    return part;
  }

  /** Adds some entries of others. */
  takeAll(other: Entries, start: number, end: number): void {
    const { length } = this;
    this.high.set(other.high.subarray(start, end), length);
    this.low.set(other.low.subarray(start, end), length);
    this.at.set(other.at.subarray(start, end), length);
    this.position.set(other.position.subarray(start, end), length);
    this.length = length + end - start;
  }

  /** The first entry behind a place under a key, in sorted entries. */
  lowerBound(key: Key, after: Cursor): number {
    let [low, high] = this.#around(key.high);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(middle, key, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Between which entries the first with a word, and the first with a later one, lie. Words are random, so where they are can be guessed. */
  #around(word: number): [number, number] {
    const { high, length } = this;
    if (length <= guessedMin) return [0, length];
    const guess = Math.min(length - 1, Math.floor((word / 2 ** 32) * length));
    let step = 32;
    let [first, last] = [guess, guess];
    while (first > 0 && (high[first] as number) >= word) {
      first = Math.max(0, first - step);
      step *= 2;
    }
    step = 32;
    while (last < length && (high[last] as number) <= word) {
      last = Math.min(length, last + step);
      step *= 2;
    }
    return [first, last];
  }

  /** Hits under a key behind `after` and up to `until` (inclusive), in order, at most `limit`. Entries must be sorted. */
  find(key: Key, after: Cursor, until: number, limit: number): Hit[] {
    return findIn([this], key, after, until, limit);
  }

  /** Whether an entry is under a key, and not behind a place. */
  isHit(index: number, { high, low }: Key, until: number): boolean {
    const isThere = index < this.length && this.high[index] === high && this.low[index] === low;
    return isThere && (this.at[index] as number) <= until;
  }

  /** The last hit under a key before a place. Entries must be sorted. */
  findLast(key: Key, before: Cursor): Hit | null {
    let index = this.lowerBound(key, before) - 1;
    // An entry that was added again after a start lies there twice.
    while (index >= 0 && this.compare(index, key, before) === 0) index -= 1;
    if (index < 0 || this.high[index] !== key.high || this.low[index] !== key.low) return null;
    return { at: this.at[index] as number, position: this.position[index] as number };
  }

  /** What {@link find} finds, where entries are not sorted: all are looked at. */
  scan(key: Key, after: Cursor, until: number): Hit[] {
    const found: Hit[] = [];
    for (let index = 0; index < this.length; index += 1) {
      if (this.low[index] !== key.low || this.high[index] !== key.high) continue;
      const [at, position] = [this.at[index] as number, this.position[index] as number];
      if (at > until || at < after.at || (at === after.at && position <= after.position)) continue;
      found.push({ at, position });
    }
    return found.sort(inOrder);
  }
}

/** What {@link Entries.find} finds, in several runs of sorted entries: each is gone through as far as the limit takes. */
export function findIn(
  runs: readonly Entries[],
  key: Key,
  after: Cursor,
  until: number,
  limit: number,
): Hit[] {
  const open: { readonly run: Entries; index: number }[] = [];
  for (const run of runs) {
    const index = run.lowerBound(key, after);
    if (run.isHit(index, key, until)) open.push({ run, index });
  }
  const found: Hit[] = [];
  while (open.length > 0 && found.length < limit) {
    let least = 0;
    for (let other = 1; other < open.length; other += 1) {
      const [one, two] = [open[other] as (typeof open)[number], open[least] as (typeof open)[number]];
      if (one.run.compareWith(one.index, two.run, two.index) < 0) least = other;
    }
    const next = open[least] as (typeof open)[number];
    const { run, index } = next;
    found.push({ at: run.at[index] as number, position: run.position[index] as number });
    next.index = index + 1;
    if (!run.isHit(next.index, key, until)) open.splice(least, 1);
  }
  return found;
}

/** By place, and by position where that is the same. */
export function inOrder(one: Hit, other: Hit): number {
  return one.at - other.at || one.position - other.position;
}
