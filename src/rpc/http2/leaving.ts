import type { Rejection } from '../../state/outcome.ts';

/** Tells whoever asks that the connection, or the port, on which it is served is about to end, and why. */
export class Leaving {
  readonly #callbacks = new Set<(rejection: Rejection) => void>();
  #rejection: Rejection | undefined;

  /** Whether it was told already. */
  get isTold(): boolean {
    return this.#rejection !== undefined;
  }

  /** Calls back once; at once if it was told already. What it returns takes the callback back. */
  onLeave(callback: (rejection: Rejection) => void): () => void {
    if (this.#rejection === undefined) this.#callbacks.add(callback);
    else callback(this.#rejection);
    return () => this.#callbacks.delete(callback);
  }

  /** Tells everyone. Without effect from the second time on. */
  tell(rejection: Rejection): void {
    if (this.#rejection !== undefined) return;
    this.#rejection = rejection;
    const callbacks = [...this.#callbacks];
    this.#callbacks.clear();
    for (const callback of callbacks) callback(rejection);
  }
}
