/** Goal: changes are shared as far as can be, and nothing published is edited. Method: identities of nodes and chunks. */
import { expect, test } from 'vitest';
import { checkTree } from './invariants.ts';
import { walk } from './iterate.ts';
import { effectiveTouched, find, locate } from './lookup.ts';
import { emptyRoot, laterStamp } from './node.ts';
import type { TrieNode } from './node.ts';
import { formatPath } from './path.ts';
import type { Path } from './path.ts';
import { Transaction } from './transaction.ts';

interface Entry {
  readonly id: number;
}

function treeOf(...paths: Path[]): TrieNode<Entry> {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  for (const [id, path] of paths.entries()) transaction.set(path, { id });
  return transaction.commit();
}

function textsOf(root: TrieNode<Entry>): string[] {
  return Array.from(walk(root, { within: [] }), ({ path }) => formatPath(path));
}

/** Everything the two trees do not share: all nodes that `after` has and `before` does not. */
function newNodes(before: TrieNode<Entry>, after: TrieNode<Entry>): Set<TrieNode<Entry>> {
  const nodes = new Set(Array.from(walk(after, { within: [] }), ({ node }) => node));
  for (const { node } of walk(before, { within: [] })) nodes.delete(node);
  return nodes;
}

test.each([
  [1, 2, 2],
  [2, 1, 2],
  [0, 5, 5],
  [0, -1, -1],
  [100, -1, -1],
  [-1, 100, -1],
  [-1, -2, -2],
  [-3, -2, -3],
  [0, 0, 0],
])('of the stamps %i and %i the later one is %i', (a, b, later) => {
  expect(laterStamp(a, b)).toBe(later);
});

test('a set makes new nodes on its way only', () => {
  const before = treeOf(['a', 'b', 'c'], ['a', 'x'], ['y', 'z']);
  const transaction = new Transaction(before, 2);
  transaction.set(['a', 'b', 'c'], { id: 9 });
  const after = transaction.commit();
  expect(newNodes(before, after).size).toBe(4);
  expect(find(after, ['y'])).toBe(find(before, ['y']));
  expect(find(before, ['a', 'b', 'c'])?.entry).toEqual({ id: 0 });
  expect(find(after, ['a'])?.touched).toBe(2);
  expect(find(after, ['y'])?.touched).toBe(1);
});

test('removing what is not there gives the same root back', () => {
  const before = treeOf(['a', 'b'], ['c']);
  const transaction = new Transaction(before, 2);
  for (const path of [['x'], ['a', 'x'], ['a', 'b', 'c'], ['c', 'd', 'e']]) {
    transaction.remove(path);
    transaction.removeSubtree(path);
  }
  // They have no entry of their own.
  transaction.remove(['a']);
  transaction.remove([]);
  expect(transaction.commit()).toBe(before);
  const empty = emptyRoot<Entry>();
  const onEmpty = new Transaction(empty, 2);
  onEmpty.removeSubtree([]);
  expect(onEmpty.commit()).toBe(empty);
});

test('removing an entry leaves its children, and takes along ancestors that were there for it alone', () => {
  const transaction = new Transaction(treeOf(['a'], ['a', 'b', 'c'], ['d']), 2);
  transaction.remove(['a']);
  expect(textsOf(transaction.commit())).toEqual(['/', '/a', '/a/b', '/a/b/c', '/d']);
  transaction.remove(['a', 'b', 'c']);
  const after = transaction.commit();
  expect(textsOf(after)).toEqual(['/', '/d']);
  expect(after.touched).toBe(2);
});

test('an ancestor with an entry stays when its last child goes, and is a leaf again', () => {
  const transaction = new Transaction(treeOf(['a'], ['a', 'b', 'c']), 2);
  transaction.removeSubtree(['a', 'b']);
  const after = transaction.commit();
  expect(textsOf(after)).toEqual(['/', '/a']);
  expect(find(after, ['a'])?.children).toBeNull();
  expect(after.height).toBe(1);
});

test('removing everything leaves an empty root that knows when', () => {
  const transaction = new Transaction(treeOf([], ['a']), 2);
  transaction.removeSubtree([]);
  const after = transaction.commit();
  expect(after).toMatchObject({ entry: null, children: null, touched: 2, grafted: 0 });
});

test('a copy shares all it copies, however much that is, and costs its depth', () => {
  const paths = Array.from({ length: 5_000 }, (_, id) => ['big', `group_${id % 100}`, `node_${id}`]);
  const before = treeOf(...paths, ['other']);
  const source = find(before, ['big']);
  const transaction = new Transaction(before, 7);
  transaction.graft(['x', 'y', 'copy'], source ?? before);
  const after = transaction.commit();
  const copy = find(after, ['x', 'y', 'copy']);
  expect(newNodes(before, after).size).toBe(4);
  expect(copy?.children).toBe(source?.children);
  expect(copy).toMatchObject({ touched: 7, grafted: 7, count: 5_000 });
  expect(after.count).toBe(10_001);
});

