/**
 * What the streams of 2026-07-28 listen to. A notice goes to all of them, and each lets pass what it has not asked for: so a resource is watched once, for as
 * long as one of them asks for it.
 */
import type { ListenFilter } from '../listening.ts';
import type { Notices } from '../resources/feed.ts';
import type { Watches } from '../resources/watches.ts';

interface Shared {
  /** Streams that ask for it. */
  streams: number;
  readonly stop: () => void;
}

export class SharedFeed {
  readonly #watches: Watches;
  readonly #notices: Notices;
  /** By the address of the resource; the list of them has none. */
  readonly #shared = new Map<string, Shared>();

  constructor(watches: Watches, notices: Notices) {
    this.#watches = watches;
    this.#notices = notices;
  }

  /** Watches what a stream asks for. Returns how to stop, which may be called again. */
  listen({ uris, isListWatched }: ListenFilter): () => void {
    const asked: string[] = [];
    for (const uri of uris) {
      try {
        this.#share(uri, () => this.#watches.watch(uri, () => this.#notices.updated(uri)));
        asked.push(uri);
      } catch {
        // An address that is not ours, or one too many: the protocol has no way to say so.
      }
    }
    if (isListWatched) {
      this.#share(list, () => this.#watches.watchList(() => this.#notices.listChanged()));
      asked.push(list);
    }
    return () => {
      for (const key of asked.splice(0)) this.#leave(key);
    };
  }

  #share(key: string, begin: () => () => void): void {
    const shared = this.#shared.get(key) ?? { streams: 0, stop: begin() };
    shared.streams += 1;
    this.#shared.set(key, shared);
  }

  #leave(key: string): void {
    const shared = this.#shared.get(key);
    if (shared === undefined) return;
    shared.streams -= 1;
    if (shared.streams > 0) return;
    shared.stop();
    this.#shared.delete(key);
  }
}

const list = '';
