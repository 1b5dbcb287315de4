/** Publishes that have no outcome yet, for whoever must not overtake them. */
export class Outstanding {
  readonly #outcomes = new Set<Promise<unknown>>();

  add(outcome: Promise<unknown>): void {
    const forget = (): void => void this.#outcomes.delete(outcome);
    this.#outcomes.add(outcome);
    outcome.then(forget, forget);
  }

  /** Resolves when all that were added so far have their outcomes, good or bad. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#outcomes);
  }
}
