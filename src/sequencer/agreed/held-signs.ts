/** Signs of life of those for whom a call waits: other replicas do not see the call, so they are told again and again. */
import type { Clock, Timer } from '../../base/clock.ts';
import { lookEveryMs } from '../timekeeper.ts';

interface Held {
  calls: number;
  readonly everyMs: number;
  nextMs: number;
}

export class HeldSigns {
  readonly #clock: Clock;
  readonly #sign: (id: string) => void;
  readonly #held = new Map<string, Held>();
  #timer: Timer | null = null;

  constructor(clock: Clock, sign: (id: string) => void) {
    this.#clock = clock;
    this.#sign = sign;
  }

  hold(id: string, ttlMs: number): void {
    const known = this.#held.get(id);
    if (known !== undefined) {
      known.calls += 1;
      return;
    }
    const everyMs = ttlMs / 3;
    this.#held.set(id, { calls: 1, everyMs, nextMs: this.#clock.monotonicMs() + everyMs });
    this.#sign(id);
    this.#timer ??= this.#clock.setTimer(lookEveryMs, () => this.#look());
  }

  letGo(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    held.calls -= 1;
    if (held.calls === 0) this.#held.delete(id);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#held.clear();
  }

  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, held] of this.#held) {
      if (held.nextMs > nowMs) continue;
      held.nextMs = nowMs + held.everyMs;
      this.#sign(id);
    }
    this.#timer = this.#held.size === 0 ? null : this.#clock.setTimer(lookEveryMs, () => this.#look());
  }
}
