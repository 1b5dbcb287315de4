/**
 * Goal: a search of the index finds every entry under its key and nothing else, wherever it lies: in the tail, in runs, in files, in files of
 * an earlier start; and what is damaged is noticed. Method: random entries beside a plain list, with small runs and files from the
 * first merge on.
 */
import { expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { crc32c } from '../base/crc32c.ts';
import { seededRandom } from '../base/random.ts';
import { MemorySideFiles } from '../journal/memory/side-files.ts';
import type { SideFiles } from '../journal/side-files.ts';
import { from, inOrder } from './entries.ts';
import type { Hit } from './entries.ts';
import { IndexDamaged } from './file-run.ts';
import { IndexRuns } from './index-runs.ts';
import { pathKey } from './key.ts';
import { IndexReader } from './reader.ts';

const keys = Array.from({ length: 400 }, (_, index) => pathKey('read', '', ['session', `note_${index}`]));
const sizes = { tailEntries: 1_024, fanIn: 8, fileEntriesMin: 8_192, keptEntriesMin: 500 };

/** Entries of one position each, beside what is expected of a search. */
class Plain {
  readonly hits = new Map<number, Hit[]>(keys.map((_, which) => [which, []]));
  readonly random = seededRandom(5);
  readonly #added: [number, number, number][] = [];

  /** Adds entries of positions up to `until`; those that were added to another index before once more. */
  add(index: IndexRuns, first: number, until: number): void {
    for (let position = first; position <= until; position += 1) {
      const [which, at] = this.#entry(position);
      const { high, low } = keys[which] as (typeof keys)[number];
      index.add(high, low, at, position);
    }
  }

  #entry(position: number): [number, number, number] {
    const known = this.#added[position];
    if (known !== undefined) return known;
    // A few keys are asked about all the time, as hot nodes are.
    const { random } = this;
    const which = random.below(3) === 0 ? random.below(3) : random.below(keys.length);
    const entry: [number, number, number] = [which, random.below(50_000), position];
    this.#added[position] = entry;
    const hits = this.hits.get(which) as Hit[];
    hits.push({ at: entry[1], position });
    return entry;
  }

  /** Asks for everything, and for parts of it. */
  async expectIn(index: IndexRuns): Promise<void> {
    for (const [which, unordered] of this.hits) {
      const hits = unordered.sort(inOrder);
      const key = keys[which] as (typeof keys)[number];
      const [one, other] = [this.random.below(50_000), this.random.below(50_000)];
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      expect(await index.find(key, from(0), Infinity, Infinity)).toEqual(hits);
      const within = hits.filter(({ at }) => at >= low && at <= high);
      expect(await index.find(key, from(low), high, Infinity)).toEqual(within);
      const later = hits.filter(({ at }) => at >= low);
      expect(await index.find(key, from(low), Infinity, 10)).toEqual(later.slice(0, 10));
      const last = hits.findLast(({ at }) => at < high) ?? null;
      expect(await index.findLast(key, { at: high, position: -1 })).toEqual(last);
      const middle = hits[hits.length >>> 1];
      if (middle === undefined) continue;
      const before = hits.findLast((hit) => inOrder(hit, middle) < 0) ?? null;
      expect(await index.findLast(key, middle)).toEqual(before);
      const behind = hits.filter((hit) => inOrder(hit, middle) > 0);
      expect(await index.find(key, middle, Infinity, Infinity)).toEqual(behind);
    }
    expect(await index.find(pathKey('read', '', ['nobody']), from(0), Infinity, 10)).toEqual([]);
    expect(await index.findLast(pathKey('read', '', ['nobody']), { at: Infinity, position: 0 })).toBe(null);
  }
}

function indexOver(beside: SideFiles, more: Partial<typeof sizes> = {}, isKeptWhole = false): IndexRuns {
  return new IndexRuns({
    clock: systemClock,
    beside,
    name: 'index',
    isKeptWhole,
    sizes: { ...sizes, ...more },
  });
}

async function filled(beside: SideFiles, count: number, more: Partial<typeof sizes> = {}) {
  const index = indexOver(beside, more);
  const plain = new Plain();
  plain.add(index, 1, count);
  await index.settled();
  return { index, plain };
}

/** Counts files that are open. */
function counted(files: SideFiles): { readonly beside: SideFiles; readonly open: () => number } {
  let count = 0;
  const open = async (name: string) => {
    const file = await files.open(name);
    if (file === undefined) return undefined;
    count += 1;
    const close = async (): Promise<void> => {
      count -= 1;
      await file.close();
    };
    return { ...file, close };
  };
  return { beside: { ...forwarded(files), open }, open: () => count };
}

function forwarded(files: SideFiles): SideFiles {
  return {
    names: () => files.names(),
    write: (name, chunks) => files.write(name, chunks),
    remove: (name) => files.remove(name),
    open: (name) => files.open(name),
  };
}

