/**
 * A cache that forgets what was not used for long when all together costs too much. It keeps two generations: what is used moves to the younger one, and
 * when that costs half of what is allowed, it becomes the older one, whose place it takes. So a look costs a look, where exact order would
 * cost a map that is rewritten with each.
 */
export class Lru<V> {
  readonly #costMax: number;
  #young = new Map<string, Kept<V>>();
  #old = new Map<string, Kept<V>>();
  #youngCost = 0;

  /** Half of `costMax` at least is kept, if there is so much. */
  constructor(costMax: number) {
    this.#costMax = costMax;
  }

  get(key: string): V | undefined {
    const kept = this.#young.get(key) ?? this.#rejuvenated(key);
    return kept?.value;
  }

  set(key: string, value: V, cost: number): void {
    this.delete(key);
    this.#keep(key, { value, cost });
  }

  /** An entry costs so much more than before. */
  grow(key: string, cost: number): void {
    const kept = this.#young.get(key) ?? this.#rejuvenated(key);
    if (kept === undefined) return;
    kept.cost += cost;
    // It may have gone to the older generation when it came here.
    if (this.#young.has(key)) this.#grown(cost);
  }

  delete(key: string): void {
    this.#youngCost -= this.#young.get(key)?.cost ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  #rejuvenated(key: string): Kept<V> | undefined {
    const kept = this.#old.get(key);
    if (kept === undefined) return undefined;
    this.#old.delete(key);
    this.#keep(key, kept);
    return kept;
  }

  #keep(key: string, kept: Kept<V>): void {
    this.#young.set(key, kept);
    this.#grown(kept.cost);
  }

  #grown(cost: number): void {
    this.#youngCost += cost;
    if (this.#youngCost * 2 <= this.#costMax) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngCost = 0;
  }
}

interface Kept<V> {
  readonly value: V;
  cost: number;
}
