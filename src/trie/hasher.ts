/**
 * A hash of 128 bits in four lanes of 32, mixed as in MurmurHash3 (x86, 128 bits; Austin Appleby, public domain), fed
 * by words. It tells states apart and finds damage; it is no protection against somebody who forges one.
 */
import type { HashLanes } from './node.ts';

const scratch = new DataView(new ArrayBuffer(8));

/** Takes words, numbers and texts in turn, and answers with the hash of their sequence. To be reused: `reset` first. */
export class Hasher {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #words = 0;

  reset(): void {
    this.#a = 0;
    this.#b = 0;
    this.#c = 0;
    this.#d = 0;
    this.#words = 0;
  }

  /** Takes a word of 32 bits. */
  word(value: number): void {
    const lane = this.#words & 3;
    this.#words += 1;
    if (lane === 0) {
      this.#a ^= Math.imul(rotate(Math.imul(value, 0x239b961b), 15), 0xab0e9789);
      this.#a = (Math.imul((rotate(this.#a, 19) + this.#b) | 0, 5) + 0x561ccd1b) | 0;
    } else if (lane === 1) {
      this.#b ^= Math.imul(rotate(Math.imul(value, 0xab0e9789), 16), 0x38b34ae5);
      this.#b = (Math.imul((rotate(this.#b, 17) + this.#c) | 0, 5) + 0x0bcaa747) | 0;
    } else if (lane === 2) {
      this.#c ^= Math.imul(rotate(Math.imul(value, 0x38b34ae5), 17), 0xa1e38b93);
      this.#c = (Math.imul((rotate(this.#c, 15) + this.#d) | 0, 5) + 0x96cd1c35) | 0;
    } else {
      this.#d ^= Math.imul(rotate(Math.imul(value, 0xa1e38b93), 18), 0x239b961b);
      this.#d = (Math.imul((rotate(this.#d, 13) + this.#a) | 0, 5) + 0x32ac3b17) | 0;
    }
  }

  /** Takes any number, with all of its bits. */
  number(value: number): void {
    scratch.setFloat64(0, value, true);
    this.word(scratch.getInt32(0, true));
    this.word(scratch.getInt32(4, true));
  }

  /** Takes a text and its length, so that two texts in turn are not the same as one. */
  text(value: string): void {
    const { length } = value;
    this.word(length);
    const pairs = length - (length & 1);
    for (let at = 0; at < pairs; at += 2) this.word(value.charCodeAt(at) | (value.charCodeAt(at + 1) << 16));
    if (pairs < length) this.word(value.charCodeAt(pairs));
  }

  /** Takes another hash. */
  lanes(value: HashLanes): void {
    this.word(value.a);
    this.word(value.b);
    this.word(value.c);
    this.word(value.d);
  }

  /** The hash of all that was taken. */
  finish(): HashLanes {
    const words = this.#words;
    let [a, b, c, d] = [this.#a ^ words, this.#b ^ words, this.#c ^ words, this.#d ^ words];
    a = (a + b + c + d) | 0;
    [b, c, d] = [finalMix(b + a), finalMix(c + a), finalMix(d + a)];
    a = (finalMix(a) + b + c + d) | 0;
    return { a, b: (b + a) | 0, c: (c + a) | 0, d: (d + a) | 0 };
  }
}

/** 32 hexadecimal digits. */
export function hexOf({ a, b, c, d }: HashLanes): string {
  return [a, b, c, d].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function finalMix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
