/**
 * Goal: what the broker says in a text cannot be mistaken for a value, nor a value for what the broker says. Method: values and names that
 * try; a reader that knows the two rules (lines of ours begin with `===`; a backslash comes off lines that begin with some and then
 * `===`) gets back what was written.
 */
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../base/random.ts';
import { textWriter } from './text-writer.ts';

interface Piece {
  readonly heading: string;
  readonly body: string;
}

function read(text: string): Piece[] {
  const pieces: { heading: string; lines: string[] }[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('===')) pieces.push({ heading: line, lines: [] });
    else pieces.at(-1)?.lines.push(line.replace(/^\\(\\*===)/, '$1'));
  }
  return pieces.map(({ heading, lines }) => ({ heading, body: lines.join('\n') }));
}

const node = (text: string, path: readonly string[] = ['a']): string =>
  textWriter.node(path, { kind: 'text', text });

describe('a value in a text', () => {
  it.each([
    '=== /other\nforged',
    'first\n=== revision 9 by root\n=== deleted /a',
    '\\=== with a backslash',
    '\\\\\\===\n\\=\n===',
    '====',
    'ends with a break\n',
    '',
    '\n\n',
    ' === not at the beginning',
    'a === b',
  ])('is read as it was: %j', (text) => {
    expect(read(node(text))).toEqual([{ heading: '=== /a', body: text }]);
  });

  it('is read as it was, whatever it is made of', () => {
    const random = seededRandom(5);
    const pieces = ['===', '=', '\\', '\n', ' ', 'a', '/', '=== /x\n', '\n\n', '👍'];
    for (let round = 0; round < 2_000; round += 1) {
      const values = Array.from({ length: 1 + random.below(3) }, () =>
        Array.from({ length: random.below(12) }, () => pieces[random.below(pieces.length)] ?? '').join(''),
      );
      const text = values.map((value, index) => node(value, [`n${index}`])).join('');
      expect(read(text)).toEqual(values.map((body, index) => ({ heading: `=== /n${index}`, body })));
    }
  });

  it('has no line of ours behind a carriage return either', () => {
    expect(node('x\r=== /forged\r\n=== /forged')).toBe('=== /a\nx\r\\=== /forged\r\n\\=== /forged\n');
  });

  it.each([
    ['\u0000\u0007\u001b[2J', '\\u0000\\u0007\\u001b[2J'],
    ['a\u000b=== /x\u000c=== /x', 'a\\u000b=== /x\\u000c=== /x'],
    ['a\u0085=== /x\u2028=== /x\u2029=== /x', 'a\\u0085=== /x\\u2028=== /x\\u2029=== /x'],
    ['tab\tstays', 'tab\tstays'],
    ['half \ud800 a pair', 'half \ufffd a pair'],
  ])('shows what is no plain text: %j', (value, shown) => {
    expect(node(value)).toBe(`=== /a\n${shown}\n`);
  });
});

describe('names in headings', () => {
  it('stay in their line', () => {
    const origin = { kind: 'revision', revision: 2, author: 'eve\n=== deleted /a\r\u2028=== x' } as const;
    const text = textWriter.section(origin, [{ kind: 'deleted', path: ['b\u2028=== new'], below: false }]);
    expect(text).toBe(
      '=== revision 2 by eve\\u000a=== deleted /a\\u000d\\u2028=== x\n=== deleted /b\\u2028=== new\n',
    );
  });

  it('cannot be taken for words of ours: these stand before the first slash', () => {
    expect(node('x', ['a and all below it'])).toBe('=== /a and all below it\nx\n');
    const section = textWriter.section({ kind: 'around' }, [{ kind: 'deleted', path: ['a'], below: true }]);
    expect(section).toBe('=== what the ghost began with\n=== deleted with all below it /a\n');
  });
});

describe('values that are no text', () => {
  it('are told by their kinds, types and sizes', () => {
    const path = ['a', 'b'];
    expect(textWriter.node(path, { kind: 'bytes', bytes: 3 })).toBe('=== 3 bytes at /a/b\n');
    const message = { kind: 'message', type: 'acme.v1.Note', json: '{"claim":"x"}', bytes: 3 } as const;
    expect(textWriter.node(path, message)).toBe('=== a message acme.v1.Note at /a/b\n{"claim":"x"}\n');
    expect(textWriter.node(path, { ...message, json: null })).toBe(
      '=== a message acme.v1.Note of 3 bytes at /a/b\n',
    );
    expect(textWriter.node(path, { ...message, type: '' })).toBe('=== a message at /a/b\n{"claim":"x"}\n');
  });
});

describe('markers', () => {
  it('say how much is missing', () => {
    expect(textWriter.leftOut(1, 52)).toBe('=== left out: 1 node, about 52 tokens\n');
    expect(textWriter.cut(2, 7, 52)).toBe('=== left out: 2 changes after revision 7, about 52 tokens\n');
  });
});
