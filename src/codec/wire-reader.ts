/**
 * Reads protobuf's wire format strictly: whatever is cut off, too large, of the wrong wire type or not UTF-8 is a
 * {@link CodecDamage}. So are unknown fields: they come from a newer broker, and what they mean must not be lost.
 */
import { CodecDamage } from './damage.ts';
import { cachedBytesMax, characters, hashed, TextCache } from './text-cache.ts';

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Shorter texts are put together from their characters: the decoder costs some 150 ns whatever the length. */
const loopBytesMax = 24;
/** Characters that `String.fromCharCode` takes at once without overflowing the stack. */
const charactersAtOnce = 8_192;

const varintType = 0;
const fixed64Type = 1;
const lengthType = 2;
const fixed32Type = 5;
const slash = 47;

export class WireReader {
  readonly #cache = new TextCache();
  #bytes = new Uint8Array(0);
  #at = 0;
  /** End of the message that is being read. */
  #end = 0;
  #wireType = 0;
  #field = 0;

  /** Starts to read `bytes[start, end)`. */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#at = start;
    this.#end = end;
  }

  /** Offset of what is read next. */
  get position(): number {
    return this.#at;
  }

  /** The number of the next field, or 0 at the end of the message. */
  next(): number {
    if (this.#at === this.#end) return 0;
    const tag = this.#varint();
    this.#wireType = tag & 7;
    this.#field = Math.floor(tag / 8);
    if (this.#field === 0) this.#damaged('a field with number 0');
    return this.#field;
  }

  /** The number that {@link next} would give. */
  peek(): number {
    const at = this.#at;
    const field = this.next();
    this.#at = at;
    return field;
  }

  /** Enters the message that the field holds. To be given back to {@link leave}. */
  enter(): number {
    const outer = this.#end;
    this.#end = this.#open();
    return outer;
  }

  leave(outer: number): void {
    if (this.#at !== this.#end) this.#damaged('a message with something left in it');
    this.#end = outer;
  }

  /** For fields that are not known here. */
  unknown(message: string): never {
    throw new CodecDamage(
      `field ${this.#field} of ${message} is unknown: a newer broker wrote this, or it is damaged`,
    );
  }

  uint(): number {
    this.#expect(varintType);
    return this.#varint();
  }

  /** Adds unsigned integers to `values`, packed as they are written or one by one as they may be. */
  uints(values: number[]): void {
    if (this.#wireType === varintType) {
      values.push(this.#varint());
      return;
    }
    const outer = this.enter();
    while (this.#at < this.#end) values.push(this.#varint());
    this.leave(outer);
  }

  sint(): number {
    const zigzag = this.uint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  sintBig(): bigint {
    this.#expect(varintType);
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte > 127) continue;
      if (value >= 2n ** 64n) break;
      return (value >> 1n) ^ -(value & 1n);
    }
    return this.#damaged('an integer beyond 64 bits');
  }

  boolean(): boolean {
    const value = this.uint();
    if (value > 1) this.#damaged('a boolean that is neither 0 nor 1');
    return value === 1;
  }

  fixed32(): number {
    this.#expect(fixed32Type);
    const at = this.#take(4);
    const bytes = this.#bytes;
    let value = 0;
    for (let index = 3; index >= 0; index -= 1) value = (value << 8) | (bytes[at + index] as number);
    return value >>> 0;
  }

  double(): number {
    this.#expect(fixed64Type);
    const at = this.#take(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getFloat64(0, true);
  }

  text(): string {
    const end = this.#open();
    const start = this.#at;
    this.#at = end;
    return this.#decode(start, end);
  }

  /** A text that is likely to come again: the same string is returned then, which saves time and memory. */
  repeatedText(): string {
    const end = this.#open();
    const start = this.#at;
    this.#at = end;
    return this.#cache.find(this.#bytes, start, end) ?? this.#decode(start, end);
  }

  /** Size of the field that {@link text} or {@link binary} would read, in bytes. */
  peekLength(): number {
    const at = this.#at;
    const length = this.#open() - this.#at;
    this.#at = at;
    return length;
  }

  /** Bytes, as a string of one character a byte. */
  binary(): string {
    const end = this.#open();
    let text = '';
    for (let at = this.#at; at < end; at += charactersAtOnce) {
      text += characters(this.#bytes, at, Math.min(at + charactersAtOnce, end));
    }
    this.#at = end;
    return text;
  }

  /** Bytes, as a view of those that are read. */
  bytes(): Uint8Array {
    const end = this.#open();
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return view;
  }

  path(): string[] {
    const end = this.#open();
    const bytes = this.#bytes;
    if (bytes[this.#at] !== slash || end === this.#at)
      this.#damaged('a path without a slash at its beginning');
    const path: string[] = [];
    let start = this.#at + 1;
    this.#at = end;
    let hash = 0;
    let all = 0;
    for (let at = start; at <= end && start < end; at += 1) {
      const byte = at === end ? slash : (bytes[at] as number);
      if (byte !== slash) {
        all |= byte;
        hash = hashed(hash, byte);
        continue;
      }
      if (at === start) this.#damaged('a path with an empty segment');
      const isCached = all < 128 && at - start <= cachedBytesMax;
      path.push(isCached ? this.#cache.findHashed(bytes, start, at, hash) : this.#decode(start, at));
      start = at + 1;
      hash = 0;
      all = 0;
    }
    if (start === end && path.length > 0) this.#damaged('a path with an empty segment');
    return path;
  }

  #decode(start: number, end: number): string {
    const bytes = this.#bytes;
    if (end - start <= loopBytesMax) {
      let at = start;
      while (at < end && (bytes[at] as number) < 128) at += 1;
      if (at === end) return characters(bytes, start, end);
    }
    try {
      return textDecoder.decode(bytes.subarray(start, end));
    } catch {
      return this.#damaged('a text that is not UTF-8');
    }
  }

  /** Reads the length of a field; returns where the field ends. */
  #open(): number {
    this.#expect(lengthType);
    const length = this.#varint();
    if (length > this.#end - this.#at)
      this.#damaged(`${length} bytes where only ${this.#end - this.#at} are left`);
    return this.#at + length;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) this.#damaged('its end is missing');
    this.#at = at + count;
    return at;
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) this.#damaged(`wire type ${this.#wireType} where ${wireType} is due`);
  }

  #byte(): number {
    if (this.#at >= this.#end) this.#damaged('its end is missing');
    return this.#bytes[this.#at++] as number;
  }

  #varint(): number {
    const first = this.#byte();
    if (first < 128) return first;
    let value = first & 127;
    for (let scale = 128; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte > 127) continue;
      if (value > Number.MAX_SAFE_INTEGER) break;
      return value;
    }
    return this.#damaged('an integer beyond 2^53');
  }

  #damaged(what: string): never {
    throw new CodecDamage(`at byte ${this.#at}, in field ${this.#field}: ${what}`);
  }
}
