/** Goal: an excerpt shows what was found, with some of what is around it, and never half a character. Method: texts at the edges. */
import { describe, expect, test } from 'vitest';
import { excerptOf } from './excerpt.ts';

/** What an excerpt marks, by its places in characters. */
function marked(text: string, start: number, end: number): string {
  const { text: excerpt, match, matchLength } = excerptOf(text, { start, end });
  return Array.from(excerpt)
    .slice(match, match + matchLength)
    .join('');
}

describe('an excerpt', () => {
  test('of a short text is all of it', () => {
    expect(excerptOf('one two three', { start: 4, end: 7 })).toEqual({
      text: 'one two three',
      match: 4,
      matchLength: 3,
    });
  });

  test('of a long one is what is around the place', () => {
    const { text, match } = excerptOf(`${'a'.repeat(1_000)}here${'b'.repeat(1_000)}`, {
      start: 1_000,
      end: 1_004,
    });
    expect(text).toBe(`${'a'.repeat(60)}here${'b'.repeat(100)}`);
    expect(match).toBe(60);
  });

  test('counts characters, of which some are two units', () => {
    expect(marked('😀😀found😀', 4, 9)).toBe('found');
    expect(marked('x😀y', 1, 3)).toBe('😀');
  });

  test('never halves a character', () => {
    for (const odd of ['', 'x']) {
      const text = `${odd}${'😀'.repeat(100)}here${'😀'.repeat(100)}`;
      const start = text.indexOf('here');
      const excerpt = excerptOf(text, { start, end: start + 4 });
      expect(excerpt.text.isWellFormed()).toBe(true);
      expect(marked(text, start, start + 4)).toBe('here');
    }
  });

  test('is at most 500 characters, however much was found', () => {
    const text = 'x'.repeat(5_000);
    const { text: excerpt, matchLength } = excerptOf(text, { start: 1_000, end: 3_000 });
    expect(excerpt.length).toBeLessThanOrEqual(500);
    expect(matchLength).toBe(300);
  });
});
