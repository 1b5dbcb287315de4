/**
 * Texts outside the engine's heap. A slab is a block of bytes that is filled from its beginning and never edited: each text in it
 * is a word of 32 bits (its length in bytes, twice, plus one where it is UTF-8 beyond ASCII), and its bytes. Nobody gives texts back: a slab
 * goes, with all that is in it, when nothing refers to it any more, which the garbage collector sees. It copies and looks at
 * one object a slab, where strings are an object each.
 */

/** What the word before a text takes. */
export const slabWordBytes = 4;

export class Slab {
  readonly #bytes: Buffer;
  #end = 0;
  /** Bytes of texts in it that a count came to; see `ValueStore`. */
  reached = 0;
  /** The count that `reached` belongs to. */
  round = 0;

  constructor(size: number) {
    // Not out of Node's own pool, which all kinds of things would keep alive.
    this.#bytes = Buffer.allocUnsafeSlow(size);
  }

  get size(): number {
    return this.#bytes.length;
  }

  /** Whether a text that takes so many bytes, its word included, can be added. */
  hasRoom(bytes: number): boolean {
    return this.#end + bytes <= this.#bytes.length;
  }

  /** Adds a text of `length` bytes: one byte a character, or UTF-8 where that is more. Returns its place. There must be room. */
  add(text: string, length: number): number {
    const isWide = length !== text.length;
    const at = this.#open(length, isWide);
    this.#bytes.write(text, at + slabWordBytes, length, isWide ? 'utf8' : 'latin1');
    return at;
  }

  /** Adds what another slab has at a place. Returns the place here. There must be room. */
  addFrom(other: Slab, from: number): number {
    const at = this.#end;
    const all = other.lengthAt(from) + slabWordBytes;
    other.#bytes.copy(this.#bytes, at, from, from + all);
    this.#end = at + all;
    return at;
  }

  /** Length in bytes of the text at a place. */
  lengthAt(at: number): number {
    return this.#wordAt(at) >>> 1;
  }

  /** Whether the text at a place is UTF-8 beyond ASCII; otherwise it is one byte a character. */
  isWideAt(at: number): boolean {
    return ((this.#bytes[at] as number) & 1) === 1;
  }

  /** Copies the bytes of the text at a place. */
  copyTo(target: Uint8Array, targetStart: number, at: number): void {
    const start = at + slabWordBytes;
    this.#bytes.copy(target, targetStart, start, start + this.lengthAt(at));
  }

  /** The block itself, to be read only: a text begins `slabWordBytes` behind its place. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The text at a place: a new string each time. */
  textAt(at: number): string {
    const word = this.#wordAt(at);
    const start = at + slabWordBytes;
    const end = start + (word >>> 1);
    return this.#bytes.toString((word & 1) === 0 ? 'latin1' : 'utf8', start, end);
  }

  #open(length: number, isWide: boolean): number {
    const at = this.#end;
    const bytes = this.#bytes;
    const word = length * 2 + (isWide ? 1 : 0);
    bytes[at] = word;
    bytes[at + 1] = word >>> 8;
    bytes[at + 2] = word >>> 16;
    bytes[at + 3] = word >>> 24;
    this.#end = at + slabWordBytes + length;
    return at;
  }

  #wordAt(at: number): number {
    const bytes = this.#bytes;
    return (
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    );
  }
}
