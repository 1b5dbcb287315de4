/** A cache that forgets what was not used for longest when all together costs too much. */
export class Lru<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly cost: number }>();
  readonly #costMax: number;
  #cost = 0;

  constructor(costMax: number) {
    this.#costMax = costMax;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V, cost: number): void {
    this.delete(key);
    this.#entries.set(key, { value, cost });
    this.#cost += cost;
    this.#trim(key);
  }

  /** An entry costs so much more than before. */
  grow(key: string, cost: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.set(key, entry.value, entry.cost + cost);
  }

  #trim(newest: string): void {
    for (const oldest of this.#entries.keys()) {
      if (this.#cost <= this.#costMax || oldest === newest) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#cost -= entry.cost;
  }
}
