/** What one publish has read below which paths: each told once, with the latest view. Kept in columns, for it is asked for every read. */
import type { EntrySink } from './entries.ts';

export class Ancestors {
  /** Places in the columns, by the lower half of the key: a small integer to the engine. */
  readonly #places = new Map<number, number>();
  readonly #high: number[] = [];
  readonly #low: number[] = [];
  readonly #latest: number[] = [];

  /** Notes a read below the path with this key, in the view of `at`. */
  note(high: number, low: number, at: number): void {
    const known = this.#places.get(low | 0);
    // Two keys that share a half are rare, and telling one of them twice does no harm.
    if (known !== undefined && this.#high[known] === high) {
      if ((this.#latest[known] as number) < at) this.#latest[known] = at;
      return;
    }
    this.#places.set(low | 0, this.#high.length);
    this.#high.push(high);
    this.#low.push(low);
    this.#latest.push(at);
  }

  /** Tells all that was noted, as of the publish at `position`, and forgets it. */
  tell(sink: EntrySink, position: number): void {
    const count = this.#high.length;
    if (count === 0) return;
    for (let index = 0; index < count; index += 1)
      sink.add(
        this.#high[index] as number,
        this.#low[index] as number,
        this.#latest[index] as number,
        position,
      );
    this.#places.clear();
    this.#high.length = 0;
    this.#low.length = 0;
    this.#latest.length = 0;
  }
}
