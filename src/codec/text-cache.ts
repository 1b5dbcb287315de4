/**
 * Strings by their bytes, so that authors, ids and path segments that come again and again cost neither a new string nor
 * decoding. Bounded: each text has one place, where a newer one replaces it.
 */
const places = 4_096;
const bytesMax = 64;

export class TextCache {
  readonly #texts = new Array<string>(places).fill('');

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
    const codes = new Array<number>(length);
    for (let index = 0; index < length; index += 1) codes[index] = bytes[start + index] as number;
    const text = String.fromCharCode.apply(null, codes);
    this.#texts[place] = text;
    return text;
  }
}

function same(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
