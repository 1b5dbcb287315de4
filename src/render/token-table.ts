/**
 * The tokens of an encoding and their ranks, in a few arrays beside the engine's heap. 200,000 strings in a `Map` would take five times
 * as much memory, and every full collection would look at each of them.
 */

/** What a search says of bytes that are no token. */
export const noRank = -1;

/** Places for each token: with two of them a search looks at one or two. */
const placesPerToken = 2;

export class TokenTable {
  /** The bytes of all tokens, one behind the other in the order of their ranks. */
  #bytes = new Uint8Array(1024 * 1024);
  /** Where a rank's bytes begin. They end where those of the next rank begin. */
  readonly #starts: Uint32Array;
  /** By hash, or the next free place behind that: a rank and one; 0 where there is none. */
  readonly #places: Uint32Array;
  #count = 0;
  #tokenBytesMax = 0;

  /** Takes up to `count` tokens. */
  constructor(count: number) {
    this.#starts = new Uint32Array(count + 1);
    this.#places = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, count * placesPerToken))));
  }

  /** No token has more bytes. */
  get tokenBytesMax(): number {
    return this.#tokenBytesMax;
  }

  /** Adds the token of the next rank; without bytes where that rank has none. */
  add(token: Uint8Array): void {
    const start = this.#starts[this.#count] as number;
    this.#count += 1;
    this.#starts[this.#count] = start + token.length;
    if (token.length === 0) return;
    if (start + token.length > this.#bytes.length) this.#grow();
    this.#bytes.set(token, start);
    this.#tokenBytesMax = Math.max(this.#tokenBytesMax, token.length);
    let hash = 0;
    for (const byte of token) hash = hashed(hash, byte);
    let place = this.#placeOf(hash);
    while (this.#places[place] !== 0) place = this.#next(place);
    this.#places[place] = this.#count;
  }

  /** The rank of the bytes `run[start, end)`, one character a byte, or {@link noRank}. */
  rankOf(run: string, start: number, end: number): number {
    if (end - start > this.#tokenBytesMax) return noRank;
    let hash = 0;
    for (let at = start; at < end; at += 1) hash = hashed(hash, run.charCodeAt(at));
    for (let place = this.#placeOf(hash); ; place = this.#next(place)) {
      const rank = (this.#places[place] as number) - 1;
      if (rank < 0) return noRank;
      if (this.#isToken(rank, run, start, end)) return rank;
    }
  }

  #isToken(rank: number, run: string, start: number, end: number): boolean {
    const first = this.#starts[rank] as number;
    if ((this.#starts[rank + 1] as number) - first !== end - start) return false;
    for (let at = start; at < end; at += 1)
      if (run.charCodeAt(at) !== this.#bytes[first + at - start]) return false;
    return true;
  }

  #placeOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#places.length - 1);
  }

  #next(place: number): number {
    return (place + 1) & (this.#places.length - 1);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** The hash of some bytes and one more; that of none is 0. */
function hashed(hash: number, byte: number): number {
  const mixed = Math.imul(hash ^ byte, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
