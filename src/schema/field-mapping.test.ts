/**
 * Goal: rules lead to the values that they say, whatever values there are, and what they do not say is refused before any value is
 * looked at. Method: two versions by `buf`; random values and rules against a naive model of what is to become of them; tables of
 * what is converted and what is refused.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import type { JsonValue } from '@bufbuild/protobuf';
import { acme, buildProtos } from '../../test/support/schemas.ts';
import { FieldPlan, planFields } from './field-mapping.ts';
import type { JsonObject, MappingRule } from './field-mapping.ts';
import type { MessageType } from './exact-integers.ts';
import { compileProtobuf } from './protobuf.ts';

const bound = (fields: string) =>
  acme(`message Note { option (hyperloom.v1.node).path = "/{n}"; ${fields} }
        message Part { string word = 1; int32 size = 2; }
        message Whole { int64 n = 1; } message Broken { double n = 1; } message Rough { float n = 1; }
        enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; }`);

function typeOf(set: Uint8Array, name = 'acme.v1.Note'): MessageType {
  const schema = compileProtobuf(set, 'known');
  const descriptor = 'problems' in schema ? undefined : schema.message(name);
  if ('problems' in schema || descriptor === undefined) throw new Error('it does not compile');
  return { descriptor, registry: schema.registry };
}

/** What a value becomes, told with the names of fields. */
function mapped(
  before: MessageType,
  coming: MessageType,
  rules: readonly MappingRule[],
  json: JsonValue,
): JsonValue {
  const plan = planFields(before, coming, rules);
  if (!(plan instanceof FieldPlan)) throw new Error(plan.map(({ message }) => message).join('; '));
  const names = { useProtoFieldName: true };
  const old = toJson(before.descriptor, fromJson(before.descriptor, json), names);
  const made = plan.apply(old as JsonObject);
  if ('lossy' in made) throw new Error(`${made.lossy} loses digits`);
  const bytes = toBinary(coming.descriptor, fromJson(coming.descriptor, made.json));
  return toJson(coming.descriptor, fromBinary(coming.descriptor, bytes), names);
}

function problemsOf(before: MessageType, coming: MessageType, rules: readonly MappingRule[]): string[] {
  const plan = planFields(before, coming, rules);
  return plan instanceof FieldPlan ? [] : plan.map(({ place, message }) => `${place}: ${message}`);
}

const move = (from: string, to: string) => ({ kind: 'move', from, to }) as const;
const drop = (field: string) => ({ kind: 'drop', field }) as const;
const constant = (field: string, json: string) => ({ kind: 'constant', field, json }) as const;
const runs = { seed: 20_261_121, numRuns: 200 };

describe('values of random messages', () => {
  const fields = 6;
  const before = typeOf(
    bound(`string f0 = 1; string f1 = 2; string f2 = 3; string f3 = 4; string f4 = 5; string f5 = 6;
           repeated sint64 list = 7; map<string, Part> parts = 8; Part part = 9; Color color = 10; bytes data = 11; optional double ratio = 12;`),
  );
  // Other numbers, so that nothing can be right by accident; and new places to move to.
  const coming = typeOf(
    bound(`string f5 = 1; string f4 = 2; string f3 = 3; string f2 = 4; string f1 = 5; string f0 = 6;
           repeated sfixed64 list = 17; map<string, Part> parts = 18; Part part = 19; Color color = 20; bytes data = 21; optional double ratio = 22;
           string t0 = 30; string t1 = 31; string t2 = 32; string t3 = 33; string t4 = 34; string t5 = 35;`),
  );
  const part = fc.record({ word: fc.string({ unit: 'grapheme' }), size: fc.integer() }, { requiredKeys: [] });
  const texts = Object.fromEntries(
    Array.from({ length: fields }, (_, index) => [`f${index}`, fc.string({ unit: 'grapheme' })]),
  );
  const notes = fc.record(
    {
      ...texts,
      list: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
      parts: fc.dictionary(fc.string({ unit: 'grapheme' }), part, { noNullPrototype: false }),
      part,
      color: fc.constantFrom('COLOR_RED', 7),
      data: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
      ratio: fc.double({ noNaN: true, noDefaultInfinity: true }),
    },
    { requiredKeys: [] },
  );
  const fates = fc.array(fc.constantFrom('keep', 'move', 'drop', 'replace'), {
    minLength: fields,
    maxLength: fields,
  });

  test('are what each rule says, and all else is as it was', () => {
    fc.assert(
      fc.property(notes, fates, fc.nat(fields - 1), (json, all, shift) => {
        const rules: MappingRule[] = [];
        const names = { useProtoFieldName: true };
        const old = toJson(
          before.descriptor,
          fromJson(before.descriptor, json as JsonValue),
          names,
        ) as JsonObject;
        const expected: JsonObject = { ...old };
        for (const [index, fate] of all.entries()) {
          const [name, target] = [`f${index}`, `t${(index + shift) % fields}`];
          if (fate === 'keep') continue;
          const value = old[name];
          delete expected[name];
          if (fate === 'move') {
            rules.push(move(name, target));
            if (value !== undefined) expected[target] = value;
          } else rules.push(drop(name));
          if (fate === 'replace') {
            rules.push(constant(name, '"new"'));
            expected[name] = 'new';
          }
        }
        expect(mapped(before, coming, rules, json as JsonValue)).toEqual(expected);
      }),
      runs,
    );
  });

  test('come back as they were where the rules are turned round', () => {
    const there = Array.from({ length: fields }, (_, index) => move(`f${index}`, `t${index}`));
    const back = there.map(({ from, to }) => move(to, from));
    const names = { useProtoFieldName: true };
    fc.assert(
      fc.property(notes, (json) => {
        const old = toJson(before.descriptor, fromJson(before.descriptor, json as JsonValue), names);
        const others = Array.from({ length: fields }, (_, index) => drop(`f${index}`));
        expect(mapped(coming, before, [...back, ...others], mapped(before, coming, there, old))).toEqual(old);
      }),
      runs,
    );
  });
});

