/** A list whose items carry their own links: joining and leaving it allocate nothing, which a set does each time it runs empty. */

/** An item of a list; it is in one at a time. */
export interface Linked<T> {
  previousListed: T | null;
  nextListed: T | null;
}

export class LinkedList<T extends Linked<T>> {
  #first: T | null = null;
  #last: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** In the order in which they were added. Nothing may be added or taken out meanwhile. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let item = this.#first; item !== null; item = item.nextListed) yield item;
  }

  /** Adds an item that is in no list. */
  add(item: T): void {
    item.previousListed = this.#last;
    if (this.#last === null) this.#first = item;
    else this.#last.nextListed = item;
    this.#last = item;
    this.#size += 1;
  }

  /** Takes out an item of this list. */
  delete(item: T): void {
    const { previousListed, nextListed } = item;
    if (previousListed === null) this.#first = nextListed;
    else previousListed.nextListed = nextListed;
    if (nextListed === null) this.#last = previousListed;
    else nextListed.previousListed = previousListed;
    item.previousListed = null;
    item.nextListed = null;
    this.#size -= 1;
  }
}
