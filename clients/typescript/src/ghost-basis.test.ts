/** Goal: every ghost takes along what its work stands on, whatever becomes of the others. Method: records and ghosts by hand. */
import { expect, test } from 'vitest';
import { BasisRecord, type BasisEntry } from './basis.ts';
import { GhostBasis } from './ghost-basis.ts';

const read = (path: string, revision = 1): BasisEntry => ({ path, revision, extent: 'node' });
const readIn = (ghostId: string, path: string, sequence = 0): BasisEntry => ({
  ...read(path),
  ghostId,
  sequence,
});

test('each thing goes along once with the diffs of a ghost, and with those of every ghost that stands on it', () => {
  const record = new BasisRecord();
  record.note(read('/task'));
  const one = new GhostBasis(record, 'one');
  const two = new GhostBasis(record, 'two');
  one.note(read('/one'));
  expect(one.take()).toEqual([read('/task'), readIn('one', '/one')]);
  expect(one.take()).toEqual([]);
  expect(two.take()).toEqual([read('/task')]);
  record.note(read('/later'));
  expect(one.take()).toEqual([read('/later')]);
  expect(two.take()).toEqual([read('/later')]);
});

test('what was read in one alternative is nothing to the other, but to the trunk, and to ghosts in it', () => {
  const record = new BasisRecord();
  const one = new GhostBasis(record, 'one');
  const two = new GhostBasis(record, 'two');
  one.note(read('/a'));
  const inner = new GhostBasis(one, 'inner');
  expect(two.take()).toEqual([]);
  expect(inner.take()).toEqual([readIn('one', '/a')]);
  inner.note(read('/b'));
  expect(one.take()).toEqual([readIn('one', '/a'), readIn('inner', '/b')]);
  expect(record.take()).toEqual([readIn('one', '/a'), readIn('inner', '/b')]);
});

test('a publish on the trunk takes nothing away from a ghost that was begun before it', () => {
  const record = new BasisRecord();
  record.note(read('/task'));
  const ghost = new GhostBasis(record, 'ghost');
  expect(record.take()).toEqual([read('/task')]);
  expect(ghost.take()).toEqual([read('/task')]);
  ghost.rewound();
  expect(ghost.take()).toEqual([read('/task')]);
});

test('diffs that were dropped leave what they had taken to those that come after them', () => {
  const record = new BasisRecord();
  const ghost = new GhostBasis(record, 'ghost');
  ghost.note(read('/a'));
  expect(ghost.take()).toEqual([readIn('ghost', '/a')]);
  ghost.rewound();
  ghost.note(read('/b'));
  expect(ghost.take()).toEqual([readIn('ghost', '/a'), readIn('ghost', '/b')]);
  ghost.giveBack([read('/a')]);
  expect(ghost.take()).toEqual([read('/a')]);
});

test('a commit has published what went along; what was read after the last diff goes with the next publish', () => {
  const record = new BasisRecord();
  record.note(read('/task'));
  const ghost = new GhostBasis(record, 'ghost');
  ghost.note(read('/a'));
  ghost.take();
  ghost.note(read('/check'));
  ghost.committed();
  ghost.ended();
  expect(record.take()).toEqual([readIn('ghost', '/check')]);
});

test('what was read in a ghost that was reverted was read all the same', () => {
  const record = new BasisRecord();
  const ghost = new GhostBasis(record, 'ghost');
  ghost.note(read('/a'));
  ghost.take();
  ghost.ended();
  expect(new GhostBasis(record, 'next').take()).toEqual([read('/a')]);
});

test('a commit into a ghost leaves what it stands on to the commit of that one', () => {
  const record = new BasisRecord();
  const outer = new GhostBasis(record, 'outer');
  const inner = new GhostBasis(outer, 'inner');
  inner.note(read('/a'));
  inner.take();
  inner.committed();
  inner.ended();
  expect(outer.take()).toEqual([readIn('inner', '/a')]);
  outer.committed();
  outer.ended();
  expect(record.take()).toEqual([]);
});

test('a read in a ghost says which of its diffs it has seen', () => {
  const record = new BasisRecord();
  const ghost = new GhostBasis(record, 'ghost', 2);
  ghost.note(read('/a'));
  ghost.staged(3);
  ghost.note(read('/b'));
  ghost.note({ ...read('/c'), sequence: 5 });
  expect(ghost.take()).toEqual([
    readIn('ghost', '/a', 2),
    readIn('ghost', '/b', 3),
    readIn('ghost', '/c', 5),
  ]);
  ghost.rewound(1);
  ghost.note(read('/d'));
  expect(ghost.take()).toContainEqual(readIn('ghost', '/d', 1));
});