describe('a field that is moved', () => {
  type Row = readonly [was: string, is: string, json: JsonValue, expected: unknown];
  const rows: readonly Row[] = [
    ['string', 'double', '0.5', 0.5],
    ['string', 'int32', '12', 12],
    ['string', 'int32', 'twelve', 'refused'],
    ['int64', 'string', '9007199254740993', '9007199254740993'],
    ['int64', 'double', '9007199254740993', 'refused'],
    ['int64', 'double', '9007199254740992', 9007199254740992],
    ['int32', 'float', 16777217, 'refused'],
    ['int32', 'string', 12, 'refused'],
    ['int32', 'int64', 12, '12'],
    ['int64', 'int32', '2147483648', 'refused'],
    ['double', 'int32', 2, 2],
    ['double', 'int32', 2.5, 'refused'],
    ['double', 'float', 0.1, 0.10000000149011612],
    ['bool', 'string', true, 'refused'],
    ['Color', 'string', 'COLOR_RED', 'COLOR_RED'],
    ['string', 'Color', 'COLOR_RED', 'COLOR_RED'],
    ['string', 'Color', 'COLOR_BLUE', 'refused'],
    ['bytes', 'string', 'AAE=', 'AAE='],
    ['string', 'bytes', 'AAE=', 'AAE='],
    ['string', 'repeated string', 'a', 'refused'],
    ['repeated string', 'string', ['a'], 'refused'],
    ['repeated string', 'repeated int32', ['1', '2'], [1, 2]],
    ['repeated int64', 'repeated double', ['1', '9007199254740993'], 'refused'],
    ['map<string, string>', 'map<string, int32>', { a: '1' }, { a: 1 }],
    ['map<string, int64>', 'map<string, double>', { a: '9007199254740993' }, 'refused'],
    ['map<string, int64>', 'map<string, double>', { a: '9007199254740992' }, { a: 9007199254740992 }],
    ['map<string, uint32>', 'map<string, float>', { a: 16777217 }, 'refused'],
    ['Whole', 'Broken', { n: '9007199254740993' }, 'refused'],
    ['Whole', 'Broken', { n: '9007199254740992' }, { n: 9007199254740992 }],
    ['repeated Whole', 'repeated Broken', [{ n: '1' }, { n: '9007199254740993' }], 'refused'],
    ['map<string, Whole>', 'map<string, Broken>', { a: { n: '9007199254740993' } }, 'refused'],
    ['map<string, int64>', 'Broken', { n: '9007199254740993' }, 'refused'],
    ['Broken', 'Rough', { n: 16777217 }, { n: 16777216 }],
    ['Part', 'Part', { word: 'a' }, { word: 'a' }],
  ];
  // One set for all, since each takes its time.
  const messages = rows.map(
    ([was, is], index) =>
      `message Was${index} { option (hyperloom.v1.node).path = "/was${index}/{n}"; ${was} x = 1; }
       message Is${index} { option (hyperloom.v1.node).path = "/is${index}/{n}"; ${is} y = 1; }`,
  );
  const set = bound(`string z = 1; } ${messages.join('\n')} message Last {`);

  /** The value of `x` as that of `y`. */
  const converted = (index: number, json: JsonValue): unknown => {
    const [before, coming] = [typeOf(set, `acme.v1.Was${index}`), typeOf(set, `acme.v1.Is${index}`)];
    try {
      return (mapped(before, coming, [move('x', 'y')], { x: json }) as JsonObject)['y'];
    } catch {
      return 'refused';
    }
  };

  test.each(rows.map((row, index) => [...row, index] as const))(
    '%s → %s: %j becomes %j',
    (_was, _is, json, expected, index) => {
      expect(converted(index, json)).toEqual(expected);
    },
  );

  test('comes out of a message and goes into one, whose other fields stay', () => {
    const before = typeOf(bound('Part part = 1; string word = 2;'));
    const rules = [move('part.word', 'word'), move('word', 'part.word')];
    expect(mapped(before, before, rules, { part: { word: 'in', size: 3 }, word: 'out' })).toEqual({
      part: { word: 'out', size: 3 },
      word: 'in',
    });
    // A message that is there without anything in it is still there.
    expect(mapped(before, before, rules, { part: {} })).toEqual({ part: {} });
    expect(mapped(before, before, rules, {})).toEqual({});
  });
});

