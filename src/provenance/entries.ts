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

export class Entries {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly at: Float64Array;
  readonly position: Float64Array;
  length = 0;

  constructor(capacity: number) {
    this.high = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.at = new Float64Array(capacity);
    this.position = new Float64Array(capacity);
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

  /** The same entries with no room to spare. */
  trimmed(): Entries {
    const trimmed = new Entries(this.length);
    trimmed.high.set(this.high.subarray(0, this.length));
    trimmed.low.set(this.low.subarray(0, this.length));
    trimmed.at.set(this.at.subarray(0, this.length));
    trimmed.position.set(this.position.subarray(0, this.length));
    trimmed.length = this.length;
    return trimmed;
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

  /** The first entry behind a place under a key, in sorted entries. */
  lowerBound(key: Key, after: Cursor): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(middle, key, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Hits under a key behind `after` and up to `until` (inclusive), in order, at most `limit`. Entries must be sorted. */
  find(key: Key, after: Cursor, until: number, limit: number): Hit[] {
    const found: Hit[] = [];
    for (let index = this.lowerBound(key, after); index < this.length && found.length < limit; index += 1) {
      const at = this.at[index] as number;
      if (this.high[index] !== key.high || this.low[index] !== key.low || at > until) break;
      found.push({ at, position: this.position[index] as number });
    }
    return found;
  }

  /** The last hit under a key before a place. Entries must be sorted. */
  findLast(key: Key, before: Cursor): Hit | null {
    let index = this.lowerBound(key, before) - 1;
    if (index >= 0 && this.compare(index, key, before) === 0) index -= 1;
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

/** By place, and by position where that is the same. */
export function inOrder(one: Hit, other: Hit): number {
  return one.at - other.at || one.position - other.position;
}
