/** Counts and times of a load generator, sample by sample, and what must not happen. */
import { percentile } from '../../harness/samples.ts';
import type { KindSample, LagSample, LoadSample } from '../sample.ts';

interface Kind {
  readonly latenciesMs: number[];
  refused: number;
}

/** Whether an error is one that the work is made to run into. */
export type IsExpected = (error: unknown) => boolean;

const failuresToldMax = 5;

export class Meter {
  readonly #kinds = new Map<string, Kind>();
  #lagsMs: number[] = [];
  #failures: string[] = [];
  #failuresTotal = 0;
  #heldBack = 0;

  /** Runs and times a call. Resolves with `undefined` where it was refused as expected; throws what was not. */
  async time<Result>(
    name: string,
    work: () => Promise<Result>,
    isExpected: IsExpected = () => false,
  ): Promise<Result | undefined> {
    const start = performance.now();
    try {
      const result = await work();
      this.#kind(name).latenciesMs.push(performance.now() - start);
      return result;
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.#kind(name).refused += 1;
      return undefined;
    }
  }

  /** Notes how old an event was when it was handed out. */
  lag(ms: number): void {
    this.#lagsMs.push(ms);
  }

  heldBack(): void {
    this.#heldBack += 1;
  }

  /** Notes what must not happen. */
  failed(what: string, error: unknown): void {
    this.#failuresTotal += 1;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (this.#failures.length < failuresToldMax) this.#failures.push(`${what}: ${text}`);
  }

  /** The sample since the last one; `revisions` is how far behind the steady subscriber is now. */
  take(revisions: number): LoadSample {
    const kinds: Record<string, KindSample> = {};
    for (const [name, { latenciesMs, refused }] of this.#kinds) {
      kinds[name] = { count: latenciesMs.length, refused, ...percentiles(latenciesMs) };
    }
    const lag: LagSample = { ...percentiles(this.#lagsMs), revisions, events: this.#lagsMs.length };
    const sample = {
      kinds,
      lag,
      failures: this.#failures,
      failuresTotal: this.#failuresTotal,
      heldBack: this.#heldBack,
    };
    this.#kinds.clear();
    this.#lagsMs = [];
    this.#failures = [];
    this.#failuresTotal = 0;
    this.#heldBack = 0;
    return sample;
  }

  #kind(name: string): Kind {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const kind = { latenciesMs: [], refused: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }
}

/** 0 where there is nothing, since JSON knows no NaN. */
function percentiles(values: readonly number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  if (values.length === 0) return { p50Ms: 0, p99Ms: 0 };
  return { p50Ms: percentile(values, 0.5), p99Ms: percentile(values, 0.99) };
}
