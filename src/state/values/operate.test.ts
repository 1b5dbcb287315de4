/**
 * Goal: each operation does what design.md says on each kind of value, and refuses the others. Method: tables; the model
 * test (test/model/state-machine.test.ts) covers how operations follow one another.
 */
import { describe, expect, test } from 'vitest';
import { append, copy, path, put, remove, value } from '../../../test/support/forests.ts';
import { Machine } from '../../../test/support/machine.ts';
import { nodeBytesMax, pathDepthMax } from '../../base/limits.ts';
import type { Operation } from '../command.ts';
import type { Outcome } from '../outcome.ts';
import { standingOf } from './standing.ts';
import type { ValueKind } from './value.ts';

const at = path('/n');
const merge = (patch: string): Operation => ({ kind: 'merge', path: at, patch, patchBytes: patch.length });
const increment = (amount: bigint | number): Operation => ({ kind: 'increment', path: at, amount });

/** Puts `data` where it is given, applies the operation there, and tells the new value or the reason of the refusal. */
function after(kind: ValueKind | null, data: string, operation: Operation): string {
  const machine = new Machine();
  if (kind !== null) machine.publish([{ kind: 'put', path: at, value: value(kind, data) }]);
  return told(machine, machine.publish([operation]));
}

function told(machine: Machine, outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : (machine.at('/n') ?? 'absent');
}

describe('on', () => {
  const operations: Record<string, Operation> = {
    put: put('/n', 'new'),
    text: append('/n', '+'),
    items: append('/n', '9', 'items'),
    bytes: { kind: 'append', path: at, addition: value('bytes', '\xff') },
    merge: merge('{"k":1}'),
    'int +1': increment(1n),
    'double +0.5': increment(0.5),
    'delete node': { kind: 'delete', path: at, scope: 'node' },
    'delete subtree': remove('/n'),
  };
  const no = 'WRONG_TYPE';
  const table: [string, ValueKind | null, string, string[]][] = [
    ['nothing', null, '', ['new', '+', '[9]', '\xff', '{"k":1}', '1', '0.5', 'absent', 'absent']],
    ['text', 'text', 'a', ['new', 'a+', no, no, no, no, no, 'absent', 'absent']],
    ['text that looks like a number', 'text', '7', ['new', '7+', no, no, no, no, no, 'absent', 'absent']],
    ['bytes', 'bytes', '\x00', ['new', no, no, '\x00\xff', no, no, no, 'absent', 'absent']],
    ['a message', 'message', 'm', ['new', no, no, no, no, no, no, 'absent', 'absent']],
    ['an array', 'json', ' [ 1 ] ', ['new', no, '[ 1,9]', no, '{"k":1}', no, no, 'absent', 'absent']],
    ['an empty array', 'json', '[]', ['new', no, '[9]', no, '{"k":1}', no, no, 'absent', 'absent']],
    ['an object', 'json', '{"a":0}', ['new', no, no, no, '{"a":0,"k":1}', no, no, 'absent', 'absent']],
    ['an integer', 'json', '7', ['new', no, no, no, '{"k":1}', '8', '7.5', 'absent', 'absent']],
    ['a double', 'json', '1.5', ['new', no, no, no, '{"k":1}', no, '2', 'absent', 'absent']],
    ['a JSON string', 'json', '"7"', ['new', no, no, no, '{"k":1}', no, no, 'absent', 'absent']],
    ['null', 'json', 'null', ['new', no, no, no, '{"k":1}', no, no, 'absent', 'absent']],
  ];
  test.each(table)('%s, every operation gives its value or is refused', (_name, kind, data, expected) => {
    expect(Object.values(operations).map((operation) => after(kind, data, operation))).toEqual(expected);
  });
});

