/** The machine's clock, but for long timers: they go off when a test says so. */
import { systemClock } from '../../src/base/clock.ts';
import type { Clock, Timer } from '../../src/base/clock.ts';

/** Timers from here on are held, in milliseconds: longer than any test takes. */
const heldMsMin = 100_000;

export class HeldClock implements Clock {
  readonly #held = new Map<() => void, number>();

  nowMs(): number {
    return systemClock.nowMs();
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    if (delayMs < heldMsMin) return systemClock.setTimer(delayMs, callback);
    const held = (): void => callback();
    this.#held.set(held, delayMs);
    return { cancel: () => void this.#held.delete(held) };
  }

  /** Lets the timers go off that were set for so long, give or take a share of it. Fails where there is none. */
  fire(delayMs: number, share = 0): void {
    const due = [...this.#held].filter(([, each]) => Math.abs(each - delayMs) <= delayMs * share);
    if (due.length === 0) throw new Error(`nothing waits for ${delayMs} ms`);
    for (const [callback] of due) {
      this.#held.delete(callback);
      callback();
    }
  }
}
