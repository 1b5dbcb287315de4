/**
 * Writes protobuf's wire format into one growing buffer. By hand, because every publish is encoded once for the journal:
 * a 200-byte publish costs a tenth of what protobuf-es's reflection takes.
 *
 * Fields with implicit presence are left out at their default, as proto3 wants; the methods ending in `Always` write
 * members of a oneof, whose presence counts.
 */
const textEncoder = new TextEncoder();

/** Shorter strings and messages are copied by a loop: `encodeInto` costs some 80 ns whatever the length. */
const loopCharactersMax = 32;
/** A buffer that one huge record has blown up is let go at the next `reset`. */
const keptBytesMax = 1024 * 1024;
const initialBytes = 16 * 1024;

/** A message that was opened: where its body starts, and how many bytes were left free for its length. */
export type Mark = number;

export class WireWriter {
  #bytes = new Uint8Array(initialBytes);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** Starts anew. What {@link view} returned before is overwritten from now on. */
  reset(): void {
    this.#at = 0;
    if (this.#bytes.length > keptBytesMax) this.#replace(initialBytes);
  }

  /** What was written, without a copy: valid until the next `reset`. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** What was written, as a copy behind `freeBytes` zeros. */
  copy(freeBytes = 0): Uint8Array {
    const copied = new Uint8Array(freeBytes + this.#at);
    if (this.#at > loopCharactersMax) copied.set(this.view(), freeBytes);
    else for (let at = 0; at < this.#at; at += 1) copied[freeBytes + at] = this.#bytes[at] as number;
    return copied;
  }

  /** An unsigned safe integer. */
  uint(field: number, value: number): void {
    if (value !== 0) this.uintAlways(field, value);
  }

  uintAlways(field: number, value: number): void {
    this.#reserve(16);
    this.#tag(field, 0);
    this.#varint(value);
  }

  /** Unsigned safe integers, packed. */
  uints(field: number, values: readonly number[] = []): void {
    if (values.length === 0) return;
    const mark = this.open(field, values.length * 2);
    for (const value of values) {
      this.#reserve(16);
      this.#varint(value);
    }
    this.close(mark);
  }

  /** A signed integer, zigzag; within ±2^52. */
  sint(field: number, value: number): void {
    if (value !== 0) this.sintAlways(field, value);
  }

  sintAlways(field: number, value: number): void {
    this.uintAlways(field, value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** A signed 64-bit integer, zigzag. */
  sintBigAlways(field: number, value: bigint): void {
    const asNumber = Number(value);
    if (Math.abs(asNumber) < 2 ** 52) {
      this.sintAlways(field, asNumber);
      return;
    }
    this.#reserve(16);
    this.#tag(field, 0);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | 128;
    this.#bytes[this.#at++] = Number(rest);
  }

  boolean(field: number, value: boolean): void {
    if (value) this.uintAlways(field, 1);
  }

  booleanAlways(field: number, value: boolean): void {
    this.uintAlways(field, value ? 1 : 0);
  }

  fixed32(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(8);
    this.#tag(field, 5);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  doubleAlways(field: number, value: number): void {
    this.#reserve(16);
    this.#tag(field, 1);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  text(field: number, value: string): void {
    if (value !== '') this.textAlways(field, value);
  }

  textAlways(field: number, value: string): void {
    const { length } = value;
    this.#reserve(length * 3 + 16);
    this.#tag(field, 2);
    if (length <= loopCharactersMax && this.#ascii(value, length)) return;
    const lengthBytes = varintBytes(length);
    const start = this.#at + lengthBytes;
    const { written } = textEncoder.encodeInto(value, this.#bytes.subarray(start));
    this.#putLength(start, lengthBytes, written);
  }

  /** Bytes out of a string of one character a byte. */
  binary(field: number, value: string): void {
    if (value !== '') this.binaryAlways(field, value);
  }

  binaryAlways(field: number, value: string): void {
    const { length } = value;
    this.#reserve(length + 16);
    this.#tag(field, 2);
    this.#varint(length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < length; index += 1) bytes[at++] = value.charCodeAt(index);
    this.#at = at;
  }

  bytesAlways(field: number, value: Uint8Array): void {
    const { length } = value;
    this.#reserve(length + 16);
    this.#tag(field, 2);
    this.#varint(length);
    this.#bytes.set(value, this.#at);
    this.#at += length;
  }

  /** A path as text: `/a/b`, or `/` for the root. */
  path(field: number, path: readonly string[]): void {
    const { length } = path;
    let characters = 0;
    for (let index = 0; index < length; index += 1) characters += (path[index] as string).length + 1;
    this.#reserve(characters * 3 + 16);
    this.#tag(field, 2);
    const lengthBytes = varintBytes(characters === 0 ? 1 : characters);
    const start = this.#at + lengthBytes;
    this.#at = start;
    if (length === 0) this.#bytes[this.#at++] = slash;
    for (let index = 0; index < length; index += 1) {
      this.#bytes[this.#at++] = slash;
      this.#segment(path[index] as string);
    }
    this.#putLength(start, lengthBytes, this.#at - start);
  }

  /**
   * Opens a message, to be closed with what this returns. `estimate` is a guess at its size: a wrong one costs moving
   * the message by a byte or two.
   */
  open(field: number, estimate: number): Mark {
    this.#reserve(16);
    this.#tag(field, 2);
    const lengthBytes = varintBytes(estimate);
    this.#at += lengthBytes;
    return this.#at * 8 + lengthBytes;
  }

  /** Opens a message that stands by itself behind its length. */
  openDelimited(estimate: number): Mark {
    this.#reserve(16);
    const lengthBytes = varintBytes(estimate);
    this.#at += lengthBytes;
    return this.#at * 8 + lengthBytes;
  }

  close(mark: Mark): void {
    const lengthBytes = mark % 8;
    const start = (mark - lengthBytes) / 8;
    this.#reserve(8);
    this.#putLength(start, lengthBytes, this.#at - start);
  }

  /** Puts the length of the `length` bytes from `start` into the `lengthBytes` before it, or makes room for it. */
  #putLength(start: number, lengthBytes: number, length: number): void {
    const needed = varintBytes(length);
    if (needed !== lengthBytes) {
      this.#bytes.copyWithin(start + needed - lengthBytes, start, start + length);
    }
    this.#at = start - lengthBytes;
    this.#varint(length);
    this.#at += length;
  }

  #segment(segment: string): void {
    const { length } = segment;
    const bytes = this.#bytes;
    const start = this.#at;
    for (let index = 0; index < length; index += 1) {
      const code = segment.charCodeAt(index);
      if (code > 127) {
        this.#at = start + textEncoder.encodeInto(segment, bytes.subarray(start)).written;
        return;
      }
      bytes[start + index] = code;
    }
    this.#at = start + length;
  }

  /** Writes a short text with its length, or nothing where it is not ASCII. */
  #ascii(value: string, length: number): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      bytes[start + index] = code;
    }
    bytes[start - 1] = length;
    this.#at = start + length;
    return true;
  }

  #tag(field: number, wireType: number): void {
    const tag = field * 8 + wireType;
    if (tag < 128) {
      this.#bytes[this.#at++] = tag;
      return;
    }
    this.#bytes[this.#at++] = (tag & 127) | 128;
    this.#bytes[this.#at++] = tag >>> 7;
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) bytes[this.#at++] = (rest & 127) | 128;
    for (; rest > 127; rest >>>= 7) bytes[this.#at++] = (rest & 127) | 128;
    bytes[this.#at++] = rest;
  }

  #reserve(count: number): void {
    if (this.#at + count > this.#bytes.length)
      this.#replace(Math.max(this.#bytes.length * 2, this.#at + count));
  }

  #replace(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

const slash = 47;

function varintBytes(value: number): number {
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  if (value < 2_097_152) return 3;
  return value < 268_435_456 ? 4 : 5;
}
