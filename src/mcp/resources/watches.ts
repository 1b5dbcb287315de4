/**
 * Which resources change. What several connections watch is one subscription; the list of resources is looked at from time to time, and
 * only where somebody wants to know of it.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { mcpListCheckMs, mcpUpdateGapMs, mcpWatchesMax } from '../../base/limits.ts';
import { HyperloomError, type Client, type SubscriptionItem } from '../../../clients/typescript/src/index.ts';
import { WrongUse } from '../wrong-use.ts';
import { readUri, type ResourceTarget } from './uri.ts';

type Listener = () => void;

interface Watch {
  readonly listeners: Set<Listener>;
  readonly stop: AbortController;
  /** Runs for a while after each notice. */
  gap: Timer | undefined;
  /** It has changed again meanwhile. */
  isOutdated: boolean;
}

export class Watches {
  readonly #client: () => Client;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #watches = new Map<string, Watch>();
  readonly #listListeners = new Set<Listener>();
  #listTimer: Timer | undefined;
  #known: string | undefined;

  constructor(client: () => Client, clock: Clock, onError: (error: unknown) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Calls back after each change of a resource, or of anything below it. Returns how to stop. */
  watch(uri: string, listener: Listener): () => void {
    const target = readUri(uri);
    if (target === undefined) throw new WrongUse(`${uri} is not the address of a resource`);
    const watch = this.#watches.get(uri) ?? this.#begin(uri, target);
    watch.listeners.add(listener);
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size === 0) this.#end(uri, watch);
    };
  }

  /** Calls back when trees or forests have come or gone. Returns how to stop. */
  watchList(listener: Listener): () => void {
    this.#listListeners.add(listener);
    if (this.#listListeners.size === 1) this.#checkLater();
    return () => {
      this.#listListeners.delete(listener);
      if (this.#listListeners.size > 0) return;
      this.#listTimer?.cancel();
      this.#known = undefined;
    };
  }

  close(): void {
    for (const [uri, watch] of this.#watches) this.#end(uri, watch);
    this.#listListeners.clear();
    this.#listTimer?.cancel();
  }

  #begin(uri: string, target: ResourceTarget): Watch {
    if (this.#watches.size >= mcpWatchesMax)
      throw new WrongUse(`${mcpWatchesMax} resources are watched already, which is all there is room for`);
    const watch: Watch = {
      listeners: new Set(),
      stop: new AbortController(),
      gap: undefined,
      isOutdated: false,
    };
    this.#watches.set(uri, watch);
    void this.#follow(target, watch);
    return watch;
  }

  #end(uri: string, watch: Watch): void {
    watch.stop.abort();
    watch.gap?.cancel();
    if (this.#watches.get(uri) === watch) this.#watches.delete(uri);
  }

  async #follow(target: ResourceTarget, watch: Watch): Promise<void> {
    // The past does not change.
    if (target.revision !== undefined) return;
    try {
      for await (const item of await this.#subscribe(target, watch.stop.signal))
        if (item.kind === 'event') this.#changed(watch);
      // A ghost's stream ends with the ghost, which is a change as well.
      this.#changed(watch);
    } catch (error) {
      // There is no such forest or ghost: nothing will change.
      if (watch.stop.signal.aborted || error instanceof HyperloomError) return;
      this.#onError(error);
    }
  }

  async #subscribe(
    { forest, path, ghostId }: ResourceTarget,
    signal: AbortSignal,
  ): Promise<AsyncIterable<SubscriptionItem>> {
    const client = this.#client().as({ forest, trackBasis: false });
    const verbs = ghostId === undefined ? client : await client.attach(ghostId);
    const patterns = path === '/' ? ['/**'] : [path, `${path}/**`];
    return verbs.subscribe(patterns, { start: 'now', signal });
  }

  #changed(watch: Watch): void {
    if (watch.stop.signal.aborted) return;
    watch.isOutdated = watch.gap !== undefined;
    if (watch.isOutdated) return;
    watch.gap = this.#clock.setTimer(mcpUpdateGapMs, () => {
      watch.gap = undefined;
      if (watch.isOutdated) this.#changed(watch);
    });
    for (const listener of watch.listeners) listener();
  }

  #checkLater(): void {
    this.#listTimer = this.#clock.setTimer(mcpListCheckMs, () => {
      this.#checkList().then(
        () => this.#listListeners.size > 0 && this.#checkLater(),
        (error: unknown) => this.#onError(error),
      );
    });
  }

  async #checkList(): Promise<void> {
    let present: string;
    try {
      present = await this.#trees();
    } catch (error) {
      // The broker is away: what has changed is seen when it is back.
      if (error instanceof HyperloomError) return;
      throw error;
    }
    const isChanged = this.#known !== undefined && this.#known !== present;
    this.#known = present;
    if (isChanged) for (const listener of this.#listListeners) listener();
  }

  /** All trees, in a text that differs when they do. */
  async #trees(): Promise<string> {
    const client = this.#client();
    const forests = await client.forests.list();
    const trees = await Promise.all(
      forests.map(async ({ name }) => {
        const page = await client
          .as({ forest: name, trackBasis: false })
          .list('/', { keysOnly: true })
          .pages()
          .next();
        return [name, page.done === true ? [] : page.value.items.map(({ path }) => path)];
      }),
    );
    return JSON.stringify(trees);
  }
}
