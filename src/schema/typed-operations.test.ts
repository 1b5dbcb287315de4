/**
 * Goal: which operations on fields of a ghost can be replayed over which changes of the trunk, and what they find where something else is
 * stored. Method: one table of all pairs on one node, with names resolved as a broker does. `=` commutes, `!` is a conflict. Rows: what
 * the ghost did; columns: what the trunk did.
 */
import { reflect } from '@bufbuild/protobuf/reflect';
import type { JsonValue } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { all, bytesOf, read } from '../../test/support/all-kinds.ts';
import { path, publish, put, remove, value } from '../../test/support/forests.ts';
import { Machine } from '../../test/support/machine.ts';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import type { Operation, Precondition } from '../state/command.ts';
import type { FieldChange } from '../state/values/message-field.ts';
import { numberBytes } from '../state/values/scalar.ts';
import { appendChanges, fieldOf, maskChanges, mergeChanges, scalarFieldOf } from './fields.ts';
import type { FieldProblem } from './fields.ts';

const at = path('/n');
const type = 'type.googleapis.com/acme.v1.All';

function message(json: JsonValue) {
  const data = bytesOf(json);
  return { kind: 'message', data, bytes: data.length, type } as const;
}

function found(changes: readonly FieldChange[] | FieldProblem): readonly FieldChange[] {
  if ('problem' in changes) throw new Error(changes.problem);
  return changes;
}

const putAll = (json: JsonValue): Operation => ({ kind: 'put', path: at, value: message(json) });

function merge(json: JsonValue, ...mask: string[]): Operation {
  const patch = message(json);
  const fields = found(
    mask.length === 0 ? mergeChanges(reflect(all, read(patch.data))) : maskChanges(all, mask),
  );
  return { kind: 'merge_message', path: at, patch, fields, mask };
}

function append(json: JsonValue): Operation {
  const patch = message(json);
  const fields = found(appendChanges(reflect(all, read(patch.data))));
  return { kind: 'append_message', path: at, patch, fields, mask: [] };
}

function field(name: string) {
  const way = fieldOf(all, name);
  if ('problem' in way) throw new Error(way.problem);
  return scalarFieldOf(way, name);
}

const add = (name: string, amount: bigint): Operation => ({
  kind: 'increment_field',
  path: at,
  amount,
  field: field(name),
  type,
});

function pair(base: Operation | null, inGhost: Operation, onTrunk: Operation): string {
  const machine = new Machine();
  machine.publish(base === null ? [put('/elsewhere', 'e')] : [base]);
  machine.begin('g');
  expect(machine.publish([inGhost], 'g').kind).toBe('published');
  expect(machine.publish([onTrunk]).kind).toBe('published');
  const before = machine.state.root;
  const outcome = machine.commit('g');
  if (outcome.kind === 'committed') return '=';
  expect(outcome).toMatchObject({ reason: 'CONFLICT' });
  expect(machine.state.root).toBe(before);
  return '!';
}

function table(base: Operation | null, rows: Record<string, Operation>, columns: Record<string, Operation>) {
  return Object.fromEntries(
    Object.entries(rows).map(([name, inGhost]) => [
      name,
      Object.values(columns)
        .map((onTrunk) => pair(base, inGhost, onTrunk))
        .join(' '),
    ]),
  );
}

const stored = {
  text: 'x',
  words: ['a'],
  i32: 1,
  inner: { name: 'n', tags: ['t'] },
  counts: { k: 1 },
  a: 'one',
};

