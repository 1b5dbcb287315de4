/** Goal: exactly the paths of the design are read, and ordered by UTF-8 bytes. Method: tables, and encoders as models. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { pathBytesMax, pathDepthMax, segmentBytesMax } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import {
  comparePaths,
  compareSegments,
  formatPath,
  isWithin,
  parsePath,
  pathProblem,
  utf8Length,
} from './path.ts';

test.each([
  ['the root', '/', []],
  ['one segment', '/a', ['a']],
  ['several segments', '/session_1/memory/notes', ['session_1', 'memory', 'notes']],
  ['spaces, dots inside and stars inside', '/a b/.c/..d/e*/...', ['a b', '.c', '..d', 'e*', '...']],
  ['a hidden name', '/.git', ['.git']],
  ['other scripts', '/größe/日本/😀', ['größe', '日本', '😀']],
  ['a name of an object property', '/__proto__/constructor', ['__proto__', 'constructor']],
  ['a segment of the greatest length', `/${'x'.repeat(segmentBytesMax)}`, ['x'.repeat(segmentBytesMax)]],
  ['a two-byte segment of the greatest length', `/${'é'.repeat(127)}x`, [`${'é'.repeat(127)}x`]],
  ['the greatest depth', '/a'.repeat(pathDepthMax), Array.from({ length: pathDepthMax }, () => 'a')],
  ['the no-break space behind C1', '/\u00a0', ['\u00a0']],
])('reads %s and writes it back', (_, text, segments) => {
  expect(parsePath(text)).toEqual(segments);
  expect(formatPath(segments)).toBe(text);
  expect(pathProblem(segments)).toBeNull();
});

test.each([
  ['nothing', '', 'empty'],
  ['a relative path', 'a/b', 'begins with "/"'],
  ['a slash at the end', '/a/', 'ends with "/"'],
  ['two slashes', '//', 'ends with "/"'],
  ['an empty segment at the top', '//a', 'empty'],
  ['an empty segment inside', '/a//b', 'empty'],
  ['a dot', '/a/./b', '"." is no segment'],
  ['two dots', '/..', '".." is no segment'],
  ['a star', '/*', 'begins with "*"'],
  ['a star in front', '/a/*b', 'begins with "*"'],
  ['NUL', '/a\u0000', 'U+0000'],
  ['a line feed', '/a\nb', 'U+000A'],
  ['DEL', '/a\u007f', 'U+007F'],
  ['a control character of C1', '/a\u0085', 'U+0085'],
  ['a high surrogate alone', '/a\ud800', 'surrogate'],
  ['a low surrogate alone', '/\udc00a', 'surrogate'],
  ['surrogates the wrong way round', '/\udc00\ud800', 'surrogate'],
  ['a segment one byte too long', `/${'x'.repeat(segmentBytesMax + 1)}`, 'longer than 255 bytes'],
  ['a segment too long in bytes but not in characters', `/${'é'.repeat(128)}`, 'longer than 255 bytes'],
  ['one segment too many', '/a'.repeat(pathDepthMax + 1), '65 segments'],
  ['too many bytes', `/${'x'.repeat(250)}`.repeat(17), 'longer than 4096 bytes'],
  ['too many bytes but not characters', `/${'é'.repeat(125)}`.repeat(17), 'longer than 4096 bytes'],
])('refuses %s and says why', (_, text, words) => {
  const result = parsePath(text);
  expect('problem' in result ? result.problem : result).toContain(words);
});

test('takes a path of exactly the greatest number of bytes', () => {
  const text = `/${'x'.repeat(255)}`.repeat(pathBytesMax / 256);
  expect(utf8Length(text)).toBe(pathBytesMax);
  expect(parsePath(text)).toHaveLength(16);
  expect(parsePath(`${text.slice(0, -255)}a/${'b'.repeat(254)}`)).toHaveProperty('problem');
});

test('tells the bytes and the order of UTF-8 for random texts, half surrogate pairs included in the bytes', () => {
  const seed = 11;
  const random = seededRandom(seed);
  const units = [
    0x61, 0x62, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff,
  ];
  const texts = Array.from({ length: 3_000 }, () =>
    String.fromCharCode(
      ...Array.from({ length: random.below(5) }, () => units[random.below(units.length)] ?? 0),
    ),
  );
  for (const [index, text] of texts.entries()) {
    expect({ seed, text, bytes: utf8Length(text) }).toEqual({ seed, text, bytes: Buffer.byteLength(text) });
    const other = texts[texts.length - 1 - index] ?? '';
    if (!text.isWellFormed() || !other.isWellFormed()) continue;
    const expected = Buffer.compare(Buffer.from(text), Buffer.from(other));
    expect({ seed, text, other, order: Math.sign(compareSegments(text, other)) }).toEqual({
      seed,
      text,
      other,
      order: expected,
    });
  }
});

test('orders an ancestor before what is below it, and a subtree as one piece', () => {
  const ordered = ['/', '/a', '/a/b', '/a/b/c', '/a/c', '/a b', '/a-b', '/b', '/\uffff', '/😀'];
  const paths = ordered.map((text) => parsePath(text) as string[]);
  for (const [left, a] of paths.entries()) {
    for (const [right, b] of paths.entries())
      expect(Math.sign(comparePaths(a, b))).toBe(Math.sign(left - right));
  }
});

test('knows what lies within a path by whole segments', () => {
  expect(isWithin(['a', 'b'], ['a'])).toBe(true);
  expect(isWithin(['a'], ['a'])).toBe(true);
  expect(isWithin(['a'], [])).toBe(true);
  expect(isWithin(['a', 'bc'], ['a', 'b'])).toBe(false);
  expect(isWithin(['a'], ['a', 'b'])).toBe(false);
  expect(isWithin(['x', 'b'], ['a', 'b'])).toBe(false);
});

test('a segment does not keep the text alive that it was read from', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const rest = `/${'long'.repeat(50)}`.repeat(19);
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const first = (index: number): string => {
    const path = parsePath(decoder.decode(encoder.encode(`/${'name_'.repeat(4)}${index}${rest}`)));
    return 'problem' in path ? '' : (path[0] ?? '');
  };
  collect();
  const before = process.memoryUsage().heapUsed;
  const segments = Array.from({ length: 5_000 }, (_, index) => first(index));
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / segments.length;
  expect(segments[4_999]).toBe('name_name_name_name_4999');
  expect(bytes).toBeLessThan(1_000);
});
