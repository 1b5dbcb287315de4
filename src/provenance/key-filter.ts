/**
 * Says of most keys that they are not in a file, so that a search reads no block of it. A Bloom filter in groups of eight words: a key
 * has one bit in each word of its group, which lies in one line of the processor's memory. Keys are random already.
 */
import type { Key } from './key.ts';

const groupWords = 8;
/** Entries for each group, most of which share their keys with others: some one in fifty that is not there is looked for. */
const groupEntries = 32;
/** Odd numbers, one for each word: of a product, the upper five bits name a bit. */
const factors = Uint32Array.of(
  0x47b6137b,
  0x44974d91,
  0x8824ad5b,
  0xa2b7289d,
  0x705495c7,
  0x2df1424b,
  0x9efc4947,
  0x5c6bfb31,
);

export class KeyFilter {
  readonly words: Uint32Array;
  readonly #groups: number;

  /** Words of a filter that was made before. */
  constructor(words: Uint32Array) {
    this.words = words;
    this.#groups = words.length / groupWords;
  }

  /** An empty one. */
  static for(entries: number): KeyFilter {
    return new KeyFilter(new Uint32Array(groupWords * Math.max(1, Math.ceil(entries / groupEntries))));
  }

  add(high: number, low: number): void {
    const first = this.#firstWord(high);
    for (let word = 0; word < groupWords; word += 1)
      this.words[first + word] = (this.words[first + word] as number) | bit(low, word);
  }

  mayHold({ high, low }: Key): boolean {
    const first = this.#firstWord(high);
    for (let word = 0; word < groupWords; word += 1)
      if (((this.words[first + word] as number) & bit(low, word)) === 0) return false;
    return true;
  }

  #firstWord(high: number): number {
    return Math.floor((high / 2 ** 32) * this.#groups) * groupWords;
  }
}

function bit(low: number, word: number): number {
  return 1 << (Math.imul(low, factors[word] as number) >>> 27);
}
