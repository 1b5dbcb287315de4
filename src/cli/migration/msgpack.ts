/**
 * Reads MessagePack. Every value says where its bytes begin and end, so that what has no form elsewhere can be kept as it was.
 * Maps are lists of entries, since keys may be anything; integers beyond 2^53 are bigints; extensions stay closed.
 */

/** A value, and where it lies in the bytes that it was read from. */
export type Packed = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'nil' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'array'; readonly items: readonly Packed[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: Packed, value: Packed])[] }
  | { readonly kind: 'extension'; readonly code: number; readonly data: Uint8Array }
);

/** The bytes are no MessagePack, or no whole value. */
export class MsgpackProblem extends Error {
  override readonly name = 'MsgpackProblem';
}

/** What comes deeper was made to exhaust the stack. Python's own writer gives up at about the same depth. */
const depthMax = 1_000;

/** Reads one value that takes all of the bytes. Throws a {@link MsgpackProblem}. */
export function readMsgpack(bytes: Uint8Array): Packed {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (value.end !== bytes.length)
    throw new MsgpackProblem(`${bytes.length - value.end} bytes follow the value`);
  return value;
}

class Reader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): Packed {
    if (depth > depthMax) throw new MsgpackProblem(`values lie more than ${depthMax} deep in one another`);
    const start = this.#at;
    const first = this.#unsigned(1);
    if (first <= 0x7f) return this.#integer(start, first);
    if (first <= 0x8f) return this.#map(start, first & 0x0f, depth);
    if (first <= 0x9f) return this.#array(start, first & 0x0f, depth);
    if (first <= 0xbf) return this.#text(start, first & 0x1f);
    if (first >= 0xe0) return this.#integer(start, first - 0x100);
    return this.#marked(start, first, depth);
  }

  #marked(start: number, first: number, depth: number): Packed {
    switch (first) {
      case 0xc0:
        return { kind: 'nil', start, end: this.#at };
      case 0xc2:
      case 0xc3:
        return { kind: 'boolean', value: first === 0xc3, start, end: this.#at };
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(start, this.#unsigned(1 << (first - 0xc4)));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(start, this.#unsigned(1 << (first - 0xc7)));
      case 0xca:
        return { kind: 'float', value: this.#view.getFloat32(this.#take(4)), start, end: this.#at };
      case 0xcb:
        return { kind: 'float', value: this.#view.getFloat64(this.#take(8)), start, end: this.#at };
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#integer(start, this.#unsigned(1 << (first - 0xcc)));
      case 0xcf:
        return this.#integer(start, this.#view.getBigUint64(this.#take(8)));
      case 0xd0:
        return this.#integer(start, this.#view.getInt8(this.#take(1)));
      case 0xd1:
        return this.#integer(start, this.#view.getInt16(this.#take(2)));
      case 0xd2:
        return this.#integer(start, this.#view.getInt32(this.#take(4)));
      case 0xd3:
        return this.#integer(start, this.#view.getBigInt64(this.#take(8)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(start, 1 << (first - 0xd4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(start, this.#unsigned(1 << (first - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(start, this.#unsigned(2 << (first - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(start, this.#unsigned(2 << (first - 0xde)), depth);
      default:
        throw new MsgpackProblem(`the byte 0x${first.toString(16)} at ${start} begins nothing`);
    }
  }

  /** Goes on behind the next `size` bytes; where they begin. */
  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#bytes.length)
      throw new MsgpackProblem(`it ends in the middle of a value, at ${this.#bytes.length}`);
    this.#at = at + size;
    return at;
  }

  #unsigned(size: number): number {
    return this.#bytes.readUIntBE(this.#take(size), size);
  }

  #integer(start: number, value: number | bigint): Packed {
    const isSafe =
      typeof value === 'bigint' && BigInt(Number(value)) === value && Number.isSafeInteger(Number(value));
    return { kind: 'integer', value: isSafe ? Number(value) : value, start, end: this.#at };
  }

  #text(start: number, size: number): Packed {
    const at = this.#take(size);
    return { kind: 'text', value: this.#bytes.toString('utf8', at, at + size), start, end: this.#at };
  }

  #binary(start: number, size: number): Packed {
    const at = this.#take(size);
    return { kind: 'bytes', value: this.#bytes.subarray(at, at + size), start, end: this.#at };
  }

  #extension(start: number, size: number): Packed {
    const code = this.#view.getInt8(this.#take(1));
    const at = this.#take(size);
    return { kind: 'extension', code, data: this.#bytes.subarray(at, at + size), start, end: this.#at };
  }

  #array(start: number, count: number, depth: number): Packed {
    const items: Packed[] = [];
    for (let index = 0; index < count; index += 1) items.push(this.value(depth + 1));
    return { kind: 'array', items, start, end: this.#at };
  }

  #map(start: number, count: number, depth: number): Packed {
    const entries: [Packed, Packed][] = [];
    for (let index = 0; index < count; index += 1)
      entries.push([this.value(depth + 1), this.value(depth + 1)]);
    return { kind: 'map', entries, start, end: this.#at };
  }
}
