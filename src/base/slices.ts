/** Long work in slices that let everything else go on: what waits for the event loop never waits for more than one. */
import type { Clock } from './clock.ts';

/** How long a slice may keep the event loop at the least. A publish takes some four turns of it, so it waits for as many slices at worst. */
const sliceMs = 2;
/**
 * A slice is as long as this part of the turns that everything else takes, where that is more. Under a load of large diffs a turn lasts some 60 ms:
 * a snapshot that gets 2 ms of each is not done before the load is over, and all that came meanwhile is left for a start to replay.
 */
const turnShare = 1 / 3;
/** However long turns are: a publish that waits for four slices is not kept for longer than by a collection. */
const sliceMsMax = 16;

/** Gives the event loop a turn whenever a slice of time is used up. */
export class Slices {
  readonly #clock: Clock;
  #startMs: number;
  #sliceMs = sliceMs;
  #lastTurnMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  get isOver(): boolean {
    return this.#clock.monotonicMs() - this.#startMs >= this.#sliceMs;
  }

  /** To be awaited where {@link isOver} says so; resolves at once where it does not. */
  async pause(): Promise<void> {
    if (!this.isOver) return;
    const endMs = this.#clock.monotonicMs();
    await turn(this.#clock);
    this.#startMs = this.#clock.monotonicMs();
    const turnMs = this.#startMs - endMs;
    // One long turn alone was a collection: whoever had to wait for that must not wait for a long slice as well.
    const usualMs = Math.min(turnMs, this.#lastTurnMs);
    this.#lastTurnMs = turnMs;
    this.#sliceMs = Math.min(sliceMsMax, Math.max(sliceMs, usualMs * turnShare));
  }
}

/** What a generator yields, in slices. */
export async function* inSlices<T>(steps: Generator<T>, clock: Clock): AsyncGenerator<T> {
  const slices = new Slices(clock);
  for (const step of steps) {
    yield step;
    if (slices.isOver) await slices.pause();
  }
}

/** What a generator comes to, in slices. */
export async function resultInSlices<T>(steps: Generator<unknown, T>, clock: Clock): Promise<T> {
  const slices = new Slices(clock);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (slices.isOver) await slices.pause();
  }
}

/** Resolves after everything that waits for the event loop had its turn. */
export function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(0, resolve);
  });
}
