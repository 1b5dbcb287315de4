/** Goal: the basis tells what was read and never more than was read, within its bound. Method: small records by hand. */
import { expect, test } from 'vitest';
import { BasisRecord } from './basis.ts';

test('it is handed over once, and a path read twice counts with the newer revision', () => {
  const basis = new BasisRecord();
  basis.note('/a', 1, 'node');
  basis.note('/a', 5, 'node');
  basis.note('/b', 5, 'absent');
  expect(basis.take()).toEqual([
    { path: '/a', revision: 5, extent: 'node' },
    { path: '/b', revision: 5, extent: 'absent' },
  ]);
  expect(basis.take()).toEqual([]);
});

test('a subtree stays a subtree, at the revision at which all of it was read', () => {
  const basis = new BasisRecord();
  basis.note('/a', 3, 'subtree');
  basis.note('/a', 9, 'node');
  expect(basis.take()).toEqual([{ path: '/a', revision: 3, extent: 'subtree' }]);
});

test('too many entries are folded into their parents at the oldest revision, so that nothing is claimed that was not seen', () => {
  const basis = new BasisRecord(10);
  basis.note('/other', 50, 'node');
  for (let index = 0; index < 10; index += 1) basis.note(`/a/b/n${index}`, 20 + index, 'node');
  expect(basis.take()).toEqual([
    { path: '/other', revision: 50, extent: 'node' },
    { path: '/a/b', revision: 20, extent: 'subtree' },
  ]);
});

test('folding ends at the root, whatever was read', () => {
  const basis = new BasisRecord(4);
  for (let index = 0; index < 100; index += 1) basis.note(`/tree_${index}/x`, index + 1, 'node');
  const entries = basis.take();
  expect(entries.length).toBeLessThanOrEqual(4);
  expect(entries).toContainEqual(expect.objectContaining({ path: '/', extent: 'subtree', revision: 1 }));
});

test('what is given back counts again, but not over what was read since', () => {
  const basis = new BasisRecord();
  basis.note('/a', 1, 'node');
  basis.note('/b', 1, 'absent');
  const taken = basis.take();
  basis.note('/a', 9, 'node');
  basis.giveBack(taken);
  expect(basis.take()).toEqual([
    { path: '/a', revision: 9, extent: 'node' },
    { path: '/b', revision: 1, extent: 'absent' },
  ]);
});
