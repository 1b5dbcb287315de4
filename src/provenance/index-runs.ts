/**
 * The index: who wrote what, and who had read it, by keys of paths. Derived from the journal, and no part of the state.
 *
 * What comes last lies in a short list without order (the tail), which every search looks through; a full one is sorted and becomes a
 * run, and eight runs of a size are merged into one of the next. So an entry is moved a few times in its life, and a search
 * looks into a few dozen runs at most, by halving. Runs of some two million entries go to files beside the journal, which keeps memory bounded
 * whatever the length of the history; those of an earlier start are removed, for the index is made anew then. Merging and writing go
 * on beside everything else, a few milliseconds at a time.
 */
import type { Clock } from '../base/clock.ts';
import { indexFileEntriesMin } from '../base/limits.ts';
import type { SideFiles } from '../journal/side-files.ts';
import { Entries, entryBytes, inOrder } from './entries.ts';
import type { Cursor, EntrySink, Hit } from './entries.ts';
import { FileRun } from './file-run.ts';
import type { Key } from './key.ts';
import { resultInSlices } from './slices.ts';
import { merged, sorted, sortedMax } from './sorting.ts';

/** Runs of one size that become one of the next. */
const fanIn = 8;
const prefix = 'index-';

export interface IndexRunsOptions {
  readonly clock: Clock;
  readonly beside: SideFiles;
  /** Merged runs with so many entries go to files. Default: the limit of that name. */
  readonly fileEntriesMin?: number;
}

export class IndexRuns implements EntrySink {
  readonly #options: IndexRunsOptions;
  #tail = new Entries(64);
  /** Sorted runs by size, the smallest first. */
  readonly #levels: Entries[][] = [];
  readonly #files: FileRun[] = [];
  #merging: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: IndexRunsOptions) {
    this.#options = options;
  }

  /** Memory that it takes. */
  get bytes(): number {
    let bytes = this.#tail.length * entryBytes;
    for (const level of this.#levels) for (const run of level) bytes += run.length * entryBytes;
    for (const run of this.#files) bytes += run.bytes;
    return bytes;
  }

  /** Entries in files. */
  get filed(): number {
    return this.#files.reduce((sum, run) => sum + run.length, 0);
  }

  add(high: number, low: number, at: number, position: number): void {
    if (this.#tail.isFull) this.#makeRoom();
    this.#tail.push(high, low, at, position);
  }

  /** Hits under a key behind `after` and up to `until` (inclusive), in order, at most `limit`. */
  async find(key: Key, after: Cursor, until: number, limit: number): Promise<Hit[]> {
    const found = this.#tail.scan(key, after, until);
    for (const level of this.#levels)
      for (const run of level) found.push(...run.find(key, after, until, limit));
    // What is merged meanwhile was looked at already.
    for (const run of [...this.#files]) found.push(...(await run.find(key, after, until, limit)));
    return found.sort(inOrder).slice(0, limit);
  }

  /** The last hit under a key before a place. */
  async findLast(key: Key, before: Cursor): Promise<Hit | null> {
    let last: Hit | null = null;
    const consider = (hit: Hit | null): void => {
      if (hit !== null && (last === null || inOrder(last, hit) < 0)) last = hit;
    };
    const isBefore = (hit: Hit): boolean => inOrder(hit, before) < 0;
    consider(this.#tail.scan(key, { at: -1, position: -1 }, before.at).findLast(isBefore) ?? null);
    for (const level of this.#levels) for (const run of level) consider(run.findLast(key, before));
    for (const run of [...this.#files]) consider(await run.findLast(key, before));
    return last;
  }

  /** Resolves when no runs are waiting to be merged. */
  async settled(): Promise<void> {
    while (this.#merging !== null) await this.#merging;
  }

  /** Lets go of its files. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.settled();
    for (const run of this.#files) await run.close();
  }

  /** A new forest's tail is small: there may be a thousand of them. */
  #makeRoom(): void {
    const { length } = this.#tail;
    if (length < sortedMax) {
      const larger = new Entries(Math.min(sortedMax, length * 4));
      for (let index = 0; index < length; index += 1) larger.take(this.#tail, index);
      this.#tail = larger;
      return;
    }
    this.#level(0).push(sorted(this.#tail));
    this.#tail.length = 0;
    if (this.#level(0).length >= fanIn) this.#merging ??= this.#merge();
  }

  async #merge(): Promise<void> {
    const { clock, fileEntriesMin = indexFileEntriesMin } = this.#options;
    for (let index = 0; index < this.#levels.length; index += 1) {
      while (this.#level(index).length >= fanIn && !this.#isClosed) {
        const parts = this.#level(index).slice(0, fanIn);
        const run = await resultInSlices(merged(parts), clock);
        const file = run.length < fileEntriesMin ? null : await this.#toFile(run);
        this.#level(index).splice(0, fanIn);
        if (file === null) this.#level(index + 1).push(run);
        else this.#files.push(file);
      }
    }
    this.#merging = null;
  }

  /** Writes a run to a file; `null` where the disk does not take it: then it stays in memory. */
  async #toFile(run: Entries): Promise<FileRun | null> {
    const { beside } = this.#options;
    try {
      const number = this.#files.length + 1;
      if (number === 1)
        for (const old of await beside.names()) if (old.startsWith(prefix)) await beside.remove(old);
      return await FileRun.write(beside, `${prefix}${String(number).padStart(8, '0')}`, run);
    } catch {
      return null;
    }
  }

  #level(index: number): Entries[] {
    return (this.#levels[index] ??= []);
  }
}
