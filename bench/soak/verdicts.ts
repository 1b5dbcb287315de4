/** What a soak has to show, and whether it did. */
import type { Row } from './rows.ts';
import { blockLeasts, blockMedians, theilSen } from './statistics.ts';
import type { Point, Slope } from './statistics.ts';

export interface Verdict {
  readonly name: string;
  readonly holds: boolean;
  /** The figures behind it. */
  readonly text: string;
}

/** A quantity that must stay level. */
export interface Level {
  readonly name: string;
  readonly unit: string;
  /** It is level where the 95 % confidence interval of its slope lies below so many units an hour. */
  readonly boundPerHour: number;
  readonly why: string;
  points(rows: readonly Row[]): Point[];
  /** One point for each stretch of them. */
  readonly summary: (points: readonly Point[]) => Point[];
}

/** The soak asks for at least one full collection in each such stretch. */
export const leastMinutes = 3;

const medians = (points: readonly Point[]): Point[] => blockMedians(points, 1 / 60);
const leasts = (points: readonly Point[]): Point[] => blockLeasts(points, leastMinutes / 60);

function column(of: (row: Row) => number): (rows: readonly Row[]) => Point[] {
  return (rows) =>
    rows.map((row) => ({ x: row.minute / 60, y: of(row) })).filter(({ y }) => Number.isFinite(y));
}

function afterCollections(of: (row: Row) => number): (rows: readonly Row[]) => Point[] {
  return (rows) => freshlyCollected(rows).map((row) => ({ x: row.minute / 60, y: of(row) }));
}

/** Rows before which a full collection has taken place since the one before. */
export function freshlyCollected(rows: readonly Row[]): Row[] {
  return rows.filter((row, index) => {
    const before = rows[index - 1]?.fullCollections ?? row.fullCollections;
    return row.liveHeap > 0 && row.fullCollections > before;
  });
}

/**
 * The bounds are what an hour's noise lets a test tell. Resident memory moves by two hundred MiB with V8's own rhythm of a quarter of an
 * hour, and memory outside the heap by sixty while a backup or a snapshot is under way: both come down to what is really held within
 * minutes, and that is judged. `leaks.test.ts` measures how often a leak is found so, and how often a level hour passes.
 */
export const levels: readonly Level[] = [
  {
    name: 'resident memory at its least',
    unit: 'MiB',
    boundPerHour: 60,
    why: 'at 200 calls a second, 90 bytes that each left behind would be more',
    points: column(({ leastResident }) => leastResident),
    summary: leasts,
  },
  {
    name: 'heap after full collections',
    unit: 'MiB',
    boundPerHour: 15,
    why: 'at 200 calls a second, 22 bytes that each left behind would be more',
    points: afterCollections(({ liveHeap }) => liveHeap),
    summary: medians,
  },
  {
    name: 'memory outside the heap at its least',
    unit: 'MiB',
    boundPerHour: 15,
    why: 'a buffer of 64 KiB that one backup, subscription or compaction in three left behind would be more',
    points: column(({ leastExternal }) => leastExternal),
    summary: leasts,
  },
  {
    name: 'open descriptors',
    unit: '',
    boundPerHour: 10,
    why: 'one visit in fifty that left one behind would be more; that none does is counted at the end',
    points: column(({ descriptors }) => descriptors),
    summary: medians,
  },
  {
    name: 'lag of subscribers that keep up, median',
    unit: 'ms',
    boundPerHour: 1_000,
    why: 'one event in a thousand that they could not keep up with would be 3,600',
    points: column(({ lagP50 }) => lagP50),
    summary: medians,
  },
  {
    name: 'revisions that they are behind',
    unit: '',
    boundPerHour: 500,
    why: 'the same would be 1,500',
    points: column(({ lagRevisions }) => lagRevisions),
    summary: medians,
  },
];

/** A level as it came out. */
export interface Levelled {
  readonly level: Level;
  readonly slope: Slope;
  readonly holds: boolean;
}

/** Looks at what was measured after the warm-up. */
export function levelled(rows: readonly Row[], warmUpMinutes: number): Levelled[] {
  const warm = rows.filter(({ minute }) => minute >= warmUpMinutes);
  return levels.map((level) => {
    const slope = theilSen(level.summary(level.points(warm)));
    return { level, slope, holds: slope.high <= level.boundPerHour };
  });
}

