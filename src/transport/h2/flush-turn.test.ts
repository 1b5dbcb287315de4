/** Goal: what happens at the end of a turn happens in order, and once. Method: work of all three kinds, given in the wrong order. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FlushTurn } from './flush-turn.ts';

test('what is ahead begins before anything is flushed, and what is behind waits for it', async () => {
  const turn = new FlushTurn();
  const seen: string[] = [];
  turn.behind(() => seen.push('behind'));
  turn.add({
    flush() {
      seen.push('stream');
      turn.add({ flush: () => seen.push('connection') });
    },
  });
  turn.ahead(() => seen.push('ahead'));
  expect(seen).toEqual([]);
  await setImmediate();
  expect(seen).toEqual(['ahead', 'stream', 'connection', 'behind']);
  await setImmediate();
  expect(seen).toHaveLength(4);
});

test('what the end of a turn gives to be done is done in the next one', async () => {
  const turn = new FlushTurn();
  const seen: string[] = [];
  turn.behind(() => {
    seen.push('first');
    turn.ahead(() => seen.push('second'));
  });
  await setImmediate();
  expect(seen).toEqual(['first']);
  await setImmediate();
  expect(seen).toEqual(['first', 'second']);
});
