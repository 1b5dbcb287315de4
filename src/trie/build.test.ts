/** Goal: only a proper walk makes a tree. Method: walks that are damaged. (Proper ones: model.test.ts.) */
import { expect, test } from 'vitest';
import { TrieBuilder } from './build.ts';
import { find } from './lookup.ts';
import type { Path } from './path.ts';

interface Entry {
  readonly id: number;
}

function build(...paths: Path[]): TrieBuilder<Entry> {
  const builder = new TrieBuilder<Entry>();
  for (const path of paths) builder.add(path, { id: path.length }, 3, 2);
  return builder;
}

test('keeps entries and stamps', () => {
  const root = build([], ['a'], ['a', 'b'], ['c']).finish();
  expect(root.count).toBe(4);
  expect(find(root, ['a', 'b'])).toMatchObject({ entry: { id: 2 }, touched: 3, grafted: 2, children: null });
});

test('makes an empty root', () => {
  const builder = new TrieBuilder<Entry>();
  builder.add([], null, 9, 0);
  expect(builder.finish()).toMatchObject({ entry: null, children: null, touched: 9, count: 0 });
});

test.each<[string, Path[]]>([
  ['begins without the root', [['a']]],
  ['has the root twice', [[], []]],
  ['goes back', [[], ['b'], ['a']]],
  ['has a node twice', [[], ['a'], ['a']]],
  ['leaves a parent out', [[], ['a', 'b']]],
  ['comes back to a closed parent', [[], ['a'], ['b'], ['a', 'b']]],
  ['goes on below a sibling', [[], ['a'], ['a', 'b'], ['c', 'd']]],
])('refuses a walk that %s', (_, paths) => {
  expect(() => build(...paths)).toThrow(/first|order|before/);
});

test('refuses to finish nothing, and nodes that hold nothing', () => {
  expect(() => new TrieBuilder<Entry>().finish()).toThrow(/no root/);
  const builder = build([]);
  builder.add(['a'], null, 1, 0);
  expect(() => builder.finish()).toThrow(/without entry and children/);
});
