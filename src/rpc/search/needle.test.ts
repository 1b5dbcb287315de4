/**
 * Goal: a text is found where it first stands, in time that grows with the length of the text alone. Method: random texts of few letters
 * against the engine's own `indexOf`, JSON against what it parses to, and the worst of texts with its steps counted.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findIn, findInJson, Needle } from './needle.ts';
import type { Found } from './needle.ts';

function result(steps: Generator<void, Found | null>): Found | null {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function find(needle: string, text: string, from = 0): number {
  return result(findIn(new Needle(needle), text, from))?.start ?? -1;
}

function inJson(needle: string, json: string): string | null {
  const found = result(findInJson(new Needle(needle), json));
  return found === null ? null : json.slice(found.start, found.end);
}

const words = (letters: string, minLength = 0) =>
  fc.string({ unit: fc.constantFrom(...Array.from(letters)), minLength, maxLength: 12 });

describe('a text', () => {
  test('is found where it first stands', () => {
    fc.assert(
      fc.property(
        words('abA', 1),
        fc.string({ unit: fc.constantFrom(...Array.from('abAB')), maxLength: 60 }),
        (needle, text) => {
          expect(find(needle, text)).toBe(text.toLowerCase().indexOf(needle.toLowerCase()));
        },
      ),
      { seed: 5, numRuns: 2_000 },
    );
  });

  test('is found from a place on only', () => {
    expect(find('ab', 'abab', 1)).toBe(2);
    expect(find('ab', 'abab', 3)).toBe(-1);
  });

  test('is found whatever its case, beyond ASCII too', () => {
    expect(find('STRASSE', 'die Strasse')).toBe(4);
    expect(find('οδος', 'ΟΔΟΣΑ')).toBe(0);
    expect(find('ÉTÉ', "l'été")).toBe(2);
    expect(find('𐐨x', 'a𐐀X')).toBe(1);
    expect(find('ss', 'ß')).toBe(-1);
  });

  test('is found across the places where the search pauses', () => {
    const text = `${'x'.repeat(32_766)}needle`;
    expect(find('Needle', text)).toBe(32_766);
  });

  test('takes linear time, whatever it is made of, and pauses on the way', () => {
    const needle = new Needle(`${'a'.repeat(255)}b`);
    let compared = 0;
    const next = needle.next.bind(needle);
    needle.next = (matched, unit) => {
      compared += 1;
      return next(matched, unit);
    };
    const steps = findIn(needle, 'a'.repeat(1_000_000));
    let pauses = 0;
    while (steps.next().done !== true) pauses += 1;
    expect(pauses).toBe(31);
    expect(compared).toBe(1_000_000);
  });
});

describe('JSON', () => {
  test('is searched for what its escapes stand for', () => {
    const json = '{"a":"caf\\u00e9 \\"au lait\\"\\nnoir"}';
    expect(inJson('CAFÉ "au', json)).toBe('caf\\u00e9 \\"au');
    expect(inJson('lait"\nnoir', json)).toBe('lait\\"\\nnoir');
  });

  test('is searched as it is written as well', () => {
    expect(inJson('\\nnoir', '{"a":"\\nnoir"}')).toBe('\\nnoir');
    expect(inJson('"goal": 1', '{"goal": 1}')).toBe('"goal": 1');
  });

  test('holds each string that it was made of', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.string(),
        (needle, before) => {
          expect(inJson(needle, JSON.stringify([before, `${before}${needle}`, before]))).not.toBeNull();
        },
      ),
      { seed: 6, numRuns: 1_000 },
    );
  });

  test('does not hold what its strings do not hold', () => {
    fc.assert(
      fc.property(words('ab\n"', 1), fc.array(words('ab\n\\"')), (needle, strings) => {
        const json = JSON.stringify(strings);
        const isThere = strings.some((text) => text.includes(needle)) || json.includes(needle);
        // What reaches over the quotes of a string is no part of it.
        fc.pre(!needle.includes('"'));
        expect(inJson(needle, json) !== null).toBe(isThere);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});
