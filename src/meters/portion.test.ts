/** Goal: whoever is sent something has its tokens in its meter, counted once. Method: a tokenizer for which a token is a character. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Portion } from './portion.ts';
import { TokenQueue } from './token-queue.ts';
import { Volume } from './volume.ts';

test('what several are sent alike counts for each of them, whether it was counted before or is counted later', async () => {
  const clock = new ManualClock();
  const queue = new TokenQueue({
    clock,
    load: () =>
      Promise.resolve(function* count(text: string) {
        yield;
        return text.length;
      }),
    onFailure: (error) => {
      throw error;
    },
  });
  const portion = (): Portion => new Portion('t', [{ kind: 'text', data: 'abc', bytes: 5 }], 5);
  const [one, other, later] = [new Volume(), new Volume(), new Volume()];
  const first = portion();
  first.give(one, queue);
  first.give(other, queue);
  expect([one.bytes, one.tokens, one.countedBytes]).toEqual([5, 0, 0]);
  await Promise.resolve();
  clock.advance(1_000);
  const again = portion();
  again.give(other, queue);
  again.give(later, queue);
  expect(queue.waiting).toBe(0);
  const tell = ({ bytes, tokens, countedBytes }: Volume): number[] => [bytes, tokens, countedBytes];
  expect([one, other, later].map(tell)).toEqual([
    [5, 3, 5],
    [10, 6, 10],
    [5, 3, 5],
  ]);
});
