/** What the meters of all forests of a broker share: who counts tokens, and bounds that hold for all of them together. */
import type { Clock } from '../base/clock.ts';
import { meterRowsMax, meterSeriesRowsMax, promptCharactersKeptMax } from '../base/limits.ts';
import { ForestMeters } from './forest-meters.ts';
import type { Past } from './follower.ts';
import type { RowBudget } from './meter-table.ts';
import { Prompts } from './prompts.ts';
import { TokenQueue } from './token-queue.ts';
import type { TokenQueueOptions } from './token-queue.ts';

export interface MetersOptions extends Omit<TokenQueueOptions, 'clock'> {
  readonly clock: Clock;
  /** What a token out of a provider's cache costs, in uncached ones. */
  readonly cachedTokenPrice: number;
}

export class Meters {
  readonly cachedTokenPrice: number;
  readonly queue: TokenQueue;
  readonly #clock: Clock;
  readonly #busyMs: (() => number) | undefined;
  readonly #prompts = new Prompts(promptCharactersKeptMax);
  readonly #budget: RowBudget = { rowsLeft: meterRowsMax, seriesLeft: meterSeriesRowsMax };

  constructor(options: MetersOptions) {
    this.cachedTokenPrice = options.cachedTokenPrice;
    this.queue = new TokenQueue(options);
    this.#clock = options.clock;
    this.#busyMs = options.busyMs;
  }

  /** The meters of one forest, to be started when its journal can be read. */
  of(past: Past): ForestMeters {
    return new ForestMeters({
      past,
      clock: this.#clock,
      busyMs: this.#busyMs,
      queue: this.queue,
      prompts: this.#prompts,
      budget: this.#budget,
      cachedTokenPrice: this.cachedTokenPrice,
    });
  }

  /** Stops counting. */
  close(): void {
    this.queue.close();
  }
}
