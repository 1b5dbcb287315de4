/** What a subscriber is given of an event. */
import type { Change, ForestEvent } from '../state/event.ts';

/**
 * An event with the changes that a subscriber asked for. Subscribers with the same selection are given the same object, so
 * that its bytes can be made once and shared by all of them.
 */
export class Delivery {
  readonly event: ForestEvent;
  /** The selected changes, in order; behind them, where there were copies, the copied nodes that match, as puts. */
  readonly changes: readonly Change[];
  readonly #made = new Map<string, unknown>();

  constructor(event: ForestEvent, changes: readonly Change[]) {
    this.event = event;
    this.changes = changes;
  }

  /** What `make` returned when it was first called for `key`. One key stands for one type. */
  memo<T>(key: string, make: () => T): T {
    if (!this.#made.has(key)) this.#made.set(key, make());
    return this.#made.get(key) as T;
  }
}
