/**
 * Decodes header blocks (RFC 7541, section 6). What a field begins with says what it is:
 *
 *     1xxxxxxx  both from a table        01xxxxxx  literal, added to the dynamic table
 *     001xxxxx  new size of the table    0000xxxx  literal    0001xxxx  literal that no proxy may add to a table
 */
import { DynamicTable } from './dynamic-table.ts';
import { ConnectionError } from './error-code.ts';
import { type Field, makeField } from './field.ts';
import { decodeHuffman } from './huffman.ts';
import { RepeatedLiterals } from './repeated-literals.ts';
import { staticTable } from './static-table.ts';

/** What one list may hold; more is decoded to keep the table right, but not kept. */
export interface ListLimits {
  readonly bytesMax: number;
  readonly fieldsMax: number;
}

export interface DecodedList {
  readonly fields: readonly Field[];
  /** True when the list was longer than allowed; `fields` is then its beginning. */
  readonly isCut: boolean;
}

/** No string and no index that is allowed takes more. */
const integerMax = 0x0fffffff;

/** The decoder of one connection. An error leaves it unusable: the connection must end. */
export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #tableBytesMax: number;
  readonly #limits: ListLimits;
  readonly #repeated = new RepeatedLiterals();
  #bytes: Uint8Array = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  constructor(tableBytesMax: number, limits: ListLimits) {
    this.#table = new DynamicTable(tableBytesMax);
    this.#tableBytesMax = tableBytesMax;
    this.#limits = limits;
  }

  /** Throws a {@link ConnectionError} of `COMPRESSION_ERROR`. */
  decode(block: Uint8Array, start: number, end: number): DecodedList {
    this.#bytes = block;
    this.#at = start;
    this.#end = end;
    const fields: Field[] = [];
    let bytesLeft = this.#limits.bytesMax;
    let isCut = false;
    this.#readSizes();
    while (this.#at < end) {
      const field = this.#readField();
      bytesLeft -= field.size;
      if (bytesLeft < 0 || fields.length >= this.#limits.fieldsMax) isCut = true;
      else fields.push(field);
    }
    return { fields, isCut };
  }

  /** Changes of the table's size stand at the beginning of a block only (section 4.2). */
  #readSizes(): void {
    while (this.#at < this.#end && ((this.#bytes[this.#at] ?? 0) & 0xe0) === 0x20) {
      const size = this.#readInteger(0x1f);
      if (size > this.#tableBytesMax) throw compressionError(`a table of ${size} bytes was not allowed`);
      this.#table.resize(size);
    }
  }

  #readField(): Field {
    const first = this.#bytes[this.#at] ?? 0;
    if (first >= 0x80) return this.#lookUp(this.#readInteger(0x7f));
    if (first >= 0x40) {
      const field = this.#readNamed(this.#readInteger(0x3f));
      this.#table.add(field);
      return field;
    }
    if (first >= 0x20) throw compressionError('the size of the table changes within a block');
    return this.#readUnindexed();
  }

  #readUnindexed(): Field {
    const index = this.#readInteger(0x0f);
    const start = this.#at;
    const known = this.#repeated.find(index, this.#bytes, start, this.#end);
    if (known !== undefined) {
      this.#at = start + known.bytes.length;
      return known.field;
    }
    const field = this.#readNamed(index);
    this.#repeated.keep(index, this.#bytes, start, this.#at, field);
    return field;
  }

  #readNamed(index: number): Field {
    const name = index === 0 ? this.#readString() : this.#lookUp(index).name;
    return makeField(name, this.#readString());
  }

  #lookUp(index: number): Field {
    const field =
      index <= staticTable.length ? staticTable[index - 1] : this.#table.at(index - staticTable.length - 1);
    if (field === undefined) throw compressionError(`there is no entry ${index} in the tables`);
    return field;
  }

  #readInteger(mask: number): number {
    let value = this.#readByte() & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#readByte();
      if (shift > 28) throw compressionError('an integer is too long');
      value += (byte & 0x7f) * 2 ** shift;
      if (value > integerMax) throw compressionError('an integer is too large');
      if (byte < 0x80) return value;
    }
  }

  #readString(): string {
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#readInteger(0x7f);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw compressionError('a string goes beyond its block');
    this.#at = end;
    if (!isHuffman) return latin1(this.#bytes, start, end);
    const text = decodeHuffman(this.#bytes, start, end);
    if (text === undefined) throw compressionError('a string is no valid Huffman code');
    return text;
  }

  #readByte(): number {
    if (this.#at >= this.#end) throw compressionError('a header block ends within a field');
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

function compressionError(message: string): ConnectionError {
  return new ConnectionError('COMPRESSION_ERROR', message);
}
