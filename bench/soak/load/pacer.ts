/** Begins work at a steady rate, whatever the broker does: so a slow broker shows as latency, not as less load. */
import type { Meter } from './meter.ts';

/** Work that is begun `perSecond` times a second, and at most `inFlightMax` times at once. */
export interface Task {
  readonly name: string;
  readonly perSecond: number;
  readonly inFlightMax: number;
  run(): Promise<void>;
}

const tickMs = 20;

export class Pacer {
  readonly #meter: Meter;
  readonly #running = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  start(task: Task): void {
    let due = 0;
    let inFlight = 0;
    let last = performance.now();
    const tick = (): void => {
      const now = performance.now();
      due += ((now - last) * task.perSecond) / 1_000;
      last = now;
      for (; due >= 1; due -= 1) {
        if (inFlight >= task.inFlightMax) {
          this.#meter.heldBack();
          continue;
        }
        inFlight += 1;
        const run = task
          .run()
          .catch((error: unknown) => this.#meter.failed(task.name, error))
          .finally(() => {
            inFlight -= 1;
            this.#running.delete(run);
          });
        this.#running.add(run);
      }
    };
    this.#timers.push(setInterval(tick, tickMs));
  }

  /** Begins nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
