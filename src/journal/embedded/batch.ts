import { indexStepBytes } from '../../base/limits.ts';
import { encodeRecord, recordOverheadBytes } from './layout.ts';
import type { IndexMark } from './segment.ts';

/** Records that are written and synced together. It fills while the batch before it is on its way to the disk. */
export class Batch {
  readonly firstPosition: number;
  readonly #seed: number;
  readonly #marks: IndexMark[];
  #buffer: Uint8Array;
  #view: DataView;
  #length = 0;
  #count = 0;

  /** `buffer` is used first, and replaced by a larger one as needed. */
  constructor(firstPosition: number, seed: number, buffer: Uint8Array) {
    this.firstPosition = firstPosition;
    this.#seed = seed;
    this.#buffer = buffer;
    this.#view = viewOf(buffer);
    this.#marks = [{ position: firstPosition, offset: 0 }];
  }

  get lastPosition(): number {
    return this.firstPosition + this.#count - 1;
  }

  get length(): number {
    return this.#length;
  }

  /** The encoded records; valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The memory behind `bytes`, for the next batch once this one is written. */
  get buffer(): Uint8Array {
    return this.#buffer;
  }

  /** Offsets of some records within the batch, the first one's among them. */
  get marks(): readonly IndexMark[] {
    return this.#marks;
  }

  append(payload: Uint8Array): void {
    const needed = this.#length + recordOverheadBytes + payload.length;
    if (needed > this.#buffer.length) this.#grow(needed);
    const position = this.firstPosition + this.#count;
    const last = this.#marks[this.#marks.length - 1];
    if (last !== undefined && this.#length - last.offset >= indexStepBytes) {
      this.#marks.push({ position, offset: this.#length });
    }
    const record = { position, index: this.#count, payload };
    this.#length = encodeRecord(this.#buffer, this.#view, this.#length, record, this.#seed);
    this.#count += 1;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.bytes);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
