/** Goal: each field is told with the change that made it what it is. Method: values changed step by step, as agents do. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, stringifyJson, type JsonValue } from '../../../typescript/src/browser.ts';
import { fieldRows, reblame, type Blamed } from './field-blame.ts';

/** The leaves of a value with the number of the step that made each. */
function blamedBy(...steps: readonly JsonValue[]): Readonly<Record<string, number>> {
  let blamed: Blamed<number> | undefined;
  steps.forEach((value, index) => (blamed = reblame(blamed, value, index + 1)));
  if (blamed === undefined) return {};
  const { rows } = fieldRows(blamed, 1_000, stringifyJson);
  return Object.fromEntries(
    rows.flatMap(({ pointer, holdsOthers, cause }) => (holdsOthers ? [] : [[pointer, cause]])),
  );
}

test('a field belongs to whoever gave it what it holds', () => {
  expect(
    blamedBy({ goal: 'a', budget: 1 }, { goal: 'a', budget: 2 }, { goal: 'a', budget: 2, by: 'c' }),
  ).toEqual({
    '/goal': 1,
    '/budget': 2,
    '/by': 3,
  });
});

test('one that is gone and comes back belongs to whoever brought it back', () => {
  expect(blamedBy({ a: 1, b: 1 }, { b: 1 }, { a: 1, b: 1 })).toEqual({ '/a': 3, '/b': 1 });
});

test('fields inside of fields have makers of their own', () => {
  expect(blamedBy({ plan: { first: 'x', more: ['y'] } }, { plan: { first: 'z', more: ['y'] } })).toEqual({
    '/plan/first': 2,
    '/plan/more/0': 1,
  });
});

test('a list that grows at its end, at its beginning or in the middle keeps the makers of the rest', () => {
  expect(blamedBy(['a', 'b'], ['a', 'b', 'c'])).toEqual({ '/0': 1, '/1': 1, '/2': 2 });
  expect(blamedBy(['a', 'b'], ['x', 'a', 'b'])).toEqual({ '/0': 2, '/1': 1, '/2': 1 });
  expect(blamedBy(['a', 'b'], ['a', 'x', 'b'])).toEqual({ '/0': 1, '/1': 2, '/2': 1 });
  expect(blamedBy(['a', 'b', 'c'], ['a', 'c'])).toEqual({ '/0': 1, '/1': 1 });
});

test('what becomes of another kind is made anew', () => {
  expect(blamedBy({ a: { b: 1 } }, { a: [1] }, { a: [] })).toEqual({ '/a': 2 });
  expect(blamedBy([], {}, 'text')).toEqual({ '': 3 });
});

test('names with slashes, and those of prototypes, are names like others', () => {
  const value = parseJson('{"a/b":1,"c~d":2,"__proto__":3,"constructor":4}');
  expect(blamedBy(value)).toEqual({ '/a~1b': 1, '/c~0d': 1, '/__proto__': 1, '/constructor': 1 });
  expect(blamedBy({}, value)).toEqual({ '/a~1b': 2, '/c~0d': 2, '/__proto__': 2, '/constructor': 2 });
});

test('rows are bounded, and say how many are left', () => {
  const { rows, left } = fieldRows(
    reblame(
      undefined,
      Array.from({ length: 50 }, (_, at) => at),
      1,
    ),
    10,
    stringifyJson,
  );
  expect(rows).toHaveLength(10);
  expect(rows[0]).toMatchObject({ text: '50 items', holdsOthers: true });
  expect(left).toBe(41);
});

test('very deep values neither fail nor take long', () => {
  const deep = parseJson('['.repeat(3_000) + ']'.repeat(3_000));
  const { rows } = fieldRows(reblame(reblame(undefined, deep, 1), [deep], 2), 1_000, () => '…');
  expect(rows.length).toBeLessThan(100);
});

test('whatever the steps were, the value is that of the last one, and a field made last differs from what was there before', () => {
  const value = fc.letrec<{ json: JsonValue }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<JsonValue>(null, true, 1, 2, 'a'),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('json'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).json;
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (steps) => {
      let blamed: Blamed<number> | undefined;
      steps.forEach((each, index) => (blamed = reblame(blamed, each, index)));
      expect(valueIn(blamed)).toEqual(steps.at(-1));
      const again = blamed && reblame(blamed, steps.at(-1) ?? null, 99);
      expect(again).toBe(blamed);
    }),
    { seed: 11, numRuns: 400 },
  );
});

/** The value as its members tell it. */
function valueIn(blamed: Blamed<number> | undefined): JsonValue | undefined {
  if (blamed?.members === undefined) return blamed?.value;
  const members = [...blamed.members].map(([name, member]) => [name, valueIn(member) ?? null] as const);
  return Array.isArray(blamed.value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}
