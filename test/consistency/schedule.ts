/** What goes wrong in a run, and when: from the seed alone. */
import type { Random } from '../../src/base/random.ts';

/** Everything that the nemesis can do: what goes wrong, and compaction, which comes at any time. */
export const faults = [
  'kill',
  'terminate',
  'stop',
  'power_cut',
  'sync_fails',
  'disk_is_full',
  'cut_all',
  'cut_some',
  'hold',
  'stop_worker',
  'kill_worker',
  'compact',
] as const;

export type Fault = (typeof faults)[number];

export interface Planned {
  /** How long after the end of the one before. */
  readonly pauseMs: number;
  readonly fault: Fault;
  /** How long it lasts, where it lasts. */
  readonly lastsMs: number;
  /** Which worker or connection, as far as there are. */
  readonly which: number;
}

/** For ever: each of the chosen once in random order, and again. Ends at once where there are none. */
export function* plan(random: Random, chosen: readonly Fault[]): Generator<Planned, void, void> {
  while (chosen.length > 0) {
    const deck = [...chosen];
    while (deck.length > 0) {
      const [fault] = deck.splice(random.below(deck.length), 1);
      if (fault === undefined) continue;
      const pauseMs = 300 + random.below(1_800);
      yield { fault, pauseMs, lastsMs: lastsMs(fault, random), which: random.below(2 ** 31) };
    }
  }
}

/** Stops are often longer than leases live (1 to 2 s), and longer than calls wait. */
function lastsMs(fault: Fault, random: Random): number {
  switch (fault) {
    case 'stop':
    case 'stop_worker':
      return 200 + random.below(4_000);
    case 'hold':
      return 200 + random.below(2_500);
    case 'kill':
    case 'terminate':
    case 'power_cut':
      return random.below(3) === 0 ? random.below(2_000) : 0;
    case 'sync_fails':
    case 'disk_is_full':
      return random.below(1_000);
    case 'cut_all':
    case 'cut_some':
    case 'kill_worker':
    case 'compact':
      return 0;
    default:
      throw new TypeError(`no such fault: ${String(fault)}`);
  }
}
