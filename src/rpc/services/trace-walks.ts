/** Walks that the next page of a trace goes on with. */
import { traceWalksKeptMax } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import type { TraceEntry } from '../../gen/hyperloom/v1/trace_pb.ts';
import type { Recorded } from '../../provenance/made.ts';
import type { Forest } from '../../sequencer/forest.ts';

/** What a walk is of. Only the same caller goes on with it, and with the same request. */
export interface Asked {
  readonly forest: Forest;
  /** The principal; empty where nobody is asked who they are. */
  readonly principal: string;
  /** Of the request, its page apart. */
  readonly fingerprint: number;
}

/** A walk under way. */
export interface OpenWalk extends Asked {
  readonly start: Recorded;
  /** `null` where it is time to think of the caller. */
  readonly entries: AsyncGenerator<TraceEntry | null>;
  /** Entries that were told. */
  told: number;
}

/**
 * Bounded: the one that waits for longest is forgotten first, and is walked again from its beginning where it is asked for. A token of
 * another broker, or of this one before its restart, must find nobody's walk: so numbers are drawn from 2^53, not counted.
 */
export class TraceWalks {
  readonly #walks = new Map<number, OpenWalk>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes out the walk that stands behind so many entries, if it is still there and of the same caller and request. */
  take(number: number, { forest, principal, fingerprint }: Asked, told: number): OpenWalk | undefined {
    const walk = this.#walks.get(number);
    if (walk === undefined || walk.forest !== forest || walk.told !== told) return undefined;
    if (walk.principal !== principal || walk.fingerprint !== fingerprint) return undefined;
    this.#walks.delete(number);
    return walk;
  }

  /** Keeps a walk for the next page, and numbers it. */
  keep(walk: OpenWalk): number {
    const number = randomNumber(this.#random);
    this.#walks.set(number, walk);
    for (const oldest of this.#walks.keys()) {
      if (this.#walks.size <= traceWalksKeptMax) break;
      this.#walks.delete(oldest);
    }
    return number;
  }
}

/** From 1: 0 is no walk. */
function randomNumber(random: Random): number {
  return 1 + random.below(2 ** 32 - 1) * 2 ** 21 + random.below(2 ** 21);
}
