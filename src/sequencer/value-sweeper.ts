/** Keeps a forest's values from lying in slabs that are mostly empty: see `src/state/values/value-store.ts`. */
import type { Clock } from '../base/clock.ts';
import type { ForestState } from '../state/forest.ts';
import { inSlices } from './snapshots.ts';

export class ValueSweeper {
  readonly #clock: Clock;
  readonly #state: ForestState;
  #isSweeping = false;
  #isClosed = false;

  constructor(state: ForestState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  /** Begins to sweep if that is worth it, in slices beside everything else. */
  sweepIfDue(): void {
    if (this.#isSweeping || !this.#state.values.isSweepDue(this.#state.root.count)) return;
    void this.#sweep();
  }

  /** Ends a sweep that is under way: what it has not come to stays where it is. */
  close(): void {
    this.#isClosed = true;
  }

  async #sweep(): Promise<void> {
    this.#isSweeping = true;
    const { values, root } = this.#state;
    for await (const _ of inSlices(values.sweepSteps(root), this.#clock)) if (this.#isClosed) return;
    this.#isSweeping = false;
  }
}
