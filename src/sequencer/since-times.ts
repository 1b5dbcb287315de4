/** Since when things have been there, for whoever looks for what was forgotten. */
import type { ForestState } from '../state/forest.ts';

/** Wall time in milliseconds. */
export interface SinceTimes {
  readonly ghosts: readonly number[];
  readonly locksHeld: readonly number[];
  readonly locksWaiting: readonly number[];
}

/** A look at each ghost and lock. */
export function sinceTimes({ ghosts, locks }: ForestState): SinceTimes {
  const [locksHeld, locksWaiting]: [number[], number[]] = [[], []];
  for (const { state, grantTimeMs, requestTimeMs } of locks.list()) {
    if (state === 'held') locksHeld.push(grantTimeMs);
    else if (state === 'waiting') locksWaiting.push(requestTimeMs);
  }
  return { ghosts: [...ghosts.values()].map(({ beginTimeMs }) => beginTimeMs), locksHeld, locksWaiting };
}
