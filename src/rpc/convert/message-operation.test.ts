/**
 * Goal: whatever a client says of fields is refused as the table of errors has it, or becomes an operation that the state machine takes
 * or refuses; nothing else ever comes of it. Method: random bytes, names, amounts and JSON, and messages that were damaged.
 */
import { create } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, allJson, bytesOf, names } from '../../../test/support/all-kinds.ts';
import { path, publish, put } from '../../../test/support/forests.ts';
import { Machine } from '../../../test/support/machine.ts';
import { FieldConditionSchema, IncrementSchema, MergeSchema } from '../../gen/hyperloom/v1/operation_pb.ts';
import type { Operation, Precondition } from '../../state/command.ts';
import { Refused } from '../errors.ts';
import { appendFrom, fieldConditionFrom, fieldIncrementFrom, mergeFrom } from './message-operation.ts';

const at = path('/n');
const bound = { message: () => all };
const runs = { seed: 20_261_121, numRuns: 1_500 };

const oddName = fc.oneof(
  fc.constantFrom('i32', 'maybe', 'inner.n', 'u64', 'dbl', 'flt', 'text', 'kind'),
  fc.constantFrom(...names, '', '.', 'inner..name', '__proto__', 'constructor', 'inner.__proto__', '*'),
  fc.string({ maxLength: 8 }),
);
/** Messages, damaged in one byte, and bytes of any kind. */
const patch = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(allJson, fc.nat(), fc.nat(255)).map(([json, where, byte]) => {
    const bytes = Buffer.from(bytesOf(json), 'latin1');
    if (bytes.length > 0) bytes[where % bytes.length] = byte;
    return new Uint8Array(bytes);
  }),
);
const message = patch.map((value) => create(AnySchema, { typeUrl: 'x/acme.v1.All', value }));

/** What the state machine says, where a message of that kind is, bytes that are none, or nothing. */
function told(operations: readonly Operation[], preconditions: Precondition[], stored: string): string[] {
  const value = { kind: 'message', data: stored, bytes: stored.length, type: 'x/acme.v1.All' } as const;
  return [[], [{ kind: 'put', path: at, value } as const], [put('/n', '{"a":[1]}', 'json')]].map((before) => {
    const machine = new Machine();
    machine.publish(before);
    return machine.told(publish(operations, { preconditions }));
  });
}

const outcomes = ['published', 'WRONG_TYPE', 'INVALID_VALUE', 'OUT_OF_BOUNDS', 'PRECONDITION_FAILED'];

function tried(make: () => Operation, stored: string): string[] {
  try {
    return told([make()], [], stored);
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

test('merges and appends of anything are taken or refused', () => {
  let taken = 0;
  fc.assert(
    fc.property(message, fc.array(oddName, { maxLength: 3 }), patch, (any, paths, stored) => {
      const merge = create(MergeSchema, { message: any, ...(paths.length === 0 ? {} : { mask: { paths } }) });
      const data = Buffer.from(stored).toString('latin1');
      const merged = tried(() => mergeFrom(merge, any, at, 'merge', bound), data);
      const appended = tried(() => appendFrom(any, at, 'append.message', bound), data);
      if (merged.includes('published')) taken += 1;
      expect([...merged, ...appended].filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
    }),
    runs,
  );
  expect(taken).toBeGreaterThan(runs.numRuns / 10);
});

test('increments and conditions of anything are taken or refused', () => {
  let taken = 0;
  const json = fc.oneof(
    fc.json({ maxDepth: 1 }),
    fc.constantFrom('0', '"x"', '1e400', '-0', 'null', '{', '"\\ud800"'),
  );
  const amount = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  fc.assert(
    fc.property(oddName, amount, json, fc.boolean(), patch, (name, by, text, isPointer, stored) => {
      const data = Buffer.from(stored).toString('latin1');
      const increment = create(IncrementSchema, { field: name });
      const added = tried(() => fieldIncrementFrom(increment, by, at, 'increment', bound), data);
      const condition = create(FieldConditionSchema, {
        target: isPointer ? { case: 'jsonPointer', value: name } : { case: 'field', value: name },
        expectation: { case: 'equalsJson', value: new TextEncoder().encode(text) },
      });
      let held: string[] = [];
      try {
        held = told([put('/x', '1')], [fieldConditionFrom(condition, at, 'field', bound)], data);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
      if (added.includes('published') || held.includes('published')) taken += 1;
      expect([...added, ...held].filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
    }),
    runs,
  );
  expect(taken).toBeGreaterThan(runs.numRuns / 20);
});
