/** What has something to send at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

/**
 * Flushes many connections in one go, after all sockets that were readable in this turn were read: what a burst of requests
 * makes the server say to one client then leaves as one buffer. What flushing itself adds is flushed in the same turn, so that
 * owners of streams may gather here as well, ahead of their connections.
 */
export class FlushTurn {
  #ahead: (() => void)[] = [];
  #waiting: Flushable[] = [];
  #behind: (() => void)[] = [];
  #isScheduled = false;
  readonly #run = (): void => {
    this.#isScheduled = false;
    const [ahead, waiting, behind] = [this.#ahead, this.#waiting, this.#behind];
    [this.#ahead, this.#behind] = [[], []];
    for (const callback of ahead) callback();
    // eslint-disable-next-line typescript/prefer-for-of -- it grows while it is gone through.
    for (let index = 0; index < waiting.length; index += 1) waiting[index]?.flush();
    this.#waiting = [];
    for (const callback of behind) callback();
  };

  /** The caller sees to it that an item is added at most once before it is flushed. */
  add(item: Flushable): void {
    this.#schedule();
    this.#waiting.push(item);
  }

  /** Runs a callback before anything is flushed: writing to sockets takes its time, and what this begins goes on beside it. */
  ahead(callback: () => void): void {
    this.#schedule();
    this.#ahead.push(callback);
  }

  /** Runs a callback when everything is flushed: whoever is sent something does not wait for it. */
  behind(callback: () => void): void {
    this.#schedule();
    this.#behind.push(callback);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }
}
