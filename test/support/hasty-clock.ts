/** A clock on which nothing takes time: what is set for later happens as soon as everything that is due has happened. */
import type { Clock } from '../../src/base/clock.ts';

export const hastyClock: Clock = {
  nowMs: () => 1_000_000,
  monotonicMs: () => 0,
  setTimer(_delayMs, callback) {
    const waiting = setImmediate(callback);
    return { cancel: () => clearImmediate(waiting) };
  },
};

/** Resolves once something holds. Looks again and again, without regard to time. */
export async function holds(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => void setImmediate(resolve));
}
