/**
 * Goal: a search of the index finds every entry under its key and nothing else, wherever it lies: in the tail, in runs, in files; and a
 * damaged file is noticed. Method: random entries beside a plain list, with files from the first merge on.
 */
import { expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { MemorySideFiles } from '../journal/memory/side-files.ts';
import type { SideFiles } from '../journal/side-files.ts';
import { from, inOrder } from './entries.ts';
import type { Hit } from './entries.ts';
import { IndexDamaged } from './file-run.ts';
import { IndexRuns } from './index-runs.ts';
import { pathKey } from './key.ts';

const keys = Array.from({ length: 400 }, (_, index) => pathKey('read', '', ['session', `note_${index}`]));

async function filled(beside: SideFiles, fileEntriesMin: number, count: number) {
  const random = seededRandom(5);
  const index = new IndexRuns({ clock: systemClock, beside, fileEntriesMin });
  const plain = new Map<number, Hit[]>(keys.map((_, which) => [which, []]));
  for (let position = 1; position <= count; position += 1) {
    // A few keys are asked about all the time, as hot nodes are.
    const which = random.below(3) === 0 ? random.below(3) : random.below(keys.length);
    const at = random.below(50_000);
    const { high, low } = keys[which] as (typeof keys)[number];
    index.add(high, low, at, position);
    plain.get(which)?.push({ at, position });
  }
  await index.settled();
  for (const hits of plain.values()) hits.sort(inOrder);
  return { index, plain, random };
}

test.each([
  ['in memory', Infinity],
  ['in files', 30_000],
])('searches find what a plain list holds: %s', async (_, fileEntriesMin) => {
  const { index, plain, random } = await filled(new MemorySideFiles(), fileEntriesMin, 75_000);
  expect(index.filed > 0).toBe(fileEntriesMin !== Infinity);
  for (const [which, hits] of plain) {
    const key = keys[which] as (typeof keys)[number];
    const [low, high] = [random.below(50_000), random.below(50_000)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    const within = hits.filter(({ at }) => at >= low && at <= high);
    expect(await index.find(key, from(low), high, Infinity)).toEqual(within);
    expect(await index.find(key, from(low), Infinity, 10)).toEqual(
      hits.filter(({ at }) => at >= low).slice(0, 10),
    );
    expect(await index.findLast(key, { at: high, position: -1 })).toEqual(
      hits.findLast(({ at }) => at < high) ?? null,
    );
    const middle = hits[hits.length >>> 1];
    if (middle === undefined) continue;
    expect(await index.findLast(key, middle)).toEqual(
      hits.findLast((hit) => inOrder(hit, middle) < 0) ?? null,
    );
    expect(await index.find(key, middle, Infinity, Infinity)).toEqual(
      hits.filter((hit) => inOrder(hit, middle) > 0),
    );
  }
  expect(await index.find(pathKey('read', '', ['nobody']), from(0), Infinity, 10)).toEqual([]);
  expect(await index.findLast(pathKey('read', '', ['nobody']), { at: Infinity, position: 0 })).toBe(null);
  await index.close();
});

test('a block that is not what was written is damage, never an answer', async () => {
  const beside = new MemorySideFiles();
  const harmed: SideFiles = {
    names: () => beside.names(),
    write: (name, chunks) => beside.write(name, chunks),
    remove: (name) => beside.remove(name),
    async open(name) {
      const file = await beside.open(name);
      if (file === undefined) return undefined;
      const read = async (offset: number, length: number): Promise<Uint8Array> => {
        const bytes = await file.read(offset, length);
        bytes[7] = (bytes[7] ?? 0) ^ 1;
        return bytes;
      };
      return { ...file, read };
    },
  };
  const { index } = await filled(harmed, 30_000, 40_000);
  const key = keys[0] as (typeof keys)[number];
  await expect(index.find(key, from(0), Infinity, 10)).rejects.toThrow(IndexDamaged);
});

test('files of an earlier start are removed, and where the disk takes none the runs stay in memory', async () => {
  const beside = new MemorySideFiles();
  await beside.write('index-00000009', (async function* () {})());
  const { index } = await filled(beside, 30_000, 40_000);
  expect(await beside.names()).toEqual(['index-00000001']);
  expect(index.filed).toBeGreaterThan(30_000);
  const full: SideFiles = {
    names: () => beside.names(),
    write: () => Promise.reject(new Error('no space')),
    remove: (name) => beside.remove(name),
    open: (name) => beside.open(name),
  };
  const kept = await filled(full, 30_000, 40_000);
  expect(kept.index.filed).toBe(0);
  const [which, hits] = [...kept.plain][7] as [number, Hit[]];
  expect(await kept.index.find(keys[which] as (typeof keys)[number], from(0), Infinity, Infinity)).toEqual(
    hits,
  );
});
