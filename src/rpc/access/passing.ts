/**
 * Going past what may not be seen. A page neither counts it nor ends there, since the token of the next one would tell where, so it may be much:
 * everything else gets its turns meanwhile, and it ends with its caller's patience.
 */
import { Slices } from '../../base/slices.ts';
import type { Clock } from '../../base/clock.ts';
import { type Call, RpcError } from '../transport.ts';

export class Passing {
  readonly #call: Call;
  readonly #slices: Slices;

  constructor(call: Call, clock: Clock) {
    this.#call = call;
    this.#slices = new Slices(clock);
  }

  /** To be awaited for each node that is left out. */
  async on(): Promise<void> {
    if (!this.#slices.isOver) return;
    await this.#slices.pause();
    if (this.#call.cancelled) throw new RpcError('CANCELLED', 'nobody waits any more');
  }
}
