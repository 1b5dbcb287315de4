import type { Source } from '../transport.ts';

/** Pushes what an iterable of Connect's handlers yields to a receiver, no faster than it wants. */
export class WebSource<Request> implements Source<Request> {
  readonly #requests: AsyncIterable<Request>;
  readonly #fail: (error: unknown) => void;
  #onMessage: ((request: Request) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #paused = false;
  #wake: (() => void) | undefined;

  /** `fail` is told of a broken request stream, and of a receiver that throws. */
  constructor(requests: AsyncIterable<Request>, fail: (error: unknown) => void) {
    this.#requests = requests;
    this.#fail = fail;
  }

  onMessage(callback: (request: Request) => void): void {
    const first = this.#onMessage === undefined;
    this.#onMessage = callback;
    if (first) this.#pump().catch(this.#fail);
  }

  onEnd(callback: () => void): void {
    this.#onEnd = callback;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  async #pump(): Promise<void> {
    for await (const request of this.#requests) {
      await this.#ready();
      this.#onMessage?.(request);
    }
    await this.#ready();
    this.#onEnd?.();
  }

  async #ready(): Promise<void> {
    while (this.#paused) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
