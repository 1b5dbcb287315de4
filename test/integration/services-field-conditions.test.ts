/**
 * Goal: a diff takes effect only where fields of messages and parts of JSON are what it says, exactly. Method: a whole broker on a real
 * socket; a table of values that are equal, and of those that are not.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { allKindsSet } from '../support/all-kinds.ts';
import { putJson, putText, refusalOf, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { protobuf } from '../support/schemas.ts';
import { field, merge, pointer } from '../support/typed-operations.ts';
import type { Condition } from '../support/typed-operations.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.schemas.registerSchema({ name: 'all', definition: protobuf(allKindsSet) });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  await broker.close();
});

const publish = (...operations: Operation[]) => broker.context.publish({ operations });

describe('a condition', () => {
  const [path, json] = ['/if/all/a', '/if/json'];
  const told = async (precondition: Condition, ghostId = ''): Promise<string> => {
    const call = broker.context.publish({
      ghostId,
      operations: [putText('/if/x', '1')],
      preconditions: [precondition],
    });
    return call.then(
      () => 'holds',
      async () => (await refusalOf(call)).reason,
    );
  };
  beforeAll(async () => {
    await publish(
      merge(path, {
        text: 'é',
        s64: '-9223372036854775808',
        dbl: 'NaN',
        raw: 'AAE=',
        kind: 'KIND_TWO',
        flag: true,
        words: [''],
        inner: {},
        maybe: 0,
      }),
      putJson(json, { n: 1.5, list: [{ a: null }], 'a/b~': 'x', big: 0 }),
      putText('/if/text', 'x'),
    );
  });

  test.each([
    ['text', '"é"'],
    ['s64', '-9223372036854775808'],
    ['s64', '"-9223372036854775808"'],
    ['dbl', '"NaN"'],
    ['raw', '"AAE="'],
    ['kind', '"KIND_TWO"'],
    ['kind', '2'],
    ['flag', 'true'],
    ['i32', '0'],
    ['i32', '0.0'],
    ['maybe', '0'],
    ['inner.name', '""'],
    ['words', true],
    ['inner', true],
    ['inner.name', false],
    ['perhaps', false],
    ['i32', false],
    ['counts', false],
    ['maybe', true],
  ] as const)('about %s = %j holds', async (name, expected) => {
    expect(await told(field(path, name, expected))).toBe('holds');
  });

  test.each([
    ['text', '"x"', '"é"'],
    ['s64', '0', '-9223372036854775808'],
    ['perhaps', '""', 'unset'],
    ['kind', '"KIND_ONE"', '2'],
    ['flag', 'false', 'true'],
    ['i32', true, 'unset'],
    ['inner', false, 'set'],
    ['i32', '1', '0'],
  ] as const)('about %s = %j does not hold', async (name, expected, actual) => {
    const refused = await refusalOf(
      broker.context.publish({
        operations: [putText('/if/x', '1')],
        preconditions: [field(path, name, expected)],
      }),
    );
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'PRECONDITION_FAILED' });
    expect(refused.metadata).toEqual({ path, condition: 'field', actual, field: name });
  });

  test.each([
    ['/n', '15e-1', 'holds'],
    ['/n', '1.6', 'PRECONDITION_FAILED'],
    ['/list/0', '{"a":null}', 'holds'],
    ['/list/0/a', true, 'holds'],
    ['/list/1', false, 'holds'],
    ['/list/-', true, 'PRECONDITION_FAILED'],
    ['/a~1b~0', '"x"', 'holds'],
    ['', '{"list":[{"a":null}],"n":1.50,"big":-0,"a/b~":"x"}', 'holds'],
  ] as const)('about %s of JSON = %j: %s', async (at, expected, outcome) => {
    expect(await told(pointer(json, at, expected))).toBe(outcome);
  });

  test('about what is absent, or of another kind, finds nothing set and nothing equal', async () => {
    for (const where of ['/if/all/none', '/if/all/none']) {
      expect(await told(field(where, 'i32', false))).toBe('holds');
      expect(await told(field(where, 'i32', '0'))).toBe('PRECONDITION_FAILED');
    }
    expect(await told(pointer('/if/text', '', false))).toBe('holds');
    expect(await told(pointer('/if/none', '/a', true))).toBe('PRECONDITION_FAILED');
  });

  test.each([
    [
      'neither field nor pointer',
      { path, condition: { case: 'field', value: { expectation: { case: 'isSet', value: true } } } },
      'INVALID_REQUEST',
      'preconditions[0].field',
    ],
    [
      'no expectation',
      { path, condition: { case: 'field', value: { target: { case: 'field', value: 'text' } } } },
      'INVALID_REQUEST',
      'preconditions[0].field',
    ],
    [
      'a name that no field has',
      field(path, 'nothing', true),
      'INVALID_REQUEST',
      'preconditions[0].field.field',
    ],
    ['a path without a schema', field('/free', 'text', true), 'UNBOUND_PATH', 'preconditions[0].field.field'],
    [
      'a pointer that is none',
      pointer(json, 'n', true),
      'INVALID_REQUEST',
      'preconditions[0].field.json_pointer',
    ],
    ['what is no JSON', pointer(json, '/n', '{'), 'INVALID_VALUE', 'preconditions[0].field.equals_json'],
    [
      'a value of another type',
      field(path, 'i32', '"x"'),
      'INVALID_VALUE',
      'preconditions[0].field.equals_json',
    ],
    ['null', field(path, 'i32', 'null'), 'INVALID_VALUE', 'preconditions[0].field.equals_json'],
    [
      'a number out of range',
      field(path, 'i32', '2147483648'),
      'INVALID_VALUE',
      'preconditions[0].field.equals_json',
    ],
    [
      'an enum that is not there',
      field(path, 'kind', '"KIND_X"'),
      'INVALID_VALUE',
      'preconditions[0].field.equals_json',
    ],
    ['a value of a list', field(path, 'words', '[]'), 'WRONG_TYPE', 'preconditions[0].field.field'],
    ['a value of a message', field(path, 'inner', '{}'), 'WRONG_TYPE', 'preconditions[0].field.field'],
  ] as const)('with %s is refused', async (_name, precondition, reason, place) => {
    const call = broker.context.publish({
      operations: [putText('/if/x', '1')],
      preconditions: [precondition],
    });
    expect(await refusalOf(call)).toMatchObject({ code: 'InvalidArgument', reason, fields: [place] });
  });

  test('of too many is refused', async () => {
    const preconditions = Array.from({ length: 101 }, () => pointer(json, '/n', true));
    const call = broker.context.publish({ operations: [putText('/if/x', '1')], preconditions });
    expect((await refusalOf(call)).metadata).toMatchObject({ limit: 'fieldConditionsPerDiffMax' });
  });
});
