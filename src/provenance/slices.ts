/** Work in slices that let everything else go on. */
import type { Clock } from '../base/clock.ts';

/** How long a slice may keep the event loop. */
const sliceMs = 2;

/** What a generator comes to, with a turn for the event loop whenever a slice of time is used up. */
export async function resultInSlices<T>(steps: Generator<unknown, T>, clock: Clock): Promise<T> {
  let startMs = clock.monotonicMs();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonicMs() - startMs < sliceMs) continue;
    await turn(clock);
    startMs = clock.monotonicMs();
  }
}

/** Gives the event loop a turn whenever a slice of time is used up. */
export class Slices {
  readonly #clock: Clock;
  #startMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  async pause(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#startMs < sliceMs) return;
    await turn(this.#clock);
    this.#startMs = this.#clock.monotonicMs();
  }
}

/** Resolves after everything that waits for the event loop had its turn. */
function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(0, resolve);
  });
}
