/**
 * Which nodes are objects of their own. Goal: an entry stands in for its node exactly where nobody can tell them apart. Method:
 * trees of entries that know when they were made, and what is told of each node.
 */
import { expect, test } from 'vitest';
import { locate } from './lookup.ts';
import { emptyRoot, LeafEntry, nodeOf } from './node.ts';
import type { TrieNode } from './node.ts';
import { Transaction } from './transaction.ts';

class Note extends LeafEntry {
  readonly touched: number;

  constructor(touched: number) {
    super();
    this.touched = touched;
  }
}

function told({ entry, children, touched, grafted, count, height }: TrieNode<Note>): unknown {
  return { entry, size: children?.size ?? 0, touched, grafted, count, height };
}

function nodeAt(root: TrieNode<Note>, ...path: string[]): TrieNode<Note> {
  const located = locate(root, path);
  if (located === undefined) throw new Error(`nothing at /${path.join('/')}`);
  return located.node;
}

test('a leaf that was last touched when its entry was made is that entry', () => {
  const note = new Note(3);
  const node = nodeOf(note, null, 3, 0);
  expect(node).toBe(note);
  expect(told(node)).toEqual({ entry: note, size: 0, touched: 3, grafted: 0, count: 1, height: 0 });
});

test('a leaf that was touched later, or that a copy put in its place, says so', () => {
  const note = new Note(3);
  const later = { entry: note, size: 0, touched: 4, grafted: 0, count: 1, height: 0 };
  expect(told(nodeOf(note, null, 4, 0))).toEqual(later);
  expect(told(nodeOf(note, null, 3, 5))).toEqual({ ...later, touched: 3, grafted: 5 });
});

test('an entry becomes part of a node with its first child, and stays it when that is gone', () => {
  const note = new Note(1);
  const first = new Transaction<Note>(emptyRoot(), 1);
  first.set(['a'], note);
  const leaf = first.commit();
  const second = new Transaction<Note>(leaf, 2);
  second.set(['a', 'b'], new Note(2));
  const parent = second.commit();
  const third = new Transaction<Note>(parent, 3);
  third.removeSubtree(['a', 'b']);
  const alone = third.commit();
  expect(nodeAt(leaf, 'a')).toBe(note);
  const shape = { entry: note, size: 0, grafted: 0, count: 1, height: 0 };
  expect(told(nodeAt(leaf, 'a'))).toEqual({ ...shape, touched: 1 });
  expect(told(nodeAt(parent, 'a'))).toEqual({ ...shape, size: 1, touched: 2, count: 2, height: 1 });
  expect(told(nodeAt(alone, 'a'))).toEqual({ ...shape, touched: 3 });
});

test('a copy of a leaf carries its stamp, and the leaf that was copied does not', () => {
  const note = new Note(1);
  const first = new Transaction<Note>(emptyRoot(), 1);
  first.set(['a'], note);
  const second = new Transaction<Note>(first.commit(), 2);
  second.graft(['b'], nodeAt(second.commit(), 'a'));
  const root = second.commit();
  expect(nodeAt(root, 'a')).toBe(note);
  expect(told(nodeAt(root, 'b'))).toEqual({
    entry: note,
    size: 0,
    touched: 2,
    grafted: 2,
    count: 1,
    height: 0,
  });
});
