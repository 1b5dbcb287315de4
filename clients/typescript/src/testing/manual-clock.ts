import type { Clock, Timer } from '../time.ts';

/** A clock that stands still until it is moved. What is planned for the end of the turn waits for `endTurn`. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  #turn: (() => void)[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  endOfTurn(callback: () => void): void {
    this.#turn.push(callback);
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Does what was planned for the end of the turn. */
  endTurn(): void {
    for (const callback of this.#turn.splice(0)) callback();
  }

  /** Moves time without firing timers, as for a process that was stopped: they come with the next `advance`. */
  sleep(delayMs: number): void {
    this.#nowMs += delayMs;
  }

  /** Moves time, firing timers in their order, and lets what waits for them run. */
  async advance(delayMs: number): Promise<void> {
    const untilMs = this.#nowMs + delayMs;
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
      await settled();
    }
    this.#nowMs = untilMs;
    await settled();
  }
}

/** Lets all promises that can settle without time or input do so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
