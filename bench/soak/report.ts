/** The soak's report: what ran where, the verdicts, the charts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Machine } from '../harness/machine.ts';
import { median, percentile } from '../harness/samples.ts';
import { renderCharts } from './chart.ts';
import type { Chart, Line } from './chart.ts';
import type { Row } from './rows.ts';
import type { Levelled, Verdict } from './verdicts.ts';

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

function chartsOf({ rows, levels }: Soak): Readonly<Record<string, readonly Chart[]>> {
  const line = (name: string, of: (row: Row) => number): Line => ({
    name,
    points: rows.map((row) => [row.minute, of(row)] as const).filter(([, y]) => Number.isFinite(y)),
  });
  const trend = (name: string): Line[] => trendOf(rows, levels, name);
  const collected: Line = {
    name: 'after full collections',
    style: 'dots',
    points: rows
      .filter((row, index) => row.fullCollections > (rows[index - 1]?.fullCollections ?? Infinity))
      .map((row) => [row.minute, row.liveHeap] as const),
  };
  return {
    memory: [
      {
        title: 'Resident memory',
        unit: 'MiB',
        lines: [line('resident', (row) => row.resident), ...trend('resident memory')],
      },
      { title: 'Heap', unit: 'MiB', lines: [line('in use', (row) => row.heapUsed), collected] },
      { title: 'Outside the heap', unit: 'MiB', lines: [line('external', (row) => row.external)] },
    ],
    storage: [
      {
        title: 'Open descriptors',
        unit: '',
        lines: [
          line('all', (row) => row.descriptors),
          line('sockets', (row) => row.sockets),
          line('files', (row) => row.files),
        ],
      },
      { title: 'Journal and snapshots', unit: 'MiB', lines: [line('on disk', (row) => row.journal)] },
      {
        title: 'Files',
        unit: '',
        lines: [line('segments', (row) => row.segments), line('snapshots', (row) => row.snapshots)],
      },
    ],
    latency: [
      {
        title: 'Publish',
        unit: 'ms',
        lines: [line('p50', (row) => row.publishP50), line('p99', (row) => row.publishP99)],
      },
      {
        title: 'Read',
        unit: 'ms',
        lines: [line('p50', (row) => row.readP50), line('p99', (row) => row.readP99)],
      },
      {
        title: 'Lag of subscribers that keep up',
        unit: 'ms',
        lines: [line('p50', (row) => row.lagP50), line('p99', (row) => row.lagP99)],
      },
      {
        title: 'Event loop delay in the broker',
        unit: 'ms',
        lines: [line('p50', (row) => row.loopP50), line('p99', (row) => row.loopP99)],
      },
    ],
    load: [
      { title: 'Calls a second', unit: '', lines: [line('calls', (row) => row.operations)] },
      {
        title: 'Subscriptions',
        unit: '',
        lines: [line('all', (row) => row.subscriptions), line('catching up', (row) => row.catchingUp)],
      },
      {
        title: 'Ghosts, leases, locks',
        unit: '',
        lines: [
          line('ghosts', (row) => row.ghosts),
          line('leases', (row) => row.leases),
          line('held', (row) => row.locksHeld),
          line('waiting', (row) => row.locksWaiting),
        ],
      },
      { title: 'Nodes', unit: '', lines: [line('nodes', (row) => row.nodes)] },
    ],
  };
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
Slopes are Theil and Sen's over medians of each minute, with 95 % confidence intervals that take the sawtooth of garbage collection into
account; a quantity is level where the whole interval lies below its bound, so noise that hides a leak fails as well.

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
