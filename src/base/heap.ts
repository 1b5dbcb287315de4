/** A binary heap of whatever has a number: the smallest comes first. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #keyOf: (item: T) => number;

  constructor(keyOf: (item: T) => number) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    const key = this.#keyOf(item);
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const other = items[above] as T;
      if (this.#keyOf(other) <= key) break;
      items[at] = other;
      at = above;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0 && last !== undefined) this.#sink(last);
    return top;
  }

  /** Lets go of the items that `keep` does not want. Takes as long as there are items. */
  filter(keep: (item: T) => boolean): void {
    const kept = this.#items.filter(keep);
    this.#items.length = 0;
    for (const item of kept) this.push(item);
  }

  /** Puts `item` where the top was. */
  #sink(item: T): void {
    const items = this.#items;
    const key = this.#keyOf(item);
    const { length } = items;
    let at = 0;
    for (let below = 1; below < length; below = 2 * at + 1) {
      if (below + 1 < length && this.#keyOf(items[below + 1] as T) < this.#keyOf(items[below] as T))
        below += 1;
      const other = items[below] as T;
      if (this.#keyOf(other) >= key) break;
      items[at] = other;
      at = below;
    }
    items[at] = item;
  }
}
