/**
 * The trees that the benches of branches grow: within the numbers of their shape, whatever the seed draws, and the same again for the
 * same seed.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { BranchTree } from './branch-tree.ts';
import type { Branch } from './branch-tree.ts';
import { shapes } from './shapes.ts';
import type { Shape } from './shapes.ts';

function grow(shape: Shape, seed: number): { readonly tree: BranchTree; readonly begun: readonly Branch[] } {
  const tree = new BranchTree(shape);
  const random = seededRandom(seed);
  const begun: Branch[] = [];
  for (let index = 0; index < shape.workers * shape.steps; index += 1) {
    const parent = tree.draw(random);
    if (parent === undefined) continue;
    const branch = tree.add(parent, String(index));
    branch.isOpen = true;
    begun.push(branch);
  }
  return { tree, begun };
}

test.each(shapes)('$name never grows wider or deeper than it says', (shape) => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const { tree, begun } = grow(shape, seed);
    expect(begun.length).toBeGreaterThan(0);
    expect(tree.trunk.children.size).toBeLessThanOrEqual(shape.rootFanout);
    for (const { depth, children } of begun) {
      expect(depth).toBeLessThanOrEqual(shape.depthMax);
      expect(children.size).toBeLessThanOrEqual(shape.innerFanout);
    }
  }
});

test('the same seed grows the same tree', () => {
  for (const shape of shapes) {
    const names = [grow(shape, 3), grow(shape, 3)].map(({ begun }) =>
      begun.map(({ ghostId, parent }) => `${ghostId} in ${parent?.ghostId}`),
    );
    expect(names[0]).toEqual(names[1]);
  }
});

test('a branch that is not open yet is not branched from', () => {
  const shape = { ...(shapes[0] as Shape), rootFanout: 1 };
  const tree = new BranchTree(shape);
  const branch = tree.add(tree.trunk, 'a');
  expect(tree.draw(seededRandom(1))).toBeUndefined();
  branch.isOpen = true;
  expect(tree.draw(seededRandom(1))).toBe(branch);
});

test('what is taken away takes along what was begun in it, and leaves room', () => {
  const shape = { ...(shapes[0] as Shape), rootFanout: 1 };
  const tree = new BranchTree(shape);
  const outer = tree.add(tree.trunk, 'outer');
  outer.isOpen = true;
  const inner = tree.add(outer, 'inner');
  expect(tree.leaves()).toEqual([inner]);
  tree.remove(outer);
  expect(tree.leaves()).toEqual([]);
  expect(tree.draw(seededRandom(1))).toBe(tree.trunk);
});
