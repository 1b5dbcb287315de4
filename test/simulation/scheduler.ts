/**
 * Simulated time. Whatever happens in a run is an event at a moment; nothing happens between two events but what the event
 * itself set off. Events at the same moment come in the order in which they were scheduled, so a run depends on its seed alone.
 */
import type { Clock, Timer } from '../../src/base/clock.ts';

interface Event {
  readonly atMs: number;
  readonly number: number;
  /** `null`: cancelled. */
  run: (() => void) | null;
}

/** Somebody waits for what does not come. */
export class Stalled extends Error {}

export class Scheduler {
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #count = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events so far. */
  get count(): number {
    return this.#count;
  }

  /** Lets `run` happen `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer {
    return this.at(this.#nowMs + delayMs, run);
  }

  /** Lets `run` happen at a moment; what is at the same moment keeps its order. */
  at(atMs: number, run: () => void): Timer {
    const event: Event = { atMs: Math.max(this.#nowMs, atMs), number: this.#count, run };
    this.#count += 1;
    this.#push(event);
    return {
      cancel: () => {
        event.run = null;
      },
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** Runs events until `isOver`, or until there are none. Throws where simulated time passes `untilMs`. */
  async run(isOver: () => boolean, untilMs: number): Promise<void> {
    await settled();
    while (!isOver()) {
      const event = this.#pop();
      if (event === undefined) return;
      if (event.run === null) continue;
      if (event.atMs > untilMs) throw new Stalled(`still not over at ${Math.round(untilMs)} simulated ms`);
      this.#nowMs = event.atMs;
      event.run();
      await settled();
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent])) break;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    heap[0] = last;
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (before(heap[child], heap[least])) least = child;
      if (least === at) return first;
      swap(heap, at, least);
      at = least;
    }
  }
}

/** All that an event set off happens now: promises, and what the broker defers by a turn of the event loop. */
function settled(): Promise<unknown> {
  return new Promise(setImmediate);
}

function before(one: Event | undefined, other: Event | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.atMs === other.atMs ? one.number < other.number : one.atMs < other.atMs;
}

function swap(heap: Event[], one: number, other: number): void {
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined) return;
  heap[one] = second;
  heap[other] = first;
}

/** The clock of one run of a broker: its wall time can jump, and it stands still for ever when the broker has crashed. */
export class SimulatedClock implements Clock {
  readonly #scheduler: Scheduler;
  /** Reading the clock takes a little time, so that what works in slices of time has slices. */
  #readMs = 0;
  wallOffsetMs: number;
  isStopped = false;

  constructor(scheduler: Scheduler, wallOffsetMs: number) {
    this.#scheduler = scheduler;
    this.wallOffsetMs = wallOffsetMs;
  }

  nowMs(): number {
    return Math.floor(1_700_000_000_000 + this.#scheduler.nowMs + this.wallOffsetMs);
  }

  monotonicMs(): number {
    this.#readMs += 0.001;
    return this.#scheduler.nowMs + this.#readMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#scheduler.after(delayMs, () => {
      if (!this.isStopped) callback();
    });
  }
}
