/** The meters of a broker: what agents publish and read, counted behind everything else. */
import type { Clock } from './base/clock.ts';
import { turn } from './base/slices.ts';
import type { Settings } from './config.ts';
import { errorFields } from './log.ts';
import type { Logger } from './log.ts';
import { Meters } from './meters/meters.ts';
import { loadTokenizer } from './render/encodings.ts';

export interface MetersOptions {
  readonly settings: Pick<Settings, 'cachedTokenPrice'>;
  readonly clock: Clock;
  /** How long the event loop has been busy since it began. */
  readonly busyMs?: () => number;
  readonly log: Logger;
}

/** After a start those who have waited for it are answered first: loading the tokenizer takes a seventh of a second. */
const delayMs = 500;

/** The tokenizer is loaded when there is something to count, some time after the broker `isUp`. */
export function createMeters({ settings, clock, busyMs, log }: MetersOptions, isUp: Promise<void>): Meters {
  return new Meters({
    clock,
    cachedTokenPrice: settings.cachedTokenPrice,
    async load() {
      await isUp;
      await delay(clock);
      const tokenizer = await loadTokenizer('o200k', () => turn(clock));
      return (text) => tokenizer.countSteps(text);
    },
    ...(busyMs === undefined ? {} : { busyMs }),
    onFailure: (error) =>
      log.error('tokens are not counted: the tokenizer could not be loaded', errorFields(error)),
  });
}

function delay(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(delayMs, resolve);
  });
}
