/** Goal: a ghost has looked again exactly when it has seen every mark since its revert. Method: marks and looks by hand. */
import { expect, test } from 'vitest';
import { revertedBasisPerGhostMax } from '../../base/limits.ts';
import { RandomForest } from '../../codec/random-forest.ts';
import type { BasisEntry } from '../command.ts';
import { markGhosts, notLookedAt } from './reverted-basis.ts';

function read(at: string, revision: number, extent: BasisEntry['extent'] = 'node'): BasisEntry {
  return { path: at.split('/').slice(1), revision, extent };
}

function mark(basis: BasisEntry) {
  return { basis, sequence: 1, revertedRevision: 9 };
}

test.each([
  ['the same node at the revert', mark(read('/a/b', 3)), read('/a/b', 9), true],
  ['the same node later, absent by now', mark(read('/a/b', 3)), read('/a/b', 12, 'absent'), true],
  ['the same node before the revert', mark(read('/a/b', 3)), read('/a/b', 8), false],
  ['a subtree that holds it', mark(read('/a/b', 3)), read('/a', 9, 'subtree'), true],
  ['a node above it', mark(read('/a/b', 3)), read('/a', 9), false],
  ['a node of a subtree', mark(read('/a', 3, 'subtree')), read('/a', 9), false],
  ['the same subtree', mark(read('/a', 3, 'subtree')), read('/a', 9, 'subtree'), true],
])('%s: whether that is a look', (_, known, look, isLook) => {
  expect(notLookedAt([known], [look])).toEqual(isLook ? [] : [known]);
});

test('more than a ghost keeps become one about everything', () => {
  const forest = new RandomForest(1);
  const begin = { scope: [], baseRevision: 0, parentId: '', ttlMs: 1_000, label: '' } as const;
  forest.apply({ kind: 'begin_ghost', ghostId: 'g', ...begin, author: '', request: null });
  const reads = Array.from({ length: revertedBasisPerGhostMax + 1 }, (__, index) => {
    return { basis: read(`/n/${index}`, 5), sequence: 2 + index };
  });
  markGhosts(forest.state, [{ ghostId: 'g', author: '', reads }], 9);
  const marks = forest.state.ghosts.get('g')?.revertedBasis ?? [];
  const all = { path: [], revision: 5, extent: 'subtree' as const };
  expect(marks).toEqual([{ basis: all, sequence: 2, revertedRevision: 9 }]);
  expect(notLookedAt(marks, [read('/n', 9, 'subtree')])).toEqual(marks);
});
