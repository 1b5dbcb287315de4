/**
 * Goal: which operations of a ghost can be replayed over which changes of the trunk. Method: one table of all pairs on one
 * node, and the cases around it. `=` commutes, `!` is a conflict. Rows: what the ghost did; columns: what the trunk did.
 */
import { describe, expect, test } from 'vitest';
import { append, copy, path, publish, put, remove } from '../../../test/support/forests.ts';
import { Machine } from '../../../test/support/machine.ts';
import { formatPath } from '../../trie/path.ts';
import type { BasisEntry, Operation, Precondition } from '../command.ts';

const at = path('/n');
const merge = (patch: string): Operation => ({ kind: 'merge', path: at, patch, patchBytes: patch.length });
const increment = (amount: bigint): Operation => ({ kind: 'increment', path: at, amount });
const deleteNode: Operation = { kind: 'delete', path: at, scope: 'node' };

/** Runs one operation in a ghost and another on the trunk, commits, and tells `=` or `!`. */
function pair(base: Operation, inGhost: Operation, onTrunk: Operation): string {
  const machine = new Machine();
  machine.publish([base, put('/source/x', 's'), put('/elsewhere', 'e')]);
  machine.begin('g');
  expect(machine.publish([inGhost], 'g').kind).toBe('published');
  expect(machine.publish([onTrunk]).kind).toBe('published');
  const before = machine.state.root;
  const outcome = machine.commit('g');
  if (outcome.kind === 'committed') return '=';
  expect(outcome).toMatchObject({ reason: 'CONFLICT' });
  expect(machine.state.root).toBe(before);
  expect(machine.state.ghosts.has('g')).toBe(true);
  return '!';
}

function table(
  base: Operation,
  rows: Record<string, Operation>,
  columns: Record<string, Operation>,
): Record<string, string> {
  const cells = (inGhost: Operation): string =>
    Object.values(columns)
      .map((onTrunk) => pair(base, inGhost, onTrunk))
      .join(' ');
  return Object.fromEntries(Object.entries(rows).map(([name, inGhost]) => [name, cells(inGhost)]));
}

const trunkAnywhere = {
  put: put('/n', 'trunk'),
  deleteNode,
  deleteSubtree: remove('/n'),
  copyOver: copy('/source', '/n'),
  putBelow: put('/n/below', 'b'),
  elsewhere: put('/elsewhere', 'x'),
  copyFrom: copy('/n', '/other'),
};

describe('the pairs of operations', () => {
  test('on text', () => {
    const rows = {
      put: put('/n', 'ghost'),
      append: append('/n', 'g'),
      deleteNode,
      deleteSubtree: remove('/n'),
      copyOver: copy('/source', '/n'),
      copyFrom: copy('/n', '/target'),
    };
    expect(table(put('/n', 'base'), rows, { append: append('/n', 't'), ...trunkAnywhere })).toEqual({
      // trunk:       append put deleteNode deleteSubtree copyOver putBelow elsewhere copyFrom
      put: /*        */ '! ! ! ! ! = = =',
      append: /*     */ '= ! ! ! ! = = =',
      deleteNode: /* */ '! ! ! ! ! = = =',
      deleteSubtree: /**/ '! ! ! ! ! ! = =',
      copyOver: /*   */ '! ! ! ! ! ! = =',
      copyFrom: /*   */ '! ! ! ! ! ! = =',
    });
  });

  test('on a number', () => {
    const rows = { put: put('/n', '5', 'json'), increment: increment(1n), deleteNode };
    const columns = { increment: increment(10n), merge: merge('{"k":1}'), ...trunkAnywhere };
    expect(table(put('/n', '1', 'json'), rows, columns)).toEqual({
      // trunk:    increment merge put deleteNode deleteSubtree copyOver putBelow elsewhere copyFrom
      put: /*       */ '! ! ! ! ! ! = = =',
      increment: /* */ '= ! ! ! ! ! = = =',
      deleteNode: /**/ '! ! ! ! ! ! = = =',
    });
  });

  test('on an object', () => {
    const rows = {
      mergeA: merge('{"a":2}'),
      mergeDeep: merge('{"d":{"x":9}}'),
      mergeAll: merge('7'),
      put: put('/n', '{}', 'json'),
    };
    const columns = {
      mergeA: merge('{"a":3}'),
      mergeB: merge('{"b":3}'),
      mergeDeepX: merge('{"d":{"x":3}}'),
      mergeDeepY: merge('{"d":{"y":3}}'),
      putSameA: put('/n', '{"a":1,"b":9,"d":{"x":1}}', 'json'),
      ...trunkAnywhere,
    };
    expect(table(put('/n', '{"a":1,"d":{"x":1}}', 'json'), rows, columns)).toEqual({
      // trunk:  mergeA mergeB deepX deepY putSameA put deleteNode deleteSubtree copyOver putBelow elsewhere copyFrom
      mergeA: /*   */ '! = = = = ! ! ! ! = = =',
      mergeDeep: /**/ '= = ! = = ! ! ! ! = = =',
      mergeAll: /* */ '! ! ! ! ! ! ! ! ! = = =',
      put: /*      */ '! ! ! ! ! ! ! ! ! = = =',
    });
  });

  test('on an array and on nothing', () => {
    const items = append('/n', '9', 'items');
    const columns = {
      items: append('/n', '8', 'items'),
      put: put('/n', '[0]', 'json'),
      deleteNode,
      elsewhere: put('/elsewhere', 'x'),
    };
    expect(table(put('/n', '[1]', 'json'), { items }, columns)).toEqual({ items: '= ! ! =' });
    // Two that both create the node by appending commute; one that creates it otherwise does not.
    const onNothing = {
      items: append('/n', '8', 'items'),
      put: put('/n', '[0]', 'json'),
      elsewhere: put('/elsewhere', 'x'),
    };
    expect(table(put('/unrelated', ''), { items, put: put('/n', 'g') }, onNothing)).toEqual({
      items: '= ! =',
      put: '! ! =',
    });
  });
});

