/** Sorting entries, and merging those that are sorted. */
import { Entries } from './entries.ts';

/** Bits of a number that hold an entry's place; the other 40 hold the beginning of its key. */
const placeBits = 12;
const places = 2 ** placeBits;

/** The most entries that {@link sorted} takes. */
export const sortedMax = places;

/**
 * The same entries in order. Keys are random, so their first 40 bits nearly settle it, and numbers are sorted by the engine
 * itself, which takes a tenth of what a comparison in JavaScript does; what is left is put in order by insertion.
 */
export function sorted(entries: Entries): Entries {
  const { length } = entries;
  const order = new Float64Array(length);
  for (let index = 0; index < length; index += 1) {
    const head = (entries.high[index] as number) * 256 + ((entries.low[index] as number) >>> 24);
    order[index] = head * places + index;
  }
  order.sort();
  const result = new Entries(length);
  for (let rank = 0; rank < length; rank += 1) {
    const index = (order[rank] as number) % places;
    let gap = rank;
    while (gap > 0 && result.compareWith(gap - 1, entries, index) > 0) {
      move(result, gap - 1, gap);
      gap -= 1;
    }
    result.length = gap;
    result.take(entries, index);
    result.length = rank + 1;
  }
  return result;
}

function move(entries: Entries, source: number, target: number): void {
  entries.high[target] = entries.high[source] as number;
  entries.low[target] = entries.low[source] as number;
  entries.at[target] = entries.at[source] as number;
  entries.position[target] = entries.position[source] as number;
}

/** Entries between two looks at the time. */
const stepEntries = 4_096;

/** Merges sorted entries into one, with a pause after every few thousand. */
export function* merged(parts: readonly Entries[]): Generator<void, Entries> {
  let parted = parts;
  while (parted.length > 1) {
    const next: Entries[] = [];
    for (let index = 0; index < parted.length; index += 2) {
      const [one, other] = [parted[index], parted[index + 1]];
      if (one !== undefined) next.push(other === undefined ? one : yield* mergedPair(one, other));
    }
    parted = next;
  }
  return parted[0] ?? new Entries(0);
}

function* mergedPair(one: Entries, other: Entries): Generator<void, Entries> {
  const result = new Entries(one.length + other.length);
  let [left, right] = [0, 0];
  while (left < one.length || right < other.length) {
    const isLeft = right >= other.length || (left < one.length && one.compareWith(left, other, right) <= 0);
    if (isLeft) result.take(one, left++);
    else result.take(other, right++);
    if (result.length % stepEntries === 0) yield;
  }
  return result;
}
