/**
 * A run of the index in a file, so that a long history takes no memory: sorted entries in blocks, of which the first keys are kept in
 * memory together with the blocks' checksums and a filter of the keys. The file, in the machine's own order of bytes:
 *
 *   blocks     128 entries each, the last one what is left: high words (u32), low words (u32), places (f64), positions (f64)
 *   summary    the first entry of each block, in columns as above; CRC32C of each block (u32); the filter's words (u32)
 *   trailer    entries (f64), newest position (f64), words of the filter (u32), CRC32C of the summary and of the trailer up to here (u32),
 *              the number 0x01020304 (u32), "idx1"
 *
 * What does not hold is a damaged index, which is made anew from the journal.
 */
import { crc32c } from '../base/crc32c.ts';
import type { SideFile, SideFiles } from '../journal/side-files.ts';
import type { BlockCache } from './block-cache.ts';
import { Entries, entryBytes } from './entries.ts';
import type { Columns, Cursor, Hit } from './entries.ts';
import { KeyFilter } from './key-filter.ts';
import type { Key } from './key.ts';

const blockEntries = 128;
const blockBytes = blockEntries * entryBytes;
/** Blocks that are written, or read into memory, at a time. */
const chunkBlocks = 64;
const trailerBytes = 32;
const orderMark = 0x01020304;
const magic = 0x31786469;

/** Something of the index is not what was written. */
export class IndexDamaged extends Error {
  override readonly name = 'IndexDamaged';
}

/** What is kept of a file in memory. */
interface Summary {
  readonly length: number;
  /** The newest position that any entry is of. */
  readonly newest: number;
  /** The first entry of each block. */
  readonly fences: Entries;
  readonly checksums: Uint32Array;
  readonly filter: KeyFilter;
}

export class FileRun {
  readonly name: string;
  readonly length: number;
  readonly newest: number;
  readonly #file: SideFile;
  readonly #summary: Summary;
  readonly #cache: BlockCache;
  #reads = 0;
  #isLeft = false;
  #isClosed = false;

  private constructor(file: SideFile, name: string, summary: Summary, cache: BlockCache) {
    this.name = name;
    this.#cache = cache;
    this.length = summary.length;
    this.newest = summary.newest;
    this.#file = file;
    this.#summary = summary;
  }

  /** Writes sorted entries and opens them. */
  static async write(beside: SideFiles, name: string, entries: Entries, cache: BlockCache): Promise<FileRun> {
    const blocks = Math.ceil(entries.length / blockEntries);
    const summary = {
      length: entries.length,
      newest: newestOf(entries),
      fences: new Entries(blocks),
      checksums: new Uint32Array(blocks),
      filter: KeyFilter.for(entries.length),
    };
    await beside.write(name, encoded(entries, summary));
    const file = await beside.open(name);
    if (file === undefined) throw new IndexDamaged(`${name} is not there though it was written`);
    return new FileRun(file, name, summary, cache);
  }

