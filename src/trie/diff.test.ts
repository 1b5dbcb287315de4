/** Goal: a difference costs what differs. Method: entries that count how often they are asked for. (Contents: model.test.ts.) */
import { expect, test } from 'vitest';
import { diff } from './diff.ts';
import type { Difference } from './diff.ts';
import { countNodeReads } from './node-reads.ts';
import { emptyRoot } from './node.ts';
import type { TrieNode } from './node.ts';
import { formatPath } from './path.ts';
import { Transaction } from './transaction.ts';

interface Entry {
  readonly id: number;
}

function wideTree(): TrieNode<Entry> {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  for (let id = 0; id < 50_000; id += 1) transaction.set(['wide', `n${id}`], { id });
  return transaction.commit();
}

test('one change among 50,000 siblings is found by looking at a few of them', () => {
  const before = wideTree();
  const transaction = new Transaction(before, 2);
  transaction.set(['wide', 'n4711'], { id: -1 });
  const after = transaction.commit();
  let nodesRead = 0;
  for (const root of [before, after]) countNodeReads(root, () => (nodesRead += 1));
  nodesRead = 0;
  const found = [...diff(before, after, { within: [] })];
  expect(found.map(toldOf)).toEqual(['/wide/n4711 4711 -1']);
  expect(nodesRead).toBeLessThan(1_000);
});

test('equal trees, and what a caller takes for equal, do not differ', () => {
  const before = wideTree();
  expect([...diff(before, before, { within: [] })]).toEqual([]);
  const transaction = new Transaction(before, 2);
  transaction.set(['wide', 'n1'], { id: 1 });
  transaction.set(['wide', 'n2'], { id: 3 });
  const options = { within: ['wide'], same: (a: Entry, b: Entry) => a.id === b.id };
  expect(Array.from(diff(before, transaction.commit(), options), ({ path }) => formatPath(path))).toEqual([
    '/wide/n2',
  ]);
});

test('a subtree that is new or gone is told entry by entry, and not at all outside of it', () => {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  transaction.set(['a'], { id: 1 });
  transaction.set(['a', 'b', 'c'], { id: 2 });
  const root = transaction.commit();
  const empty = emptyRoot<Entry>();
  expect(Array.from(diff(empty, root, { within: [] }), toldOf)).toEqual(['/a null 1', '/a/b/c null 2']);
  expect(Array.from(diff(root, empty, { within: ['a', 'b'] }), toldOf)).toEqual(['/a/b/c 2 null']);
  expect([...diff(root, empty, { within: ['x'] })]).toEqual([]);
  expect([...diff(root, empty, { within: ['a'], after: ['b'] })]).toEqual([]);
});

test('both sides say when a copy put the entry where it is', () => {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  transaction.set(['a', 'b'], { id: 1 });
  const before = transaction.commit();
  const copying = new Transaction(before, 2);
  copying.graft(['c', 'd'], before);
  const [found] = diff(before, copying.commit(), { within: [] });
  expect(found).toMatchObject({
    path: ['c', 'd', 'a', 'b'],
    before: null,
    after: { grafted: 2, node: { touched: 1 } },
  });
});

function toldOf({ path, before, after }: Difference<Entry>): string {
  return `${formatPath(path)} ${before?.node.entry?.id ?? null} ${after?.node.entry?.id ?? null}`;
}
