/** SHA-256 of bytes that come in pieces (FIPS 180-4): what a browser has of its own wants all of them at once. */

const blockBytes = 64;
/** Where the length of the message stands in the last block. */
const lengthAt = 56;

export class Sha256 {
  readonly #state = initialState();
  readonly #block = new Uint8Array(blockBytes);
  readonly #view = new DataView(this.#block.buffer);
  readonly #schedule = new Uint32Array(64);
  #filled = 0;
  #total = 0;

  /** Takes a piece. */
  update(piece: Uint8Array): this {
    this.#total += piece.length;
    for (let at = 0; at < piece.length;) {
      const some = piece.subarray(at, at + blockBytes - this.#filled);
      this.#block.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
      if (this.#filled === blockBytes) this.#mix();
    }
    return this;
  }

  /** The digest of all pieces in hexadecimal digits. Nothing may be added afterwards. */
  digest(_form: 'hex'): string {
    const bits = this.#total * 8;
    this.#block[this.#filled] = 0x80;
    this.#block.fill(0, this.#filled + 1);
    if (this.#filled >= lengthAt) {
      this.#mix();
      this.#block.fill(0);
    }
    this.#view.setUint32(lengthAt, Math.floor(bits / 2 ** 32));
    this.#view.setUint32(lengthAt + 4, bits >>> 0);
    this.#mix();
    return Array.from(this.#state, (word) => word.toString(16).padStart(8, '0')).join('');
  }

  #mix(): void {
    const [state, words] = [this.#state, this.#schedule];
    for (let at = 0; at < 16; at += 1) words[at] = this.#view.getUint32(at * 4);
    for (let at = 16; at < 64; at += 1) {
      const [near, far] = [words[at - 2] ?? 0, words[at - 15] ?? 0];
      const one = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10);
      const other = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3);
      words[at] = (words[at - 16] ?? 0) + other + (words[at - 7] ?? 0) + one;
    }
    let [a, b, c, d, e, f, g, h] = Array.from(state) as Eight;
    for (let at = 0; at < 64; at += 1) {
      const sum = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const first = (h + sum + ((e & f) ^ (~e & g)) + (roundWords[at] ?? 0) + (words[at] ?? 0)) | 0;
      const other = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const second = (other + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => (state[at] = (state[at] ?? 0) + word));
    this.#filled = 0;
  }
}

type Eight = [number, number, number, number, number, number, number, number];

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The first 64 primes: the standard takes its constants from their roots. */
const primes = firstPrimes(64);
const roundWords = Uint32Array.from(primes, (prime) => fractionWord(Math.cbrt(prime)));

function initialState(): Uint32Array {
  return Uint32Array.from(primes.slice(0, 8), (prime) => fractionWord(Math.sqrt(prime)));
}

/** The first 32 bits of what stands behind the point. */
function fractionWord(root: number): number {
  return (root - Math.floor(root)) * 2 ** 32;
}

function firstPrimes(count: number): readonly number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number += 1)
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  return found;
}
