/**
 * Goal: the beginning of a layout keeps its budget, prefers what it is told to, and follows from the base alone. Method: small roots, whose
 * texts are known; and seeded random ones under random budgets, whose tokens are counted once more over the whole text.
 */
import { beforeAll, describe, expect, it } from 'vitest';

import { seededRandom } from '../base/random.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { entryOf } from '../state/values/value.ts';
import type { Entry } from '../state/values/value.ts';
import { emptyRoot } from '../trie/node.ts';
import { parsePattern } from '../trie/pattern.ts';
import { Transaction } from '../trie/transaction.ts';
import { baseSteps } from './base-part.ts';
import type { BasePart } from './base-part.ts';
import { Counts } from './counts.ts';
import { loadTokenizer } from './encodings.ts';
import type { Part } from './part.ts';
import { textWriter } from './text-writer.ts';

let counts: Counts;
beforeAll(async () => {
  counts = new Counts(await loadTokenizer('o200k', () => Promise.resolve()));
});

const times = { created: 1, modified: 1, assigned: 1, version: 1 };

function rootOf(texts: Readonly<Record<string, string>>): Root {
  const transaction = new Transaction<Entry>(emptyRoot<Entry>(), 1);
  for (const [path, data] of Object.entries(texts)) {
    const value = { kind: 'text', data, bytes: Buffer.byteLength(data), type: '' } as const;
    transaction.set(path.slice(1).split('/'), entryOf(value, times, ''));
  }
  return transaction.commit();
}

function part(text: string, priority = 0, tokensMax = Infinity): Part {
  const pattern = parsePattern(text);
  if ('problem' in pattern) throw new Error(pattern.problem);
  return { patterns: [pattern], priority, tokensMax };
}

function base(root: Root, parts: readonly Part[], tokensMax: number): BasePart {
  const scaled = (tokens: number): number => tokens;
  const options = { root, revision: 1, parts, writer: textWriter, counts, messageJson: () => null };
  const steps = baseSteps({ ...options, tokensMax, scaled });
  for (;;) {
    const step = steps.next();
    if (step.done !== true) continue;
    if ('tooManyIn' in step.value) throw new Error('too many nodes');
    return step.value;
  }
}

const shown = ({ shown: paths }: BasePart): string[] => [...paths];

describe('the beginning of a layout', () => {
  const root = rootOf({
    '/a/1': 'one',
    '/a/2': 'two words and some more of them, so that it takes a good part of a small budget',
    '/b/1': 'three',
    '/c/1': 'four',
  });

  it('has its parts in order, the nodes of each in the order of paths, and each node once', () => {
    expect(shown(base(root, [part('/b/**'), part('/**'), part('/a/*')], 1_000))).toEqual([
      '/b/1',
      '/a/1',
      '/a/2',
      '/c/1',
    ]);
  });

  it('passes over what does not fit, and says how much that is', () => {
    const made = base(root, [part('/**', 0, 20)], 1_000);
    expect(shown(made)).toEqual(['/a/1', '/b/1']);
    expect(made.leftOut).toEqual([2]);
    expect(made.text).toMatch(
      /\n=== left out: 2 nodes, about \d+ tokens\n=== that was the state at revision 1\n$/,
    );
  });

  it('gives room to the part with the higher priority first, and stands in the order of parts all the same', () => {
    const parts = [part('/a/*', 1), part('/b/*', 2), part('/c/*', 3)];
    const least = base(root, [part('/nothing')], 64).tokens;
    const some = base(root, parts, least + 40);
    expect(shown(some)).toEqual(['/b/1', '/c/1']);
    expect(shown(base(root, parts, 1_000))).toEqual(['/a/1', '/a/2', '/b/1', '/c/1']);
  });

  it('keeps the budget and tells the tokens of the whole text, whatever is in it', () => {
    const random = seededRandom(11);
    const words = ['one', ' two', '\n', '===', '\n=== /x', '日本', ' ', '{"a":1}', '/', '1234567', "'s"];
    for (let round = 0; round < 150; round += 1) {
      const texts: Record<string, string> = {};
      for (let node = 0; node < random.below(30); node += 1)
        texts[`/${'abc'.charAt(random.below(3))}/${node}`] = Array.from(
          { length: random.below(40) },
          () => words[random.below(words.length)] ?? '',
        ).join('');
      const parts = [part('/a/*', random.below(3)), part('/**', random.below(3), 10 + random.below(300))];
      const tokensMax = 64 + random.below(500);
      const made = base(rootOf(texts), parts, tokensMax);
      expect(made.tokens).toBe(counts.tokenizer.count(made.text));
      expect(made.tokens).toBeLessThanOrEqual(tokensMax);
      expect(base(rootOf(texts), parts, tokensMax)).toEqual(made);
      const missing = made.leftOut.reduce((sum, count) => sum + count, 0);
      expect(made.shown.size + missing).toBe(Object.keys(texts).length);
    }
  });
});
