/** Goal: a difference holds both texts. Method: random texts are put together again from it; it is as short as it can be for small ones. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './text-diff.ts';

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 })
  .map((lines) => lines.join('\n'));
const side = (lines: ReturnType<typeof diffLines>, without: 'added' | 'removed'): string =>
  lines
    .filter(({ kind }) => kind !== without)
    .map((line) => line.text)
    .join('\n');

test('each side can be read from it', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      expect(side(lines, 'added')).toBe(before);
      expect(side(lines, 'removed')).toBe(after);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('what both have stays', () => {
  expect(diffLines('a\nb\nc', 'a\nx\nc').map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'same a',
    'removed b',
    'added x',
    'same c',
  ]);
  expect(diffLines('same', 'same')).toEqual([{ kind: 'same', text: 'same' }]);
  expect(diffLines('', '')).toEqual([]);
});
