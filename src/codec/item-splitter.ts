/** Cuts a stream of chunks into items, each behind its length as a varint. */
import { CodecDamage } from './damage.ts';

const initialBytes = 128 * 1024;

/** Called with each item, which lies in `bytes[start, end)` until the call returns. */
export type TakeItem = (bytes: Uint8Array, start: number, end: number) => void;

export class ItemSplitter {
  readonly #itemBytesMax: number;
  readonly #take: TakeItem;
  /** What came and was not enough for an item. */
  #bytes = new Uint8Array(initialBytes);
  #length = 0;

  constructor(itemBytesMax: number, take: TakeItem) {
    this.#itemBytesMax = itemBytesMax;
    this.#take = take;
  }

  /** Bytes are left that are not a whole item. */
  get hasRest(): boolean {
    return this.#length > 0;
  }

  /** Takes the next bytes, which may be overwritten afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#length === 0) {
      this.#keep(chunk, this.#split(chunk, chunk.length));
      return;
    }
    this.#keep(chunk, 0);
    const at = this.#split(this.#bytes, this.#length);
    this.#bytes.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  /** Takes all whole items and returns where they end. */
  #split(bytes: Uint8Array, length: number): number {
    let done = 0;
    for (;;) {
      let size = 0;
      let at = done;
      let byte = 128;
      for (let scale = 1; byte > 127; scale *= 128) {
        if (at === length) return done;
        byte = bytes[at] as number;
        size += (byte & 127) * scale;
        at += 1;
        if (size > this.#itemBytesMax || scale > this.#itemBytesMax) {
          throw new CodecDamage(`an item of more than ${this.#itemBytesMax} bytes`);
        }
      }
      if (at + size > length) return done;
      this.#take(bytes, at, at + size);
      done = at + size;
    }
  }

  /** Adds `chunk` from `start` on to what is kept. Grows with what has come, not with what a length promises. */
  #keep(chunk: Uint8Array, start: number): void {
    const length = this.#length + chunk.length - start;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(start === 0 ? chunk : chunk.subarray(start), this.#length);
    this.#length = length;
  }
}
