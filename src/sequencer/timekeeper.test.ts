/**
 * Goal: what nobody gives a sign of life for is over within its ttl and half a second, and nothing else is. Method: a clock
 * that the test moves.
 */
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Timekeeper } from './timekeeper.ts';

function start(): { clock: ManualClock; keeper: Timekeeper; expired: string[] } {
  const clock = new ManualClock();
  const expired: string[] = [];
  const expire = (id: string): void => {
    expired.push(id);
    keeper.release(id);
  };
  const keeper = new Timekeeper({ clock, expire });
  return { clock, keeper, expired };
}

test('what gives no sign of life expires within half a second after its ttl', () => {
  const { clock, keeper, expired } = start();
  keeper.watch('a', 1_000);
  clock.advance(999);
  expect(expired).toEqual([]);
  clock.advance(501);
  expect(expired).toEqual(['a']);
});

test('a sign of life begins the ttl anew, however often', () => {
  const { clock, keeper, expired } = start();
  keeper.watch('a', 1_000);
  keeper.watch('b', 1_000);
  for (let round = 0; round < 20; round += 1) {
    clock.advance(900);
    keeper.touch('a');
  }
  expect(expired).toEqual(['b']);
  clock.advance(1_500);
  expect(expired).toEqual(['b', 'a']);
});

test('what is held lives, and has its whole ttl when it is let go by the last', () => {
  const { clock, keeper, expired } = start();
  keeper.watch('a', 1_000);
  keeper.hold('a');
  keeper.hold('a');
  clock.advance(10_000);
  keeper.letGo('a');
  clock.advance(10_000);
  keeper.letGo('a');
  clock.advance(999);
  expect(expired).toEqual([]);
  clock.advance(501);
  expect(expired).toEqual(['a']);
});

test('what was released is forgotten, and begins anew under the same id', () => {
  const { clock, keeper, expired } = start();
  keeper.watch('a', 1_000);
  keeper.release('a');
  clock.advance(5_000);
  keeper.watch('a', 2_000);
  clock.advance(1_999);
  expect(expired).toEqual([]);
  clock.advance(501);
  expect(expired).toEqual(['a']);
});

test('an expiry that was refused is proposed again each second', () => {
  const clock = new ManualClock();
  let proposed = 0;
  const keeper = new Timekeeper({ clock, expire: () => (proposed += 1) });
  keeper.watch('a', 1_000);
  clock.advance(5_500);
  expect(proposed).toBeGreaterThanOrEqual(4);
  keeper.close();
  clock.advance(5_500);
  expect(proposed).toBeLessThanOrEqual(5);
});

test('the time in which the broker itself was stopped does not count', () => {
  // A timer that comes late by an hour is what a suspended process sees of it.
  let late: (() => void) | undefined;
  let nowMs = 0;
  const expired: string[] = [];
  const keeper = new Timekeeper({
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      setTimer(_delayMs, callback) {
        late = callback;
        return { cancel: () => undefined };
      },
    },
    expire: (id) => expired.push(id),
  });
  keeper.watch('a', 30_000);
  nowMs += 3_600_000;
  late?.();
  expect(expired).toEqual([]);
  for (let look = 0; look < 130; look += 1) {
    nowMs += 250;
    late?.();
  }
  expect(expired[0]).toBe('a');
});

test('a hundred thousand that end together all expire, each once', () => {
  const { clock, keeper, expired } = start();
  for (let index = 0; index < 100_000; index += 1) keeper.watch(`lease ${index}`, 10_000);
  clock.advance(9_000);
  expect(expired).toEqual([]);
  clock.advance(1_500);
  expect(new Set(expired).size).toBe(100_000);
  expect(expired).toHaveLength(100_000);
});

test('a ttl of a day ends after a day, and what was released meanwhile is not kept in mind for as long', () => {
  const { clock, keeper, expired } = start();
  const dayMs = 24 * 3_600_000;
  keeper.watch('a', dayMs);
  for (let index = 0; index < 1_000; index += 1) {
    keeper.watch(`short ${index}`, dayMs);
    keeper.release(`short ${index}`);
  }
  expect(keeper.remembered).toBe(1_001);
  clock.advance(11_000);
  expect(keeper.remembered).toBe(1);
  clock.advance(dayMs - 11_001);
  expect(expired).toEqual([]);
  clock.advance(502);
  expect(expired).toEqual(['a']);
});
