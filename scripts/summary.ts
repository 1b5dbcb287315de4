/** The last lines of the test command. */
import type { Counts, StepResult } from './step.ts';

/** One line a step. */
export interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly result: StepResult;
}

/** All steps in aligned columns, with what there is to say about each. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length), 4);
  const head = `${'step'.padEnd(width)}  passed  failed  skipped  seconds`;
  const lines = rows.map(({ name, seconds, result }) => {
    const { passed, failed, skipped, note } = result;
    const counts = `${cell(passed, 6)}  ${cell(failed, 6)}  ${cell(skipped, 7)}  ${cell(seconds.toFixed(1), 7)}`;
    return `${name.padEnd(width)}  ${counts}${note === '' ? '' : `  ${note}`}`;
  });
  return [head, ...lines].join('\n');
}

function cell(value: number | string, width: number): string {
  return String(value).padStart(width);
}

/** `N passed, N failed, N skipped`, summed over all steps. */
export function closingLine(all: readonly Counts[]): string {
  const sum = (pick: (counts: Counts) => number): number =>
    all.reduce((total, counts) => total + pick(counts), 0);
  const passed = sum((counts) => counts.passed);
  const failed = sum((counts) => counts.failed);
  const skipped = sum((counts) => counts.skipped);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
