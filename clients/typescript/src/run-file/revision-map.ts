/** Which revision of the forest that is played into stands for one of the forest that was exported. */
export class RevisionMap {
  readonly #old: number[];
  readonly #now: number[];

  /** The revision behind which the run begins, and the one that it is played onto. */
  constructor(old: number, now: number) {
    this.#old = [old];
    this.#now = [now];
  }

  /** Revisions come in their order. */
  add(old: number, now: number): void {
    this.#old.push(old);
    this.#now.push(now);
  }

  /** The newest revision that is known here up to `old`; that of the beginning for what is older. */
  at(old: number): number {
    let [low, high] = [0, this.#old.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#old[middle] ?? 0) <= old) low = middle;
      else high = middle;
    }
    return this.#now[low] ?? 0;
  }

  /** The revision itself; `undefined` where it is not in the run. */
  exactly(old: number): number | undefined {
    const at = this.#old.lastIndexOf(old);
    return at > 0 ? this.#now[at] : undefined;
  }
}