test('what commutes gives the sum of both, in the order of the trunk', () => {
  const machine = new Machine();
  machine.publish([put('/log', 'a'), put('/n', '1', 'json'), put('/o', '{"a":1}', 'json')]);
  machine.begin('g');
  const object = path('/o');
  const patch = (text: string): Operation => ({
    kind: 'merge',
    path: object,
    patch: text,
    patchBytes: text.length,
  });
  machine.publish([append('/log', 'g'), increment(100n), patch('{"g":1}')], 'g');
  machine.publish([append('/log', 't'), increment(10n), patch('{"t":1}')]);
  const { effects } = machine.applied({
    kind: 'commit_ghost',
    ghostId: 'g',
    isolation: 'writes',
    label: '',
    author: 'a',
    request: null,
  });
  expect([machine.at('/log'), machine.at('/n'), machine.at('/o')]).toEqual([
    'atg',
    '111',
    '{"a":1,"t":1,"g":1}',
  ]);
  expect(effects.committed.map(({ sums }) => sums)).toEqual([['111']]);
});

test('all conflicts are told path by path with base, trunk and ghost values, and nothing is changed', () => {
  const machine = new Machine();
  machine.publish([put('/a', 'base'), put('/b', 'base')]);
  machine.begin('g');
  machine.publish([put('/a', 'ghost'), put('/c', 'ghost'), remove('/b')], 'g');
  machine.publish([put('/a', 'trunk'), put('/b', 'trunk')]);
  const outcome = machine.commit('g');
  const conflicts = outcome.kind === 'rejected' ? outcome.conflicts : [];
  const told = conflicts.map(({ path: where, kind, base, trunk, ghost }) => [
    formatPath(where),
    kind,
    base?.data,
    trunk?.data,
    ghost?.data,
  ]);
  expect(told).toEqual([
    ['/a', 'value', 'base', 'trunk', 'ghost'],
    ['/b', 'subtree', 'base', 'trunk', undefined],
  ]);
  expect(machine.at('/c')).toBeUndefined();
});

test('an operation that the newer state refuses is a conflict', () => {
  const machine = new Machine();
  machine.publish([put('/n', String(2n ** 63n - 10n), 'json')]);
  machine.begin('g');
  machine.publish([increment(8n)], 'g');
  machine.publish([increment(8n)]);
  const outcome = machine.commit('g');
  expect(outcome).toMatchObject({ reason: 'CONFLICT', conflicts: [{ path: at, kind: 'refused' }] });
});

test.each<[string, Precondition, Operation, string]>([
  ['presence, untouched', { kind: 'presence', path: path('/p'), present: true }, put('/elsewhere', 'x'), '='],
  ['presence, removed', { kind: 'presence', path: path('/p'), present: true }, remove('/p'), '!'],
  ['version, changed', { kind: 'version', path: path('/p'), version: 1 }, put('/p', 'x'), '!'],
  [
    'modified revision, changed',
    { kind: 'modified_revision', path: path('/p'), revision: 1 },
    append('/p', 'x'),
    '!',
  ],
  [
    'subtree, changed below',
    { kind: 'subtree_unchanged_since', path: path('/p'), revision: 1 },
    put('/p/q', 'x'),
    '!',
  ],
])(
  'a precondition of a staged diff must still hold at the commit: %s',
  (_name, precondition, onTrunk, expected) => {
    const machine = new Machine();
    machine.publish([put('/p', 'p')]);
    machine.begin('g');
    expect(machine.told(publish([put('/n', 'g')], { ghostId: 'g', preconditions: [precondition] }))).toBe(
      'published',
    );
    machine.publish([onTrunk]);
    expect(machine.commit('g').kind === 'committed' ? '=' : '!').toBe(expected);
  },
);

test.each<[string, BasisEntry, Operation, string]>([
  ['node, untouched', { path: path('/read'), revision: 1, extent: 'node' }, put('/elsewhere', 'x'), '='],
  [
    'node, changed below it',
    { path: path('/read'), revision: 1, extent: 'node' },
    put('/read/below', 'x'),
    '=',
  ],
  ['node, changed', { path: path('/read'), revision: 1, extent: 'node' }, put('/read', 'x'), '!'],
  ['node, removed', { path: path('/read'), revision: 1, extent: 'node' }, remove('/read'), '!'],
  [
    'node, replaced by a copy',
    { path: path('/read'), revision: 1, extent: 'node' },
    copy('/other', '/read'),
    '!',
  ],
  [
    'subtree, changed below',
    { path: path('/read'), revision: 1, extent: 'subtree' },
    put('/read/below', 'x'),
    '!',
  ],
  [
    'absent, still absent',
    { path: path('/none'), revision: 1, extent: 'absent' },
    put('/elsewhere', 'x'),
    '=',
  ],
  ['absent, created', { path: path('/none'), revision: 1, extent: 'absent' }, put('/none', 'x'), '!'],
])('what a ghost had read counts where its commit is serializable: %s', (_name, read, onTrunk, expected) => {
  for (const isolation of ['writes', 'serializable'] as const) {
    const machine = new Machine();
    machine.publish([put('/read', 'r'), put('/other', 'o')]);
    machine.begin('g');
    machine.apply({ ...publish([put('/n', 'g')], { ghostId: 'g' }), basis: [read] });
    machine.publish([onTrunk]);
    const told = machine.commit('g', isolation).kind === 'committed' ? '=' : '!';
    expect([isolation, told]).toEqual([isolation, isolation === 'writes' ? '=' : expected]);
  }
});
