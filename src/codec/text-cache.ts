/**
 * Strings by their bytes, so that authors, ids and path segments that come again and again cost neither a new string nor
 * decoding. Bounded: each text has one place, where a newer one replaces it.
 */
const places = 4_096;
const bytesMax = 64;

export class TextCache {
  readonly #texts = Array.from({ length: places }, () => '');

  /** The string of the ASCII bytes `bytes[start, end)`; `undefined` where they are too many or not ASCII. */
  find(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start;
    if (length > bytesMax) return undefined;
    let hash = length;
    let all = 0;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] as number;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (all > 127) return undefined;
    const place = (hash ^ (hash >>> 12)) & (places - 1);
    const known = this.#texts[place] as string;
    if (known.length === length && same(known, bytes, start)) return known;
    const text = characters(bytes, start, end);
    this.#texts[place] = text;
    return text;
  }
}

/** The string of one character a byte. */
export function characters(bytes: Uint8Array, start: number, end: number): string {
  // A plain array: `apply` takes it twice as fast as a typed one. Growing it costs less than an array with holes.
  const codes: number[] = [];
  for (let at = start; at < end; at += 1) codes.push(bytes[at] as number);
  return String.fromCharCode.apply(null, codes);
}

function same(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
