/**
 * Which of several brokers a call goes to. A broker that cannot be reached is left alone for a moment, and the caller's next try goes
 * to another: retries are made above the transport, and every call may be repeated.
 */
import { endpointRestMs } from '../limits.ts';
import type { Clock } from '../time.ts';

/** `pick_first`: all calls to one broker, another when that fails. `round_robin`: to each in turn. */
export type LoadBalancing = 'pick_first' | 'round_robin';

/** Chooses among `E`s, of which there is at least one. */
export class Endpoints<E> {
  readonly #all: readonly E[];
  readonly #balancing: LoadBalancing;
  readonly #clock: Clock;
  /** Until when those that failed are left alone. */
  readonly #resting = new Map<E, number>();
  #next = 0;

  constructor(all: readonly E[], balancing: LoadBalancing, clock: Clock) {
    this.#all = all;
    this.#balancing = balancing;
    this.#clock = clock;
  }

  /** Where the next call goes: the one whose turn it is, of those that do not rest; where all do, the one that has rested most. */
  pick(): E {
    const count = this.#all.length;
    const nowMs = this.#clock.monotonicMs();
    let best = this.#next % count;
    for (let step = 0; step < count; step += 1) {
      const place = (this.#next + step) % count;
      if (this.#restsUntil(place) <= nowMs) {
        best = place;
        break;
      }
      if (this.#restsUntil(place) < this.#restsUntil(best)) best = place;
    }
    this.#next = this.#balancing === 'round_robin' ? (best + 1) % count : best;
    return this.#at(best);
  }

  /** It could not be reached, or is stopping. */
  failed(endpoint: E): void {
    if (this.#all.length > 1) this.#resting.set(endpoint, this.#clock.monotonicMs() + endpointRestMs);
  }

  /** It has answered. */
  answered(endpoint: E): void {
    this.#resting.delete(endpoint);
  }

  #restsUntil(place: number): number {
    return this.#resting.get(this.#at(place)) ?? 0;
  }

  #at(place: number): E {
    const endpoint = this.#all[place];
    if (endpoint === undefined) throw new RangeError('no endpoint');
    return endpoint;
  }
}
