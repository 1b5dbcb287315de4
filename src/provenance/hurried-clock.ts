/**
 * A clock that lets work in slices be finished at once: timers do not keep a process alive that has closed everything else, so nothing
 * that a stop waits for may wait for them.
 */
import type { Clock, Timer } from '../base/clock.ts';

export class HurriedClock implements Clock {
  readonly #clock: Clock;
  readonly #pending = new Set<() => void>();
  #isHurried = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const fire = (): void => {
      if (this.#pending.delete(fire)) callback();
    };
    this.#pending.add(fire);
    const timer = this.#isHurried ? null : this.#clock.setTimer(delayMs, fire);
    if (timer === null) void Promise.resolve().then(fire);
    return {
      cancel: () => {
        this.#pending.delete(fire);
        timer?.cancel();
      },
    };
  }

  /** From now on timers fire as soon as they are set; those that wait fire now. */
  hurry(): void {
    this.#isHurried = true;
    for (const fire of this.#pending) fire();
  }
}
