/** Goal: JSON comes back as it went, with every digit of its integers. Method: edges by name, and seeded random values. */
import { describe, expect, test } from 'vitest';
import { json, parseJson, stringifyJson, type JsonValue } from './json.ts';
import { seededRandom, type SeededRandom } from './testing/seeded-random.ts';
import { encodableValue, readValue, TypedMessage } from './value.ts';

describe('JSON', () => {
  test.each([
    ['9007199254740993', 9_007_199_254_740_993n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['{"a":[18446744073709551615,1]}', { a: [2n ** 64n - 1n, 1] }],
    ['9007199254740991', 9_007_199_254_740_991],
    ['1.0000000000000000001', 1],
    ['"12345678901234567890"', '12345678901234567890'],
  ])('%s keeps what it says', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test('bigints are written with all their digits, wherever they are', () => {
    expect(stringifyJson({ a: [2n ** 63n, { b: -1n }] })).toBe('{"a":[9223372036854775808,{"b":-1}]}');
  });

  test.each([[undefined], [() => 1], [Symbol('s')], [Number.NaN], [{ a: [Infinity] }]])(
    '%s is refused',
    (value) => {
      expect(() => stringifyJson(value)).toThrow(TypeError);
    },
  );

  test('random values come back equal', () => {
    const seed = 99;
    const random = seededRandom(seed);
    for (let round = 0; round < 2_000; round += 1) {
      const value = randomJson(random, 0);
      expect(parseJson(stringifyJson(value)), `seed ${seed}, round ${round}`).toEqual(value);
    }
  });
});

test('each kind of value goes out as its kind', () => {
  expect(encodableValue('text')).toEqual({ kind: 'text', text: 'text' });
  expect(encodableValue(json('"text"'))).toEqual({ kind: 'json', json: '"text"' });
  expect(encodableValue(null)).toEqual({ kind: 'json', json: 'null' });
  expect(encodableValue(new Uint8Array([1]))).toEqual({ kind: 'bytes', bytes: new Uint8Array([1]) });
  expect(encodableValue(new TypedMessage('a/b', new Uint8Array()))).toMatchObject({ kind: 'message' });
  expect(readValue(undefined)).toEqual({ kind: 'none', value: undefined, json: undefined });
});

function randomJson(random: SeededRandom, depth: number): JsonValue {
  const kind = random.below(depth < 4 ? 8 : 6);
  if (kind === 6) return random.many(4, () => randomJson(random, depth + 1));
  if (kind === 7)
    return Object.fromEntries(
      random.many(4, () => [`k${random.below(100)}é`, randomJson(random, depth + 1)]),
    );
  const big = BigInt(random.below(2 ** 31)) * 2n ** 40n + 2n ** 54n;
  return random.pick<JsonValue>([
    null,
    true,
    random.next() * 1e6,
    big,
    -big,
    `text ${random.below(1_000)} ☃`,
  ]);
}