describe('rules that do not say enough, or too much,', () => {
  const before = typeOf(
    buildProtos({
      'acme/v1/acme.proto': `syntax = "proto3";
package acme.v1;
import "google/protobuf/timestamp.proto";
import "hyperloom/v1/node_options.proto";
message Note {
  option (hyperloom.v1.node).path = "/{n}";
  string a = 1; Part part = 2; repeated Part many = 3; google.protobuf.Timestamp time = 4;
}
message Part { string word = 1; }`,
    }),
  );
  const coming = typeOf(bound('string b = 1; Part part = 2; repeated Part many = 3; int32 a = 5;'));

  test.each<readonly [string, readonly MappingRule[], readonly RegExp[]]>([
    ['nothing of a changed type', [drop('time')], [/^: .*"a", which is of another type/]],
    ['nothing of a field that goes', [drop('a')], [/^: .*"time", which the coming version does not have/]],
    ['a field twice', [drop('a'), move('a', 'b'), drop('time')], [/^rules\[1\]\.move\.from: .*another rule/]],
    [
      'a place twice',
      [move('a', 'b'), drop('time'), constant('b', '"x"')],
      [/^rules\[2\]\.constant\.field: .*another/],
    ],
    [
      'a message and a part',
      [drop('part.word'), drop('part'), drop('a'), drop('time')],
      [/^rules\[0\]\.drop: .*another/],
    ],
    [
      'a list from inside',
      [drop('many.word'), drop('a'), drop('time')],
      [/^rules\[0\]\.drop: .*single messages only/],
    ],
    [
      'a timestamp from inside',
      [move('time.seconds', 'b'), drop('a')],
      [/time/, /^rules\[0\]\.move\.from: .*no names in ProtoJSON/],
    ],
    [
      'a place that is kept',
      [move('a', 'part.word'), drop('time')],
      [/^rules\[0\]\.move\.to: "part.word" .* would be kept/],
    ],
    [
      'a constant of another type',
      [drop('a'), constant('a', '"x"'), drop('time')],
      [/^rules\[1\]\.constant\.json: /],
    ],
  ])('are refused: %s', (_, rules, expected) => {
    const problems = problemsOf(before, coming, rules);
    expect(problems).toHaveLength(expected.length);
    for (const [index, each] of expected.entries()) expect(problems[index]).toMatch(each);
  });

  test('are compared in little time, however many ways lead through the messages', () => {
    const chain = Array.from(
      { length: 60 },
      (_, index) => `message C${index} { C${index + 1} l = 1; C${index + 1} r = 2; }`,
    );
    const deep = typeOf(
      acme(
        `message Note { option (hyperloom.v1.node).path = "/{n}"; C0 c = 1; } ${chain.join(' ')} message C60 { string x = 1; }`,
      ),
    );
    const other = typeOf(
      acme(
        `message Note { option (hyperloom.v1.node).path = "/{n}"; C0 c = 2; } ${chain.join(' ')} message C60 { string x = 3; }`,
      ),
    );
    expect(problemsOf(deep, other, [])).toEqual([]);
  });
});
