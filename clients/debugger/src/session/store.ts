/** A value that changes, and who wants to know: what React's `useSyncExternalStore` asks for. */
export class Store<State extends object> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  readonly get = (): State => this.#state;

  /** Replaces some fields. Listeners are told only where one of them is another value. */
  set(fields: Partial<State>): void {
    const isSame = Object.entries(fields).every(([name, value]) =>
      Object.is(value, this.#state[name as keyof State]),
    );
    if (isSame) return;
    this.#state = { ...this.#state, ...fields };
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
