/**
 * The outcomes of the newest requests, by request id. Part of the state: it is rebuilt by replay and stored in
 * snapshots, so that a repetition after a crash still gets its first outcome.
 */
import { requestIdAgeMsMax, requestIdsKeptMax } from '../base/limits.ts';
import { reject } from './outcome.ts';
import type { Outcome, Rejection } from './outcome.ts';

/** A request that is remembered. */
export interface RememberedRequest<O = Outcome> {
  readonly id: string;
  readonly fingerprint: number;
  readonly timeMs: number;
  readonly outcome: O;
}

/** Remembers requests in the order in which they came; the oldest go first, by count and by age. */
export class RequestTable<O = Outcome> {
  readonly #byId = new Map<string, RememberedRequest<O>>();
  /** A ring of the same requests, oldest at `#first`: deleting from a map's front would slow it down. */
  readonly #ring: (RememberedRequest<O> | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): RememberedRequest<O> | undefined {
    return this.#byId.get(id);
  }

  /** Adds a request at the journal's time `request.timeMs` and forgets what has become too old or too many. */
  remember(request: RememberedRequest<O>): void {
    this.#forget(request.timeMs - requestIdAgeMsMax, requestIdsKeptMax - 1);
    const size = this.#byId.size;
    this.#ring[(this.#first + size) % requestIdsKeptMax] = request;
    this.#byId.set(request.id, request);
  }

  /** Oldest first. */
  list(): RememberedRequest<O>[] {
    const list: RememberedRequest<O>[] = [];
    for (let index = 0; index < this.#byId.size; index += 1) {
      const request = this.#ring[(this.#first + index) % requestIdsKeptMax];
      if (request !== undefined) list.push(request);
    }
    return list;
  }

  #forget(beforeMs: number, keep: number): void {
    for (;;) {
      const oldest = this.#ring[this.#first];
      if (oldest === undefined || (oldest.timeMs >= beforeMs && this.#byId.size <= keep)) return;
      this.#byId.delete(oldest.id);
      this.#ring[this.#first] = undefined;
      this.#first = (this.#first + 1) % requestIdsKeptMax;
    }
  }
}

/** Refuses an id that stands for another request. */
export function reusedId(id: string): Rejection {
  return reject('REQUEST_ID_REUSED', `request id ${id} was used for another request; make a new one`, {
    request_id: id,
  });
}