describe('increments', () => {
  const max = 2n ** 63n - 1n;
  test.each([
    [String(max - 1n), 1n, String(max)],
    [String(max), 1n, 'OUT_OF_BOUNDS'],
    [String(-max), -1n, String(-max - 1n)],
    [String(-max - 1n), -1n, 'OUT_OF_BOUNDS'],
    ['9007199254740993', 2n, '9007199254740995'],
    [String(-max - 1n), max, '-1'],
  ])('of 64-bit integers are exact: %s + %s = %s', (data, amount, expected) => {
    expect(after('json', data, increment(amount))).toBe(expected);
  });

  test.each([
    ['0.1', 0.2, '0.30000000000000004'],
    ['1e308', 1e308, 'OUT_OF_BOUNDS'],
    ['-2.5', 2.5, '0'],
  ])('of doubles follow IEEE 754: %s + %s = %s', (data, amount, expected) => {
    expect(after('json', data, increment(amount))).toBe(expected);
  });
});

describe('merge', () => {
  // The table of appendix A of RFC 7396; a patch that is no object replaces the whole.
  test.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('of RFC 7396: %s with %s is %s', (target, patch, expected) => {
    expect(after('json', target, merge(patch))).toBe(expected);
  });

  test.each([
    [
      'numbers beyond 2^53',
      '{"a":9007199254740993,"b":1.0,"c":1e400}',
      '{"d":18446744073709551615}',
      '{"a":9007199254740993,"b":1.0,"c":1e400,"d":18446744073709551615}',
    ],
    [
      'keys that mean something to JavaScript',
      '{"__proto__":1}',
      '{"constructor":{"prototype":2}}',
      '{"__proto__":1,"constructor":{"prototype":2}}',
    ],
    ['a patch of __proto__', '{"a":1}', '{"__proto__":{"b":2}}', '{"a":1,"__proto__":{"b":2}}'],
  ])('keeps %s', (_name, target, patch, expected) => {
    expect(after('json', target, merge(patch))).toBe(expected);
    expect(Object.hasOwn(Object.prototype, 'b')).toBe(false);
  });
});

test('appends and merges beyond the size of a node are refused, and the node stays as it is', () => {
  const machine = new Machine();
  machine.publish([
    { kind: 'put', path: at, value: { kind: 'text', data: 'x', bytes: nodeBytesMax, type: '' } },
  ]);
  const refused = machine.publish([append('/n', 'y')]);
  expect(refused).toMatchObject({
    reason: 'LIMIT_EXCEEDED',
    metadata: { limit: 'nodeBytesMax', actual: String(nodeBytesMax + 1) },
  });
  expect(machine.at('/n')).toBe('x');
});

describe('copy', () => {
  test('takes a subtree from the present, from the diff itself, and from any revision', () => {
    const machine = new Machine();
    machine.publish([put('/a/x', '1')]);
    machine.publish([put('/a/x', '2'), copy('/a', '/b'), put('/a/x', '3'), copy('/a', '/c', 1)]);
    expect([machine.at('/a/x'), machine.at('/b/x'), machine.at('/c/x')]).toEqual(['3', '2', '1']);
    expect(standingOf(machine.state.root, path('/c/x'))).toMatchObject({ modified: 2, created: 2 });
  });

  test.each([
    ['into itself', copy('/a', '/a/b'), 'OVERLAPPING_COPY'],
    ['of nothing', copy('/missing', '/b'), 'NODE_NOT_FOUND'],
    ['from the future', copy('/a', '/b', 9), 'REVISION_IN_FUTURE'],
    ['from compacted history', copy('/a', '/b', 1), 'REVISION_COMPACTED'],
    ['nested too deeply', copy('/a', '/d'.repeat(pathDepthMax)), 'LIMIT_EXCEEDED'],
  ])('%s is refused, with the whole diff', (_name, operation, reason) => {
    const machine = new Machine();
    machine.publish([put('/a/x', '1')]);
    machine.publish([put('/a/x', '2')]);
    machine.apply({ kind: 'compact', revision: 2, author: '', request: null });
    expect(machine.publish([put('/other', 'x'), operation])).toMatchObject({ reason });
    expect(machine.at('/other')).toBeUndefined();
    expect(machine.state.revision).toBe(2);
  });
});

test('a refused diff leaves nothing behind, however much of it had been applied', () => {
  const machine = new Machine();
  machine.publish([put('/n', 'text')]);
  const before = machine.state.root;
  expect(machine.publish([put('/a', '1'), remove('/n'), append('/a', '9', 'items')])).toMatchObject({
    reason: 'WRONG_TYPE',
  });
  expect(machine.state.root).toBe(before);
});
