/**
 * Goal: the page's tree is the broker's tree after any events. Method: changes are folded in one by one and compared with a naive map
 * of values, from which every node and count follows; then the cases that a tree which knows a part has to be careful about.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parentOf } from './path.ts';
import { Tree, comparePaths, type NodeFacts } from './tree.ts';

const facts = (path: string, childCount = 0): NodeFacts => ({
  path,
  hasValue: true,
  author: 'a',
  modifiedRevision: 1,
  subtreeRevision: 1,
  valueBytes: 1,
  childCount,
  leased: false,
});

/** All nodes of a tree with their counts, in the order of a picture. */
function told(tree: Tree): string[] {
  const lines: string[] = [];
  const visit = (path: string): void => {
    const node = tree.get(path);
    if (node === undefined) return;
    lines.push(`${path} ${node.hasValue ? 'value' : '-'} ${node.childCount}`);
    for (const name of node.children ?? []) visit(path === '/' ? `/${name}` : `${path}/${name}`);
  };
  visit('/');
  return lines;
}

/** The same of a set of paths that have values. */
function expected(values: ReadonlySet<string>): string[] {
  const nodes = new Set(['/']);
  for (const path of values)
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) nodes.add(at);
  const all = [...nodes].sort(comparePaths);
  return all.map((path) => {
    const below = all.filter((other) => other !== '/' && parentOf(other) === path).length;
    return `${path} ${values.has(path) ? 'value' : '-'} ${below}`;
  });
}

const path = fc
  .array(fc.constantFrom('a', 'b', 'é', '\u{1f600}', 'z'), { minLength: 1, maxLength: 4 })
  .map((names) => `/${names.join('/')}`);
const change = fc.record({
  path,
  action: fc.constantFrom('set' as const, 'set' as const, 'delete_node' as const, 'delete_subtree' as const),
});

test('a tree that knows everything stays the tree of the values, whatever is set and deleted', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const tree = new Tree();
      tree.setAll([]);
      const values = new Set<string>();
      for (const [index, { path, action }] of changes.entries()) {
        tree.apply({ path, action, author: 'a', revision: index + 1 });
        if (action === 'set') values.add(path);
        else if (action === 'delete_node') values.delete(path);
        else for (const each of values) if (each === path || each.startsWith(`${path}/`)) values.delete(each);
      }
      expect(told(tree)).toEqual(expected(values));
    }),
    { seed: 7, numRuns: 300 },
  );
});

describe('a tree that knows a part', () => {
  const wide = (): Tree => {
    const tree = new Tree();
    tree.setChildren('/', [facts('/b', 3), facts('/d')], 9, 1);
    return tree;
  };

  test('takes a child in where its place among the known ones is certain', () => {
    const tree = wide();
    expect(tree.apply({ path: '/c', action: 'set', author: 'x', revision: 2 }).grown).toEqual(['/c']);
    expect(tree.get('/')).toMatchObject({ children: ['b', 'c', 'd'], childCount: 10 });
    expect(tree.takeStale()).toEqual([]);
  });

  test('asks again where it lies beyond the known ones', () => {
    const tree = wide();
    expect(tree.apply({ path: '/e', action: 'set', author: 'x', revision: 2 }).grown).toEqual([]);
    expect(tree.takeStale()).toEqual(['/']);
    expect(tree.takeStale()).toEqual([]);
  });

  test('shows the nearest known node for a change below one that was never opened, and asks for its count', () => {
    const tree = wide();
    const effect = tree.apply({ path: '/b/x/y', action: 'set', author: 'x', revision: 5 });
    expect(effect).toEqual({ grown: [], changed: ['/b'], removed: [] });
    expect(tree.get('/b')?.subtreeRevision).toBe(5);
    expect(tree.takeStale()).toEqual(['/']);
  });

  test('leaves what it knows where an answer is older, and asks again', () => {
    const tree = wide();
    tree.apply({ path: '/c', action: 'set', author: 'x', revision: 5 });
    tree.setChildren('/', [facts('/b', 3), facts('/d')], 9, 4);
    expect(tree.get('/')).toMatchObject({ children: ['b', 'c', 'd'], childCount: 10 });
    expect(tree.takeStale()).toEqual(['/']);
    tree.apply({ path: '/b/x', action: 'set', author: 'x', revision: 6 });
    tree.setChildren('/', [facts('/b', 3), facts('/c'), facts('/d')], 10, 5);
    expect(tree.get('/b')?.subtreeRevision).toBe(6);
  });

  test('after a copy it asks what came along', () => {
    const tree = wide();
    const effect = tree.apply({ path: '/b', action: 'replace', author: 'x', revision: 6 });
    expect(effect.removed).toEqual(['/b']);
    expect(tree.get('/b')?.children).toBeUndefined();
    expect(new Set(tree.takeStale())).toEqual(new Set(['/', '/b']));
  });

  test('forgets what a new answer does not name', () => {
    const tree = wide();
    tree.setChildren('/b', [facts('/b/x')], 1, 2);
    tree.setChildren('/', [facts('/d')], 1, 3);
    expect(tree.get('/b')).toBeUndefined();
    expect(tree.get('/b/x')).toBeUndefined();
  });
});