export function levelVerdict({ level, slope, holds }: Levelled): Verdict {
  const { name, unit, boundPerHour, why } = level;
  const said = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : '?');
  const text =
    `${said(slope.slope)} ${unit} an hour (95 %: ${said(slope.low)} to ${said(slope.high)}, ` +
    `${slope.points} points), bound ${boundPerHour}: ${why}`;
  return { name: `${name} stays level`, holds, text: text.replaceAll('  ', ' ') };
}

/** Half a segment: whatever is kept too long is at least one. */
const diskGrowthMaxMiB = 32;

/**
 * Disk space is set aside by the segment, and a segment takes a quarter of an hour to fill: what goes up and down in such steps has no
 * slope to speak of. So the most that was taken in the second half of the time after the warm-up is compared with the most in the first.
 */
export function diskVerdict(rows: readonly Row[], warmUpMinutes: number): Verdict {
  const middle = (warmUpMinutes + (rows.at(-1)?.minute ?? 0)) / 2;
  const most = (from: number, until: number): number =>
    Math.max(...rows.filter(({ minute }) => minute >= from && minute < until).map(({ journal }) => journal));
  const [before, after] = [most(warmUpMinutes, middle), most(middle, Infinity)];
  return {
    name: 'journal and snapshots on disk stay level',
    holds: after - before <= diskGrowthMaxMiB,
    text: `at most ${before.toFixed(0)} MiB in the first half, ${after.toFixed(0)} MiB in the second, bound ${diskGrowthMaxMiB} more: half a segment`,
  };
}

/** What the broker holds while nobody uses it. */
export interface Rest {
  readonly sockets: number;
  readonly deletedFiles: number;
  readonly ghosts: number;
  readonly leases: number;
  readonly locks: number;
  readonly subscriptions: number;
}

/** What is known after the load has ended. */
export interface Ending {
  readonly before: Rest;
  readonly after: Rest;
  readonly failures: readonly string[];
  readonly failuresTotal: number;
  /** Increments acknowledged, and what stands at their nodes. */
  readonly totals: readonly {
    readonly path: string;
    readonly acknowledged: number;
    readonly found: number;
  }[];
  readonly exitCode: number | null;
  readonly complaints: readonly string[];
  readonly hashBefore: string;
  readonly hashAfter: string;
}

export function endingVerdicts(ending: Ending): Verdict[] {
  const { before, after, failures, failuresTotal, totals } = ending;
  const left = `ghosts ${after.ghosts}, leases ${after.leases}, locks ${after.locks}, subscriptions ${after.subscriptions}`;
  return [
    {
      name: 'nothing failed that must not',
      holds: failuresTotal === 0,
      text: failuresTotal === 0 ? 'no failure' : `${failuresTotal}: ${failures.join('; ')}`,
    },
    {
      name: 'no descriptor is left open',
      holds: after.sockets <= before.sockets && after.deletedFiles === 0,
      text: `sockets ${before.sockets} before, ${after.sockets} after; deleted files still open: ${after.deletedFiles}`,
    },
    {
      name: 'what nobody owns any more has ended',
      holds: after.ghosts + after.leases + after.locks + after.subscriptions === 0,
      text: left,
    },
    {
      name: 'every acknowledged increment is there, once',
      holds: totals.length > 0 && totals.every(({ acknowledged, found }) => acknowledged === found),
      text: totals
        .map(({ path, acknowledged, found }) => `${path}: ${acknowledged} acknowledged, ${found} found`)
        .join('; '),
    },
    {
      name: 'it stops in good order and without complaints',
      holds: ending.exitCode === 0 && ending.complaints.length === 0,
      text: `exit code ${ending.exitCode}${ending.complaints.map((line) => `; ${line}`).join('')}`,
    },
    {
      name: 'a restart reaches the same state',
      holds: ending.hashBefore !== '' && ending.hashBefore === ending.hashAfter,
      text: `${ending.hashBefore} before, ${ending.hashAfter} after`,
    },
  ];
}
