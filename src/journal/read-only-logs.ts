/**
 * Logs as somebody sees them who looks at them and takes no part: what is in them now comes, and then they end. Nothing is ever appended, cut, stored or
 * removed.
 */
import { AgreedLogClosed } from './agreed-log.ts';
import type { AgreedLog, AgreedLogEntry, LogBounds } from './agreed-log.ts';
import type { AgreedObjects } from './agreed-objects.ts';

export class ReadOnlyLog implements AgreedLog {
  readonly entryBytesMax: number;
  readonly #log: AgreedLog;
  readonly #last: number;
  readonly #closed = Promise.withResolvers<never>();

  private constructor(log: AgreedLog, last: number) {
    this.#log = log;
    this.#last = last;
    this.entryBytesMax = log.entryBytesMax;
    this.#closed.promise.catch(() => undefined);
  }

  /** What `log` holds now, or up to an entry. */
  static async of(log: AgreedLog, last?: number): Promise<ReadOnlyLog> {
    return new ReadOnlyLog(log, last ?? (await log.bounds()).last);
  }

  /** What is appended is never stored. */
  append(): Promise<never> {
    return this.#closed.promise;
  }

  async *follow(from: number): AsyncGenerator<AgreedLogEntry> {
    if (from > this.#last) return;
    for await (const entry of this.#log.follow(from)) {
      yield entry;
      if (entry.sequence >= this.#last) return;
    }
  }

  async bounds(): Promise<LogBounds> {
    return { first: (await this.#log.bounds()).first, last: this.#last };
  }

  cut(): Promise<never> {
    return Promise.reject(refusal());
  }

  /** The log itself is its owner's. */
  close(): Promise<void> {
    this.#closed.reject(new AgreedLogClosed('nobody waits any more'));
    return Promise.resolve();
  }
}

/** `isShown`: objects by name that can be seen; the others are as if they were not there. */
export function readOnlyObjects(
  objects: AgreedObjects,
  isShown: (name: string) => boolean = () => true,
): AgreedObjects {
  return {
    objectBytesMax: objects.objectBytesMax,
    names: async () => (await objects.names()).filter(isShown),
    get: (name) => objects.get(name),
    put: () => Promise.reject(refusal()),
    remove: () => Promise.reject(refusal()),
  };
}

function refusal(): Error {
  return new Error('it is only looked at');
}
