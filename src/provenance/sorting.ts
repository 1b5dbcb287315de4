/**
 * Sorting entries, and merging those that are sorted. Keys are random, so a sorted entry lies about where its key says: entries are dealt
 * to as many places as there are entries, by the beginning of their keys, and what is left to be put in order are neighbours. That
 * takes some 60 ns an entry, however many runs come together, where merging two by two takes half of that for each doubling.
 */
import { Entries } from './entries.ts';

/** Places that entries are dealt to, and about how many are at a time: what stays in the processor's nearest memory. */
const places = 16_384;
/** Entries that are dealt at most. More in a slice are those of a few keys that everybody uses. */
const dealtMax = 4 * places;
/** Beyond so many moves for an entry, neighbours are sorted by comparing. */
const movesMax = 8;
const words = 2 ** 32;

/** The most entries that {@link sorted} takes. */
export const sortedMax = places;

const starts = new Uint32Array(places + 1);
const placeOf = new Uint16Array(dealtMax);
const order = new Uint16Array(dealtMax);

/** The same entries in order. */
export function sorted(entries: Entries): Entries {
  const result = new Entries(entries.length);
  deal(entries, result, 0, places / words);
  return result;
}

/** Merges sorted entries into one, with a pause after every few thousand. */
export function* merged(parts: readonly Entries[]): Generator<void, Entries> {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const result = new Entries(total);
  const slices = Math.max(1, Math.ceil(total / (places * 0.75)));
  const taken = new Entries(dealtMax);
  const reached = parts.map(() => 0);
  for (let slice = 0; slice < slices; slice += 1) {
    const [base, end] = [Math.ceil((slice * words) / slices), Math.ceil(((slice + 1) * words) / slices)];
    const ranges = parts.map((part, index): [Entries, number, number] => {
      const start = reached[index] as number;
      const until = slice === slices - 1 ? part.length : firstFrom(part, start, end);
      reached[index] = until;
      return [part, start, until];
    });
    const count = ranges.reduce((sum, [, start, until]) => sum + until - start, 0);
    if (count > dealtMax) {
      const many = yield* mergedByPairs(ranges.map(([part, start, until]) => part.part(start, until)));
      result.takeAll(many, 0, many.length);
    } else if (count > 0) {
      taken.length = 0;
      for (const [part, start, until] of ranges) if (until > start) taken.takeAll(part, start, until);
      deal(taken, result, base, places / (end - base));
    }
    yield;
  }
  return result;
}

/** The first entry from `start` on whose key begins at or behind a word. It is near. */
function firstFrom({ high, length }: Entries, start: number, word: number): number {
  let [low, step] = [start, 16];
  while (low + step < length && (high[low + step] as number) < word) {
    low += step;
    step *= 2;
  }
  let until = Math.min(length, low + step);
  while (low < until) {
    const middle = (low + until) >>> 1;
    if ((high[middle] as number) < word) low = middle + 1;
    else until = middle;
  }
  return low;
}

/** Adds entries to others in order. Their keys begin at `base` or behind it; `scale` makes places of what lies between. */
function deal(entries: Entries, target: Entries, base: number, scale: number): void {
  const { length, high } = entries;
  starts.fill(0);
  for (let index = 0; index < length; index += 1) {
    const place = Math.floor(((high[index] as number) - base) * scale);
    placeOf[index] = place;
    starts[place + 1] = (starts[place + 1] as number) + 1;
  }
  for (let place = 1; place < places; place += 1)
    starts[place] = (starts[place] as number) + (starts[place - 1] as number);
  for (let index = 0; index < length; index += 1) {
    const place = placeOf[index] as number;
    const rank = starts[place] as number;
    order[rank] = index;
    starts[place] = rank + 1;
  }
  if (!arranged(entries, length)) {
    const compare = (one: number, other: number): number => entries.compareWith(one, entries, other);
    order.subarray(0, length).sort(compare);
  }
  const from = target.length;
  for (let rank = 0; rank < length; rank += 1) {
    const index = order[rank] as number;
    target.high[from + rank] = high[index] as number;
    target.low[from + rank] = entries.low[index] as number;
    target.at[from + rank] = entries.at[index] as number;
    target.position[from + rank] = entries.position[index] as number;
  }
  target.length = from + length;
}

/** Puts neighbours in order; gives up where that takes too long. */
function arranged(entries: Entries, length: number): boolean {
  const { high } = entries;
  let moves = movesMax * length;
  for (let rank = 1; rank < length; rank += 1) {
    const index = order[rank] as number;
    const word = high[index] as number;
    let gap = rank;
    while (gap > 0) {
      const before = order[gap - 1] as number;
      const other = high[before] as number;
      if (other < word || (other === word && entries.compareWith(before, entries, index) <= 0)) break;
      order[gap] = before;
      gap -= 1;
    }
    if (gap === rank) continue;
    order[gap] = index;
    moves -= rank - gap;
    if (moves < 0) return false;
  }
  return true;
}

/** Entries between two looks at the time. */
const stepEntries = 4_096;

function* mergedByPairs(parts: readonly Entries[]): Generator<void, Entries> {
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
