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
  'compact',
  'make_forest',
] as const;

/** What goes wrong; and what is asked for while it does. */
export type Fault = (typeof faults)[number];

/** What each is done to. Two at once are done to different ones: a process that is killed cannot be stopped as well. */
export const parties: Readonly<Record<Fault, 'broker' | 'nats' | 'network' | 'worker' | 'forest'>> = {
  kill_broker: 'broker',
  terminate_broker: 'broker',
  stop_broker: 'broker',
  move_clock: 'broker',
  fill_broker_disk: 'broker',
  kill_nats: 'nats',
  kill_all_nats: 'nats',
  stop_nats: 'nats',
  fill_nats_disk: 'nats',
  cut_broker: 'network',
  cut_nats: 'network',
  cut_nats_routes: 'network',
  stop_worker: 'worker',
  kill_worker: 'worker',
  compact: 'forest',
  make_forest: 'forest',
};

/** Who still hears whom where somebody is cut off: nobody, or one side the other. */
export const directions = ['both', 'out', 'in'] as const;

export type Direction = (typeof directions)[number];

export interface Trouble {
  readonly fault: Fault;
  /** How long after that of the one before. */
  readonly afterMs: number;
  /** How long it lasts, where it lasts. */
  readonly lastsMs: number;
  /** Which of the three, or of the workers or forests. */
  readonly which: number;
  readonly direction: Direction;
}

export interface Planned {
  /** How long after the end of the one before. */
  readonly pauseMs: number;
  /** One, or two at once. */
  readonly troubles: readonly Trouble[];
}

/** The second of two comes while the first, as a rule, has not ended. */
const apartMsMax = 1_500;

/** For ever: each of the chosen once in random order, alone or with another one, and again. Ends at once where there are none. */
export function* plan(random: Random, chosen: readonly Fault[]): Generator<Planned, void, void> {
  while (chosen.length > 0) {
    const deck = [...chosen];
    while (deck.length > 0) {
      const pauseMs = 200 + random.below(1_000);
      const [first] = deck.splice(random.below(deck.length), 1);
      if (first === undefined) continue;
      const others = random.below(2) === 0 ? deck.filter((fault) => parties[fault] !== parties[first]) : [];
      const second = others[random.below(Math.max(1, others.length))];
      if (second !== undefined) deck.splice(deck.indexOf(second), 1);
      const both = second === undefined ? [first] : [first, second];
      yield { pauseMs, troubles: both.map((fault, index) => trouble(fault, index, random)) };
    }
  }
}

function trouble(fault: Fault, index: number, random: Random): Trouble {
  const direction = directions[random.below(directions.length)] ?? 'both';
  const afterMs = index * random.below(apartMsMax);
  return { fault, afterMs, direction, lastsMs: lastsMs(fault, random), which: random.below(2 ** 31) };
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
    case 'compact':
    case 'make_forest':
      return 0;
    default:
      throw new TypeError(`no such fault: ${String(fault)}`);
  }
}
