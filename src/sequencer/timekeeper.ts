/**
 * Watches over owners. It only proposes: what lives for a time ends because its expiry was journaled, not because a clock
 * was read. Deadlines are not part of the state, so after a restart everything has its full ttl again.
 *
 * Signs of life are many and ends are few, so a sign of life costs one assignment: whoever is watched lies in a slot of
 * time, and is moved on only when that slot has come.
 */
import type { Clock, Timer } from '../base/clock.ts';

/** How often it looks. Together with the ttl it bounds how long what a vanished owner left stays. */
export const lookEveryMs = 250;
/** How soon each is looked at again, so that what was released is not kept in mind for as long as its ttl was. */
const lookAgainMs = 10_000;
/** A look that comes later than this finds a broker that was stopped or starved; its owners could not reach it either. */
const lateMsMax = 1_000;

export interface TimekeeperOptions {
  readonly clock: Clock;
  /** Called when a ttl has passed; again each second, should what it proposes be refused for a reason that passes. */
  readonly expire: (id: string) => void;
}

interface Watched {
  readonly ttlMs: number;
  deadlineMs: number;
  /** Calls that are its owner's sign of life for as long as they wait. */
  holds: number;
}

export class Timekeeper {
  readonly #clock: Clock;
  readonly #expire: (id: string) => void;
  readonly #watched = new Map<string, Watched>();
  /** Ids by the slot in which they are looked at. Those that were released, or moved, are skipped then. */
  readonly #slots = new Map<number, string[]>();
  #timer: Timer | null = null;
  #lookedMs = 0;
  /** Time in which the broker was stopped does not count. */
  #missedMs = 0;
  #nextSlot = 0;

  constructor({ clock, expire }: TimekeeperOptions) {
    this.#clock = clock;
    this.#expire = expire;
  }

  /** Begins to watch. */
  watch(id: string, ttlMs: number): void {
    if (this.#timer === null) this.#start();
    const nowMs = this.#nowMs();
    const deadlineMs = nowMs + ttlMs;
    this.#watched.set(id, { ttlMs, deadlineMs, holds: 0 });
    this.#place(id, deadlineMs, nowMs);
  }

  has(id: string): boolean {
    return this.#watched.has(id);
  }

  /** Ids that lie in a slot, those that were released meanwhile included. */
  get remembered(): number {
    let count = 0;
    for (const ids of this.#slots.values()) count += ids.length;
    return count;
  }

  /** Notes a sign of life. */
  touch(id: string): void {
    const watched = this.#watched.get(id);
    if (watched !== undefined) watched.deadlineMs = this.#nowMs() + watched.ttlMs;
  }

  /** Everybody has its full ttl again. */
  touchAll(): void {
    const nowMs = this.#nowMs();
    for (const watched of this.#watched.values()) watched.deadlineMs = nowMs + watched.ttlMs;
  }

  /** A sign of life that lasts until {@link letGo}; there may be many. */
  hold(id: string): void {
    const watched = this.#watched.get(id);
    if (watched !== undefined) watched.holds += 1;
  }

  /** The end of a lasting sign of life: the ttl begins anew. */
  letGo(id: string): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    watched.holds -= 1;
    watched.deadlineMs = this.#nowMs() + watched.ttlMs;
  }

  /** Forgets what is over. */
  release(id: string): void {
    this.#watched.delete(id);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#watched.clear();
    this.#slots.clear();
  }

  #start(): void {
    this.#lookedMs = this.#clock.monotonicMs();
    this.#nextSlot = Math.floor(this.#nowMs() / lookEveryMs);
    this.#timer = this.#clock.setTimer(lookEveryMs, () => this.#look());
  }

  #nowMs(): number {
    return this.#clock.monotonicMs() - this.#missedMs;
  }

  #place(id: string, deadlineMs: number, nowMs: number): void {
    const lookMs = Math.min(deadlineMs, nowMs + lookAgainMs);
    const slot = Math.max(this.#nextSlot, Math.ceil(lookMs / lookEveryMs));
    const ids = this.#slots.get(slot);
    if (ids === undefined) this.#slots.set(slot, [id]);
    else ids.push(id);
  }

  #look(): void {
    const sinceMs = this.#clock.monotonicMs() - this.#lookedMs;
    if (sinceMs > lateMsMax) this.#missedMs += sinceMs - lateMsMax;
    this.#lookedMs = this.#clock.monotonicMs();
    const nowMs = this.#nowMs();
    while (this.#nextSlot * lookEveryMs <= nowMs) {
      const slot = this.#nextSlot;
      this.#nextSlot += 1;
      const ids = this.#slots.get(slot) ?? [];
      this.#slots.delete(slot);
      for (const id of ids) this.#lookAt(id, nowMs);
    }
    const isIdle = this.#watched.size === 0;
    if (isIdle) this.#slots.clear();
    this.#timer = isIdle ? null : this.#clock.setTimer(lookEveryMs, () => this.#look());
  }

  #lookAt(id: string, nowMs: number): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    if (watched.holds > 0) watched.deadlineMs = nowMs + watched.ttlMs;
    const isOver = watched.deadlineMs <= nowMs;
    if (isOver) watched.deadlineMs = nowMs + lateMsMax;
    this.#place(id, watched.deadlineMs, nowMs);
    if (isOver) this.#expire(id);
  }
}
