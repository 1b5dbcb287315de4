/**
 * The outcomes of the newest requests, by request id. Part of the state: it is rebuilt by replay and stored in
 * snapshots, so that a repetition after a crash still gets its first outcome.
 */
import { requestIdAgeMsMax, requestIdsKeptMax } from '../base/limits.ts';
import { reject } from './outcome.ts';
import type { Outcome, Rejection } from './outcome.ts';
import { RequestIndex } from './request-index.ts';

/** A request that is remembered. */
export interface RememberedRequest<O = Outcome> {
  readonly id: string;
  readonly fingerprint: number;
  readonly timeMs: number;
  readonly outcome: O;
}

/** Remembers requests in the order in which they came; the oldest go first, by count and by age. */
export class RequestTable<O = Outcome> {
  /** A ring, oldest at `#first`. */
  readonly #ring: (RememberedRequest<O> | undefined)[] = [];
  /** When each came, for whoever asks which are too old: the oldest ones are in none of the processor's caches any more. */
  readonly #timesMs: number[] = [];
  readonly #index = new RequestIndex();
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(id: string): RememberedRequest<O> | undefined {
    const slot = this.#index.find(id, this.#ring);
    return slot < 0 ? undefined : this.#ring[slot];
  }

  /** Adds a request at the journal's time `request.timeMs` and forgets what has become too old or too many. */
  remember(request: RememberedRequest<O>): void {
    this.#forget(request.timeMs - requestIdAgeMsMax, requestIdsKeptMax - 1);
    const slot = (this.#first + this.#size) % requestIdsKeptMax;
    this.#ring[slot] = request;
    this.#timesMs[slot] = request.timeMs;
    this.#index.add(request.id, slot);
    this.#size += 1;
  }

  /** Makes it unknowable for clients which ids are slow to find together; changes nothing else. */
  reseed(seed: number): void {
    this.#index.reseed(seed, this.#ring);
  }

  /** Replaces the outcome of a request that had to wait for it. Nothing where the request is forgotten. */
  settle(id: string, outcome: O): void {
    const slot = this.#index.find(id, this.#ring);
    const request = slot < 0 ? undefined : this.#ring[slot];
    if (request !== undefined) this.#ring[slot] = { ...request, outcome };
  }

  /** Oldest first. Copied in one piece, or two: a snapshot of a busy forest begins with a hundred thousand of them. */
  list(): RememberedRequest<O>[] {
    const end = this.#first + this.#size;
    const list = this.#ring.slice(this.#first, end);
    const again = this.#ring.slice(0, Math.max(0, end - requestIdsKeptMax));
    // No slot in between is free.
    return (again.length === 0 ? list : list.concat(again)) as RememberedRequest<O>[];
  }

  #forget(beforeMs: number, keep: number): void {
    while (this.#size > keep || (this.#size > 0 && (this.#timesMs[this.#first] as number) < beforeMs)) {
      this.#index.remove(this.#first);
      this.#ring[this.#first] = undefined;
      this.#first = (this.#first + 1) % requestIdsKeptMax;
      this.#size -= 1;
    }
  }
}

/** Refuses an id that stands for another request. */
export function reusedId(id: string): Rejection {
  return reject('REQUEST_ID_REUSED', `request id ${id} was used for another request; make a new one`, {
    request_id: id,
  });
}
