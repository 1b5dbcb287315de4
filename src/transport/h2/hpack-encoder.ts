/**
 * Encodes header blocks. Fields of a {@link HeaderTemplate} go into the dynamic table, those of one message never do. The
 * table is only ever filled, not turned over: when it is full, further fields are written out.
 */
import { isFieldValue } from './field.ts';
import { HeaderTemplate, type HeaderPair, type OutgoingHeaders } from './header-template.ts';
import { encodeHuffman, huffmanBytes } from './huffman.ts';
import { staticTable } from './static-table.ts';

interface Remembered {
  readonly block: Uint8Array;
  /** How many entries the table had: indices count from the newest one. */
  readonly entries: number;
}

/** Where a name first stands in the static table, and where which values of it do. */
interface StaticName {
  readonly index: number;
  readonly values: ReadonlyMap<string, number>;
}

const staticNames: ReadonlyMap<string, StaticName> = indexStaticTable();

function indexStaticTable(): ReadonlyMap<string, StaticName> {
  const names = new Map<string, { index: number; values: Map<string, number> }>();
  for (const [index, { name, value }] of staticTable.entries()) {
    const known = names.get(name) ?? { index: index + 1, values: new Map<string, number>() };
    names.set(name, known);
    if (!known.values.has(value)) known.values.set(value, index + 1);
  }
  return names;
}

/** The encoder of one connection. */
export class HpackEncoder {
  readonly #tableBytesWanted: number;
  #tableBytesMax: number;
  /** True until the peer was told of the size that we use now. */
  #isSizeNew = false;
  #tableBytes = 0;
  #entries = 0;
  /** `name: value` → how many entries there were when it was added. */
  #added = new Map<string, number>();
  #remembered = new Map<HeaderTemplate, Remembered>();
  #out: Buffer = Buffer.allocUnsafe(256);
  #length = 0;

  /** `tableBytesWanted`: what is used of the peer's table at most. */
  constructor(tableBytesWanted = 4_096) {
    this.#tableBytesWanted = tableBytesWanted;
    this.#tableBytesMax = tableBytesWanted;
  }

  /** What the peer's SETTINGS_HEADER_TABLE_SIZE says. The table begins anew, so that both sides agree on what it holds. */
  allowTableBytes(bytes: number): void {
    const bytesMax = Math.min(bytes, this.#tableBytesWanted);
    if (bytesMax === this.#tableBytesMax) return;
    this.#isSizeNew = true;
    this.#tableBytesMax = bytesMax;
    this.#tableBytes = 0;
    this.#entries = 0;
    this.#added = new Map();
    this.#remembered = new Map();
  }

  /** The block for `headers`, to be used before the next call. Throws a `TypeError` for a value that no header may have. */
  encode(headers: OutgoingHeaders): Uint8Array {
    if (!this.#isSizeNew && headers instanceof HeaderTemplate) {
      const remembered = this.#remembered.get(headers);
      if (remembered?.entries === this.#entries) return remembered.block;
    }
    this.#length = 0;
    this.#writeSizeUpdate();
    if (!(headers instanceof HeaderTemplate)) {
      for (const pair of headers) this.#writePair(pair, false);
    } else {
      for (const pair of headers.pairs) this.#writePair(pair, true);
      this.#remember(headers);
    }
    return this.#out.subarray(0, this.#length);
  }

  /** What was just written may have added entries; what is remembered must not do so again. */
  #remember(template: HeaderTemplate): void {
    const written = this.#length;
    for (const pair of template.pairs) this.#writePair(pair, true);
    const block = Uint8Array.from(this.#out.subarray(written, this.#length));
    this.#remembered.set(template, { block, entries: this.#entries });
    this.#length = written;
  }

  #writeSizeUpdate(): void {
    if (!this.#isSizeNew) return;
    this.#isSizeNew = false;
    // A size of nothing first: both sides begin with an empty table, whatever sizes the peer went through.
    this.#writeInteger(0x20, 0x1f, 0);
    this.#writeInteger(0x20, 0x1f, this.#tableBytesMax);
  }

  #writePair([name, given]: HeaderPair, isRepeated: boolean): void {
    const value = isFieldValue(given) ? given : trimmedValue(name, given);
    const known = staticNames.get(name);
    const whole = known?.values.get(value);
    if (whole !== undefined) {
      this.#writeInteger(0x80, 0x7f, whole);
      return;
    }
    if (isRepeated && this.#writeFromTable(name, value)) return;
    const isAdded = isRepeated && this.#add(name, value);
    if (isAdded) this.#writeInteger(0x40, 0x3f, known?.index ?? 0);
    else this.#writeInteger(0x00, 0x0f, known?.index ?? 0);
    if (known === undefined) this.#writeString(name, isRepeated);
    this.#writeString(value, isRepeated);
  }

  #writeFromTable(name: string, value: string): boolean {
    const added = this.#added.get(`${name}: ${value}`);
    if (added === undefined) return false;
    this.#writeInteger(0x80, 0x7f, staticTable.length + this.#entries - added);
    return true;
  }

  #add(name: string, value: string): boolean {
    const size = name.length + value.length + 32;
    if (this.#tableBytes + size > this.#tableBytesMax) return false;
    this.#added.set(`${name}: ${value}`, this.#entries);
    this.#entries += 1;
    this.#tableBytes += size;
    return true;
  }

  #writeInteger(prefix: number, mask: number, value: number): void {
    this.#reserve(6);
    if (value < mask) {
      this.#writeByte(prefix | value);
      return;
    }
    this.#writeByte(prefix | mask);
    let rest = value - mask;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#writeByte((rest % 0x80) | 0x80);
    this.#writeByte(rest);
  }

  /** Compressing costs time, so only what is written once for all is compressed. */
  #writeString(text: string, isRepeated: boolean): void {
    if (isRepeated && huffmanBytes(text) < text.length) {
      const bytes = encodeHuffman(text);
      this.#writeInteger(0x80, 0x7f, bytes.length);
      this.#reserve(bytes.length);
      this.#out.set(bytes, this.#length);
      this.#length += bytes.length;
      return;
    }
    this.#writeInteger(0x00, 0x7f, text.length);
    this.#reserve(text.length);
    this.#length += this.#out.write(text, this.#length, 'latin1');
  }

  #writeByte(byte: number): void {
    this.#out[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#out.length) return;
    const larger = Buffer.allocUnsafe((this.#length + bytes) * 2);
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
  }
}

/** White space around a value is no part of it. */
function trimmedValue(name: string, value: string): string {
  const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, '');
  if (!isFieldValue(trimmed)) throw new TypeError(`the value of header ${name} holds what no header may`);
  return trimmed;
}
