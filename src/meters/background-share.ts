/**
 * How long work in the background waits between two slices, by how busy all others keep the event loop. Where hardly any of it is left, what
 * the background takes is taken from writers: reading the journal again, and counting what was in it, cost a publish a seventh of its time.
 */
import type { Clock } from '../base/clock.ts';

/** From here on the event loop is taken to be busy, and full. */
const busyFrom = 0.3;
const fullFrom = 0.7;
const shareWhileBusy = 1 / 20;
const shareWhileFull = 1 / 100;

export interface BackgroundShareOptions {
  readonly clock: Clock;
  /** How long the event loop has been busy since it began, in milliseconds. Without it, it is taken to be at rest. */
  readonly busyMs?: (() => number) | undefined;
  /** Its share of the event loop at rest, between 0 and 1. */
  readonly shareAtRest: number;
}

export class BackgroundShare {
  readonly #options: BackgroundShareOptions;
  /** When it last looked how busy the event loop is, and how busy that had been. */
  #lookedMs = 0;
  #busyMs = 0;

  constructor(options: BackgroundShareOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait behind a slice that took `spentMs`. */
  pauseMs(spentMs: number): number {
    const others = this.#othersShare(spentMs);
    const { shareAtRest } = this.#options;
    const share = others < busyFrom ? shareAtRest : others < fullFrom ? shareWhileBusy : shareWhileFull;
    return spentMs * (1 / share - 1);
  }

  #othersShare(ownMs: number): number {
    const nowMs = this.#options.clock.monotonicMs();
    const busyMs = this.#options.busyMs?.() ?? 0;
    const share = (busyMs - this.#busyMs - ownMs) / Math.max(1, nowMs - this.#lookedMs);
    this.#lookedMs = nowMs;
    this.#busyMs = busyMs;
    return share;
  }
}
