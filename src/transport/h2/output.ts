import { frameHeaderBytes } from './frame.ts';

/** Payloads from this size on are handed to the socket as they are; copying smaller ones is cheaper than another buffer. */
const referencedBytesMin = 8_192;
const slabBytesMin = 1_024;
const slabBytesMax = 64 * 1024;

/** Gathers the frames of one turn of the event loop, so that they leave in one write. */
export class Output {
  #slab: Buffer = Buffer.alloc(0);
  /** Of the slab, what was taken already, and where writing goes on. */
  #start = 0;
  #at = 0;
  #parts: Buffer[] = [];
  #partBytes = 0;

  /** Bytes gathered since the last `take`. */
  get bytes(): number {
    return this.#partBytes + this.#at - this.#start;
  }

  frameHeader(length: number, type: number, flags: number, streamId: number): void {
    const at = this.#reserve(frameHeaderBytes);
    const slab = this.#slab;
    slab[at] = length >>> 16;
    slab[at + 1] = length >>> 8;
    slab[at + 2] = length;
    slab[at + 3] = type;
    slab[at + 4] = flags;
    slab[at + 5] = streamId >>> 24;
    slab[at + 6] = streamId >>> 16;
    slab[at + 7] = streamId >>> 8;
    slab[at + 8] = streamId;
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#slab.writeUInt32BE(value >>> 0, at);
  }

  /** Bytes that the caller may use again afterwards. */
  copy(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#slab.set(bytes, at);
  }

  /** Bytes that nobody will change any more. */
  append(bytes: Uint8Array): void {
    if (bytes.length < referencedBytesMin) {
      this.copy(bytes);
      return;
    }
    this.#endPart();
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#partBytes += bytes.length;
  }

  /** All that was gathered, in order. */
  take(): readonly Buffer[] {
    this.#endPart();
    const parts = this.#parts;
    this.#parts = [];
    this.#partBytes = 0;
    return parts;
  }

  #endPart(): void {
    if (this.#at === this.#start) return;
    this.#parts.push(this.#slab.subarray(this.#start, this.#at));
    this.#partBytes += this.#at - this.#start;
    this.#start = this.#at;
  }

  /** Where the next `bytes` bytes go. Slabs grow with what one turn needs, so that a quiet connection holds next to none. */
  #reserve(bytes: number): number {
    const at = this.#at;
    if (at + bytes <= this.#slab.length) {
      this.#at = at + bytes;
      return at;
    }
    this.#endPart();
    const wanted = Math.min(slabBytesMax, Math.max(slabBytesMin, this.#partBytes * 2));
    this.#slab = Buffer.allocUnsafe(Math.max(wanted, bytes));
    this.#start = 0;
    this.#at = bytes;
    return 0;
  }
}
