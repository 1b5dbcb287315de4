/** What a run prints: what was done, what was done to it, what was checked, and what was found. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { brokerLog } from './broker.ts';
import { describeAbsences, describeLog, excerpt } from './excerpt.ts';
import type { RunResult } from './run.ts';

/** How a run is repeated. */
export interface Repeated {
  readonly seed: number;
  readonly seconds: number;
  readonly mutant: string | undefined;
  readonly folder: string;
  /** What runs it. */
  readonly command: string;
}

const shownMax = 15;
const charactersMax = 600;

function shortened(text: string): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
}

/** What broke, where its history lies, and how to run it again. The same plan, that is: when things happen is up to the machine. */
export function describeFailure(
  { violations, verdict }: RunResult,
  { seed, seconds, mutant, folder, command }: Repeated,
): string {
  const broken = [...new Set(violations.map(({ guarantee }) => guarantee))];
  const lines = violations
    .slice(0, shownMax)
    .map(({ guarantee, what }) => `  ${guarantee}: ${shortened(what.trim())}`);
  const more = violations.length > shownMax ? [`  and ${violations.length - shownMax} more`] : [];
  const mutated = mutant === undefined ? '' : ` --mutant ${mutant}`;
  return [
    `seed ${seed} breaks ${broken.join(', ')} (${violations.length} times):`,
    ...lines,
    ...more,
    ...verdict.failures.map(({ page }) => `  look at ${page}`),
    `  histories and data: ${folder}`,
    `  the same plan: ${command} --seed ${seed} --seconds ${seconds}${mutated}`,
  ].join('\n');
}

/** What histories hold of what broke, as far as a log has room for it. */
export function describeEvidence({ violations, verdict, absences }: RunResult, folder: string): string {
  return [
    ...verdict.failures.flatMap(({ key, lines }) => [
      `the calls on ${key}:`,
      ...lines.map((line) => `  ${line}`),
    ]),
    // Of nodes there is more above.
    ...excerpt(
      folder,
      violations.filter(({ guarantee }) => guarantee !== 'linearizable'),
    ),
    'errors in its log:',
    ...describeLog(logOf(folder)),
    'when the broker was away:',
    ...describeAbsences(absences),
  ].join('\n');
}

function logOf(folder: string): string {
  const file = join(folder, brokerLog);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The figures of several runs. */
export function summary(results: readonly RunResult[], guarantees: readonly string[]): string {
  const calls = sums(results.map((result) => result.calls));
  const faults = sums(results.map((result) => result.faults));
  const unknown = [...calls].filter(([name]) => name.endsWith(' unknown'));
  const total = (of: (result: RunResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  const all = [...calls.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${all} calls in ${results.length} runs, ${total(({ hasTls }) => (hasTls ? 1 : 0))} of them with TLS: ${list(calls)}`,
    `unknown outcomes: ${unknown.reduce((sum, [, count]) => sum + count, 0)}`,
    `faults: ${list(faults)}`,
    `linearizable (Porcupine): ${total(({ verdict }) => verdict.keys)} nodes, ` +
      `${total(({ verdict }) => verdict.calls)} calls, ${total(({ verdict }) => verdict.open)} of them open; ` +
      `${total(({ verdict }) => verdict.hinted)} nodes needed hints`,
    `${total(({ revisions }) => revisions)} revisions, ${total(({ items }) => items)} items of subscriptions, ` +
      `${total(({ pastRetention }) => pastRetention)} ended past retention`,
    `guarantees: live, no bug, linearizable, ${guarantees.join(', ')}`,
    `${guarantees.length + 3} guarantees checked, none broken`,
  ].join('\n');
}

function sums(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const counts of all)
    for (const [name, count] of counts) total.set(name, (total.get(name) ?? 0) + count);
  return total;
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
