import type { EngineClock } from './clock.ts';

/**
 * What a peer may do without being asked: so many at once, and so many a second after that. Taking is a decrement; the
 * clock is read only when nothing is left.
 */
export class Allowance {
  readonly #clock: EngineClock;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #filledMs: number;

  constructor(clock: EngineClock, burst: number, perSecond: number) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#filledMs = clock.monotonicMs();
  }

  /** False when there is none left. */
  take(): boolean {
    if (this.#left < 1) this.#refill();
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  give(count: number): void {
    this.#left = Math.min(this.#burst, this.#left + count);
  }

  #refill(): void {
    const nowMs = this.#clock.monotonicMs();
    this.give(((nowMs - this.#filledMs) / 1_000) * this.#perSecond);
    this.#filledMs = nowMs;
  }
}
