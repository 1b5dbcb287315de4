/** Chance for tests: the same seed gives the same course. */
export interface SeededRandom {
  /** From 0 up to but not including 1. */
  next(): number;
  /** An integer from 0 up to but not including `end`. */
  below(end: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** Up to `most` items. */
  many<Item>(most: number, make: () => Item): Item[];
}

/** Mulberry32. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    next,
    below,
    pick<Item>(items: readonly Item[]): Item {
      return items[below(items.length)] as Item;
    },
    many<Item>(most: number, make: () => Item): Item[] {
      return Array.from({ length: below(most + 1) }, make);
    },
  };
}
