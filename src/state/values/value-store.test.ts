/**
 * Values in slabs are the same as values in strings, before, during and after sweeps, in every root that was published; and sweeps
 * leave no sparse slabs behind. Method: random writes to a trunk, and beside it a map of strings for each root that is kept.
 */
import { describe, expect, test } from 'vitest';
import { slabTextBytesMax } from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { Slab, slabWordBytes } from '../../base/slab.ts';
import { walk } from '../../trie/iterate.ts';
import { emptyRoot } from '../../trie/node.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { Transaction } from '../../trie/transaction.ts';
import type { Root } from '../ghosts/ghost.ts';
import { entryOf } from './value.ts';
import type { Entry, Value } from './value.ts';
import { ValueStore } from './value-store.ts';

const sizes = { slabMin: 256, slabMax: 1_024, sweptMin: 4_096 };
const samples = ['', 'a note', 'über alles', '→ 😀', '{"a":[1,2,3]}', 'x'.repeat(300), '\ud800'];

describe.each([1, 2, 3])('random writes (seed %i)', (seed) => {
  test('read back the same from every root, also in the middle of sweeps', () => {
    const run = new Run(seededRandom(seed));
    for (let step = 0; step < 3_000; step += 1) run.step();
    run.check();
    expect(run.sweeps).toBeGreaterThan(10);
  });
});

test('a sweep leaves the trunk no slab that is mostly given up', () => {
  const store = new ValueStore(sizes);
  let root = emptyRoot<Entry>();
  for (let index = 0; index < 400; index += 1) root = put(root, store, [`n${index}`], 'first'.repeat(8));
  for (let index = 0; index < 400; index += 1)
    if (index % 4 !== 0) root = put(root, store, [`n${index}`], `later ${index}`);
  const before = usedShare(root);
  expect(store.isSweepDue(root.count)).toBe(true);
  for (const _ of store.sweepSteps(root));
  expect(store.isSweepDue(root.count)).toBe(false);
  expect(before).toBeLessThan(0.6);
  expect(usedShare(root)).toBeGreaterThan(0.75);
});

test('a load that overwrites nothing asks for no sweep', () => {
  const store = new ValueStore(sizes);
  let root = emptyRoot<Entry>();
  for (let index = 0; index < 1_000; index += 1) {
    root = put(root, store, [`n${index}`], 'a note of some length');
    expect(store.isSweepDue(root.count)).toBe(false);
  }
});

test('what is too long, appended to or half a character stays a string', () => {
  const store = new ValueStore();
  const long = 'x'.repeat(slabTextBytesMax + 1);
  expect(store.add({ kind: 'text', data: long, bytes: long.length, type: '' })).toBeNull();
  expect(store.add({ kind: 'items', data: '[1', bytes: 3, type: '' })).toBeNull();
  expect(store.add({ kind: 'text', data: '\ud800', bytes: 3, type: '' })).toBeNull();
  expect(store.add({ kind: 'text', data: 'a note', bytes: 6, type: '' })).toBeInstanceOf(Slab);
});

class Run {
  readonly #random: Random;
  readonly #store = new ValueStore(sizes);
  readonly #kept: { readonly root: Root; readonly values: ReadonlyMap<string, string> }[] = [];
  readonly #values = new Map<string, string>();
  #root: Root = emptyRoot<Entry>();
  #sweep: Generator<void, void> | null = null;
  sweeps = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  step(): void {
    const path = [`a${this.#random.below(5)}`, `b${this.#random.below(20)}`];
    if (this.#random.below(8) === 0) this.#remove(path);
    else this.#put(path);
    if (this.#random.below(100) === 0) this.#kept.push({ root: this.#root, values: new Map(this.#values) });
    if (this.#kept.length > 5) this.#kept.shift();
    if (this.#sweep === null && this.#store.isSweepDue(this.#root.count)) {
      this.#sweep = this.#store.sweepSteps(this.#root, 7);
      this.sweeps += 1;
    }
    if (this.#random.below(3) === 0 && this.#sweep?.next().done === true) this.#sweep = null;
    if (this.#random.below(200) === 0) this.check();
  }

  check(): void {
    expect(valuesOf(this.#root)).toEqual(this.#values);
    for (const { root, values } of this.#kept) expect(valuesOf(root)).toEqual(values);
  }

  #put(path: Path): void {
    const text = samples[this.#random.below(samples.length)] ?? '';
    this.#root = put(this.#root, this.#store, path, text);
    this.#values.set(formatPath(path), text);
  }

  #remove(path: Path): void {
    const transaction = new Transaction(this.#root, 1);
    transaction.remove(path);
    this.#root = transaction.commit();
    this.#values.delete(formatPath(path));
  }
}

function put(root: Root, store: ValueStore, path: Path, text: string): Root {
  const transaction = new Transaction(root, 1);
  const value: Value = { kind: 'text', data: text, bytes: Buffer.byteLength(text), type: '' };
  const times = { created: 1, modified: 1, assigned: 1, version: 1 };
  transaction.update(path, () => entryOf(value, times, 'agent_1', store));
  return transaction.commit();
}

function valuesOf(root: Root): Map<string, string> {
  const values = new Map<string, string>();
  for (const { path, node } of walk(root, { within: [] }))
    if (node.entry !== null) values.set(formatPath(path), node.entry.data);
  return values;
}

/** How much of the slabs that a tree refers to it uses. */
function usedShare(root: Root): number {
  const slabs = new Set<Slab>();
  let used = 0;
  for (const { node } of walk(root, { within: [] })) {
    if (!(node.entry?.content instanceof Slab)) continue;
    slabs.add(node.entry.content);
    used += node.entry.bytes + slabWordBytes;
  }
  return used / [...slabs].reduce((sum, { size }) => sum + size, 0);
}