  /** Opens a file that an earlier start has written. */
  static async open(beside: SideFiles, name: string, cache: BlockCache): Promise<FileRun> {
    const file = await beside.open(name);
    if (file === undefined) throw new IndexDamaged(`${name} is not there`);
    try {
      return new FileRun(file, name, await summaryOf(file, name), cache);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Memory that it takes. */
  get bytes(): number {
    const { fences, filter } = this.#summary;
    return fences.length * (entryBytes + 4) + filter.words.byteLength;
  }

  /** Whether a search for a key is worth reading. */
  mayHold(key: Key): boolean {
    return this.#summary.filter.mayHold(key);
  }

  /** As in `Entries`. */
  async find(key: Key, after: Cursor, until: number, limit: number): Promise<Hit[]> {
    const { fences } = this.#summary;
    const found: Hit[] = [];
    for (let block = this.#blockBefore(key, after); block < fences.length; block += 1) {
      if (block >= 0) {
        const entries = await this.#cached(block);
        for (const hit of entries.find(key, after, until, limit - found.length)) found.push(hit);
      }
      const next = block + 1;
      const isOver =
        next >= fences.length || fences.compare(next, key, { at: until, position: Infinity }) > 0;
      if (isOver || found.length >= limit) break;
    }
    return found;
  }

  /** As in `Entries`. */
  async findLast(key: Key, before: Cursor): Promise<Hit | null> {
    const { fences } = this.#summary;
    for (let block = this.#blockBefore(key, before); block >= 0; block -= 1) {
      const last = (await this.#cached(block)).findLast(key, before);
      // Where the block begins with `before` itself, the entry before lies at the end of the one before it.
      if (last !== null || fences.compare(block, key, before) < 0) return last;
    }
    return null;
  }

  /** All entries. */
  async all(): Promise<Entries> {
    const entries = new Entries(this.length);
    for (let block = 0; block < this.#summary.fences.length; block += 1) {
      const read = await this.#read(block);
      entries.takeAll(read, 0, read.length);
    }
    return entries;
  }

  /** Lets go of the file: searches find damage from now on, and go on in the index that comes next. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.leave();
  }

  /** Lets go of the file, because what it holds is not asked for any more: searches find nothing. */
  async leave(): Promise<void> {
    if (this.#isLeft) return;
    this.#isLeft = true;
    if (this.#reads === 0) await this.#file.close();
  }

  /** The last block that begins at or before a place under a key; -1 where none does. */
  #blockBefore(key: Key, place: Cursor): number {
    return this.#summary.fences.lowerBound(key, place) - 1;
  }

  #cached(block: number): Promise<Entries> {
    if (this.#isClosed) throw new IndexDamaged(`${this.name} is let go of`);
    if (this.#isLeft) return Promise.resolve(new Entries(0));
    return this.#cache.get(this.name, block, () => this.#read(block));
  }

  async #read(block: number): Promise<Entries> {
    this.#reads += 1;
    try {
      const bytes = await this.#file.read(block * blockBytes, this.#bytesOf(block));
      if (crc32c(bytes) !== this.#summary.checksums[block])
        throw new IndexDamaged(`block ${block} of ${this.name} does not hold`);
      return entriesIn(bytes, bytes.length / entryBytes);
    } catch (error) {
      if (error instanceof IndexDamaged) throw error;
      throw new IndexDamaged(`block ${block} of ${this.name} cannot be read: ${String(error)}`);
    } finally {
      this.#reads -= 1;
      if (this.#isLeft && this.#reads === 0) await this.#file.close();
    }
  }

  #bytesOf(block: number): number {
    return Math.min(blockEntries, this.length - block * blockEntries) * entryBytes;
  }
}

/** The newest position that any entry is of; 0 where there is none. */
export function newestOf({ position, length }: Entries): number {
  let newest = 0;
  for (let index = 0; index < length; index += 1)
    if ((position[index] as number) > newest) newest = position[index] as number;
  return newest;
}

async function* encoded(entries: Entries, summary: Summary): AsyncGenerator<Uint8Array> {
  const { fences, checksums, filter, length, newest } = summary;
  for (let first = 0; first < length; first += blockEntries * chunkBlocks) {
    const last = Math.min(length, first + blockEntries * chunkBlocks);
    const chunk = new Uint8Array((last - first) * entryBytes);
    for (let start = first; start < last; start += blockEntries) {
      const end = Math.min(last, start + blockEntries);
      const offset = (start - first) * entryBytes;
      putColumns(entries, start, end, chunk, offset);
      checksums[fences.length] = crc32c(chunk, offset, offset + (end - start) * entryBytes);
      fences.take(entries, start);
    }
    addKeys(filter, entries, first, last);
    yield chunk;
  }
  const { words } = filter;
  const bytes = new Uint8Array(summaryBytes(fences.length, words.length) + trailerBytes);
  putColumns(fences, 0, fences.length, bytes, 0);
  let at = fences.length * entryBytes;
  for (const column of [checksums, words]) {
    bytes.set(bytesOf(column), at);
    at += column.byteLength;
  }
  const trailer = new DataView(bytes.buffer, bytes.length - trailerBytes);
  trailer.setFloat64(0, length, true);
  trailer.setFloat64(8, newest, true);
  trailer.setUint32(16, words.length, true);
  trailer.setUint32(20, crc32c(bytes, 0, bytes.length - 12), true);
  bytes.set(bytesOf(Uint32Array.of(orderMark)), bytes.length - 8);
  trailer.setUint32(28, magic, true);
  yield bytes;
}

function addKeys(filter: KeyFilter, { high, low }: Entries, start: number, end: number): void {
  for (let index = start; index < end; index += 1) {
    const isKnown = index > start && high[index] === high[index - 1] && low[index] === low[index - 1];
    if (!isKnown) filter.add(high[index] as number, low[index] as number);
  }
}

async function summaryOf(file: SideFile, name: string): Promise<Summary> {
  const damaged = new IndexDamaged(`${name} does not end as it was written`);
  if (file.bytes < trailerBytes) throw damaged;
  const trailer = await file.read(file.bytes - trailerBytes, trailerBytes);
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  const isOurs = view.getUint32(28, true) === magic && wordAt(trailer, 24) === orderMark;
  const [length, newest] = [view.getFloat64(0, true), view.getFloat64(8, true)];
  const [blocks, words] = [Math.ceil(length / blockEntries), view.getUint32(16, true)];
  const start = length * entryBytes;
  const end = start + summaryBytes(blocks, words);
  if (!isOurs || end + trailerBytes !== file.bytes) throw damaged;
  const bytes = await file.read(start, end - start);
  const checksum = crc32c(trailer, 0, 20, crc32c(bytes));
  if (checksum !== view.getUint32(20, true)) throw damaged;
  const aligned = new Uint8Array(bytes).buffer;
  const at = blocks * entryBytes;
  return {
    length,
    newest,
    fences: entriesIn(bytes, blocks),
    checksums: new Uint32Array(aligned, at, blocks),
    filter: new KeyFilter(new Uint32Array(aligned, at + blocks * 4, words)),
  };
}

function summaryBytes(blocks: number, words: number): number {
  return blocks * (entryBytes + 4) + words * 4;
}

function putColumns(entries: Entries, start: number, end: number, bytes: Uint8Array, offset: number): void {
  let at = offset;
  for (const column of [entries.high, entries.low, entries.at, entries.position]) {
    const part = bytesOf(column.subarray(start, end));
    bytes.set(part, at);
    at += part.length;
  }
}

/** Entries in columns, as {@link putColumns} puts them. */
function entriesIn(bytes: Uint8Array, count: number): Entries {
  const { buffer, byteOffset } = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const columns: Columns = [
    new Uint32Array(buffer, byteOffset, count),
    new Uint32Array(buffer, byteOffset + count * 4, count),
    new Float64Array(buffer, byteOffset + count * 8, count),
    new Float64Array(buffer, byteOffset + count * 16, count),
  ];
  const entries = new Entries(0, columns);
  entries.length = count;
  return entries;
}

function bytesOf(column: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new Uint32Array(new Uint8Array(bytes.subarray(at, at + 4)).buffer)[0] as number;
}
