/**
 * The index: who wrote what, and who had read it, by keys of paths. Derived from the journal, and no part of the state.
 *
 * What comes last lies in a short list without order (the tail); a full one is sorted and becomes a run, and 32 runs of a size are
 * merged into one of the next. So an entry is moved twice in its life, and a search looks into a few dozen runs, in
 * each of which it finds its place by a guess. Runs of half a million entries go to files beside the journal, which keeps memory bounded
 * whatever the length of the history: a file takes a byte or so of memory for each entry, which tells most searches that
 * there is nothing for them. Merging and writing go on beside everything else, a few milliseconds at a time.
 *
 * Files outlive the process where a manifest names them. What lay in memory is made again from the journal, or was written when the broker
 * was stopped in order: then it is read into memory again, so that files do not become many and small.
 */
import type { Clock } from '../base/clock.ts';
import { indexFileEntriesMin, indexKeptEntriesMin } from '../base/limits.ts';
import type { SideFiles } from '../journal/side-files.ts';
import { BlockCache } from './block-cache.ts';
import { Entries, entryBytes, findIn, inOrder } from './entries.ts';
import type { Cursor, EntrySink, Hit } from './entries.ts';
import { FileRun, newestOf } from './file-run.ts';
import type { Key } from './key.ts';
import { readManifest, removeManifest, writeManifest } from './manifest.ts';
import { resultInSlices } from '../base/slices.ts';
import { merged, sorted, sortedMax } from './sorting.ts';

/** Bits that say which keys the tail may hold: sixteen for each of its entries. */
const tailBits = 16;

/** When entries move on. */
export interface IndexSizes {
  /** Entries in the tail at most; four to the power of something, times 64. */
  readonly tailEntries: number;
  /** Runs of one size that become one of the next. */
  readonly fanIn: number;
  /** Merged runs with so many entries go to files. */
  readonly fileEntriesMin: number;
  /** As many entries are worth a file when the broker stops. */
  readonly keptEntriesMin: number;
}

const usualSizes: IndexSizes = {
  tailEntries: sortedMax,
  fanIn: 32,
  fileEntriesMin: indexFileEntriesMin,
  keptEntriesMin: indexKeptEntriesMin,
};

export interface IndexRunsOptions {
  readonly clock: Clock;
  readonly beside: SideFiles;
  /** What its files are called. */
  readonly name: string;
  /** Its files count for the next start only once {@link IndexRuns.keep} was called. Default: each counts once it is written. */
  readonly isKeptWhole?: boolean;
  /** Smaller ones than usual: for tests. */
  readonly sizes?: IndexSizes | undefined;
}

export class IndexRuns implements EntrySink {
  readonly #options: IndexRunsOptions;
  readonly #sizes: IndexSizes;
  readonly #cache = new BlockCache();
  #tail = new Entries(64);
  #tailKeys = new Uint32Array((64 * tailBits) / 32);
  /** Sorted runs by size, the smallest first. */
  readonly #levels: Entries[][] = [];
  #files: FileRun[] = [];
  /** Files of which the entries are in memory too, until they are part of a larger one; and the runs there that hold them. */
  #small: string[] = [];
  #restored = new Set<Entries>();
  #lastNumber = 0;
  #prepared: Promise<void> | null = null;
  #telling: Promise<void> = Promise.resolve();
  #merging: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: IndexRunsOptions) {
    this.#options = options;
    this.#sizes = options.sizes ?? usualSizes;
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

