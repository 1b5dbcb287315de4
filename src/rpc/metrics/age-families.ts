/** How old ghosts and locks are: one that has been there for hours is as a rule one that somebody has forgotten. */
import type { Forest } from '../../sequencer/forest.ts';
import type { SinceTimes } from '../../sequencer/since-times.ts';
import type { Family, Sample } from './exposition.ts';

/** Ages that are told, in seconds; 0 are all of them. */
const agesSeconds = [0, 10, 60, 600, 3_600, 86_400] as const;

const kinds: readonly (readonly [keyof SinceTimes, string, string])[] = [
  ['ghosts', 'ghosts_older', 'Live ghosts that began at least so many seconds ago.'],
  ['locksHeld', 'locks_held_older', 'Locks that were granted at least so many seconds ago, and are held.'],
  ['locksWaiting', 'locks_waiting_older', 'Locks that have been waited for at least so many seconds.'],
];

/** `nowMs` is wall time, as the state has it. */
export function ageFamilies(forests: readonly Forest[], nowMs: number): Family[] {
  const told = forests.map((forest) => ({ name: forest.name, times: forest.since() }));
  return kinds.map(([kind, name, help]) => ({
    name: `hyperloom_forest_${name}`,
    help,
    kind: 'gauge',
    labels: ['forest', 'seconds'],
    samples: told.flatMap(({ name: forest, times }) => samplesOf(forest, times[kind], nowMs)),
  }));
}

function samplesOf(forest: string, times: readonly number[], nowMs: number): Sample[] {
  return agesSeconds.map((seconds) => {
    const value = times.filter((timeMs) => nowMs - timeMs >= seconds * 1_000 || seconds === 0).length;
    return { labels: { forest, seconds: String(seconds) }, value };
  });
}
