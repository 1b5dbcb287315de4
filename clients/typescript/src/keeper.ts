/**
 * Gives signs of life for all live ghosts and leases of a connection. The rules:
 *
 * - One call for many, three times within the shortest ttl.
 * - What the broker's answer does not name is over.
 * - A lease is over as well when nothing that was *sent* within its ttl was answered: the broker counts from later on, so it
 *   cannot have given the lease's locks to anybody before this is known here. The monotonic clock goes on while the process stands
 *   still, but a timer may then come behind other work: whoever is about to act under a lease asks `check` first.
 */
import { create } from '@bufbuild/protobuf';
import type { Caller } from './caller.ts';
import type { Diagnostics } from './diagnostics.ts';
import { ContextService, KeepAliveRequestSchema } from './gen/hyperloom/v1/context_service_pb.ts';
import { keepAliveItemsMax } from './limits.ts';
import type { Clock, Timer } from './time.ts';

/** How it is known that something is over: the broker said so, nothing got through to it for the ttl, or the client was closed. */
export type OverCause = 'told' | 'silence' | 'closed';

/** A ghost or a lease to be kept alive. */
export interface Kept {
  readonly kind: 'ghost' | 'lease';
  readonly forest: string;
  readonly id: string;
  readonly ttlMs: number;
  /** Called once. Closing the client and silence end leases only: a ghost that is over is refused whatever is written to it. */
  onOver(cause: OverCause): void;
}

export class Keeper {
  readonly #caller: Caller;
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  /** When each lease is over unless a sign gets through; infinite for ghosts. */
  readonly #untilMs = new Map<Kept, number>();
  #beatTimer: PlannedTimer | undefined;
  #silenceTimer: PlannedTimer | undefined;

  constructor(caller: Caller, clock: Clock, diagnostics: Diagnostics) {
    this.#caller = caller;
    this.#clock = clock;
    this.#diagnostics = diagnostics;
  }

  /** Keeps something alive until `release`. `sinceMs`: when the last call was sent that proves that it lives. */
  keep(kept: Kept, sinceMs = this.#clock.monotonicMs()): void {
    this.#untilMs.set(kept, kept.kind === 'lease' ? sinceMs + kept.ttlMs : Infinity);
    this.#planBeat();
    this.#planSilence();
  }

  /** Leaves something to itself. */
  release(kept: Kept): void {
    this.#untilMs.delete(kept);
    if (this.#untilMs.size === 0) this.#cancelTimers();
  }

  /** Ends a lease whose time has run out, even where the timer that should have told has not come yet. */
  check(kept: Kept): void {
    const untilMs = this.#untilMs.get(kept);
    if (untilMs !== undefined && untilMs <= this.#clock.monotonicMs()) this.#end(kept, 'silence');
  }

  /** Stops all signs of life. Leases are over with it: nothing keeps them any more. */
  close(): void {
    this.#cancelTimers();
    for (const kept of [...this.#untilMs.keys()]) if (kept.kind === 'lease') this.#end(kept, 'closed');
  }

  #end(kept: Kept, cause: OverCause): void {
    if (!this.#untilMs.delete(kept)) return;
    if (this.#untilMs.size === 0) this.#cancelTimers();
    kept.onOver(cause);
  }

  #cancelTimers(): void {
    this.#beatTimer?.timer.cancel();
    this.#silenceTimer?.timer.cancel();
    this.#beatTimer = undefined;
    this.#silenceTimer = undefined;
  }

  #planBeat(): void {
    let intervalMs = Infinity;
    for (const { ttlMs } of this.#untilMs.keys()) intervalMs = Math.min(intervalMs, ttlMs / 3);
    if (intervalMs === Infinity) return;
    const atMs = this.#clock.monotonicMs() + intervalMs;
    if (this.#beatTimer !== undefined && this.#beatTimer.atMs <= atMs) return;
    this.#beatTimer?.timer.cancel();
    const timer = this.#clock.setTimer(intervalMs, () => {
      this.#beatTimer = undefined;
      this.#beat(intervalMs);
      this.#planBeat();
    });
    this.#beatTimer = { atMs, timer };
  }

  /** One timer serves all leases: it stands at the earliest end, which signs of life usually have moved when it fires. */
  #planSilence(): void {
    let atMs = Infinity;
    for (const untilMs of this.#untilMs.values()) atMs = Math.min(atMs, untilMs);
    if (atMs === Infinity || (this.#silenceTimer !== undefined && this.#silenceTimer.atMs <= atMs)) return;
    this.#silenceTimer?.timer.cancel();
    const timer = this.#clock.setTimer(Math.max(0, atMs - this.#clock.monotonicMs()), () => {
      this.#silenceTimer = undefined;
      for (const kept of [...this.#untilMs.keys()]) this.check(kept);
      this.#planSilence();
    });
    this.#silenceTimer = { atMs, timer };
  }

  #beat(timeoutMs: number): void {
    for (const [forest, all] of Map.groupBy(this.#untilMs.keys(), (kept) => kept.forest)) {
      for (let from = 0; from < all.length; from += keepAliveItemsMax) {
        void this.#keepAlive(forest, all.slice(from, from + keepAliveItemsMax), timeoutMs);
      }
    }
  }

  async #keepAlive(forest: string, group: readonly Kept[], timeoutMs: number): Promise<void> {
    const idsOf = (kind: Kept['kind']): string[] =>
      group.filter((kept) => kept.kind === kind).map(({ id }) => id);
    const request = create(KeepAliveRequestSchema, {
      forest,
      ghostIds: idsOf('ghost'),
      leaseIds: idsOf('lease'),
    });
    const sentMs = this.#clock.monotonicMs();
    try {
      const answer = await this.#caller.unary(ContextService.method.keepAlive, request, { timeoutMs });
      const live = { ghost: new Set(answer.liveGhostIds), lease: new Set(answer.liveLeaseIds) };
      for (const kept of group) {
        if (live[kept.kind].has(kept.id)) this.#renew(kept, sentMs);
        else this.#end(kept, 'told');
      }
    } catch (error) {
      this.#diagnostics({ kind: 'keep_alive_failed', error });
    }
  }

  /** An answer that comes too late proves nothing: the program may have gone on as if the lease were lost, and so it is. */
  #renew(kept: Kept, sentMs: number): void {
    this.check(kept);
    const untilMs = this.#untilMs.get(kept);
    if (untilMs === undefined || kept.kind === 'ghost') return;
    this.#untilMs.set(kept, Math.max(untilMs, sentMs + kept.ttlMs));
  }
}

interface PlannedTimer {
  readonly atMs: number;
  readonly timer: Timer;
}
