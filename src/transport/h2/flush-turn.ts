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
  #waiting: Flushable[] = [];
  readonly #run = (): void => {
    const waiting = this.#waiting;
    // eslint-disable-next-line typescript/prefer-for-of -- it grows while it is gone through.
    for (let index = 0; index < waiting.length; index += 1) waiting[index]?.flush();
    this.#waiting = [];
  };

  /** The caller sees to it that an item is added at most once before it is flushed. */
  add(item: Flushable): void {
    if (this.#waiting.length === 0) setImmediate(this.#run);
    this.#waiting.push(item);
  }
}
