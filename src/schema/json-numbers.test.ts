/**
 * Goal: what a JSON Schema says of numbers is decided on what is written, not on the doubles nearest to it. Method: tables of what doubles
 * get wrong, in values and in schemas; random decimals against fractions of integers; and Ajv's own verdicts where doubles are exact.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTemplate } from '../state/schemas/path-template.ts';
import { utf8Length } from '../trie/path.ts';
import { compileJsonSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { readJson, textAt } from './json-numbers.ts';

const template = parseTemplate('/plans/{plan}');
if ('problem' in template) throw new Error(template.problem);
const binding = { template, messageType: '' };

/** The rules that a value breaks, with what is said. */
function problemsOf(schema: string, data: string): { rule: string; message: string }[] {
  const value = { kind: 'json', data, bytes: utf8Length(data), type: '' } as const;
  return [...compiledOf(schema).check(binding, value)];
}

function compiledOf(schema: string): JsonSchema {
  const compiled = compileJsonSchema(schema, binding);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled));
  return compiled;
}

const rulesOf = (schema: string, data: string): string[] => problemsOf(schema, data).map(({ rule }) => rule);

describe('a keyword about numbers', () => {
  test.each([
    ['{"multipleOf":0.01}', '19.99', []],
    ['{"multipleOf":0.01}', '4.35', []],
    ['{"multipleOf":0.01}', '-0.29', []],
    ['{"multipleOf":0.01}', '0.295', ['multipleOf']],
    ['{"multipleOf":0.01}', '1e999999999999999999999', []],
    ['{"multipleOf":7}', '1e999999999999999999999', ['multipleOf']],
    ['{"multipleOf":3}', '9007199254740993', []],
    ['{"multipleOf":3}', '9007199254740992', ['multipleOf']],
    ['{"multipleOf":9007199254740993}', '18014398509481986', []],
    ['{"multipleOf":1e-400}', '3e-400', []],
    ['{"type":"integer","maximum":9007199254740992}', '9007199254740993', ['maximum']],
    ['{"maximum":9223372036854775807}', '9223372036854775807', []],
    ['{"maximum":9223372036854775807}', '9223372036854775808', ['maximum']],
    ['{"minimum":-9223372036854775808}', '-9223372036854775809', ['minimum']],
    ['{"exclusiveMaximum":9007199254740993}', '9007199254740992', []],
    ['{"exclusiveMaximum":9007199254740993}', '9007199254740993', ['exclusiveMaximum']],
    ['{"exclusiveMinimum":0}', '1e-400', []],
    ['{"exclusiveMinimum":0}', '-0.0', ['exclusiveMinimum']],
    ['{"type":"integer"}', '9007199254740991.6', ['type']],
    ['{"type":"integer"}', '9007199254740993.0', []],
    ['{"type":"integer"}', '1e400', []],
    ['{"type":"integer"}', '1e-400', ['type']],
    ['{"const":0}', '1e-400', ['const']],
    ['{"const":9007199254740993}', '9007199254740992', ['const']],
    ['{"const":9007199254740993}', '9007199254740993.00', []],
    ['{"const":{"a":[9007199254740993]}}', '{"a":[90071992547409930e-1]}', []],
    ['{"const":{"a":[9007199254740993]}}', '{"a":[9007199254740992]}', ['const']],
    ['{"enum":[1,9007199254740993]}', '9007199254740992', ['enum']],
    ['{"enum":[1,9007199254740993]}', '1.0', []],
    ['{"uniqueItems":true}', '[9007199254740992,9007199254740993]', []],
    ['{"uniqueItems":true}', '[9007199254740993,9007199254740993.0]', ['uniqueItems']],
    ['{"uniqueItems":false}', '[1,1]', []],
    [
      '{"$defs":{"n":{"maximum":9007199254740992}},"items":{"$ref":"#/$defs/n"}}',
      '[9007199254740993]',
      ['maximum'],
    ],
    ['{"propertyNames":{"enum":["a"]}}', '{"a":9007199254740993}', []],
  ])('%s of %s: %j', (schema, data, expected) => {
    expect(rulesOf(schema, data)).toEqual(expected);
  });

  test('says what it wants as it is written', () => {
    const said = (schema: string): (string | undefined)[] =>
      problemsOf(schema, '9007199254740999').map(({ message }) => message);
    expect(said('{"maximum":9007199254740993}')).toEqual(['must be <= 9007199254740993']);
    expect(said('{"const":[9007199254740993,1]}')).toEqual([
      'must be equal to constant: [9007199254740993,1]',
    ]);
    expect(said('{"enum":[9007199254740993]}')).toEqual([
      'must be equal to one of the allowed values: [9007199254740993]',
    ]);
    expect(said('{"multipleOf":0.50}')).toEqual([]);
  });

  test('takes no time without bound for long numbers', () => {
    const long = '7'.repeat(1_000_000);
    expect(rulesOf('{"multipleOf":0.03}', long)).toEqual(['budget']);
    expect(rulesOf('{"maximum":5}', `1${'0'.repeat(1_000_000)}1`)).toEqual(['maximum']);
    expect(rulesOf('{"maximum":5}', `0.${'0'.repeat(1_000_000)}1`)).toEqual([]);
  });

  test('compares what has keys with the names of methods', () => {
    for (const name of ['valueOf', 'toString', 'constructor', 'hasOwnProperty']) {
      const value = `{"${name}":{}}`;
      expect(rulesOf('{"const":{"a":1}}', value)).toEqual(['const']);
      expect(rulesOf(`{"const":${value}}`, value)).toEqual([]);
      expect(rulesOf(`{"enum":[${value}]}`, '{"a":1}')).toEqual(['enum']);
    }
  });
});

