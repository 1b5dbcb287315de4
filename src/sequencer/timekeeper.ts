/**
 * Watches over the ghosts' owners. It only proposes: a ghost ends because its expiry was journaled, not because a clock was
 * read. Deadlines are not part of the state, so after a restart every ghost has its full ttl again.
 */
import type { Clock, Timer } from '../base/clock.ts';

/** How often it looks. Together with the ttl it bounds how long a vanished owner's ghost stays. */
const lookEveryMs = 250;

export interface TimekeeperOptions {
  readonly clock: Clock;
  /** Called when a ghost's ttl has passed. */
  readonly expire: (ghostId: string) => void;
}

export class Timekeeper {
  readonly #clock: Clock;
  readonly #expire: (ghostId: string) => void;
  readonly #watched = new Map<string, { readonly ttlMs: number; deadlineMs: number }>();
  #timer: Timer | null = null;

  constructor({ clock, expire }: TimekeeperOptions) {
    this.#clock = clock;
    this.#expire = expire;
  }

  /** Begins to watch a ghost. */
  watch(ghostId: string, ttlMs: number): void {
    this.#watched.set(ghostId, { ttlMs, deadlineMs: this.#clock.monotonicMs() + ttlMs });
    this.#timer ??= this.#clock.setTimer(lookEveryMs, () => this.#look());
  }

  /** Notes a sign of life. */
  touch(ghostId: string): void {
    const watched = this.#watched.get(ghostId);
    if (watched !== undefined) watched.deadlineMs = this.#clock.monotonicMs() + watched.ttlMs;
  }

  /** Forgets a ghost that is over. */
  release(ghostId: string): void {
    this.#watched.delete(ghostId);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#watched.clear();
  }

  #look(): void {
    this.#timer = null;
    const now = this.#clock.monotonicMs();
    for (const [ghostId, watched] of this.#watched) {
      if (watched.deadlineMs > now) continue;
      // Tried again one ttl later, should the proposal be refused for a reason that passes.
      watched.deadlineMs = now + watched.ttlMs;
      this.#expire(ghostId);
    }
    if (this.#watched.size > 0) this.#timer = this.#clock.setTimer(lookEveryMs, () => this.#look());
  }
}
