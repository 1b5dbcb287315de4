/** The soak's report: what ran where, the verdicts, the charts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Machine } from '../harness/machine.ts';
import { median, percentile } from '../harness/samples.ts';
import { renderCharts } from './chart.ts';
import type { Chart, Line } from './chart.ts';
import type { Row } from './rows.ts';
import type { Levelled, Verdict } from './verdicts.ts';
import { blockLeasts } from './statistics.ts';
import { freshlyCollected, leastMinutes } from './verdicts.ts';

/** Everything that a report tells. */
export interface Soak {
  readonly machine: Machine;
  readonly python: string;
  readonly command: string;
  readonly minutes: number;
  readonly warmUpMinutes: number;
  readonly rows: readonly Row[];
  readonly levels: readonly Levelled[];
  readonly verdicts: readonly Verdict[];
  /** Calls by kind: how many, how many of them refused as they may be. */
  readonly kinds: ReadonlyMap<string, { readonly count: number; readonly refused: number }>;
}

/** Writes `report.md`, its charts and the rows as `rows.csv` into `folder`. */
export function writeReport(folder: string, soak: Soak): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, charts] of Object.entries(chartsOf(soak)))
    writeFileSync(join(folder, `${name}.svg`), renderCharts(charts, soak.minutes, soak.warmUpMinutes));
  writeFileSync(join(folder, 'rows.csv'), csvOf(soak.rows));
  writeFileSync(join(folder, 'report.md'), reportOf(soak));
}

type Pick = (row: Row) => number;

/** Lines by what they are called. */
function chart(
  rows: readonly Row[],
  title: string,
  unit: string,
  picks: Readonly<Record<string, Pick>>,
): Chart {
  const lines = Object.entries(picks).map(([name, pick]) => ({
    name,
    points: rows.map((row) => [row.minute, pick(row)] as const).filter(([, y]) => Number.isFinite(y)),
  }));
  return { title, unit, lines };
}

function chartsOf({ rows, levels }: Soak): Readonly<Record<string, readonly Chart[]>> {
  const of = (title: string, unit: string, picks: Readonly<Record<string, Pick>>): Chart =>
    chart(rows, title, unit, picks);
  const p50p99 = (title: string, p50: Pick, p99: Pick): Chart => of(title, 'ms', { p50, p99 });
  return {
    memory: memoryCharts(rows, levels),
    storage: [
      of('Open descriptors', '', {
        all: (row) => row.descriptors,
        sockets: (row) => row.sockets,
        files: (row) => row.files,
      }),
      of('Journal and snapshots', 'MiB', { 'on disk': (row) => row.journal }),
      of('Files', '', { segments: (row) => row.segments, snapshots: (row) => row.snapshots }),
    ],
    latency: [
      p50p99(
        'Publish',
        (row) => row.publishP50,
        (row) => row.publishP99,
      ),
      p50p99(
        'Read',
        (row) => row.readP50,
        (row) => row.readP99,
      ),
      p50p99(
        'Lag of subscribers that keep up',
        (row) => row.lagP50,
        (row) => row.lagP99,
      ),
      p50p99(
        'Event loop delay in the broker',
        (row) => row.loopP50,
        (row) => row.loopP99,
      ),
    ],
    load: [
      of('Calls a second', '', { calls: (row) => row.operations }),
      of('Subscriptions', '', { all: (row) => row.subscriptions, 'catching up': (row) => row.catchingUp }),
      of('Ghosts, leases, locks', '', {
        ghosts: (row) => row.ghosts,
        leases: (row) => row.leases,
        held: (row) => row.locksHeld,
        waiting: (row) => row.locksWaiting,
      }),
      of('Nodes', '', { nodes: (row) => row.nodes }),
    ],
  };
}

function memoryCharts(rows: readonly Row[], levels: readonly Levelled[]): Chart[] {
  const resident = chart(rows, 'Resident memory', 'MiB', { resident: (row) => row.resident });
  const heap = chart(rows, 'Heap', 'MiB', { 'in use': (row) => row.heapUsed });
  const outside = chart(rows, 'Outside the heap', 'MiB', { external: (row) => row.external });
  const fresh = freshlyCollected(rows);
  const collected: Line = {
    name: 'after full collections',
    style: 'dots',
    points: fresh.map((row) => [row.minute, row.liveHeap] as const),
  };
  const least = (of: (row: Row) => number): Line => ({
    name: `least of ${leastMinutes} minutes`,
    style: 'dots',
    points: blockLeasts(
      rows.map((row) => ({ x: row.minute, y: of(row) })),
      leastMinutes,
    ).map(({ x, y }) => [x, y] as const),
  });
  const trend = (name: string): Line[] => trendOf(rows, levels, name);
  return [
    {
      ...resident,
      lines: [...resident.lines, least((row) => row.leastResident), ...trend('resident memory at its least')],
    },
    {
      ...heap,
      lines: [...heap.lines, collected, ...trend('heap after full collections')],
    },
    {
      ...outside,
      lines: [
        ...outside.lines,
        least((row) => row.leastExternal),
        ...trend('memory outside the heap at its least'),
      ],
    },
  ];
}

