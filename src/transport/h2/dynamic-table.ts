import type { Field } from './field.ts';

/** The least that an entry counts. */
const entryBytesMin = 32;

/** The dynamic table of RFC 7541, section 2.3.2: newest first, oldest out when it grows over its size. */
export class DynamicTable {
  /** A ring that fills from its end on; as long as no table of the allowed size can be. */
  readonly #ring: (Field | undefined)[];
  #newest = 0;
  #count = 0;
  #bytes = 0;
  #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#ring = new Array<Field | undefined>(Math.floor(bytesMax / entryBytesMin) + 1).fill(undefined);
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The entry at `index`, 0 being the newest. */
  at(index: number): Field | undefined {
    return index < this.#count ? this.#ring[(this.#newest + index) % this.#ring.length] : undefined;
  }

  /** Adds an entry. One that is larger than the whole table empties it, which is no error (section 4.4). */
  add(field: Field): void {
    this.#evictTo(this.#bytesMax - field.size);
    if (field.size > this.#bytesMax) return;
    this.#newest = (this.#newest + this.#ring.length - 1) % this.#ring.length;
    this.#ring[this.#newest] = field;
    this.#count += 1;
    this.#bytes += field.size;
  }

  /** `bytesMax` is at most what the table was made for. */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#evictTo(bytesMax);
  }

  #evictTo(bytes: number): void {
    while (this.#count > 0 && this.#bytes > bytes) {
      const oldest = (this.#newest + this.#count - 1) % this.#ring.length;
      this.#bytes -= this.#ring[oldest]?.size ?? 0;
      this.#ring[oldest] = undefined;
      this.#count -= 1;
    }
  }
}
