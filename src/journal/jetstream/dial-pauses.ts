/** How long to wait before a server of NATS that is away is dialled again: longer each time, and no two brokers at the same moment. */
import { natsDialMsMax, natsDialMsMin } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';

export class DialPauses {
  readonly #random: Random;
  #ms = natsDialMsMin;

  constructor(random: Random) {
    this.#random = random;
  }

  /** In milliseconds. */
  next(): number {
    const ms = this.#ms;
    this.#ms = Math.min(natsDialMsMax, ms * 1.5);
    // Half of it is left to chance: whoever lost the same server would come back together.
    return Math.round(ms / 2) + this.#random.below(Math.round(ms / 2) + 1);
  }

  /** There is a connection. */
  reset(): void {
    this.#ms = natsDialMsMin;
  }
}
