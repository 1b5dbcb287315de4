/** Whether trees or forests have come or gone. They are looked at from time to time, and only while somebody wants to know of it. */
import { createHash } from 'node:crypto';

import type { Clock, Timer } from '../../base/clock.ts';
import { listPageSizeMax, mcpListCheckMs, mcpTreesComparedMax } from '../../base/limits.ts';
import { HyperloomError, type Client } from '../../../clients/typescript/src/index.ts';

type Listener = () => void;

/** From the first listener to the last. */
interface Looking {
  /** What there was at the last look, in a text that differs when it does; `undefined` before the first. */
  known: string | undefined;
  /** The trees of each forest, as of a revision. */
  forests: ReadonlyMap<string, Trees>;
  timer: Timer | undefined;
}

interface Trees {
  readonly revision: number;
  readonly digest: string;
}

export class ListWatch {
  readonly #client: () => Client;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  #looking: Looking | undefined;

  constructor(client: () => Client, clock: Clock, onError: (error: unknown) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Calls back when what there is now is not all that there is any more. Returns how to stop. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#looking === undefined) {
      this.#looking = { known: undefined, forests: new Map(), timer: undefined };
      void this.#look(this.#looking);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#end();
  }

  #end(): void {
    this.#looking?.timer?.cancel();
    this.#looking = undefined;
  }

  async #look(looking: Looking): Promise<void> {
    const before = looking.known;
    try {
      looking.forests = await this.#forests(looking.forests);
      looking.known = JSON.stringify([...looking.forests].map(([name, { digest }]) => [name, digest]));
    } catch (error) {
      // The broker is away, or the credentials have ended: what has changed is seen at the next look that succeeds.
      looking.known ??= 'not seen';
      if (!(error instanceof HyperloomError)) {
        this.#onError(error);
        if (this.#looking === looking) this.#end();
      }
    }
    if (this.#looking !== looking) return;
    looking.timer = this.#clock.setTimer(mcpListCheckMs, () => void this.#look(looking));
    if (before !== undefined && before !== looking.known) for (const listener of this.#listeners) listener();
  }

  /** All forests with their trees; where nothing was written since, those that are known. */
  async #forests(known: ReadonlyMap<string, Trees>): Promise<ReadonlyMap<string, Trees>> {
    const client = this.#client();
    const forests = await client.forests.list();
    const present = forests.map(async ({ name, revision }): Promise<readonly [string, Trees]> => {
      const trees = known.get(name);
      if (trees?.revision === revision) return [name, trees];
      return [name, { revision, digest: await digestOf(client.as({ forest: name, trackBasis: false })) }];
    });
    return new Map(await Promise.all(present));
  }
}

/** What differs when the trees do. */
async function digestOf(forest: Client): Promise<string> {
  const hash = createHash('sha256');
  let trees = 0;
  for await (const { path } of forest.list('/', { keysOnly: true, pageSize: listPageSizeMax })) {
    hash.update(path).update('\n');
    trees += 1;
    if (trees === mcpTreesComparedMax) break;
  }
  return hash.digest('base64');
}
