/** Counting tokens: how fast, and for how long at a time. */
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';

import { seededRandom } from '../../src/base/random.ts';
import { loadTokenizer } from '../../src/render/encodings.ts';
import { local } from '../harness/case.ts';
import type { Case, Context, Metrics } from '../harness/case.ts';

const words = [
  'the',
  'second',
  'source',
  'cites',
  'getElementById',
  '42.5',
  'Straße',
  '日本語',
  '{"a":',
  'of',
  'agrees',
];

function prose(length: number): string {
  const random = seededRandom(3);
  let text = '';
  while (text.length < length)
    text += `${words[random.below(words.length)] ?? ''}${random.below(12) === 0 ? '.\n' : ' '}`;
  return text;
}

/** Counts in steps as the broker does. The longest one is what the event loop waits for, or some of them together up to a slice. */
async function ours(text: string): Promise<Metrics> {
  const tokenizer = await loadTokenizer('o200k', () => Promise.resolve());
  const before = process.cpuUsage();
  const steps = tokenizer.countSteps(text);
  let longestStepMs = 0;
  for (let isDone = false; !isDone;) {
    const start = performance.now();
    isDone = steps.next().done === true;
    longestStepMs = Math.max(longestStepMs, performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpuNsAByte: ((user + system) * 1_000) / Buffer.byteLength(text), longestStepMs };
}

function theirs(text: string): Metrics {
  const before = process.cpuUsage();
  o200k.countTokens(text);
  const { user, system } = process.cpuUsage(before);
  return { cpuNsAByte: ((user + system) * 1_000) / Buffer.byteLength(text) };
}

const proseFor = (context: Context): string => prose(context.size(2_000_000, 20_000));

/** See above. */
export const tokenCases: readonly Case[] = [
  {
    name: 'render/tokens',
    about:
      'Counting the tokens (o200k) of 2 MB of invented prose, and of a run of one letter, which takes gpt-tokenizer time that grows with its square: it is given 16 KiB of that, ours a megabyte.',
    subjects: [
      local('prose', (context) => {
        const text = proseFor(context);
        return () => ours(text);
      }),
      local('prose, gpt-tokenizer', (context) => {
        const text = proseFor(context);
        return () => theirs(text);
      }),
      local('one letter', (context) => {
        const text = 'a'.repeat(context.size(1024 * 1024, 8_192));
        return () => ours(text);
      }),
      local('one letter, gpt-tokenizer', (context) => {
        const length = context.size(16 * 1024, 1_024);
        let round = 0;
        // Another one each time: it remembers what it has merged.
        return () => theirs('abcdefgh'.charAt(round++ % 8).repeat(length));
      }),
    ],
    figures: [
      {
        text: 'CPU a byte of prose, as a multiple of gpt-tokenizer',
        metric: 'cpuNsAByte',
        of: 'prose',
        per: 'prose, gpt-tokenizer',
        bound: { atMost: 1.2 },
      },
    ],
  },
];
