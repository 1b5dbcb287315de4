/**
 * Where the requests of a ring stand, by their ids: an open-addressed table of numbers. A `Map` of 100,000 strings, of which each
 * publish adds one and deletes one, took 0.7 µs a publish more: V8 makes such a map anew every 31,000 deletions, 4 MB at a time.
 */

/** What is looked for. */
interface Identified {
  readonly id: string;
}
type Ring = readonly (Identified | undefined)[];

const placesFirst = 64;

/** Which slot of a ring holds an id. Rings are passed in and not kept; ids in them are unique. */
export class RequestIndex {
  /** Slot + 1, at the place that its hash says or in the run of taken ones behind it; 0 where a place is free. */
  #places = new Int32Array(placesFirst);
  /** The hash of what is in each slot. */
  #hashes = new Int32Array(placesFirst);
  #size = 0;
  #seed: number;

  /** `seed` decides nothing but the places: nobody who does not know it can make ids that crowd in one place. */
  constructor(seed = 0) {
    this.#seed = seed;
  }

  /** The slot of `id`; -1 where it is in none. */
  find(id: string, ring: Ring): number {
    const hash = hashOf(id, this.#seed);
    const places = this.#places;
    const mask = places.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = (places[at] as number) - 1;
      if (slot < 0) return -1;
      if (this.#hashes[slot] === hash && ring[slot]?.id === id) return slot;
    }
  }

  /** Notes that `id`, which is in no slot so far, is in `slot` now. */
  add(id: string, slot: number): void {
    if (slot >= this.#hashes.length) this.#hashes = longer(this.#hashes, slot + 1);
    this.#size += 1;
    if (this.#size * 2 > this.#places.length) this.#grow();
    const hash = hashOf(id, this.#seed);
    this.#hashes[slot] = hash;
    put(this.#places, hash, slot);
  }

  /** Forgets what is in `slot`. */
  remove(slot: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let free = (this.#hashes[slot] as number) & mask;
    while (places[free] !== slot + 1) free = (free + 1) & mask;
    // What follows in the run moves up where it may, so that no search ends at the gap.
    for (let at = (free + 1) & mask; places[at] !== 0; at = (at + 1) & mask) {
      const home = (this.#hashes[(places[at] as number) - 1] as number) & mask;
      if (((at - home) & mask) < ((at - free) & mask)) continue;
      places[free] = places[at] as number;
      free = at;
    }
    places[free] = 0;
    this.#size -= 1;
  }

  /** Puts everything in `ring` to other places. */
  reseed(seed: number, ring: Ring): void {
    this.#seed = seed;
    const before = this.#places;
    this.#places = new Int32Array(before.length);
    for (const place of before) {
      const request = place === 0 ? undefined : ring[place - 1];
      if (request === undefined) continue;
      const hash = hashOf(request.id, seed);
      this.#hashes[place - 1] = hash;
      put(this.#places, hash, place - 1);
    }
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Int32Array(before.length * 2);
    for (const place of before)
      if (place !== 0) put(this.#places, this.#hashes[place - 1] as number, place - 1);
  }
}

function put(places: Int32Array, hash: number, slot: number): void {
  const mask = places.length - 1;
  let at = hash & mask;
  while (places[at] !== 0) at = (at + 1) & mask;
  places[at] = slot + 1;
}

function longer(words: Int32Array<ArrayBuffer>, lengthMin: number): Int32Array<ArrayBuffer> {
  const copied = new Int32Array(Math.max(words.length * 2, lengthMin));
  copied.set(words);
  return copied;
}

function hashOf(id: string, seed: number): number {
  let hash = seed | 0;
  for (let at = 0; at < id.length; at += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ id.length, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
