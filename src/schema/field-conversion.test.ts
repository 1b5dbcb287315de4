/**
 * Goal: no mapping rounds an integer unsaid, wherever in a value it lies. Method: random integers in fields of all shapes, which become
 * `float` or `double`, against what the two hold exactly.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromJson, toJson } from '@bufbuild/protobuf';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { buildProtos } from '../../test/support/schemas.ts';
import { losesDigits } from './field-conversion.ts';
import { compileProtobuf } from './protobuf.ts';

/** Fields of many shapes around one type. */
const fields = (type: string, wrapper: string) => `
  message Part { ${type} n = 1; ${wrapper} w = 2; repeated ${type} list = 3; map<string, ${type}> by_name = 4; }
  ${type} single = 1; repeated ${type} list = 2; map<string, ${type}> by_name = 3; ${wrapper} wrapper = 4;
  repeated ${wrapper} wrappers = 5; Part part = 6; repeated Part parts = 7; map<string, Part> named_parts = 8;`;

const types: readonly (readonly [type: string, wrapper: string])[] = [
  ['int64', 'google.protobuf.Int64Value'],
  ['uint32', 'google.protobuf.UInt32Value'],
  ['string', 'google.protobuf.StringValue'],
  ['float', 'google.protobuf.FloatValue'],
  ['double', 'google.protobuf.DoubleValue'],
];
const messages = types.map(
  ([type, wrapper]) => `message ${nameOf(type)} {
  option (hyperloom.v1.node).path = "/${type}/{n}"; ${fields(type, wrapper)} }`,
);
const schema = compileProtobuf(
  buildProtos({
    'acme/v1/acme.proto': `syntax = "proto3";
package acme.v1;
import "google/protobuf/wrappers.proto";
import "hyperloom/v1/node_options.proto";
${messages.join('\n')}`,
  }),
  'new',
);

function nameOf(type: string): string {
  return `Of${type[0]?.toUpperCase() ?? ''}${type.slice(1)}`;
}

function messageOf(type: string) {
  const found = 'problems' in schema ? undefined : schema.message(`acme.v1.${nameOf(type)}`);
  if (found === undefined) throw new Error('it does not compile');
  return found;
}

/** Whether any field of a value of `was` is refused as one of `now`. */
function isRefused(was: string, now: string, json: JsonValue): boolean {
  const [before, coming] = [messageOf(was), messageOf(now)];
  const told = toJson(before, fromJson(before, json), { useProtoFieldName: true }) as JsonObject;
  return coming.fields.some((field, index) => {
    const value = told[field.name];
    return value !== undefined && losesDigits(before.fields[index], field, value);
  });
}

/** Values of a message's shape, with what lies in them. */
function valuesOf(numbers: fc.Arbitrary<bigint>): fc.Arbitrary<{ json: JsonObject; held: bigint[] }> {
  const name = fc.constantFrom('a', 'n', 'value');
  const many = fc.array(numbers, { maxLength: 3 });
  const named = fc.dictionary(name, numbers, { noNullPrototype: true });
  const part = fc.record(
    { n: numbers, w: numbers, list: many, by_name: named },
    { requiredKeys: [], noNullPrototype: true },
  );
  const whole = fc.record(
    {
      single: numbers,
      list: many,
      by_name: named,
      wrapper: numbers,
      wrappers: many,
      part,
      parts: fc.array(part, { maxLength: 2 }),
      named_parts: fc.dictionary(name, part, { noNullPrototype: true }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  return whole.map((value) => {
    const held: bigint[] = [];
    const told = JSON.stringify(value, (_, each: unknown) => {
      if (typeof each !== 'bigint') return each;
      held.push(each);
      return String(each);
    });
    return { json: JSON.parse(told) as JsonObject, held };
  });
}

describe('integers that become floating numbers', () => {
  const runs = { seed: 20_261_124, numRuns: 300 };
  const isExact = (now: string, integer: bigint): boolean =>
    BigInt(now === 'float' ? Math.fround(Number(integer)) : Number(integer)) === integer;
  const near = (power: bigint): fc.Arbitrary<bigint> =>
    fc.bigInt({ min: -2n, max: 2n }).map((offset) => 2n ** power + offset);

  test.each([
    ['int64', 'double', fc.oneof({ weight: 4, arbitrary: fc.bigInt(-9n, 9n) }, near(53n), near(60n))],
    ['int64', 'float', fc.oneof({ weight: 4, arbitrary: fc.bigInt(-9n, 9n) }, near(24n))],
    ['uint32', 'float', fc.oneof({ weight: 4, arbitrary: fc.bigInt(0n, 9n) }, near(24n))],
    ['uint32', 'double', fc.bigInt(0n, 2n ** 32n - 1n)],
    ['string', 'double', fc.oneof({ weight: 4, arbitrary: fc.bigInt(-9n, 9n) }, near(70n))],
  ] as const)('are refused where one of them would be rounded: %s → %s', (was, now, numbers) => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(valuesOf(numbers), ({ json, held }) => {
        const expected = held.some((each) => !isExact(now, each));
        seen.add(expected);
        expect(isRefused(was, now, json)).toBe(expected);
      }),
      runs,
    );
    expect(seen.size).toBe(was === 'uint32' && now === 'double' ? 1 : 2);
  });

  test('are none where they were floating numbers before', () => {
    fc.assert(
      fc.property(valuesOf(near(30n)), ({ json }) => {
        expect(isRefused('double', 'float', json)).toBe(false);
        expect(isRefused('float', 'double', json)).toBe(false);
      }),
      runs,
    );
  });
});
