/**
 * Goal: letters that differ in nothing but their case fold alike, wherever they stand, and all others do not. Method: every unit is compared
 * with what the engine's regular expressions say with the flags `iu`, which fold by Unicode's tables.
 */
import { describe, expect, test } from 'vitest';
import { foldAt, foldUnit } from './folding.ts';

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isSame(letter: string, other: string): boolean {
  return new RegExp(`^\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}$`, 'iu').test(other);
}

describe('a folded unit', () => {
  test('is another case of the letter, or the letter itself', () => {
    // The dotless i of Turkish has the capital of i, and is found with it.
    const wrong: string[] = [];
    for (let unit = 0; unit <= 0xffff; unit += 1) {
      if (isSurrogate(unit)) continue;
      const [letter, folded] = [String.fromCharCode(unit), String.fromCharCode(foldUnit(unit))];
      if (folded !== letter && !isSame(letter, folded)) wrong.push(letter);
    }
    expect(wrong).toEqual(['ı']);
  });

  test('is that of its upper and its lower case, where each is one unit', () => {
    const wrong: string[] = [];
    for (let unit = 0; unit <= 0xffff; unit += 1) {
      if (isSurrogate(unit)) continue;
      const letter = String.fromCharCode(unit);
      for (const other of [letter.toUpperCase(), letter.toLowerCase()])
        if (other.length === 1 && foldUnit(other.charCodeAt(0)) !== foldUnit(unit)) wrong.push(letter);
    }
    expect(wrong).toEqual([]);
  });

  test('is the same for the two small sigmas, and for a long s', () => {
    const [sigma, final, capital] = ['σ', 'ς', 'Σ'].map((letter) => foldUnit(letter.charCodeAt(0)));
    expect([final, capital]).toEqual([sigma, sigma]);
    expect(foldUnit('ſ'.charCodeAt(0))).toBe(foldUnit('S'.charCodeAt(0)));
  });
});

describe('a letter of two units', () => {
  test('folds as a whole, whichever half is asked for', () => {
    const both = (text: string) => [foldAt(text, 0), foldAt(text, 1)];
    expect(both('𐐀')).toEqual(both('𐐨'));
    expect(both('𞤀')).toEqual(both('𞤢'));
    expect(both('😀')).toEqual(['😀'.charCodeAt(0), '😀'.charCodeAt(1)]);
  });

  test('of which one half is missing stays what it is', () => {
    expect(foldAt('\ud801', 0)).toBe(0xd801);
    expect(foldAt('x\udc00', 1)).toBe(0xdc00);
  });
});
