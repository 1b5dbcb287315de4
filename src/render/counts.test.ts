/** Goal: a text is counted once while it is asked for, and what is kept has a bound. Method: a tokenizer that counts its calls. */
import { expect, test } from 'vitest';

import { renderCountsBytesMax } from '../base/limits.ts';
import { Counts } from './counts.ts';
import type { Tokenizer } from './tokenizer.ts';

function counted(): { readonly counts: Counts; readonly calls: string[] } {
  const calls: string[] = [];
  const count = (text: string): number => {
    calls.push(text.slice(0, 8));
    return text.length;
  };
  const tokenizer: Tokenizer = {
    tokenBytesMax: 1,
    count,
    *countSteps(text) {
      yield;
      return count(text);
    },
  };
  return { counts: new Counts(tokenizer), calls };
}

function tokensOf(counts: Counts, text: string): number {
  const steps = counts.steps(text);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

test('a text is counted once, also by those who make it anew', () => {
  const { counts, calls } = counted();
  expect([tokensOf(counts, 'ab'), tokensOf(counts, ['a', 'b'].join('')), tokensOf(counts, 'c')]).toEqual([
    2, 2, 1,
  ]);
  expect(calls).toEqual(['ab', 'c']);
});

test('what is asked for again and again stays, and what is not is forgotten', () => {
  const { counts, calls } = counted();
  const large = renderCountsBytesMax / 8;
  tokensOf(counts, 'often');
  tokensOf(counts, 'seldom');
  for (let round = 0; round < 12; round += 1) {
    tokensOf(counts, `${round}`.padStart(8, '0').padEnd(large, 'x'));
    tokensOf(counts, 'often');
  }
  tokensOf(counts, 'seldom');
  expect(calls.filter((text) => text === 'often')).toHaveLength(1);
  expect(calls.filter((text) => text === 'seldom')).toHaveLength(2);
});
