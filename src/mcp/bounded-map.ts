/** A map that forgets what was used least recently. */
export class BoundedMap<Key, Item> {
  readonly #countMax: number;
  /** In the order of use. */
  readonly #items = new Map<Key, Item>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get(key: Key): Item | undefined {
    const item = this.#items.get(key);
    if (item !== undefined) this.set(key, item);
    return item;
  }

  set(key: Key, item: Item): void {
    this.#items.delete(key);
    this.#items.set(key, item);
    for (const oldest of this.#items.keys()) {
      if (this.#items.size <= this.#countMax) return;
      this.#items.delete(oldest);
    }
  }

  delete(key: Key): void {
    this.#items.delete(key);
  }
}