/** Turns over one bit of a file. */
async function harm(files: SideFiles, name: string, at: number): Promise<void> {
  const file = await files.open(name);
  const bytes = new Uint8Array((await file?.read(0, file.bytes)) ?? []);
  const place = (at + bytes.length) % bytes.length;
  bytes[place] = (bytes[place] as number) ^ 4;
  await files.write(
    name,
    (async function* () {
      yield bytes;
    })(),
  );
}

test.each([
  ['in memory', Infinity],
  ['in files', sizes.fileEntriesMin],
])('searches find what a plain list holds: %s', async (_, fileEntriesMin) => {
  const { index, plain } = await filled(new MemorySideFiles(), 30_000, { fileEntriesMin });
  expect(index.filed > 0).toBe(fileEntriesMin !== Infinity);
  await plain.expectIn(index);
  await index.close();
});

test('entries that nearly all have one key, in any order, are merged like others', async () => {
  const index = indexOver(new MemorySideFiles(), { tailEntries: 16_384, fanIn: 8 });
  const random = seededRandom(9);
  const [hot, cold] = [pathKey('read', '', ['hot']), pathKey('read', '', ['cold'])];
  const hits: Hit[] = [];
  for (let position = 1; position <= 140_000; position += 1) {
    const at = random.below(1_000_000);
    const { high, low } = position % 1_000 === 0 ? cold : hot;
    index.add(high, low, at, position);
    if (position % 1_000 !== 0) hits.push({ at, position });
  }
  await index.settled();
  expect(index.filed).toBeGreaterThan(100_000);
  expect(await index.find(hot, from(0), Infinity, Infinity)).toEqual(hits.sort(inOrder));
  expect(await index.find(cold, from(0), Infinity, Infinity)).toHaveLength(140);
  await index.close();
});

test('a start that follows an orderly stop finds everything again, and no file more than that takes', async () => {
  const files = new MemorySideFiles();
  const { beside, open } = counted(files);
  const { index, plain } = await filled(beside, 12_000);
  await index.keep();
  await index.close();
  let reached = 12_000;
  for (let start = 1; start <= 6; start += 1) {
    const next = indexOver(beside);
    expect(await next.restore()).toBe(reached);
    await plain.expectIn(next);
    plain.add(next, reached + 1, reached + 3_000);
    reached += 3_000;
    await next.settled();
    await plain.expectIn(next);
    await next.keep();
    await next.close();
  }
  expect(open()).toBe(0);
  // A manifest, files of full size, and the rest.
  expect((await files.names()).length).toBeLessThanOrEqual(5);
});

test('a start that follows a kill finds what is in files, and says how far that goes', async () => {
  const files = new MemorySideFiles();
  const { plain } = await filled(files, 20_000);
  const next = indexOver(files);
  expect(await next.restore()).toBe(16_384);
  plain.add(next, 16_385, 21_000);
  await next.settled();
  await plain.expectIn(next);
  // Of the last position there may have been more to come, so all of it is added again; an answer tells it once.
  for (let time = 0; time < 300; time += 1) plain.add(next, 16_384, 16_384);
  plain.add(next, 21_001, 30_000);
  await next.settled();
  const reader = new IndexReader(next, Infinity);
  for (const [which, unordered] of plain.hits) {
    const hits = unordered.sort(inOrder);
    const told: Hit[] = [];
    for await (const hit of reader.hits(keys[which] as (typeof keys)[number], from(0), Infinity))
      told.push(hit);
    expect(told).toEqual(hits);
    const backwards: Hit[] = [];
    for await (const hit of reader.hitsBackwards(keys[which] as (typeof keys)[number], Infinity))
      backwards.push(hit);
    expect(backwards.reverse()).toEqual(hits);
  }
  await next.close();
});

test('a file that no manifest names goes', async () => {
  const files = new MemorySideFiles();
  const { index } = await filled(files, 10_000);
  await index.close();
  expect(await files.names()).toEqual(['index-00000001', 'index.manifest']);
  for (const orphan of ['index-00000009', 'index-00000002'])
    await files.write(orphan, (async function* () {})());
  const next = indexOver(files);
  expect(await next.restore()).toBe(8_192);
  expect(await files.names()).toEqual(['index-00000001', 'index.manifest']);
  await next.close();
  // An index that is made anew without a look at what there is takes no notice of it.
  const { index: another } = await filled(files, 17_000);
  expect(await files.names()).toEqual(['index-00000001', 'index-00000002', 'index.manifest']);
  await another.discard();
  expect(await files.names()).toEqual([]);
});

