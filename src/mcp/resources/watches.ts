/** Which resources change. What several connections watch is one subscription. */
import type { Clock, Timer } from '../../base/clock.ts';
import { mcpUpdateGapMs, mcpWatchesMax, mcpWatchRetryMsMax, mcpWatchRetryMsMin } from '../../base/limits.ts';
import { HyperloomError, type Client, type SubscriptionItem } from '../../../clients/typescript/src/index.ts';
import { WrongUse } from '../wrong-use.ts';
import { ListWatch } from './list-watch.ts';
import { readUri, type ResourceTarget } from './uri.ts';

type Listener = () => void;

interface Watch {
  readonly uri: string;
  readonly target: ResourceTarget;
  readonly listeners: Set<Listener>;
  readonly stop: AbortController;
  /** Runs for a while after each notice. */
  gap: Timer | undefined;
  /** It has changed again meanwhile. */
  isOutdated: boolean;
  /** Subscriptions that have ended, or did not begin, since the last one that began. */
  brokenOff: number;
  /** Runs until it is begun anew. */
  pause: Timer | undefined;
}

export class Watches {
  readonly #client: () => Client;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #watches = new Map<string, Watch>();
  readonly #list: ListWatch;

  constructor(client: () => Client, clock: Clock, onError: (error: unknown) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#onError = onError;
    this.#list = new ListWatch(client, clock, onError);
  }

  /** Calls back after each change of a resource, or of anything below it. Returns how to stop. */
  watch(uri: string, listener: Listener): () => void {
    const target = readUri(uri);
    if (target === undefined) throw new WrongUse(`${uri} is not the address of a resource`);
    const watch = this.#watches.get(uri) ?? this.#begin(uri, target);
    watch.listeners.add(listener);
    if (watch.pause !== undefined) this.#beginAnew(watch);
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size === 0) this.#end(watch);
    };
  }

  /** Calls back when trees or forests have come or gone. Returns how to stop. */
  watchList(listener: Listener): () => void {
    return this.#list.watch(listener);
  }

  close(): void {
    for (const watch of this.#watches.values()) this.#end(watch);
    this.#list.close();
  }

  #begin(uri: string, target: ResourceTarget): Watch {
    if (this.#watches.size >= mcpWatchesMax)
      throw new WrongUse(`${mcpWatchesMax} resources are watched already, which is all there is room for`);
    const watch: Watch = {
      uri,
      target,
      listeners: new Set(),
      stop: new AbortController(),
      gap: undefined,
      isOutdated: false,
      brokenOff: 0,
      pause: undefined,
    };
    this.#watches.set(uri, watch);
    void this.#follow(watch);
    return watch;
  }

  /** Whoever watches the resource from now on begins another one. */
  #end(watch: Watch): void {
    watch.stop.abort();
    watch.gap?.cancel();
    watch.pause?.cancel();
    if (this.#watches.get(watch.uri) === watch) this.#watches.delete(watch.uri);
  }

  async #follow(watch: Watch): Promise<void> {
    // The past does not change.
    if (watch.target.revision !== undefined) return;
    try {
      for await (const item of await this.#subscribe(watch.target, watch.stop.signal)) {
        // Something may have changed until now; the first bookmark says that nothing is missed from here on.
        if (item.kind === 'event' || watch.brokenOff > 0) this.#changed(watch);
        watch.brokenOff = 0;
      }
      // A ghost's stream ends with the ghost, which is a change as well.
      this.#changed(watch);
    } catch (error) {
      if (watch.stop.signal.aborted) return;
      const isKnown = error instanceof HyperloomError;
      if (!isKnown) this.#onError(error);
      if (!isKnown || isHopeless(error)) return this.#end(watch);
    }
    if (!watch.stop.signal.aborted) this.#beginLater(watch);
  }

  /** The credentials may be renewed, the forest made, the broker back. */
  #beginLater(watch: Watch): void {
    const delayMs = Math.min(mcpWatchRetryMsMax, mcpWatchRetryMsMin * 2 ** watch.brokenOff);
    watch.brokenOff += 1;
    watch.pause = this.#clock.setTimer(delayMs, () => this.#beginAnew(watch));
  }

  #beginAnew(watch: Watch): void {
    watch.pause?.cancel();
    watch.pause = undefined;
    void this.#follow(watch);
  }

  async #subscribe(
    { forest, path, ghostId }: ResourceTarget,
    signal: AbortSignal,
  ): Promise<AsyncIterable<SubscriptionItem>> {
    const client = this.#client().as({ forest, trackBasis: false });
    const verbs = ghostId === undefined ? client : await client.attach(ghostId);
    const patterns = path === '/' ? ['/**'] : [path, `${path}/**`];
    return verbs.subscribe(patterns, { start: 'now', bookmarks: true, signal });
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
}

/** No ghost comes back, and no path becomes one. */
function isHopeless({ code, reason }: HyperloomError): boolean {
  return code === 'INVALID_ARGUMENT' || reason === 'GHOST_NOT_FOUND' || reason === 'GHOST_OVER';
}
