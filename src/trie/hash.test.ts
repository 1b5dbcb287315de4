/** Goal: equal trees hash alike in every process, others differ, and a second hash is cheap. Method: counted entries. */
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { hashSteps, hashTree } from './hash.ts';
import { Hasher, hexOf } from './hasher.ts';
import { emptyRoot } from './node.ts';
import type { TrieNode } from './node.ts';
import { Transaction } from './transaction.ts';

interface Entry {
  readonly id: number;
}

function hashEntry(entry: Entry, hasher: Hasher): void {
  hasher.number(entry.id);
}

function treeOf(ids: readonly number[]): TrieNode<Entry> {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  for (const id of ids) transaction.set([`group_${id % 30}`, `node_${id}`], { id });
  return transaction.commit();
}

const ids = Array.from({ length: 20_000 }, (_, id) => id);

test('stays what it is: states that were hashed by an older release can be compared', () => {
  expect(hashTree(emptyRoot<Entry>(), hashEntry)).toMatchInlineSnapshot(`"092526db1cb57aeaa09b941d58cd5a2d"`);
  expect(hashTree(treeOf(ids), hashEntry)).toMatchInlineSnapshot(`"86571a98d534bff2a04d1229edb8b01d"`);
  const hasher = new Hasher();
  hasher.text('größe 😀');
  hasher.number(-0.5);
  expect(hexOf(hasher.finish())).toMatchInlineSnapshot(`"00c9b47f7c19c38a3b1983a8d0b0de53"`);
});

test('does not depend on the order in which a tree was made', () => {
  const expected = hashTree(treeOf(ids), hashEntry);
  expect(hashTree(treeOf(ids.toReversed()), hashEntry)).toBe(expected);
  const detour = new Transaction(treeOf([...ids, 20_000, 20_001]), 1);
  detour.remove(['group_20', 'node_20000']);
  detour.remove(['group_21', 'node_20001']);
  expect(hashTree(detour.commit(), hashEntry)).toBe(expected);
});

test.each<[string, (transaction: Transaction<Entry>) => void]>([
  ['an entry', (transaction) => transaction.set(['group_3', 'node_3'], { id: 4 })],
  ['a stamp', (transaction) => transaction.set(['group_3', 'node_3'], { id: 3 })],
  ['a removal', (transaction) => transaction.remove(['group_3', 'node_3'])],
  ['an entry at the root', (transaction) => transaction.set([], { id: 3 })],
  ['an entry inside', (transaction) => transaction.set(['group_3'], { id: 3 })],
  ['a copy', (transaction) => transaction.graft(['x'], treeOf([1]))],
])('differs by %s', (_, change) => {
  const before = treeOf(ids);
  const first = hashTree(before, hashEntry);
  const transaction = new Transaction(before, 2);
  change(transaction);
  expect(hashTree(transaction.commit(), hashEntry)).not.toBe(first);
  expect(hashTree(before, hashEntry)).toBe(first);
});

test('names are not mixed up with where they end, nor places with each other', () => {
  const hashes = [
    [['ab', 'c']],
    [['a', 'bc']],
    [['a', 'b', 'c']],
    [['abc']],
    [['c', 'ab']],
    [['a'], ['b']],
    [['a'], ['a', 'b']],
    [['b'], ['b', 'a']],
  ].map((paths) => {
    const transaction = new Transaction<Entry>(emptyRoot(), 1);
    for (const path of paths) transaction.set(path, { id: 1 });
    return hashTree(transaction.commit(), hashEntry);
  });
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('after a few writes only their surroundings are hashed again', () => {
  let asked = 0;
  const counting = (entry: Entry, hasher: Hasher): void => {
    asked += 1;
    hashEntry(entry, hasher);
  };
  const root = treeOf(ids);
  hashTree(root, counting);
  expect(asked).toBe(20_000);
  asked = 0;
  const transaction = new Transaction(root, 2);
  for (const id of [5, 4_711, 19_999]) transaction.set([`group_${id % 30}`, `node_${id}`], { id: 0 });
  hashTree(transaction.commit(), counting);
  expect(asked).toBeLessThan(3 * 33);
  asked = 0;
  hashTree(root, counting);
  expect(asked).toBe(0);
});

test('in steps gives the same, pauses often, and does not do more than a little between pauses', () => {
  let asked = 0;
  let mostAtOnce = 0;
  const steps = hashSteps(
    treeOf(ids),
    (entry, hasher) => {
      asked += 1;
      hashEntry(entry, hasher);
    },
    500,
  );
  let pauses = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) {
    pauses += 1;
    mostAtOnce = Math.max(mostAtOnce, asked);
    asked = 0;
  }
  expect(step.value).toBe(hashTree(treeOf(ids), hashEntry));
  expect(pauses).toBeGreaterThan(25);
  expect(mostAtOnce).toBeLessThan(500 + 256);
});

test('every bit of a hash depends on every word: close inputs have hashes half of whose bits differ', () => {
  const random = seededRandom(12);
  const hasher = new Hasher();
  const flips = Array.from({ length: 32 }, () => 0);
  const rounds = 2_000;
  for (let round = 0; round < rounds; round += 1) {
    const words = Array.from({ length: 1 + random.below(9) }, () => random.below(2 ** 32));
    const [at, bit] = [random.below(words.length), random.below(32)];
    const [one, other] = [words, words.with(at, (words[at] ?? 0) ^ (1 << bit))].map((list) => {
      hasher.reset();
      for (const word of list) hasher.word(word);
      return hasher.finish();
    });
    for (const lane of ['a', 'b', 'c', 'd'] as const) {
      const differing = (one?.[lane] ?? 0) ^ (other?.[lane] ?? 0);
      for (let place = 0; place < 32; place += 1)
        flips[place] = (flips[place] ?? 0) + ((differing >>> place) & 1);
    }
  }
  for (const count of flips) expect(Math.abs(count / (rounds * 4) - 0.5)).toBeLessThan(0.03);
});
