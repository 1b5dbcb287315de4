/** What has something to send at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

/**
 * Flushes many streams in one go, after all sockets that were readable in this turn were read: what a burst of requests
 * makes the broker say to one subscriber then leaves as one buffer instead of one for each event.
 */
export class FlushQueue {
  #waiting: Flushable[] = [];
  readonly #run = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const item of waiting) item.flush();
  };

  /** The caller sees to it that an item is added at most once before it is flushed. */
  add(item: Flushable): void {
    if (this.#waiting.length === 0) setImmediate(this.#run);
    this.#waiting.push(item);
  }
}
