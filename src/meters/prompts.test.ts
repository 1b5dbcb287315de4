/** Goal: what of a text had been sent before is found exactly. Method: by hand, and against a comparison character by character. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { MeterRow } from './meter-table.ts';
import { commonBeginning, Prompts } from './prompts.ts';

const row = (agent: string): MeterRow => new MeterRow(agent, 'tree', null, false);

describe('what a text shares with the one before', () => {
  test('is nothing for the first, all of the one before where it only grew, and a part where it changed', () => {
    const prompts = new Prompts(1_000);
    const agent = row('a');
    expect(prompts.next(agent, 'one two', 2)).toEqual({ characters: 0, tokens: 0 });
    expect(prompts.next(agent, 'one two three', 3)).toEqual({ characters: 7, tokens: 2 });
    expect(prompts.next(agent, 'one four', 2)).toEqual({ characters: 4, tokens: null });
    expect(prompts.next(row('b'), 'one four', 2)).toEqual({ characters: 0, tokens: 0 });
  });

  test('is forgotten for those who asked least recently, and never kept where a text is too long', () => {
    const prompts = new Prompts(10);
    const [first, second] = [row('a'), row('b')];
    prompts.next(first, 'abcdef', 1);
    prompts.next(second, 'ghijk', 1);
    expect(prompts.next(first, 'abcdef', 1).characters).toBe(0);
    prompts.next(first, 'x'.repeat(11), 1);
    expect(prompts.next(first, 'x'.repeat(10), 1).characters).toBe(0);
    prompts.forget(first);
    expect(prompts.next(first, 'x'.repeat(10), 1).characters).toBe(0);
  });

  test('is as long as a comparison of characters finds it', () => {
    const random = seededRandom(20261121);
    for (let round = 0; round < 2_000; round += 1) {
      const length = random.below(40);
      const common = 'ab'.repeat(length);
      const tail = (): string =>
        Array.from({ length: random.below(4) }, () => 'xyz'[random.below(3)]).join('');
      const [one, other] = [common + tail(), common + tail()];
      let expected = 0;
      while (expected < Math.min(one.length, other.length) && one[expected] === other[expected])
        expected += 1;
      expect(commonBeginning(one, other)).toBe(expected);
    }
  });
});
