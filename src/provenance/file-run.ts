/**
 * A run of the index in a file, so that a long history takes no memory: sorted entries in blocks, of which the first keys are kept in
 * memory together with the blocks' checksums. A block that does not hold is a damaged index, which is made anew from the journal.
 */
import { crc32c } from '../base/crc32c.ts';
import type { SideFile, SideFiles } from '../journal/side-files.ts';
import { Entries, entryBytes } from './entries.ts';
import type { Cursor, Hit } from './entries.ts';
import type { Key } from './key.ts';

const blockEntries = 128;
const blockBytes = blockEntries * entryBytes;
/** Blocks that are written at a time. */
const chunkBlocks = 64;

/** A block of the index is not what was written. */
export class IndexDamaged extends Error {
  override readonly name = 'IndexDamaged';
}

export class FileRun {
  readonly length: number;
  readonly #file: SideFile;
  readonly #name: string;
  /** The first entry of each block. */
  readonly #fences: Entries;
  readonly #checksums: Uint32Array;

  private constructor(file: SideFile, name: string, length: number, fences: Entries, checksums: Uint32Array) {
    this.#file = file;
    this.#name = name;
    this.length = length;
    this.#fences = fences;
    this.#checksums = checksums;
  }

  /** Writes sorted entries and opens them. */
  static async write(beside: SideFiles, name: string, entries: Entries): Promise<FileRun> {
    const blocks = Math.ceil(entries.length / blockEntries);
    const fences = new Entries(blocks);
    const checksums = new Uint32Array(blocks);
    await beside.write(name, encoded(entries, fences, checksums));
    const file = await beside.open(name);
    if (file === undefined) throw new IndexDamaged(`${name} is not there though it was written`);
    return new FileRun(file, name, entries.length, fences, checksums);
  }

  /** Memory that it takes. */
  get bytes(): number {
    return this.#fences.length * (entryBytes + 4);
  }

  /** As in `Entries`. */
  async find(key: Key, after: Cursor, until: number, limit: number): Promise<Hit[]> {
    const found: Hit[] = [];
    for (let block = this.#blockBefore(key, after); block < this.#fences.length; block += 1) {
      if (block >= 0) {
        const entries = await this.#read(block);
        found.push(...entries.find(key, after, until, limit - found.length));
      }
      const next = block + 1;
      const isOver =
        next >= this.#fences.length || this.#fences.compare(next, key, { at: until, position: Infinity }) > 0;
      if (isOver || found.length >= limit) break;
    }
    return found;
  }

  /** As in `Entries`. */
  async findLast(key: Key, before: Cursor): Promise<Hit | null> {
    // The entry before lies in this block or, where that begins with `before` itself, at the end of the one before it.
    for (
      let block = this.#blockBefore(key, before), tries = 0;
      block >= 0 && tries < 2;
      block -= 1, tries += 1
    ) {
      const last = (await this.#read(block)).findLast(key, before);
      if (last !== null) return last;
    }
    return null;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The last block that begins at or before a place under a key; -1 where none does. */
  #blockBefore(key: Key, place: Cursor): number {
    return this.#fences.lowerBound(key, place) - 1;
  }

  async #read(block: number): Promise<Entries> {
    const bytes = await this.#file.read(block * blockBytes, blockBytes).catch((error: unknown) => {
      throw new IndexDamaged(`block ${block} of ${this.#name} cannot be read: ${String(error)}`);
    });
    if (crc32c(bytes) !== this.#checksums[block])
      throw new IndexDamaged(`block ${block} of ${this.#name} does not hold`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const entries = new Entries(bytes.length / entryBytes);
    for (let at = 0; at < bytes.length; at += entryBytes) {
      const [high, low] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      entries.push(high, low, view.getFloat64(at + 8, true), view.getFloat64(at + 16, true));
    }
    return entries;
  }
}

async function* encoded(
  entries: Entries,
  fences: Entries,
  checksums: Uint32Array,
): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < entries.length; first += blockEntries * chunkBlocks) {
    const last = Math.min(entries.length, first + blockEntries * chunkBlocks);
    const bytes = new Uint8Array((last - first) * entryBytes);
    const view = new DataView(bytes.buffer);
    for (let index = first, at = 0; index < last; index += 1, at += entryBytes) {
      view.setUint32(at, entries.high[index] as number, true);
      view.setUint32(at + 4, entries.low[index] as number, true);
      view.setFloat64(at + 8, entries.at[index] as number, true);
      view.setFloat64(at + 16, entries.position[index] as number, true);
    }
    for (let start = 0; start < bytes.length; start += blockBytes) {
      checksums[fences.length] = crc32c(bytes, start, Math.min(bytes.length, start + blockBytes));
      fences.take(entries, first + start / entryBytes);
    }
    yield bytes;
  }
}
