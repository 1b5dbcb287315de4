/** Goal: sentences are broken between words, and nothing of them is lost. Method: sentences at several widths. */
import { describe, expect, it } from 'vitest';

import { wordLines } from './flow.ts';

describe('a sentence', () => {
  it('takes as few lines as it can', () => {
    const text = 'the figures are wrong, and so is the rest';
    expect(wordLines(text, 80)).toEqual([text]);
    expect(wordLines(text, 22)).toEqual(['the figures are wrong,', 'and so is the rest']);
    expect(wordLines(text, 15)).toEqual(['the figures are', 'wrong, and so', 'is the rest']);
  });

  it('keeps a word whole that is wider than a line, and counts places', () => {
    expect(wordLines('see /session_1/memory/notes there', 10)).toEqual([
      'see',
      '/session_1/memory/notes',
      'there',
    ]);
    expect(wordLines('会議 会議 会議', 9)).toEqual(['会議 会議', '会議']);
    expect(wordLines('a  b', 2)).toEqual(['a ', 'b']);
  });
});
