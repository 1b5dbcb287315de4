/**
 * Strings by their bytes, so that authors, ids and path segments that come again and again cost neither a new string nor
 * decoding. Bounded: each text has one place, where a newer one replaces it.
 */
const places = 4_096;

/** Longer texts are not kept: they seldom come again. */
export const cachedBytesMax = 64;

export class TextCache {
  readonly #texts = Array.from({ length: places }, () => '');

  /** The string of the ASCII bytes `bytes[start, end)`; `undefined` where they are too many or not ASCII. */
  find(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end - start > cachedBytesMax) return undefined;
    let hash = 0;
    let all = 0;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] as number;
      all |= byte;
      hash = hashed(hash, byte);
    }
    return all > 127 ? undefined : this.findHashed(bytes, start, end, hash);
  }

  /** The same for bytes that are known to be ASCII and not many, with their hash: see {@link hashed}. */
  findHashed(bytes: Uint8Array, start: number, end: number, hash: number): string {
    const place = (hash ^ (hash >>> 12)) & (places - 1);
    const known = this.#texts[place] as string;
    if (known.length === end - start && same(known, bytes, start)) return known;
    const text = characters(bytes, start, end);
    this.#texts[place] = text;
    return text;
  }
}

/** The hash of some bytes and one more; that of no bytes is 0. */
export function hashed(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

/** By its length, what the codes of a short text are put into: most texts are, and a new array for each would be larger than the text. */
const codesByLength = Array.from({ length: cachedBytesMax + 1 }, (_, length) =>
  Array.from({ length }, () => 0),
);

/** The string of one character a byte. */
export function characters(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  // Plain arrays: `apply` takes them twice as fast as typed ones. Growing one costs less than an array with holes.
  const codes = codesByLength[length] ?? [];
  for (let index = 0; index < length; index += 1) codes[index] = bytes[start + index] as number;
  return String.fromCharCode.apply(null, codes);
}

function same(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
