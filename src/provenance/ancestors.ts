/** What one publish has read below which paths: each told once, with the latest view. Kept in columns, for it is asked for every read. */
import type { EntrySink } from './entries.ts';

/** Places that keys are looked for in, twice as many as there are keys at most before there are more. */
const placesMin = 64;

export class Ancestors {
  /** One more than the number of the key that lies there, found by the lower half of a key and on from there; 0 where there is none. */
  #places = new Uint32Array(placesMin);
  #high = new Uint32Array(placesMin / 2);
  #low = new Uint32Array(placesMin / 2);
  #latest = new Float64Array(placesMin / 2);
  #count = 0;

  /** Notes a read below the path with this key, in the view of `at`. */
  note(high: number, low: number, at: number): void {
    const last = this.#places.length - 1;
    let place = low & last;
    for (;;) {
      const known = (this.#places[place] as number) - 1;
      if (known < 0) break;
      if (this.#low[known] === low && this.#high[known] === high) {
        if ((this.#latest[known] as number) < at) this.#latest[known] = at;
        return;
      }
      place = (place + 1) & last;
    }
    const number = this.#count;
    this.#high[number] = high;
    this.#low[number] = low;
    this.#latest[number] = at;
    this.#count = number + 1;
    this.#places[place] = number + 1;
    if (this.#count === this.#high.length) this.#resize(this.#places.length * 2);
  }

  /** Tells all that was noted, as of the publish at `position`, and forgets it. */
  tell(sink: EntrySink, position: number): void {
    const count = this.#count;
    if (count === 0) return;
    for (let index = 0; index < count; index += 1)
      sink.add(
        this.#high[index] as number,
        this.#low[index] as number,
        this.#latest[index] as number,
        position,
      );
    this.#count = 0;
    if (this.#places.length > placesMin) this.#resize(placesMin);
    else this.#places.fill(0);
  }

  #resize(places: number): void {
    const [high, low, latest, count] = [this.#high, this.#low, this.#latest, this.#count];
    this.#places = new Uint32Array(places);
    this.#high = new Uint32Array(places / 2);
    this.#low = new Uint32Array(places / 2);
    this.#latest = new Float64Array(places / 2);
    this.#count = 0;
    for (let index = 0; index < count; index += 1)
      this.note(high[index] as number, low[index] as number, latest[index] as number);
  }
}
