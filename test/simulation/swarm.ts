/**
 * What takes part in a run: which crowds of agents, at which pace, and what goes wrong when. A run with everything in it would
 * spend its time on the same few meetings; so each seed draws some crowds and some faults, and over many seeds all of them meet.
 */
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { faultKinds } from './guarantees.ts';
import type { FaultKind } from './guarantees.ts';

/** Agents that belong together. `publishers` and `readers` are in each run unless they are left out by name. */
export const crowds = [
  'publishers',
  'readers',
  'writers',
  'ghosts',
  'reviews',
  'races',
  'locks',
  'crossings',
  'leases',
  'forests',
  'neighbours',
  'past',
  'keepers',
  'watchers',
  'typists',
  'clerks',
  'thinkers',
] as const;

export type Crowd = (typeof crowds)[number];

/** Something that goes wrong, at a fraction of the time that clients work. */
export interface PlannedFault {
  readonly kind: Exclude<FaultKind, 'network'>;
  readonly at: number;
}

export interface Plan {
  readonly crowds: readonly Crowd[];
  readonly faults: readonly PlannedFault[];
  /** Connections break and messages come late. */
  readonly hasFaultyNetwork: boolean;
  /** How much longer everybody pauses, and works: the same work, over the time in which leases end. */
  readonly pace: number;
}

/** How the plan of a seed is to be changed, by names of crowds and of kinds of faults. */
export interface Wishes {
  /** Left out: for runs that are made smaller. */
  readonly without: readonly string[];
  /** Added, where the seed has not drawn them: for runs that look for something. `flat` has work counted at the end. */
  readonly more: readonly string[];
}

/** A source of chance of its own for each use, so that leaving out one agent does not change what the others do. */
export function randomFor(seed: number, use: string): Random {
  let hash = seed >>> 0;
  for (let index = 0; index < use.length; index += 1)
    hash = Math.imul(hash ^ use.charCodeAt(index), 0x01000193) >>> 0;
  const random = seededRandom(hash);
  random.below(2);
  return random;
}

export function planOf(seed: number, { without, more }: Wishes): Plan {
  const random = randomFor(seed, 'plan');
  const drawn = new Set<Crowd>(['publishers', 'readers']);
  const others = crowds.filter((crowd) => !drawn.has(crowd));
  for (let count = 2 + random.below(3); count > 0; count -= 1) {
    const crowd = others[random.below(others.length)];
    if (crowd !== undefined) drawn.add(crowd);
  }
  for (const crowd of crowds) if (more.includes(crowd)) drawn.add(crowd);
  const faults: PlannedFault[] = [];
  for (const kind of faultKinds) {
    if (kind === 'network' || kind === 'full disk') continue;
    const [oneIn, most] = odds[kind];
    if (random.below(oneIn) !== 0 && !more.includes(kind)) continue;
    for (let count = 1 + random.below(most); count > 0; count -= 1)
      faults.push({ kind, at: random.below(1_000) / 1_000 });
  }
  // It came later: with chance of its own the plans of seeds that are written down stay as they were.
  const later = randomFor(seed, 'full disk');
  if (later.below(odds['full disk'][0]) === 0 || more.includes('full disk'))
    faults.push({ kind: 'full disk', at: later.below(1_000) / 1_000 });
  const pace = ([1, 1, 1, 4] as const)[random.below(4)] ?? 1;
  return {
    crowds: [...drawn].filter((crowd) => !without.includes(crowd)),
    faults: faults.filter(({ kind }) => !without.includes(kind)),
    hasFaultyNetwork: !without.includes('network'),
    pace,
  };
}

/** One seed in how many has faults of a kind, and how many at most. */
const odds: Readonly<Record<PlannedFault['kind'], readonly [oneIn: number, most: number]>> = {
  kill: [3, 2],
  'power failure': [2, 3],
  'orderly stop': [5, 1],
  'crash in a disk operation': [6, 2],
  'failed disk operation': [6, 1],
  'misdirected write': [12, 1],
  'bit rot': [12, 1],
  'clock jump': [4, 2],
  'full disk': [10, 1],
};
