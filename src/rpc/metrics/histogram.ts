/** How often something took how long. */
import type { Labels, Sample } from './exposition.ts';

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** `bounds` in ascending order; what is above the last is counted too. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  get count(): number {
    return this.#count;
  }

  /** Called for each publish and call: a loop, since most values are in one of the first buckets. */
  observe(value: number): void {
    this.#sum += value;
    this.#count += 1;
    const counts = this.#counts;
    for (let index = 0; index < counts.length; index += 1) {
      if (value > (this.#bounds[index] ?? Infinity)) continue;
      counts[index] = (counts[index] ?? 0) + 1;
      return;
    }
  }

  /** Each bucket includes those below it. */
  samples(labels: Labels = {}): Sample[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, index): Sample => {
      below += this.#counts[index] ?? 0;
      return { labels: { ...labels, le: String(bound) }, value: below, suffix: '_bucket' };
    });
    return [
      ...buckets,
      { labels: { ...labels, le: '+Inf' }, value: this.#count, suffix: '_bucket' },
      { labels, value: this.#sum, suffix: '_sum' },
      { labels, value: this.#count, suffix: '_count' },
    ];
  }
}