test('nodes in a copy keep their stamps, and are told to have come with it', () => {
  const before = treeOf(['a', 'b', 'c']);
  const transaction = new Transaction(before, 5);
  transaction.graft(['copy'], find(before, ['a']) ?? before);
  const after = transaction.commit();
  const located = locate(after, ['copy', 'b', 'c']);
  expect(located?.node.touched).toBe(1);
  expect(located?.grafted).toBe(5);
  expect(located && effectiveTouched(located)).toBe(5);
  const later = new Transaction(after, -1);
  later.set(['copy', 'b', 'c'], { id: 3 });
  const ghost = locate(later.commit(), ['copy', 'b', 'c']);
  expect(ghost && effectiveTouched(ghost)).toBe(-1);
  expect(ghost?.grafted).toBe(5);
});

test('an update is given the entry that is there, and the latest copy on the way to it', () => {
  const before = treeOf(['a'], ['a', 'b'], ['a', 'b', 'c']);
  const transaction = new Transaction<Entry>(before, 5);
  transaction.graft(['copy'], find(before, ['a']) ?? before);
  const copied = transaction.commit();
  const seen: unknown[] = [];
  const update = new Transaction<Entry>(copied, 6);
  for (const path of [
    ['a', 'b'],
    ['copy', 'b', 'c'],
    ['copy', 'new'],
    ['gone', 'x'],
  ]) {
    update.update(path, (old, grafted) => {
      seen.push([old?.id ?? null, grafted]);
      return { id: 100 };
    });
    expect(seen.at(-1)).toEqual([locate(copied, path)?.node.entry?.id ?? null, path[0] === 'copy' ? 5 : 0]);
  }
  const after = update.commit();
  checkTree(after);
  expect(locate(after, ['copy', 'b', 'c'])).toMatchObject({
    node: { entry: { id: 100 }, touched: 6 },
    grafted: 5,
  });
  expect(find(copied, ['a', 'b'])?.entry).toEqual({ id: 1 });
});

test('a copy replaces what was there, and can be changed without its source', () => {
  const before = treeOf(['a', 'b'], ['copy', 'old']);
  const transaction = new Transaction(before, 2);
  transaction.graft(['copy'], find(before, ['a']) ?? before);
  transaction.set(['copy', 'b'], { id: 7 });
  transaction.set(['copy', 'c'], { id: 8 });
  const after = transaction.commit();
  expect(textsOf(after)).toEqual(['/', '/a', '/a/b', '/copy', '/copy/b', '/copy/c']);
  expect(find(after, ['a', 'b'])?.entry).toEqual({ id: 0 });
});

test('what was changed in the same transaction can be copied, and the two do not hang together', () => {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  transaction.set(['a', 'b'], { id: 1 });
  const source = transaction.get(['a'])?.node;
  transaction.graft(['copy'], source ?? emptyRoot());
  transaction.set(['a', 'c'], { id: 2 });
  transaction.set(['a', 'b'], { id: 3 });
  const after = transaction.commit();
  expect(textsOf(after)).toEqual(['/', '/a', '/a/b', '/a/c', '/copy', '/copy/b']);
  expect(find(after, ['copy', 'b'])?.entry).toEqual({ id: 1 });
  checkTree(after);
});

test('copying an empty tree is removing, and leaves no empty node', () => {
  const transaction = new Transaction(treeOf(['a', 'b'], ['c']), 2);
  transaction.graft(['a', 'b'], emptyRoot());
  transaction.graft(['x', 'y'], emptyRoot());
  expect(textsOf(transaction.commit())).toEqual(['/', '/c']);
});

test('the whole forest can be put back as it was', () => {
  const before = treeOf(['a', 'b'], ['c']);
  const transaction = new Transaction(treeOf(['z']), 9);
  transaction.graft([], before);
  const after = transaction.commit();
  expect(textsOf(after)).toEqual(textsOf(before));
  expect(after).toMatchObject({ touched: 9, grafted: 9 });
});

test('a transaction that goes on after publishing leaves what it published alone', () => {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  transaction.set(['a', 'b'], { id: 1 });
  const first = transaction.commit();
  transaction.set(['a', 'b'], { id: 2 });
  transaction.set(['a', 'c'], { id: 3 });
  expect(textsOf(first)).toEqual(['/', '/a', '/a/b']);
  expect(find(first, ['a', 'b'])?.entry).toEqual({ id: 1 });
  expect(find(transaction.commit(), ['a', 'b'])?.entry).toEqual({ id: 2 });
});

test('height shrinks as the highest subtree does, in few and in many children', () => {
  for (const width of [3, 40, 2_000]) {
    const paths = Array.from({ length: width }, (_, id) => [`n${id}`, 'a']);
    const transaction = new Transaction(
      treeOf(...paths, ['n1', 'a', 'b', 'c', 'd'], ['n2', 'a', 'b', 'c']),
      2,
    );
    const heights = [transaction.commit().height];
    transaction.removeSubtree(['n1', 'a', 'b', 'c', 'd']);
    heights.push(transaction.commit().height);
    transaction.graft(['n2'], treeOf(['x']));
    heights.push(transaction.commit().height);
    transaction.remove(['n1', 'a']);
    heights.push(transaction.commit().height);
    checkTree(transaction.commit());
    expect(heights).toEqual([5, 4, 2, 2]);
  }
});
