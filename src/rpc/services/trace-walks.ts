/** Walks that the next page of a trace goes on with. */
import { traceWalksKeptMax } from '../../base/limits.ts';
import type { TraceEntry } from '../../gen/hyperloom/v1/trace_pb.ts';
import type { Recorded } from '../../provenance/made.ts';
import type { Forest } from '../../sequencer/forest.ts';

/** A walk under way. */
export interface OpenWalk {
  readonly forest: Forest;
  readonly start: Recorded;
  /** `null` where it is time to think of the caller. */
  readonly entries: AsyncGenerator<TraceEntry | null>;
  /** Entries that were told. */
  told: number;
}

/** Bounded: the one that waits for longest is forgotten first, and is walked again from its beginning where it is asked for. */
export class TraceWalks {
  readonly #walks = new Map<number, OpenWalk>();
  #next = 1;

  /** Takes out the walk that stands behind so many entries, if it is still there. */
  take(number: number, forest: Forest, told: number): OpenWalk | undefined {
    const walk = this.#walks.get(number);
    if (walk === undefined || walk.forest !== forest || walk.told !== told) return undefined;
    this.#walks.delete(number);
    return walk;
  }

  /** Keeps a walk for the next page, and numbers it. */
  keep(walk: OpenWalk): number {
    const number = this.#next++;
    this.#walks.set(number, walk);
    for (const oldest of this.#walks.keys()) {
      if (this.#walks.size <= traceWalksKeptMax) break;
      this.#walks.delete(oldest);
    }
    return number;
  }
}
