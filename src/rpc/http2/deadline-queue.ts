import type { Clock, Timer } from '../../base/clock.ts';

/** Granularity: a deadline is noticed at most this much late, and all of one slot share one timer. */
const slotMs = 16;
/** The longest single timer: what is due later is looked at again then. */
const timerMsMax = 3_600_000;

/** Whose waiting may end. */
export interface Expirable {
  readonly deadlineMs: number | undefined;
  expire(): void;
}

/**
 * The deadlines of all running calls. Almost every call ends long before its deadline, so adding and removing must cost
 * next to nothing: calls share coarse slots, and there is one timer for the earliest slot only.
 */
export class DeadlineQueue {
  readonly #clock: Clock;
  readonly #slots = new Map<number, Set<Expirable>>();
  #timer: Timer | undefined;
  #timerSlot = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(call: Expirable): void {
    if (call.deadlineMs === undefined) return;
    const slot = Math.ceil(call.deadlineMs / slotMs);
    const members = this.#slots.get(slot);
    if (members === undefined) this.#slots.set(slot, new Set([call]));
    else members.add(call);
    if (slot < this.#timerSlot) this.#arm(slot);
  }

  remove(call: Expirable): void {
    if (call.deadlineMs === undefined) return;
    const slot = Math.ceil(call.deadlineMs / slotMs);
    const members = this.#slots.get(slot);
    if (members?.delete(call) === true && members.size === 0) this.#slots.delete(slot);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerSlot = Infinity;
    this.#slots.clear();
  }

  #arm(slot: number): void {
    this.#timer?.cancel();
    this.#timerSlot = slot;
    const delayMs = Math.max(0, slot * slotMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.setTimer(Math.min(delayMs, timerMsMax), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerSlot = Infinity;
    const nowSlot = Math.floor(this.#clock.monotonicMs() / slotMs);
    const due: Expirable[] = [];
    let next = Infinity;
    for (const [slot, members] of this.#slots) {
      if (slot > nowSlot) next = Math.min(next, slot);
      else {
        due.push(...members);
        this.#slots.delete(slot);
      }
    }
    if (next < Infinity) this.#arm(next);
    for (const call of due) call.expire();
  }
}
