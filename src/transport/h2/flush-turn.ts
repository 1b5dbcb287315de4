/** What has something to give to its socket at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

/** Flushes all connections of an engine in one go, after every socket that was readable in this turn was read. */
export class FlushTurn {
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