  /**
   * Takes over what an earlier start has left; only right at the beginning. Says how far it goes: entries of all positions before that are there,
   * and some of that one, which may be added again. 0: there is nothing.
   */
  async restore(): Promise<number> {
    const { beside, name } = this.#options;
    const opened: FileRun[] = [];
    let newest = 0;
    try {
      const names = await readManifest(beside, name);
      for (const each of names) opened.push(await FileRun.open(beside, each, this.#cache));
      for (const run of opened) {
        newest = Math.max(newest, run.newest);
        if (run.length >= this.#sizes.fileEntriesMin) this.#files.push(run);
        else await this.#toMemory(run);
      }
      await (this.#prepared ??= this.#removeOthers(names));
      this.#lastNumber = Math.max(0, ...names.map((each) => Number(each.slice(name.length + 1))));
      return newest;
    } catch {
      // Whatever the reason: there is the journal.
      for (const run of opened) await run.leave();
      [this.#files, this.#restored, this.#small] = [[], new Set(), []];
      this.#levels.length = 0;
      return 0;
    }
  }

  add(high: number, low: number, at: number, position: number): void {
    if (this.#tail.isFull) this.#makeRoom();
    this.#noteInTail(low);
    this.#tail.push(high, low, at, position);
  }

  /** Hits under a key behind `after` and up to `until` (inclusive), in order, at most `limit`. */
  async find(key: Key, after: Cursor, until: number, limit: number): Promise<Hit[]> {
    const found = findIn(this.#levels.flat(), key, after, until, limit);
    if (this.#tailMayHold(key)) for (const hit of this.#tail.scan(key, after, until)) found.push(hit);
    // What is merged meanwhile was looked at already.
    const files = this.#files.filter((run) => run.mayHold(key));
    for (const hits of await Promise.all(files.map((run) => run.find(key, after, until, limit))))
      for (const hit of hits) found.push(hit);
    return found.length < 2 ? found : found.sort(inOrder).slice(0, limit);
  }

  /** The last hit under a key before a place. */
  async findLast(key: Key, before: Cursor): Promise<Hit | null> {
    let last: Hit | null = null;
    const consider = (hit: Hit | null): void => {
      if (hit !== null && (last === null || inOrder(last, hit) < 0)) last = hit;
    };
    if (this.#tailMayHold(key)) {
      const isBefore = (hit: Hit): boolean => inOrder(hit, before) < 0;
      consider(this.#tail.scan(key, { at: -1, position: -1 }, before.at).findLast(isBefore) ?? null);
    }
    for (const level of this.#levels) for (const run of level) consider(run.findLast(key, before));
    const files = this.#files.filter((run) => run.mayHold(key));
    for (const hit of await Promise.all(files.map((run) => run.findLast(key, before)))) consider(hit);
    return last;
  }

  /** Whether an earlier start has left something to {@link restore}. */
  async isRestorable(): Promise<boolean> {
    return (await readManifest(this.#options.beside, this.#options.name)).length > 0;
  }

  /** Resolves when no runs are waiting to be merged. */
  async settled(): Promise<void> {
    while (this.#merging !== null) await this.#merging;
  }

  /** Writes what is in memory to a file for the next start, where it is worth one. */
  async keep(): Promise<void> {
    const { clock, isKeptWhole = false } = this.#options;
    await this.settled();
    const runs = this.#levels.flat();
    const isNew = (run: Entries): boolean => !this.#restored.has(run);
    const count = runs.filter(isNew).reduce((sum, run) => sum + run.length, this.#tail.length);
    const isWorthIt =
      count >= this.#sizes.keptEntriesMin || (isKeptWhole && count > 0 && this.#files.length > 0);
    if (isWorthIt) {
      const all = await resultInSlices(merged([...runs, sorted(this.#tail)]), clock);
      this.#files.push(await this.#write(all));
      this.#levels.length = 0;
      this.#clearTail();
      this.#restored.clear();
      this.#small = [];
    }
    if (isWorthIt || isKeptWhole) await this.#tell();
  }

  /** Lets go of entries that are of positions up to this one, as far as there are runs without later ones. */
  async dropUpTo(position: number): Promise<void> {
    while (this.#merging !== null) await this.#merging;
    const isKept = (run: Entries): boolean => newestOf(run) > position;
    this.#levels.forEach((level, index) => {
      this.#levels[index] = level.filter(isKept);
    });
    if (!isKept(this.#tail)) this.#clearTail();
    for (const run of this.#restored) if (!isKept(run)) this.#restored.delete(run);
    if (this.#restored.size === 0) this.#small = [];
    const left = this.#files.filter((run) => run.newest <= position);
    this.#files = this.#files.filter((run) => run.newest > position);
    // Where a manifest must not name what there is, the next start reads the journal.
    if (this.#isGapless) await this.#tell();
    else await this.#untell();
    for (const run of left) await run.leave();
  }

  /** Lets go of its files, which stay for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.settled();
    for (const run of this.#files) await run.close();
  }

  /** Lets go of its files, and removes them. */
  async discard(): Promise<void> {
    await this.close();
    await this.#telling;
    await removeManifest(this.#options.beside, this.#options.name);
    await this.#removeOthers([]);
  }

  /** A new forest's tail is small: there may be a thousand of them. */
  #makeRoom(): void {
    const { length } = this.#tail;
    const { tailEntries, fanIn } = this.#sizes;
    if (length < tailEntries) {
      const [smaller, capacity] = [this.#tail, length * 4];
      this.#tail = new Entries(capacity);
      this.#tailKeys = new Uint32Array((capacity * tailBits) / 32);
      for (let index = 0; index < length; index += 1) {
        this.#noteInTail(smaller.low[index] as number);
        this.#tail.take(smaller, index);
      }
      return;
    }
    this.#level(0).push(sorted(this.#tail));
    this.#clearTail();
    if (this.#level(0).length >= fanIn) this.#merging ??= this.#merge();
  }

  async #merge(): Promise<void> {
    const { clock } = this.#options;
    const { fanIn, fileEntriesMin } = this.#sizes;
    for (let index = 0; index < this.#levels.length; index += 1) {
      while (this.#level(index).length >= fanIn && !this.#isClosed) {
        const parts = this.#level(index).slice(0, fanIn);
        const run = await resultInSlices(merged(parts), clock);
        const file = run.length < fileEntriesMin ? null : await this.#toFile(run);
        this.#level(index).splice(0, fanIn);
        const isOfRestored = parts.filter((part) => this.#restored.delete(part)).length > 0;
        if (file === null) {
          this.#level(index + 1).push(run);
          if (isOfRestored) this.#restored.add(run);
          continue;
        }
        this.#files.push(file);
        if (this.#restored.size === 0) this.#small = [];
        if (this.#isGapless && this.#options.isKeptWhole !== true) await this.#tell().catch(() => undefined);
      }
    }
    this.#merging = null;
  }

  /** Writes a run to a file; `null` where the disk does not take it: then it stays in memory. */
  async #toFile(run: Entries): Promise<FileRun | null> {
    try {
      return await this.#write(run);
    } catch {
      return null;
    }
  }

  async #write(run: Entries): Promise<FileRun> {
    const { beside, name } = this.#options;
    // An index that was not restored begins anew.
    await (this.#prepared ??= removeManifest(beside, name).then(() => this.#removeOthers([])));
    this.#lastNumber += 1;
    return FileRun.write(beside, `${name}-${String(this.#lastNumber).padStart(8, '0')}`, run, this.#cache);
  }

  /**
   * False where a full disk has kept in memory what is older than a file, until it is in one, too: a start that took over the files would
   * go on behind them.
   */
  get #isGapless(): boolean {
    const newest = Math.max(0, ...this.#files.map((run) => run.newest));
    return this.#levels.flat().every((run) => newestOf(run) >= newest || this.#restored.has(run));
  }

  #untell(): Promise<void> {
    const { beside, name } = this.#options;
    const untold = this.#telling.then(() => removeManifest(beside, name));
    this.#telling = untold.catch(() => undefined);
    return untold;
  }

  /** Says in the manifest which files there are now, and removes the others. */
  #tell(): Promise<void> {
    const { beside, name } = this.#options;
    const told = this.#telling.then(async () => {
      const names = [...this.#files.map((run) => run.name), ...this.#small];
      await (names.length === 0 ? removeManifest(beside, name) : writeManifest(beside, name, names));
      await this.#removeOthers(names);
    });
    this.#telling = told.catch(() => undefined);
    return told;
  }

  async #removeOthers(names: readonly string[]): Promise<void> {
    const { beside, name } = this.#options;
    const files = (await beside.names()).filter((each) => each.startsWith(`${name}-`));
    for (const each of files) if (!names.includes(each)) await beside.remove(each);
  }

  async #toMemory(run: FileRun): Promise<void> {
    const entries = await run.all();
    await run.leave();
    this.#small.push(run.name);
    this.#restored.add(entries);
    this.#level(0);
    this.#level(1).push(entries);
  }

  #noteInTail(low: number): void {
    const word = (low & (this.#tailKeys.length * 32 - 1)) >>> 5;
    this.#tailKeys[word] = (this.#tailKeys[word] as number) | (1 << (low & 31));
  }

  #tailMayHold({ low }: Key): boolean {
    const word = (low & (this.#tailKeys.length * 32 - 1)) >>> 5;
    return ((this.#tailKeys[word] as number) & (1 << (low & 31))) !== 0;
  }

  #clearTail(): void {
    this.#tail.length = 0;
    this.#tailKeys.fill(0);
  }

  #level(index: number): Entries[] {
    return (this.#levels[index] ??= []);
  }
}
