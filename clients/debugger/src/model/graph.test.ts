/** Goal: pictures are readable and cheap. Method: trees are drawn, and what must hold of every picture is checked; then ghosts on them. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event, GhostInfo } from '../../../typescript/src/browser.ts';
import { Ghosts, departureMs, ghostsAfter } from './ghosts.ts';
import {
  drawGraph,
  ghostKey,
  neighbour,
  nodeHeight,
  type Graph,
  type GraphInput,
  type Shape,
} from './graph.ts';
import { Tree } from './tree.ts';

function treeOf(paths: readonly string[]): Tree {
  const tree = new Tree();
  tree.setAll([]);
  for (const [index, path] of paths.entries())
    tree.apply({ path, action: 'set', author: 'a', revision: index + 1 });
  return tree;
}

const input = (
  tree: Tree,
  ghosts = new Ghosts(),
  shown = 12,
  shape: Shape = 'columns',
  sought?: (path: string) => string | undefined,
): GraphInput => ({
  tree,
  ghosts,
  isOpen: () => true,
  shownOf: () => shown,
  shape,
  soughtIn: (path) => sought?.(path),
});
const info = {
  id: 'g1',
  label: 'try',
  author: 'a',
  scope: '/s',
  parentGhostId: '',
  state: 'live',
  gates: [],
  attempts: [],
};
const ghostInfo = info as unknown as GhostInfo;
const ghostEvent = (position: number, kind: string, fields: object = {}): Event =>
  ({
    position,
    revision: 0,
    author: 'a',
    ghostId: 'g1',
    changes: [],
    transition: { kind, reason: '', ghost: undefined },
    ...fields,
  }) as unknown as Event;
const staging = (position: number, path: string): Event =>
  ghostEvent(position, 'staged', { changes: [{ path, action: 'put', author: '' }] });

test('no two nodes of a picture lie on one another, and parents stand left of what is below them', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 })
    .map((names) => `/${names.join('/')}`);
  fc.assert(
    fc.property(fc.array(path, { maxLength: 60 }), (paths) => {
      const graph = drawGraph(input(treeOf(paths)));
      const columns = new Map<number, number[]>();
      for (const { x, y } of graph.nodes) columns.set(x, [...(columns.get(x) ?? []), y]);
      for (const ys of columns.values()) {
        const sorted = ys.toSorted((a, b) => a - b);
        for (const [at, y] of sorted.slice(1).entries())
          expect(y - (sorted[at] ?? 0)).toBeGreaterThanOrEqual(nodeHeight);
      }
      for (const node of graph.nodes)
        if (node.parent !== undefined) expect(graph.byKey.get(node.parent)?.x).toBeLessThan(node.x);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('nodes about which nothing changed are the same objects, so that nothing is drawn again for them', () => {
  const tree = treeOf(['/a/x', '/a/y', '/b']);
  const before = drawGraph(input(tree));
  tree.apply({ path: '/b', action: 'set', author: 'z', revision: 9 });
  const after = drawGraph(input(tree), before);
  expect(after.byKey.get('/a/x')).toBe(before.byKey.get('/a/x'));
  expect(after.byKey.get('/b')).not.toBe(before.byKey.get('/b'));
});

test('a wide node shows its first children and how many more there are', () => {
  const tree = treeOf(Array.from({ length: 50 }, (_, at) => `/w/${String(at).padStart(2, '0')}`));
  const graph = drawGraph(input(tree));
  expect(graph.nodes.filter(({ path, kind }) => kind === 'trunk' && path.startsWith('/w/'))).toHaveLength(12);
  expect(graph.byKey.get('more:/w')).toMatchObject({ kind: 'more', count: 38 });
});

test('a ghost grows out of its scope, falls when it is reverted, and is pruned', () => {
  const ghosts = new Ghosts();
  ghosts.set(ghostInfo, [], 0);
  ghosts.apply(staging(2, '/s/new'), 0);
  const tree = treeOf(['/s/old']);
  const graph = drawGraph(input(tree, ghosts));
  expect(graph.byKey.get(ghostKey('g1'))?.parent).toBe('/s');
  expect(graph.byKey.get(ghostKey('g1', '/s/new'))).toMatchObject({ kind: 'staged', phase: 'living' });
  ghosts.apply(ghostEvent(3, 'reverted'), 10);
  expect(drawGraph(input(tree, ghosts), graph).byKey.get(ghostKey('g1', '/s/new'))).toMatchObject({
    phase: 'falling',
  });
  expect(ghosts.prune(10 + departureMs - 1)).toBe(false);
  expect(ghosts.prune(10 + departureMs)).toBe(true);
  expect(drawGraph(input(tree, ghosts)).byKey.has(ghostKey('g1'))).toBe(false);
});

test('a ghost is another one where what is staged is replaced', () => {
  const ghosts = new Ghosts();
  ghosts.set(ghostInfo, [], 0);
  const changes = [2, 3, 4].map((position) => {
    ghosts.apply(staging(position, '/s/new'), 0);
    return ghosts.get('g1')?.changes;
  });
  expect(new Set(changes).size).toBe(3);
});

test('what is committed moves to where it is on the trunk now', () => {
  const ghosts = new Ghosts();
  ghosts.set(ghostInfo, [], 0);
  ghosts.apply(staging(2, '/s/new'), 0);
  ghosts.apply(ghostEvent(3, 'committed', { revision: 5 }), 10);
  const graph = drawGraph(input(treeOf(['/s/new', '/s/old']), ghosts));
  const [staged, settled] = [graph.byKey.get(ghostKey('g1', '/s/new')), graph.byKey.get('/s/new')];
  expect([staged?.x, staged?.y]).toEqual([settled?.x, settled?.y]);
});

test('ghosts in a ghost that is over are over with it', () => {
  const ghosts = new Ghosts();
  ghosts.set(ghostInfo, [], 0);
  ghosts.set({ ...ghostInfo, id: 'g2', parentGhostId: 'g1' }, [], 0);
  ghosts.apply(ghostEvent(3, 'reverted'), 10);
  expect(ghosts.get('g2')?.phase).toBe('falling');
});

test('of the past, ghosts that lived then are shown, and the one that has just ended', () => {
  const begun = ghostEvent(1, 'begun', { transition: { kind: 'begun', reason: '', ghost: ghostInfo } });
  const events = [begun, staging(2, '/s/a'), ghostEvent(3, 'reverted'), staging(4, '/other')];
  expect(ghostsAfter(events.slice(0, 2)).get('g1')?.staged.size).toBe(1);
  expect(ghostsAfter(events.slice(0, 3)).get('g1')?.phase).toBe('falling');
  expect(ghostsAfter(events).get('g1')).toBeUndefined();
});

test('arrow keys lead through the picture', () => {
  const graph: Graph = drawGraph(input(treeOf(['/a/x', '/b'])));
  expect(neighbour(graph, '/', 'right')).toBe('/a');
  expect(neighbour(graph, '/a', 'down')).toBe('/a/x');
  expect(neighbour(graph, '/b', 'up')).toBe('/a/x');
  expect(neighbour(graph, '/a/x', 'left')).toBe('/a');
  expect(neighbour(graph, '/b', 'down')).toBe('/b');
  expect(neighbour(graph, 'gone', 'down')).toBe('/');
});

test('in an outline each node has a row of its own, in order, and stands right of its parent', () => {
  const ghosts = ghostsAfter([
    ghostEvent(1, 'begun', { transition: { kind: 'begun', reason: '', ghost: ghostInfo } }),
    staging(2, '/s/new'),
  ]);
  const tree = treeOf(['/a/x', '/a/y/z', '/s/old', ...Array.from({ length: 20 }, (_, at) => `/w/${at}`)]);
  const { nodes, byKey } = drawGraph(input(tree, ghosts, 12, 'outline'));
  expect(nodes.some(({ kind }) => kind === 'staged')).toBe(true);
  expect(nodes.some(({ kind }) => kind === 'more')).toBe(true);
  nodes.forEach(({ y, x, parent }, index) => {
    expect(y).toBe(index * (nodes[1]?.y ?? 0));
    if (parent !== undefined) expect(x).toBeGreaterThan(byKey.get(parent)?.x ?? Infinity);
  });
});

test('what was asked for is shown however many stand before it', () => {
  const paths = Array.from({ length: 40 }, (_, at) => `/w/n${at + 10}`);
  const sought = (path: string): string | undefined => (path === '/w' ? 'n45' : undefined);
  const { byKey } = drawGraph(input(treeOf(paths), new Ghosts(), 12, 'columns', sought));
  expect(byKey.has('/w/n45')).toBe(true);
  expect(byKey.has('/w/n44')).toBe(false);
  expect(byKey.get('more:/w')?.label).toBe('27 more');
});
