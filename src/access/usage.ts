/** What a principal uses of its quota, over all its tokens and connections. */
import type { Clock } from '../base/clock.ts';
import { publishBurstSeconds } from '../base/limits.ts';

export class Usage {
  readonly #clock: Clock;
  #subscriptions = 0;
  /** Diffs that may come at once, as of {@link #filledMs}. */
  #room = Infinity;
  #filledMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get subscriptions(): number {
    return this.#subscriptions;
  }

  /** One more subscription. Returns what to call when it is over; `null` where there are `maximum` already. */
  subscribe(maximum: number): (() => void) | null {
    if (this.#subscriptions >= maximum) return null;
    this.#subscriptions += 1;
    let isOver = false;
    return () => {
      if (!isOver) this.#subscriptions -= 1;
      isOver = true;
    };
  }

  /** One more diff. 0, or in how many milliseconds it may come. */
  publish(perSecond: number): number {
    if (perSecond === Infinity) return 0;
    const nowMs = this.#clock.monotonicMs();
    const most = Math.max(1, perSecond * publishBurstSeconds);
    this.#room = Math.min(most, this.#room + ((nowMs - this.#filledMs) / 1_000) * perSecond);
    this.#filledMs = nowMs;
    if (this.#room < 1) return Math.max(1, Math.round(((1 - this.#room) / perSecond) * 1_000));
    this.#room -= 1;
    return 0;
  }
}