describe('the pairs of operations on fields', () => {
  const columns = {
    put: putAll({ ...stored, dbl: 5 }),
    text: merge({ text: 'trunk' }, 'text'),
    words: merge({ words: ['b'] }, 'words'),
    'append words': append({ words: ['b'] }),
    'i32 + 1': add('i32', 1n),
    'i32 = 7': merge({ i32: 7 }),
    'inner.name': merge({ inner: { name: 'trunk' } }),
    'inner gone': merge({}, 'inner'),
    'counts.l': merge({ counts: { l: 1 } }),
    'counts.k': merge({ counts: { k: 2 } }),
    b: merge({ b: { name: 'y' } }),
    delete: remove('/n'),
  };

  test('where there is a message', () => {
    const rows = {
      text: merge({ text: 'ghost' }, 'text'),
      'clear text': merge({}, 'text'),
      words: merge({ words: ['g'] }, 'words'),
      'append words': append({ words: ['g'] }),
      'i32 + 1': add('i32', 1n),
      dbl: merge({ dbl: 2 }, 'dbl'),
      'inner.name': merge({ inner: { name: 'ghost' } }),
      'inner.tags': append({ inner: { tags: ['g'] } }),
      inner: merge({ inner: { name: 'ghost' } }, 'inner'),
      'counts.k': merge({ counts: { k: 9 } }),
      a: merge({ a: 'two' }, 'a'),
      c: merge({ c: 3 }),
      nothing: merge({}),
    };
    expect(table(putAll(stored), rows, columns)).toEqual({
      //            put text words append i32+1 i32=7 name gone l k b delete
      text: '= ! = = = = = = = = = !',
      'clear text': '= ! = = = = = = = = = !',
      words: '= = ! ! = = = = = = = !',
      'append words': '= = ! = = = = = = = = !',
      'i32 + 1': '= = = = = ! = = = = = !',
      dbl: '! = = = = = = = = = = !',
      'inner.name': '= = = = = = ! ! = = = !',
      'inner.tags': '= = = = = = = ! = = = !',
      inner: '= = = = = = ! ! = = = !',
      'counts.k': '= = = = = = = = = ! = !',
      a: '= = = = = = = = = = ! !',
      c: '= = = = = = = = = = ! !',
      nothing: '= = = = = = = = = = = !',
    });
  });

  test('where there is nothing', () => {
    const rows = {
      text: merge({ text: 'ghost' }, 'text'),
      'append words': append({ words: ['g'] }),
      'i32 + 1': add('i32', 1n),
    };
    const made = {
      text: merge({ text: 'trunk' }),
      'append words': append({ words: ['b'] }),
      'i32 + 1': add('i32', 1n),
      'a text': put('/n', 'x'),
      'another message': {
        kind: 'put',
        path: at,
        value: { ...message({}), type: 'x/acme.v1.Other' },
      } as const,
    };
    expect(table(null, rows, made)).toEqual({
      text: '! = = ! !',
      'append words': '= = = ! !',
      'i32 + 1': '= = = ! !',
    });
  });

  test('an increment of a field that was also merged around errs towards a conflict', () => {
    const machine = new Machine();
    machine.publish([putAll(stored)]);
    machine.begin('g');
    machine.publish([add('i32', 1n)], 'g');
    machine.publish([add('i32', 1n)]);
    machine.publish([merge({ text: 'y' })]);
    expect(machine.commit('g')).toMatchObject({ reason: 'CONFLICT' });
  });

  test('what is replayed is what both did', () => {
    const machine = new Machine();
    machine.publish([putAll(stored)]);
    machine.begin('g');
    machine.publish(
      [append({ words: ['g'], inner: { tags: ['g'] } }), add('i32', 10n), merge({ dbl: 2 })],
      'g',
    );
    machine.publish([append({ words: ['t'], inner: { tags: ['t2'] } }), add('i32', 100n)]);
    machine.commit('g');
    expect(read(machine.at('/n') ?? '')).toEqual(
      read(
        bytesOf({
          ...stored,
          words: ['a', 't', 'g'],
          i32: 111,
          dbl: 2,
          inner: { name: 'n', tags: ['t', 't2', 'g'] },
        }),
      ),
    );
  });
});

