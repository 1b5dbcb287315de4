/**
 * Goal: tokens are counted exactly, in time that grows with the text, whatever it is. Method: seeded random texts of many kinds, held
 * against gpt-tokenizer, whose ranks these are but none of whose code is used; and long runs of which the count is known.
 */
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import { beforeAll, describe, expect, it } from 'vitest';

import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { loadTokenizer } from './encodings.ts';
import type { Encoding } from './encodings.ts';
import type { Tokenizer } from './tokenizer.ts';

const turn = (): Promise<void> => Promise.resolve();
/** What stands for the end of a text in a model's vocabulary is text like any other here. */
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
const reference: Readonly<Record<Encoding, (text: string) => number>> = {
  o200k: (text) => o200k.countTokens(text, asText),
  cl100k: (text) => cl100k.countTokens(text, asText),
};

// No byte order mark: the reference loses it when it looks for a token that begins with one.
const alphabets = [
  'abcdefghijklmnopqrstuvwxyz ',
  'aA',
  'ABCdef123 \n',
  ' \t\n\r',
  '=/\\#"{}[]:,',
  "'sS'tT'llveRE ",
  'äößéñ čşž',
  '日本語中文한국어',
  '👩‍👩‍👧‍👦🇩🇪🏳️‍🌈',
  '\u0000\u0007\u001b\u0085\u2028\u00a0é',
  '\ud800\udc00\udfff',
];
const words = [
  'the',
  ' answer',
  ' is',
  ' 42',
  '\n',
  '\r\n\r\n',
  '<|endoftext|>',
  " can't",
  'getElementById',
  '=== ',
  '   ',
];

function randomText(random: Random): string {
  const alphabet = alphabets[random.below(alphabets.length)] ?? '';
  const length = random.below(200);
  let text = '';
  for (let at = 0; at < length; at += 1)
    text +=
      random.below(4) === 0
        ? (words[random.below(words.length)] ?? '')
        : alphabet.charAt(random.below(alphabet.length));
  return text;
}

describe.each(['o200k', 'cl100k'] as const)('tokens of %s', (encoding) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(encoding, turn);
  });

  it('are those of the reference, for random texts of many kinds', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2_000; round += 1) {
      const text = randomText(random);
      expect(tokenizer.count(text), JSON.stringify(text)).toBe(reference[encoding](text));
    }
  });

  it('are those of the reference around the length at which another way of merging begins', () => {
    const random = seededRandom(8);
    for (const letters of ['a', 'ab', 'xyzzy', '=', '==-', 'é', '日', 'aB']) {
      for (let length = 1; length < 150; length += 1 + random.below(3)) {
        const text = letters.repeat(length);
        expect(tokenizer.count(text), text).toBe(reference[encoding](text));
      }
    }
  });

  it('of a text are the sum of those of its parts, where each ends with a line break and begins with neither white space nor "/"', () => {
    const random = seededRandom(9);
    for (let round = 0; round < 500; round += 1) {
      const starts = ['=', '{', 'a', '1', '"', "'s", '日', '-'];
      const parts = Array.from(
        { length: 1 + random.below(6) },
        () => `${starts[random.below(starts.length)] ?? ''}${randomText(random)}\n`,
      );
      const sum = parts.reduce((total, part) => total + tokenizer.count(part), 0);
      expect(sum, JSON.stringify(parts)).toBe(tokenizer.count(parts.join('')));
      expect(sum).toBe(reference[encoding](parts.join('')));
    }
  });

  it('are none in nothing', () => {
    expect(tokenizer.count('')).toBe(0);
  });
});

describe('a long run without a boundary', () => {
  const length = 512 * 1024;
  // A merge that scans the run for each pair takes an hour for each of these.
  it.each([
    ['a', length / 8],
    ['=', length / 64],
    [' ', length / 128],
    ['\n', length / 16],
  ])('of %j is counted in slices', { timeout: 120_000 }, async (letter, expected) => {
    const tokenizer = await loadTokenizer('o200k', turn);
    const steps = tokenizer.countSteps(letter.repeat(length));
    let yields = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) yields += 1;
    expect(step.value).toBe(expected);
    expect(yields).toBeGreaterThan(100);
  });

  it('counts a token for each byte beyond a megabyte, which is never too few', async () => {
    const tokenizer = await loadTokenizer('o200k', turn);
    expect(tokenizer.count('x'.repeat(1024 * 1024 + 1))).toBe(1024 * 1024 + 1);
  });

  it('is no shorter for being many words', async () => {
    const tokenizer = await loadTokenizer('o200k', turn);
    const text = 'one two three. '.repeat(20_000);
    expect([...yieldsOf(tokenizer.countSteps(text))].length).toBeGreaterThan(10);
  });
});

function* yieldsOf(steps: Generator<void, number>): Generator<void> {
  while (steps.next().done !== true) yield;
}

describe('loading', () => {
  it('happens once for all who ask, and lets others have their turn', async () => {
    let turns = 0;
    const counted = (): Promise<void> => {
      turns += 1;
      return Promise.resolve();
    };
    const [one, other] = await Promise.all([
      loadTokenizer('cl100k', counted),
      loadTokenizer('cl100k', counted),
    ]);
    expect(one).toBe(other);
    expect(turns).toBe(0);
  });
});
