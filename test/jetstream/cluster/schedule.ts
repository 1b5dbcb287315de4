/** What goes wrong in a run with several brokers, and when: from the seed alone. */
import type { Random } from '../../../src/base/random.ts';

export const faults = [
  'kill_broker',
  'terminate_broker',
  'stop_broker',
  'cut_broker',
  'move_clock',
  'fill_broker_disk',
  'kill_nats',
  'kill_all_nats',
  'stop_nats',
  'cut_nats',
  'cut_nats_routes',
  'fill_nats_disk',
  'stop_worker',
  'kill_worker',
] as const;

export type Fault = (typeof faults)[number];

/** Who still hears whom where somebody is cut off: nobody, or one side the other. */
export const directions = ['both', 'out', 'in'] as const;

export type Direction = (typeof directions)[number];

export interface Planned {
  /** How long after the end of the one before. */
  readonly pauseMs: number;
  readonly fault: Fault;
  /** How long it lasts, where it lasts. */
  readonly lastsMs: number;
  /** Which of the three, or of the workers. */
  readonly which: number;
  readonly direction: Direction;
}

/** For ever: each of the chosen once in random order, and again. Ends at once where there are none. */
export function* plan(random: Random, chosen: readonly Fault[]): Generator<Planned, void, void> {
  while (chosen.length > 0) {
    const deck = [...chosen];
    while (deck.length > 0) {
      const [fault] = deck.splice(random.below(deck.length), 1);
      const direction = directions[random.below(directions.length)];
      if (fault === undefined || direction === undefined) continue;
      const pauseMs = 200 + random.below(1_000);
      yield { fault, direction, pauseMs, lastsMs: lastsMs(fault, random), which: random.below(2 ** 31) };
    }
  }
}

/** Leases live for 1 to 2 s, calls wait for 0.7 to 8 s, and servers of NATS elect another leader after 4 to 9 s. */
function lastsMs(fault: Fault, random: Random): number {
  switch (fault) {
    case 'stop_broker':
    case 'stop_worker':
    case 'cut_broker':
      return 200 + random.below(4_000);
    case 'stop_nats':
    case 'cut_nats':
    case 'cut_nats_routes':
      return random.below(3) === 0 ? 10_000 : 200 + random.below(4_000);
    case 'fill_broker_disk':
    case 'fill_nats_disk':
      return 500 + random.below(2_000);
    case 'kill_broker':
    case 'terminate_broker':
    case 'kill_nats':
    case 'kill_all_nats':
      return random.below(2_000);
    case 'move_clock':
    case 'kill_worker':
      return 0;
    default:
      throw new TypeError(`no such fault: ${String(fault)}`);
  }
}