describe('a condition about a field that was staged', () => {
  const equals = (name: string, json: bigint): Precondition => ({
    kind: 'field',
    path: at,
    field: field(name),
    equals: numberBytes(json, field(name).type),
  });
  const isSet = (name: string, set: boolean): Precondition => ({
    kind: 'field',
    path: at,
    field: field(name),
    isSet: set,
  });
  test.each<[string, Precondition, Operation, string]>([
    ['that the trunk left alone stands', equals('i32', 1n), merge({ text: 'y' }), 'committed'],
    ['that the trunk changed does not', equals('i32', 1n), add('i32', 1n), 'CONFLICT'],
    ['that is as set as it was stands', isSet('i32', true), add('i32', 1n), 'committed'],
    ['that is not set any more does not', isSet('i32', true), add('i32', -1n), 'CONFLICT'],
    ['of a node that is gone does not', isSet('text', true), remove('/n'), 'CONFLICT'],
  ])('%s', (_name, precondition, onTrunk, expected) => {
    const machine = new Machine();
    machine.publish([putAll(stored)]);
    machine.begin('g');
    const told = machine.told(publish([put('/other', 'x')], { ghostId: 'g', preconditions: [precondition] }));
    expect(told).toBe('published');
    machine.publish([onTrunk]);
    const outcome = machine.commit('g');
    expect(outcome.kind === 'rejected' ? outcome.reason : outcome.kind).toBe(expected);
  });

  test('about JSON compares what the pointer leads to', () => {
    const json: Precondition = { kind: 'json', path: at, pointer: '/a', equals: '1' };
    for (const [next, expected] of [
      ['{"a":1.0,"b":2}', 'committed'],
      ['{"a":2}', 'rejected'],
    ] as const) {
      const machine = new Machine();
      machine.publish([put('/n', '{"a":1}', 'json')]);
      machine.begin('g');
      machine.apply(publish([put('/other', 'x')], { ghostId: 'g', preconditions: [json] }));
      machine.publish([put('/n', next, 'json')]);
      expect(machine.commit('g').kind).toBe(expected);
    }
  });
});

describe('where something else is stored', () => {
  const wrong = [merge({ text: 'x' }), append({ words: ['x'] }), add('i32', 1n)];
  test.each([
    ['a text', value('text', 'x')],
    ['JSON', value('json', '{}')],
    ['another message', { ...message({}), type: 'x/acme.v1.Other' }],
  ])('such as %s, an operation on fields is refused', (_name, other) => {
    for (const operation of wrong) {
      const machine = new Machine();
      machine.publish([{ kind: 'put', path: at, value: other }]);
      expect(machine.told(publish([operation]))).toBe('WRONG_TYPE');
    }
  });

  test('such as bytes that are no message, it is refused as well, and a condition does not hold', () => {
    const broken = { ...message({}), data: '\x0a\x80', bytes: 2 };
    for (const operation of wrong) {
      const machine = new Machine();
      machine.publish([{ kind: 'put', path: at, value: broken }]);
      expect(machine.told(publish([operation]))).toBe('INVALID_VALUE');
      const precondition: Precondition = { kind: 'field', path: at, field: field('text'), isSet: true };
      expect(machine.told(publish([put('/x', '')], { preconditions: [precondition] }))).toBe(
        'PRECONDITION_FAILED',
      );
    }
  });

  test('such as a message under another type URL, its URL stays', () => {
    const machine = new Machine();
    machine.publish([
      { kind: 'put', path: at, value: { ...message({ text: 'x' }), type: 'mine/acme.v1.All' } },
    ]);
    expect(machine.told(publish([add('i32', 1n)]))).toBe('published');
    expect(machine.at('/n')).toBe(bytesOf({ text: 'x', i32: 1 }));
  });
});

test('a record leads to the same value without a descriptor', () => {
  const [live, replayed] = [new Machine(), new Machine()];
  const diffs = [
    [putAll(stored)],
    [merge({ words: ['b'], counts: { k: 2 } }), append({ numbers: [1, 2] })],
    [add('inner.n', 5n), merge({}, 'text', 'inner.name')],
    [merge({ b: { x: 1 } })],
  ];
  for (const [index, operations] of diffs.entries()) {
    const command = publish(operations);
    const { effects } = live.applied(command);
    const bytes = encodeRecord({ position: index + 1, timeMs: 0, command }, effects).slice();
    replayed.apply(decodeRecord(bytes, index + 1).proposal.command);
  }
  expect(replayed.at('/n')).toBe(live.at('/n'));
  expect(read(live.at('/n') ?? '')).toEqual(
    read(
      bytesOf({
        words: ['a', 'b'],
        numbers: [1, 2],
        i32: 1,
        inner: { n: '5', tags: ['t'] },
        counts: { k: 2 },
        b: { x: 1 },
      }),
    ),
  );
});