test.each([
  ['a file that is gone', (files: SideFiles) => files.remove('index-00000001')],
  ['a trailer', (files: SideFiles) => harm(files, 'index-00000001', -1)],
  ['a length', (files: SideFiles) => harm(files, 'index-00000001', -30)],
  ['a word of the filter', (files: SideFiles) => harm(files, 'index-00000001', -40)],
  ['a manifest', (files: SideFiles) => harm(files, 'index.manifest', -3)],
])('damage in what an earlier start has left is nothing left: %s', async (_, damage) => {
  const files = new MemorySideFiles();
  const { index } = await filled(files, 20_000);
  await index.close();
  await damage(files);
  const { beside, open } = counted(files);
  const next = indexOver(beside);
  expect(await next.restore()).toBe(0);
  expect(open()).toBe(0);
  const plain = new Plain();
  plain.add(next, 1, 20_000);
  await next.settled();
  await plain.expectIn(next);
  await next.close();
});

test('a manifest of another format counts as none', async () => {
  const files = new MemorySideFiles();
  await (await filled(files, 20_000)).index.close();
  const text = JSON.stringify({ format: 0, files: ['index-00000001'] });
  const checksum = crc32c(new TextEncoder().encode(text)).toString(16).padStart(8, '0');
  await files.write(
    'index.manifest',
    (async function* () {
      yield new TextEncoder().encode(`${checksum}\n${text}`);
    })(),
  );
  expect(await indexOver(files).restore()).toBe(0);
});

test('what counts as a whole counts only once it was kept', async () => {
  const files = new MemorySideFiles();
  const plain = new Plain();
  const index = indexOver(files, {}, true);
  plain.add(index, 1, 20_000);
  await index.settled();
  expect(await indexOver(new MemorySideFiles(), {}, true).restore()).toBe(0);
  expect(await files.names()).toEqual(['index-00000001', 'index-00000002']);
  await index.keep();
  await index.close();
  const next = indexOver(files, {}, true);
  expect(await next.restore()).toBe(20_000);
  await plain.expectIn(next);
  await next.close();
});

test('old entries are let go of where nothing newer lies beside them, under searches that go on', async () => {
  const files = new MemorySideFiles();
  const { beside, open } = counted(files);
  const { index } = await filled(beside, 30_000);
  const key = keys[1] as (typeof keys)[number];
  const under = index.find(key, from(0), Infinity, Infinity);
  await index.dropUpTo(17_000);
  expect((await under).every(({ position }) => position > 0)).toBe(true);
  const left = await index.find(key, from(0), Infinity, Infinity);
  // What is left of the older ones shares a file with newer ones.
  expect(Math.min(...left.map(({ position }) => position))).toBeGreaterThan(16_384);
  expect(await files.names()).toEqual(['index-00000003', 'index.manifest']);
  expect(open()).toBe(1);
  await index.dropUpTo(30_000);
  expect(await index.find(key, from(0), Infinity, Infinity)).toEqual([]);
  expect(open()).toBe(0);
  const next = indexOver(files);
  expect(await next.restore()).toBe(0);
});

test('a block that is not what was written is damage, never an answer', async () => {
  const files = new MemorySideFiles();
  const { index } = await filled(files, 10_000);
  const file = await files.open('index-00000001');
  const harmed: SideFiles = {
    ...forwarded(files),
    async open(name) {
      if (name !== 'index-00000001') return files.open(name);
      const read = async (offset: number, length: number): Promise<Uint8Array> => {
        const bytes = new Uint8Array((await file?.read(offset, length)) ?? []);
        if (offset < 8_192 * 24) bytes[7] = (bytes[7] ?? 0) ^ 1;
        return bytes;
      };
      return { bytes: file?.bytes ?? 0, read, close: async () => undefined };
    },
  };
  await index.close();
  const next = indexOver(harmed);
  expect(await next.restore()).toBe(8_192);
  const key = keys[0] as (typeof keys)[number];
  await expect(next.find(key, from(0), Infinity, 10)).rejects.toThrow(IndexDamaged);
  // A file that was let go of is none to look for answers in either.
  await expect(index.find(key, from(0), Infinity, 10)).rejects.toThrow(IndexDamaged);
});

test('where the disk takes no files the runs stay in memory, and what it takes later leaves no gap', async () => {
  const files = new MemorySideFiles();
  let isFull = true;
  const full: SideFiles = {
    ...forwarded(files),
    write: (name, chunks) => (isFull ? Promise.reject(new Error('no space')) : files.write(name, chunks)),
  };
  const { index, plain } = await filled(full, 20_000);
  expect(index.filed).toBe(0);
  await plain.expectIn(index);
  isFull = false;
  plain.add(index, 20_001, 30_000);
  await index.settled();
  expect(index.filed).toBeGreaterThan(0);
  await plain.expectIn(index);
  // What is in memory is older than what is in files: a start after a kill must not take the files for all.
  expect(await files.names()).not.toContain('index.manifest');
  await index.dropUpTo(0);
  expect(await files.names()).not.toContain('index.manifest');
  await index.keep();
  await index.close();
  const next = indexOver(files);
  expect(await next.restore()).toBe(30_000);
  await plain.expectIn(next);
  await next.close();
});
