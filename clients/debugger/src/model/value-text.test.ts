/** Goal: values are shown as they are, and do no harm. Method: JSON of every kind against a parser; text with what is hidden in it. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexDump, indented, valueText, visible } from './value-text.ts';

test('JSON that is laid out says the same', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(JSON.parse(indented(json))).toEqual(JSON.parse(json));
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('numbers keep their digits, and what is empty stays in one line', () => {
  expect(indented('{"n":9007199254740993,"e":[],"o":{ }}')).toBe(
    '{\n  "n": 9007199254740993,\n  "e": [],\n  "o": {}\n}',
  );
});

test('deep nesting costs no more than its length', () => {
  const deep = '['.repeat(5_000) + ']'.repeat(5_000);
  expect(indented(deep).length).toBeLessThan(deep.length * 2 + 20_000);
});

test('control characters, directions and zero widths are seen', () => {
  expect(visible('a\u0000b\u001b[31m')).toBe('a\u2400b\u241b[31m');
  expect(visible('x\u202ecod')).toBe('x\u2039U+202E\u203acod');
  expect(visible('lines\n\tstay')).toBe('lines\n\tstay');
});

test('bytes are dumped, the first of many', () => {
  expect(hexDump(new Uint8Array([0x48, 0x69, 0]))).toMatch(/^000000 {2}48 69 00 +Hi\u00b7$/);
  expect(hexDump(new Uint8Array(100_000))).toMatch(/and 34,464 bytes more$/);
});

test('a node without a value has no text', () => {
  expect(valueText({ kind: 'none', value: undefined, json: undefined, formProblem: undefined }).text).toBe(
    '',
  );
});
