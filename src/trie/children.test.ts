/** Goal: a node may have very many children, in any order of coming and going. Method: B-trees against sorted lists. */
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { findChild } from './children.ts';
import { ChildCursor } from './cursor.ts';
import { checkTree } from './invariants.ts';
import { childrenOf } from './iterate.ts';
import { emptyRoot } from './node.ts';
import type { Children, TrieNode } from './node.ts';
import { Transaction } from './transaction.ts';

interface Entry {
  readonly id: number;
}

const total = 100_000;

function segmentOf(id: number): string {
  return `k${String(id).padStart(6, '0')}`;
}

function rootWith(ids: readonly number[]): TrieNode<Entry> {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  for (const id of ids) transaction.set([segmentOf(id)], { id });
  return transaction.commit();
}

function shuffled(seed: number): number[] {
  const random = seededRandom(seed);
  const ids = Array.from({ length: total }, (_, id) => id);
  for (let at = total - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [ids[at], ids[other]] = [ids[other] ?? 0, ids[at] ?? 0];
  }
  return ids;
}

function chunksOf(children: Children<Entry> | null): number {
  if (children === null) return 0;
  return (children.chunks ?? []).reduce((sum, chunk) => sum + chunksOf(chunk), 1);
}

test.each([
  ['ascending', Array.from({ length: total }, (_, id) => id), total / 32 + total / 900],
  ['descending', Array.from({ length: total }, (_, id) => total - 1 - id), total / 14],
  ['shuffled', shuffled(5), total / 14],
])('keeps 100,000 children that come %s in few chunks', (_, ids, chunksMax) => {
  const root = rootWith(ids);
  checkTree(root);
  expect(root.children?.size).toBe(total);
  expect(chunksOf(root.children)).toBeLessThan(chunksMax);
  expect(Array.from(childrenOf(root), (child) => child.node.entry?.id)).toEqual(
    ids.toSorted((a, b) => a - b),
  );
});

test('shrinks again as children go, in any order, down to none', () => {
  const ids = shuffled(6);
  const root = rootWith(ids);
  const transaction = new Transaction(root, 2);
  for (const id of shuffled(7).slice(0, total - 100)) transaction.remove([segmentOf(id)]);
  const few = transaction.commit();
  checkTree(few);
  expect(few.children?.size).toBe(100);
  expect(chunksOf(few.children)).toBeLessThan(16);
  for (const { segment } of childrenOf(few)) transaction.remove([segment]);
  expect(transaction.commit().children).toBeNull();
  expect(root.count).toBe(total);
  checkTree(root);
});

test('seeks to any segment, there or not', () => {
  const random = seededRandom(8);
  const root = rootWith(Array.from({ length: 5_000 }, (_, id) => id * 2));
  for (let round = 0; round < 2_000; round += 1) {
    const id = random.below(10_010);
    const even = id + (id % 2);
    expect(new ChildCursor(root.children, segmentOf(id)).segment).toBe(
      even < 10_000 ? segmentOf(even) : undefined,
    );
    const next = childrenOf(root, segmentOf(id)).next().value;
    const behind = id + 2 - (id % 2);
    expect(next?.segment).toBe(behind < 10_000 ? segmentOf(behind) : undefined);
  }
  expect(new ChildCursor(root.children, '').segment).toBe(segmentOf(0));
  expect(new ChildCursor(null, 'a').segment).toBeUndefined();
});

test('finds segments that begin alike, are cut short, or hold surrogates', () => {
  const segments = ['a', 'aa', 'aaa', 'aab', 'ab', 'b', 'é', '\ue000', '\uffff', '😀', '😀a', '😁'];
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  for (const [id, segment] of segments.entries()) transaction.set([segment], { id });
  const root = transaction.commit();
  expect(Array.from(childrenOf(root), (child) => child.segment)).toEqual(segments);
  const { children } = root;
  if (children === null) throw new Error('no children');
  expect(segments.map((segment) => findChild(children, segment)?.entry?.id)).toEqual([...segments.keys()]);
  expect(['', 'A', 'aaaa', 'ac', '\ud83d', '😂'].map((segment) => findChild(children, segment))).toEqual(
    Array.from({ length: 6 }),
  );
});
