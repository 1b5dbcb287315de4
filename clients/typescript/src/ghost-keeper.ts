/** Gives signs of life for all live ghosts of a connection, one call for many, three times within the shortest ttl. */
import { create } from '@bufbuild/protobuf';
import type { Caller } from './caller.ts';
import type { Diagnostics } from './diagnostics.ts';
import { ContextService, KeepAliveRequestSchema } from './gen/hyperloom/v1/context_service_pb.ts';
import { keepAliveGhostsMax } from './limits.ts';
import type { Clock, Timer } from './time.ts';

/** A ghost to be kept alive. */
export interface KeptGhost {
  readonly forest: string;
  readonly id: string;
  readonly ttlMs: number;
  /** Called once when the broker says that the ghost is over. */
  onOver(): void;
}

export class GhostKeeper {
  readonly #caller: Caller;
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  readonly #ghosts = new Set<KeptGhost>();
  #timer: { readonly atMs: number; readonly timer: Timer } | undefined;

  constructor(caller: Caller, clock: Clock, diagnostics: Diagnostics) {
    this.#caller = caller;
    this.#clock = clock;
    this.#diagnostics = diagnostics;
  }

  /** Keeps a ghost alive until `release`. */
  keep(ghost: KeptGhost): void {
    this.#ghosts.add(ghost);
    this.#plan();
  }

  /** Leaves a ghost to itself. */
  release(ghost: KeptGhost): void {
    this.#ghosts.delete(ghost);
    if (this.#ghosts.size === 0) this.close();
  }

  /** Stops all signs of life. */
  close(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  #plan(): void {
    let intervalMs = Infinity;
    for (const ghost of this.#ghosts) intervalMs = Math.min(intervalMs, ghost.ttlMs / 3);
    if (intervalMs === Infinity) return;
    const atMs = this.#clock.monotonicMs() + intervalMs;
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.setTimer(intervalMs, () => {
      this.#timer = undefined;
      this.#beat(intervalMs);
      this.#plan();
    });
    this.#timer = { atMs, timer };
  }

  #beat(timeoutMs: number): void {
    for (const [forest, ghosts] of Map.groupBy(this.#ghosts, (ghost) => ghost.forest)) {
      for (let from = 0; from < ghosts.length; from += keepAliveGhostsMax) {
        void this.#keepAlive(forest, ghosts.slice(from, from + keepAliveGhostsMax), timeoutMs);
      }
    }
  }

  async #keepAlive(forest: string, ghosts: readonly KeptGhost[], timeoutMs: number): Promise<void> {
    const request = create(KeepAliveRequestSchema, { forest, ghostIds: ghosts.map((ghost) => ghost.id) });
    try {
      const { liveGhostIds } = await this.#caller.unary(ContextService.method.keepAlive, request, {
        timeoutMs,
      });
      const live = new Set(liveGhostIds);
      for (const ghost of ghosts) if (!live.has(ghost.id) && this.#ghosts.delete(ghost)) ghost.onOver();
    } catch (error) {
      this.#diagnostics({ kind: 'keep_alive_failed', error });
    }
  }
}
