/** Goal: no deadline is missed and none comes early. Method: a clock that the test turns. */
import { expect, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { DeadlineQueue } from './deadline-queue.ts';

function turnedClock(): Clock & { advance(ms: number): void; readonly timers: Set<unknown> } {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; callback: () => void }>();
  return {
    timers,
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(delayMs, callback) {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers]
          .filter(({ atMs }) => atMs <= endMs)
          .sort((left, right) => left.atMs - right.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
      }
      nowMs = endMs;
    },
  };
}

test('each call expires once, not before its deadline and at most a slot after it', () => {
  const clock = turnedClock();
  const queue = new DeadlineQueue(clock);
  const random = seededRandom(11);
  const late: number[] = [];
  const kept: number[] = [];
  for (let index = 0; index < 500; index += 1) {
    const deadlineMs = clock.monotonicMs() + random.below(5_000);
    const removed = random.below(3) === 0;
    const call = { deadlineMs, expire: () => (removed ? kept : late).push(clock.monotonicMs() - deadlineMs) };
    queue.add(call);
    if (removed) queue.remove(call);
    clock.advance(random.below(10));
  }
  clock.advance(6_000);
  expect(kept).toEqual([]);
  expect(late.length).toBeGreaterThan(250);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...late)).toBeLessThanOrEqual(16);
});

test('a deadline in the far future needs no timer that overflows', () => {
  const clock = turnedClock();
  const queue = new DeadlineQueue(clock);
  let expired = 0;
  queue.add({
    deadlineMs: 99_999_999 * 3_600_000,
    expire: () => {
      expired += 1;
    },
  });
  clock.advance(10 * 3_600_000);
  expect(expired).toBe(0);
  expect(clock.timers.size).toBe(1);
  queue.close();
  expect(clock.timers.size).toBe(0);
});
