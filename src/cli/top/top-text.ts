/** What `top` has seen, for people and for programs. */
import type { GhostInfo } from '../../../clients/typescript/src/index.ts';
import { lockLines } from '../output/lock-lines.ts';
import { ghostRecord, lockRecord, type JsonRecord } from '../output/records.ts';
import type { Style } from '../output/style.ts';
import { tableLines, type Column } from '../output/table.ts';
import { byteSize, counted, grouped, oneLine, visible } from '../output/text.ts';
import { cutEnd } from '../output/width.ts';
import { brokerRates, forestRates, type ForestRates, type Sample } from './sample.ts';

/** What a picture needs to know of where it is drawn. */
export interface TopScreen {
  readonly address: string;
  readonly forest: string;
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
  /** The broker does not answer: this is what it was like when it last did. */
  readonly isAway?: boolean;
}

/** The same for programs, as one JSON line. */
export function topRecord(before: Sample, after: Sample, address: string): JsonRecord {
  return {
    time: new Date(after.timeMs).toISOString(),
    overMs: Math.round(after.monotonicMs - before.monotonicMs),
    broker: { address, ...brokerRates(before, after) },
    forests: forestRates(before, after).map((rates) => ({ ...rates })),
    ghosts: after.ghosts.map(ghostRecord),
    locks: after.locks.map(lockRecord),
  };
}

/** Lines that fill a screen and no more: the forests, then what waits, then ghosts, as many as there is room for. */
export function topLines(before: Sample, after: Sample, screen: TopScreen): readonly string[] {
  const { forest, columns, rows, style } = screen;
  const forests = tableLines(forestColumns, forestRates(before, after), style, columns);
  const locks = lockLines(after.locks, style, columns);
  const ghosts = tableLines(ghostColumns(after.timeMs), after.ghosts, style, columns);
  const head = headLines(before, after, screen);
  const title = (what: string, count: number): string =>
    cutEnd(`${counted(count, what)} in ${visible(forest)}`, columns);
  let left = rows - head.length;
  const take = (lines: readonly string[], most: number): readonly string[] => {
    const taken = lines.length <= most ? lines : [...lines.slice(0, Math.max(0, most - 1)), style.dim('…')];
    left -= taken.length;
    return taken;
  };
  const parts = [...head, ...take(['', ...forests], Math.max(4, Math.floor(left / 2)))];
  if (after.locks.length > 0)
    parts.push(
      ...take(
        ['', style.bold(title('lock', after.locks.length)), ...locks],
        Math.max(3, Math.floor(left / 2)),
      ),
    );
  if (after.ghosts.length > 0)
    parts.push(...take(['', style.bold(title('live ghost', after.ghosts.length)), ...ghosts], left));
  return parts.slice(0, rows);
}

function headLines(before: Sample, after: Sample, screen: TopScreen): readonly string[] {
  const { address, columns, style, isAway = false } = screen;
  const { version, uptimeMs, residentBytes, cpuShare, refusalsPerSecond, writeStopReason } = brokerRates(
    before,
    after,
  );
  const facts = [
    `${address}, version ${version}`,
    `up ${upText(uptimeMs)}`,
    `${Math.round(cpuShare * 100)} % CPU`,
    byteSize(residentBytes),
    refusalsPerSecond === null ? 'no metrics' : `${rateText(refusalsPerSecond)} refusals/s`,
  ];
  const lines: string[] = [];
  // Facts go into the next line where the terminal is narrow.
  for (const fact of facts) {
    const longer = lines.length === 0 ? fact : `${lines.at(-1) ?? ''}  ${fact}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(cutEnd(fact, columns));
  }
  const away = isAway
    ? [style.red(cutEnd('no answer: this is what was last seen; asking again', columns))]
    : [];
  const stop =
    writeStopReason === ''
      ? []
      : [style.red(cutEnd(`writes are refused: ${visible(writeStopReason)}`, columns))];
  return [...lines.map(style.bold), ...away, ...stop];
}

const forestColumns: readonly Column<ForestRates>[] = [
  { title: 'FOREST', cell: ({ name }) => name, cut: 'end' },
  { title: 'REVISION', align: 'right', cell: ({ revision }) => `r${revision}` },
  { title: 'REV/S', align: 'right', cell: ({ revisionsPerSecond }) => rateText(revisionsPerSecond) },
  {
    title: 'ENTRIES/S',
    align: 'right',
    cell: ({ entriesPerSecond }) => rateText(entriesPerSecond),
    dispensable: 2,
  },
  { title: 'NODES', align: 'right', cell: ({ nodes }) => grouped(nodes) },
  { title: 'GHOSTS', align: 'right', cell: ({ ghosts }) => grouped(ghosts) },
  { title: 'LOCKS', align: 'right', cell: ({ locksHeld }) => grouped(locksHeld) },
  { title: 'WAIT', align: 'right', cell: ({ locksWaiting }) => grouped(locksWaiting), dispensable: 6 },
  { title: 'SUBS', align: 'right', cell: ({ subscriptions }) => grouped(subscriptions), dispensable: 3 },
  {
    title: 'SLOW',
    align: 'right',
    cell: ({ slowSubscriptions }) => grouped(slowSubscriptions),
    dispensable: 5,
  },
  {
    title: 'LAG',
    align: 'right',
    cell: ({ slowestLagEntries }) => (slowestLagEntries === null ? '?' : grouped(slowestLagEntries)),
    dispensable: 4,
  },
  { title: 'ON DISK', align: 'right', cell: ({ storedBytes }) => byteSize(storedBytes), dispensable: 1 },
];

function ghostColumns(nowMs: number): readonly Column<GhostInfo>[] {
  return [
    { title: 'GHOST', cell: ({ id }) => id },
    { title: 'AGE', align: 'right', cell: ({ beginTime }) => upText(nowMs - beginTime.getTime()) },
    { title: 'STAGED', align: 'right', cell: ({ stagedOperations }) => grouped(stagedOperations) },
    { title: 'SIZE', align: 'right', cell: ({ stagedBytes }) => byteSize(stagedBytes), dispensable: 1 },
    { title: 'AUTHOR', cell: ({ author }) => visible(author), cut: 'end' },
    { title: 'LABEL', cell: ({ label }) => oneLine(label, Infinity), cut: 'end' },
  ];
}

function rateText(rate: number): string {
  return rate >= 100 ? grouped(Math.round(rate)) : rate.toFixed(1);
}

/** Such as `42s`, `12m`, `3h` or `5d`. */
function upText(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
