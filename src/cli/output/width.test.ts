/** Goal: texts are measured and cut as a terminal shows them. Method: letters, ideographs, marks and emoji, counted by hand. */
import { describe, expect, it } from 'vitest';

import { cutEnd, cutMiddle, padEnd, padStart, widthOf } from './width.ts';

const family = '👩‍👩‍👧';
const accent = 'e\u0301';

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['日本', 4],
    [accent, 1],
    [family, 2],
    ['a日b', 4],
  ])('of %j is %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('a cut', () => {
  it('leaves alone what fits', () => {
    for (const cut of [cutEnd, cutMiddle]) expect([cut('abc', 3), cut('日本', 4)]).toEqual(['abc', '日本']);
  });

  it('is never wider than it may be, and never splits a character', () => {
    const text = `path/${family}/日本語/${accent}tat/最後`;
    for (const cut of [cutEnd, cutMiddle])
      for (let width = 0; width <= widthOf(text); width += 1) {
        const shown = cut(text, width);
        expect(widthOf(shown)).toBeLessThanOrEqual(width);
        for (const part of shown.split('…')) expect(text).toContain(part);
        expect(shown).not.toMatch(/\u200D$|^\u0301/u);
      }
  });

  it('keeps the beginning, or the beginning and the end', () => {
    expect(cutEnd('/session_1/notes', 8)).toBe('/sessio…');
    expect(cutMiddle('/session_1/notes', 9)).toBe('/ses…otes');
    expect(cutEnd('日本語', 5)).toBe('日本…');
    expect(cutEnd('日本語', 4)).toBe('日…');
  });
});

describe('padding', () => {
  it('counts places, not characters', () => {
    expect([padEnd('日', 4), padStart('日', 4), padEnd('abcd', 2)]).toEqual(['日  ', '  日', 'abcd']);
  });
});
