/** The resources that one connection watches. */
import { mcpWatchesPerConnectionMax } from '../../base/limits.ts';
import { WrongUse } from '../wrong-use.ts';
import type { Watches } from './watches.ts';

/** Where notices go. */
export interface Notices {
  readonly updated: (uri: string) => void;
  readonly listChanged: () => void;
}

export class Feed {
  readonly #watches: Watches;
  readonly #notices: Notices;
  readonly #stops = new Map<string, () => void>();
  #stopList: (() => void) | undefined;

  constructor(watches: Watches, notices: Notices) {
    this.#watches = watches;
    this.#notices = notices;
  }

  watch(uri: string): void {
    if (this.#stops.has(uri)) return;
    if (this.#stops.size >= mcpWatchesPerConnectionMax)
      throw new WrongUse(`a connection can watch ${mcpWatchesPerConnectionMax} resources at most`);
    this.#stops.set(
      uri,
      this.#watches.watch(uri, () => this.#notices.updated(uri)),
    );
  }

  unwatch(uri: string): void {
    this.#stops.get(uri)?.();
    this.#stops.delete(uri);
  }

  watchList(): void {
    this.#stopList ??= this.#watches.watchList(() => this.#notices.listChanged());
  }

  close(): void {
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
    this.#stopList?.();
    this.#stopList = undefined;
  }
}
