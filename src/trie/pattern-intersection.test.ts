/** Goal: what two patterns have in common is matched exactly, nothing more and nothing less. Method: all short patterns and paths over two letters. */
import { expect, test } from 'vitest';
import { intersectPatterns } from './pattern-intersection.ts';
import { formatPattern, matches, parsePattern, type Pattern } from './pattern.ts';

function words(alphabet: readonly string[], lengthMax: number): string[][] {
  let last: string[][] = [[]];
  const all = [...last];
  for (let length = 1; length <= lengthMax; length += 1) {
    last = last.flatMap((word) => alphabet.map((letter) => [...word, letter]));
    all.push(...last);
  }
  return all;
}

function pattern(text: string): Pattern {
  const parsed = parsePattern(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

const paths = words(['a', 'b'], 4);
const patterns = words(['a', 'b', '*', '**'], 3)
  .filter((segments) => !('problem' in parsePattern(`/${segments.join('/')}`)))
  .map((segments): Pattern => ({ segments }));

test('a path matches what is common if and only if it matches both', () => {
  const wrong: string[] = [];
  for (const left of patterns)
    for (const right of patterns) {
      const common = intersectPatterns([left], [right], 1_000) ?? [];
      for (const path of paths) {
        const isBoth = matches(left, path) && matches(right, path);
        if (common.some((each) => matches(each, path)) !== isBoth)
          wrong.push(`${formatPattern(left)} and ${formatPattern(right)} at ${path.join('/')}`);
      }
    }
  expect(wrong).toEqual([]);
});

test('what is common is told without detours', () => {
  const common = (left: string, right: string): string[] =>
    (intersectPatterns([pattern(left)], [pattern(right)], 10) ?? []).map(formatPattern).sort();
  expect(common('/**', '/a/**')).toEqual(['/a/**']);
  expect(common('/a/**', '/ab/**')).toEqual([]);
  expect(common('/*/b', '/a/*')).toEqual(['/a/b']);
  expect(common('/a/**', '/a/b')).toEqual(['/a/b']);
  expect(common('/**/x', '/a/**')).toEqual(['/a/**/x']);
});

test('what takes too many patterns is given up, and soon', () => {
  const deep = pattern(`/${Array.from({ length: 30 }, (_, index) => `**/s${index % 3}`).join('/')}`);
  expect(intersectPatterns([deep], [deep], 50)).toBeNull();
});
