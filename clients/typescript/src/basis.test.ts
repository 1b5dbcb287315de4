/**
 * Goal: the basis tells what was read, within its bound, and never less than was read.
 * Method: small records by hand; and random reads, each of which must be covered by what is handed over.
 */
import { expect, test } from 'vitest';
import { BasisRecord, travelling, type BasisEntry, type BasisExtent } from './basis.ts';
import { seededRandom } from './testing/seeded-random.ts';

const read = (path: string, revision: number, extent: BasisExtent = 'node'): BasisEntry => ({
  path,
  revision,
  extent,
});

test('it is handed over once, and a path read twice counts with the newer revision', () => {
  const basis = new BasisRecord();
  basis.note(read('/a', 1));
  basis.note(read('/b', 3));
  basis.note(read('/a', 5));
  basis.note(read('/b', 5, 'absent'));
  expect(basis.take()).toEqual([read('/a', 5), read('/b', 5, 'absent')]);
  expect(basis.take()).toEqual([]);
});

test('an older state that is read after a newer one counts beside it', () => {
  const basis = new BasisRecord();
  basis.note(read('/a', 9));
  basis.note(read('/a', 3));
  expect(basis.take()).toEqual([{ ...read('/a', 3), newest: 9 }]);
  basis.note(read('/a', 3));
  basis.note(read('/a', 9));
  expect(basis.take()).toEqual([read('/a', 9)]);
});

test('a subtree and a node of it that was read later count both', () => {
  const basis = new BasisRecord();
  basis.note(read('/a', 3, 'subtree'));
  basis.note(read('/a', 9));
  basis.note(read('/a/b', 9));
  expect(basis.take()).toEqual([read('/a', 3, 'subtree'), read('/a', 9), read('/a/b', 9)]);
});

test('too many entries are folded into the subtrees of their parents, the largest family first', () => {
  const basis = new BasisRecord(10);
  basis.note(read('/other/deep/node', 50));
  basis.note(read('/c/1', 40));
  basis.note(read('/c/2', 41));
  for (let index = 0; index < 8; index += 1) basis.note(read(`/a/b/n${index}`, 20 + index));
  expect(basis.take()).toEqual([
    read('/other/deep/node', 50),
    read('/c/1', 40),
    read('/c/2', 41),
    { ...read('/a/b', 20, 'subtree'), newest: 27 },
  ]);
});

test('of entries without a sibling the deepest are folded first, and the root ends it', () => {
  const basis = new BasisRecord(4);
  for (let index = 0; index < 5; index += 1) basis.note(read(`/tree_${index}/x`, index + 1));
  expect(basis.take()).toEqual([{ ...read('/', 1, 'subtree'), newest: 5 }]);
});

test('a subtree that stands for several reads goes on standing for them when it is read as a whole', () => {
  const basis = new BasisRecord(4);
  for (let index = 0; index < 5; index += 1) basis.note(read(`/a/${index}`, index + 1));
  basis.note(read('/a', 9, 'subtree'));
  expect(basis.take()).toEqual([{ ...read('/a', 1, 'subtree'), newest: 9 }]);
});

test('what is given back counts again, but not over what was read since', () => {
  const basis = new BasisRecord();
  basis.note(read('/a', 1));
  basis.note(read('/b', 1, 'absent'));
  const taken = basis.take();
  basis.note(read('/a', 9));
  basis.giveBack(taken);
  expect(basis.take()).toEqual([read('/a', 9), read('/b', 1, 'absent')]);
});

test('what was read in too many ghosts to be folded is bounded nevertheless', () => {
  const basis = new BasisRecord(10);
  for (let index = 0; index < 30; index += 1)
    basis.note({ ...read('/', 1, 'subtree'), ghostId: `ghost_${index}`, sequence: index });
  expect(basis.take().length).toBeLessThanOrEqual(10);
});

test('what stands for several reads travels as the oldest and the newest of them', () => {
  const ofGhost = { ...read('/a', 7, 'subtree'), ghostId: 'ghost', sequence: 2 };
  expect(
    travelling([
      { ...read('/a', 3, 'subtree'), newest: 9 },
      { ...read('/b', 3, 'subtree'), newest: 3 },
      { ...ofGhost, newest: 5 },
      read('/c', 4),
    ]),
  ).toEqual([
    read('/a', 3, 'subtree'),
    read('/a', 9, 'subtree'),
    read('/b', 3, 'subtree'),
    ofGhost,
    { ...ofGhost, sequence: 5 },
    read('/c', 4),
  ]);
});

test('whatever is read, in whatever order, is covered by what is handed over', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seededRandom(seed);
    const basis = new BasisRecord(20);
    const wanted = new Map<string, BasisEntry[]>();
    for (let left = 1 + random.below(120); left > 0; left -= 1) {
      const path = Array.from({ length: 1 + random.below(4) }, () => `/${random.below(6)}`).join('');
      const entry = read(path, random.below(300), random.pick(['node', 'subtree', 'absent'] as const));
      basis.note(entry);
      const key = `${path} ${entry.extent === 'subtree'}`;
      // It takes the place of what is older.
      const newer = (wanted.get(key) ?? []).filter(({ revision }) => revision > entry.revision);
      wanted.set(key, [...newer, entry]);
    }
    const entries = basis.take();
    expect(entries.length).toBeLessThanOrEqual(20);
    for (const each of [...wanted.values()].flat())
      expect(
        entries.some((entry) => covers(entry, each)),
        `${JSON.stringify(each)} with seed ${seed}`,
      ).toBe(true);
  }
});

function covers(entry: BasisEntry, wanted: BasisEntry): boolean {
  const within = entry.path === '/' ? '/' : `${entry.path}/`;
  const isThere =
    entry.extent === 'subtree'
      ? entry.path === wanted.path || wanted.path.startsWith(within)
      : entry.path === wanted.path && wanted.extent !== 'subtree';
  const newest = entry.newest ?? entry.revision;
  return isThere && entry.revision <= wanted.revision && wanted.revision <= newest;
}