describe('of random numbers', () => {
  const runs = { seed: 20_261_124, numRuns: 25 };
  const decimal = fc.record({ digits: fc.bigInt(-(10n ** 20n), 10n ** 20n), places: fc.nat(6) });
  const textOf = ({ digits, places }: { digits: bigint; places: number }): string => `${digits}e-${places}`;
  const whole = ({ digits, places }: { digits: bigint; places: number }): bigint =>
    digits * 10n ** BigInt(6 - places);

  test('each keyword says what fractions of integers say', () => {
    fc.assert(
      fc.property(decimal, fc.array(decimal, { minLength: 20, maxLength: 20 }), (wanted, others) => {
        const [limit, b] = [textOf(wanted), whole(wanted)];
        const multiple = b === 0n ? '' : `{"multipleOf":${limit.replace(/^-/, '')}},`;
        const compiled = compiledOf(
          `{"allOf":[${multiple}{"maximum":${limit}},{"minimum":${limit}},{"const":${limit}},{"type":"integer"}]}`,
        );
        for (const value of [wanted, { ...wanted, digits: wanted.digits * 3n }, ...others]) {
          const a = whole(value);
          const expected = [
            ...(a <= b ? [] : ['maximum']),
            ...(a >= b ? [] : ['minimum']),
            ...(a === b ? [] : ['const']),
            ...(a % 1_000_000n === 0n ? [] : ['type']),
            ...(b === 0n || a % b === 0n ? [] : ['multipleOf']),
          ];
          const data = textOf(value);
          const problems = compiled.check(binding, { kind: 'json', data, bytes: utf8Length(data), type: '' });
          expect(problems.map(({ rule }) => rule).sort()).toEqual(expected.sort());
        }
      }),
      runs,
    );
  });

  test('what doubles hold is judged as by Ajv', () => {
    const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: true });
    const number = fc.oneof(
      fc.integer({ min: -9, max: 9 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(json, json, number, (value, wanted, limit) => {
        const schema = JSON.stringify({
          anyOf: [{ const: wanted }, { enum: [value, wanted] }, { type: 'number', exclusiveMinimum: limit }],
          not: { type: 'number', maximum: limit },
        });
        const ajv = new Ajv2020({ strict: false }).compile(JSON.parse(schema) as object);
        const data = JSON.stringify(value);
        expect(rulesOf(schema, data).length === 0).toBe(ajv(JSON.parse(data)));
      }),
      runs,
    );
  });

  test('what is read is told again as it was written', () => {
    const texts = fc.array(fc.oneof(decimal.map(textOf), fc.bigInt().map(String)));
    fc.assert(
      fc.property(texts, (numbers) => {
        const text = `{"a":[${numbers.join()}]}`;
        const told = textAt(readJson(text));
        expect(rulesOf(`{"const":${text}}`, told)).toEqual([]);
      }),
      runs,
    );
  });
});
