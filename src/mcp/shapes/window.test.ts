/** Goal: parts of a text make the whole, and cut no character in two. Method: every window over texts with pairs at every place. */
import { expect, it } from 'vitest';

import { beginningOf, isLong, partOf } from './window.ts';

it.each(['', 'plain', '👻', 'a👻', '👻b', '👻👻👻', 'a👻b👻c'])(
  'cuts %j into parts that make the whole',
  (text) => {
    for (let charactersMax = 1; charactersMax <= text.length + 1; charactersMax += 1) {
      let whole = '';
      for (let offset: number | undefined = 0; offset !== undefined;) {
        const part = partOf(text, { offset, charactersMax });
        expect(part.text.isWellFormed()).toBe(true);
        expect(part).toMatchObject({ offset, characters_total: text.length });
        whole += part.text;
        expect(part.next_offset ?? text.length).toBeGreaterThan(text === '' ? -1 : offset);
        offset = part.next_offset;
      }
      expect(whole).toBe(text);
    }
  },
);

it('takes an offset within a pair, or behind the end, to the nearest place before', () => {
  expect(partOf('a👻b', { offset: 2, charactersMax: 10 })).toMatchObject({ text: '👻b', offset: 1 });
  expect(partOf('abc', { offset: 9, charactersMax: 10 })).toEqual({
    text: '',
    offset: 3,
    characters_total: 3,
  });
});

it('tells what is long', () => {
  expect(isLong('abc', { offset: 0, charactersMax: 3 })).toBe(false);
  expect(isLong('abcd', { offset: 0, charactersMax: 3 })).toBe(true);
  expect(isLong('a', { offset: 1, charactersMax: 3 })).toBe(true);
});

it('shortens to a beginning with an ellipsis', () => {
  expect(beginningOf('abc', 3)).toBe('abc');
  expect(beginningOf('abcd', 3)).toBe('abc…');
  expect(beginningOf('ab👻', 3)).toBe('ab…');
});