function trendOf(rows: readonly Row[], levels: readonly Levelled[], name: string): Line[] {
  const slope = levels.find(({ level }) => level.name === name)?.slope;
  const last = rows.at(-1)?.minute ?? 0;
  if (slope === undefined || !Number.isFinite(slope.slope)) return [];
  const at = (minute: number): readonly [number, number] => [
    minute,
    slope.intercept + (slope.slope * minute) / 60,
  ];
  return [{ name: 'trend', style: 'trend', points: [at(0), at(last)] }];
}

function csvOf(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row)[];
  const lines = rows.map((row) => names.map((name) => Number(row[name].toFixed(3))).join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

function reportOf({ machine, python, command, minutes, warmUpMinutes, rows, verdicts, kinds }: Soak): string {
  const steady = rows.filter(({ minute }) => minute >= warmUpMinutes);
  const of = (pick: (row: Row) => number): number[] => steady.map(pick).filter(Number.isFinite);
  const range = (pick: (row: Row) => number, digits = 0): string =>
    `${median(of(pick)).toFixed(digits)} (${Math.min(...of(pick)).toFixed(digits)}–${Math.max(...of(pick)).toFixed(digits)})`;
  const held = verdicts.filter(({ holds }) => holds).length;
  const calls = [...kinds.values()].reduce((sum, { count, refused }) => sum + count + refused, 0);
  return `# Soak

One broker with default settings under a steady, mixed load for ${minutes.toFixed(0)} minutes. Written by \`${command}\`; what the load is made of stands in
[load/](load) and [soak.py](../../clients/python/bench/soak.py), what is asked of it in [verdicts.ts](verdicts.ts).

**${held} of ${verdicts.length} verdicts hold.** The first ${warmUpMinutes} minutes are warm-up: tables of remembered requests and kept history fill.
Slopes are Theil and Sen's, with 95 % confidence intervals that take the sawtooth of garbage collection into account; a quantity is level where
the whole interval lies below its bound, so noise that hides a leak fails as well. They go through medians of each minute, and
through the least of each ${leastMinutes} minutes where a quantity goes far up and comes back: see [the README](README.md).

| verdict | | figures |
|---|---|---|
${verdicts.map(({ name, holds, text }) => `| ${name} | ${holds ? 'holds' : '**does not hold**'} | ${text} |`).join('\n')}

After the warm-up, median (least–most) of samples of five seconds:

| what | figure |
|---|---:|
| calls a second (${calls.toLocaleString('en-US')} in all) | ${range((row) => row.operations)} |
| resident memory, MiB | ${range((row) => row.resident)} |
| heap after full collections, MiB | ${range((row) => row.liveHeap)} |
| journal and snapshots, MiB | ${range((row) => row.journal)} |
| nodes | ${range((row) => row.nodes)} |
| subscriptions, of them catching up | ${range((row) => row.subscriptions)}, ${range((row) => row.catchingUp)} |
| publish p50, ms | ${range((row) => row.publishP50, 2)} |
| publish p99, ms | ${range((row) => row.publishP99, 1)} |
| read p50, ms | ${range((row) => row.readP50, 2)} |
| lag of subscribers that keep up, p50, ms | ${range((row) => row.lagP50, 1)} |
| event loop delay in the broker, p99, ms | ${range((row) => row.loopP99, 1)} |
| work held back because too much was under way | ${rows.reduce((sum, { heldBack }) => sum + heldBack, 0)} |
| CPU of the broker, cores | ${cpuCores(steady).toFixed(2)} |

![memory](memory.svg)
![storage](storage.svg)
![latency](latency.svg)
![load](load.svg)

What was called how often; refused are conflicts, locks in the way, nodes that are gone, and the like:

| call | done | refused | a minute |
|---|---:|---:|---:|
${[...kinds]
  .sort(([a], [b]) => a.localeCompare(b))
  .map(
    ([name, { count, refused }]) =>
      `| ${name} | ${count.toLocaleString('en-US')} | ${refused.toLocaleString('en-US')} | ${(count / minutes).toFixed(1)} |`,
  )
  .join('\n')}

The worst event loop delay in a sample was ${percentile(
    of((row) => row.loopMax),
    1,
  ).toFixed(0)} ms, half of them were below ${median(of((row) => row.loopMax)).toFixed(0)} ms.
The load generators ran on the same cores.

<sub>${machine.commit}, ${machine.date}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ${python}; the samples: [rows.csv](rows.csv)</sub>
`;
}

function cpuCores(rows: readonly Row[]): number {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || first === last) return Number.NaN;
  return (last.cpuMs - first.cpuMs) / ((last.minute - first.minute) * 60_000);
}
