/** What a log must hold of a failure, so that it can be understood without the machine it happened on: what the histories say of what is named. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Absence } from './broker.ts';
import type { Violation } from './checks/index.ts';
import { readLines } from './record.ts';
import type { Line } from './record.ts';

/** So much of a failure is told: whoever wants more has the histories. */
const violationsMax = 5;
const linesMax = 24;
const charactersMax = 400;
const absencesMax = 40;
const namesMax = 6;
const errorsMax = 12;

/** Calls, subscriptions and requests (`ts1-w0.12`), and paths. */
const names = /\b[a-z]+\d*-[a-z]+\d*\.\d+\b|(?<![\w.])\/[a-z]+(?:\/[\w.-]+)+/g;

/** What histories in a folder say of each of the first violations. */
export function excerpt(folder: string, violations: readonly Violation[]): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const lines = files.flatMap((name) => readLines(join(folder, name)));
  return violations.slice(0, violationsMax).flatMap((violation) => about(lines, violation));
}

/** Every line that names what the violation names; of many the first and the last. */
export function about(lines: readonly Line[], { guarantee, what }: Violation): string[] {
  const named = new Set((what.match(names) ?? []).slice(0, namesMax));
  if (named.size === 0) return [];
  const texts = inOrder(lines)
    .map((line) => JSON.stringify(line))
    .filter((text) => (text.match(names) ?? []).some((name) => named.has(name)));
  const half = linesMax / 2;
  const shown =
    texts.length <= linesMax
      ? texts
      : [...texts.slice(0, half), `… ${texts.length - linesMax} lines between`, ...texts.slice(-half)];
  return [`${guarantee}, what histories say of ${[...named].join(', ')}:`, ...shown.map(shortened)];
}

/** Items of subscriptions have no time of their own: they stay behind the line that they follow. */
function inOrder(lines: readonly Line[]): Line[] {
  let ns = 0;
  const timed = lines.map((line) => {
    if ('ns' in line) ns = line.ns;
    return { ns, line };
  });
  return timed.sort((a, b) => a.ns - b.ns).map(({ line }) => line);
}

function shortened(text: string): string {
  return text.length > charactersMax ? `  ${text.slice(0, charactersMax)}…` : `  ${text}`;
}

/** The last errors in the broker's log, those of the disk that were brought about here left out. */
export function describeLog(log: string): string[] {
  const errors = log
    .split('\n')
    .filter((line) => line.includes('"level":"error"') && !line.includes('injected'));
  return errors.slice(-errorsMax).map(shortened);
}

/** When the broker was away, to be compared with the times of calls. */
export function describeAbsences(absences: readonly Absence[]): string[] {
  const lines = absences.map(({ kind, startNs, endNs }) => `  ${kind} from ${startNs} to ${endNs}`);
  const left = lines.length - absencesMax;
  return left > 0 ? [...lines.slice(0, absencesMax), `  and ${left} more`] : lines;
}
