/** Blocks of index files that were read last: neighbours ask for the same ones again and again. */
import { indexCacheBlocksMax } from '../base/limits.ts';
import type { Entries } from './entries.ts';

export class BlockCache {
  /** Least recently used first. */
  readonly #known = new Map<string, Promise<Entries>>();

  /** A block of a file, which is read where it is not known. One that cannot be read is not kept. */
  get(file: string, block: number, read: () => Promise<Entries>): Promise<Entries> {
    const name = `${file} ${block}`;
    const known = this.#known.get(name);
    if (known !== undefined) {
      this.#known.delete(name);
      this.#known.set(name, known);
      return known;
    }
    const reading = read();
    this.#known.set(name, reading);
    reading.catch(() => this.#known.delete(name));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= indexCacheBlocksMax) break;
      this.#known.delete(oldest);
    }
    return reading;
  }
}
