/** What runs come to, in words and numbers. */
import { guarantees } from './guarantees.ts';
import type { RunResult } from './world.ts';

/** Sums over runs, so that several processes can add up theirs. */
export interface Totals {
  readonly counts: Record<string, number>;
  readonly faults: Record<string, number>;
  readonly checked: Record<string, number>;
}

export function noTotals(): Totals {
  return { counts: {}, faults: {}, checked: {} };
}

/** Adds one run. */
export function addRun(totals: Totals, result: RunResult): void {
  const { events, revisions, starts, damage, isBeyondLimit } = result;
  const ended = { damage: damage === '' ? 0 : 1, 'beyond the limit': isBeyondLimit ? 1 : 0 };
  add(totals.counts, Object.entries({ seeds: 1, events, revisions, starts, ...ended }));
  add(totals.faults, result.faults);
  add(totals.checked, result.checked);
}

/** Adds what another process has summed up. */
export function addTotals(totals: Totals, others: Totals): void {
  add(totals.counts, Object.entries(others.counts));
  add(totals.faults, Object.entries(others.faults));
  add(totals.checked, Object.entries(others.checked));
}

/** What was run, injected and checked; the last line counts all of it. */
export function summaryOf({ counts, faults, checked }: Totals): string {
  const sum = (numbers: Record<string, number>): number =>
    Object.values(numbers).reduce((total, each) => total + each, 0);
  const list = (numbers: readonly (readonly [string, number])[]): string =>
    numbers.map(([name, count]) => `${name} ${count}`).join(', ');
  const byName = guarantees.map((name) => [name, checked[name] ?? 0] as const);
  return [
    `ran: ${list(Object.entries(counts))}`,
    `faults injected: ${list(Object.entries(faults).sort(([, a], [, b]) => b - a))}`,
    `guarantees checked: ${list(byName)}`,
    `${counts['seeds'] ?? 0} seeds, no promise broken: ${sum(faults)} faults of ${Object.keys(faults).length} kinds, ` +
      `${sum(checked)} checks of ${Object.keys(checked).length} guarantees; ` +
      `${counts['damage'] ?? 0} runs ended at damage that the broker found`,
  ].join('\n');
}

function add(numbers: Record<string, number>, more: Iterable<readonly [string, number]>): void {
  for (const [name, count] of more) numbers[name] = (numbers[name] ?? 0) + count;
}
