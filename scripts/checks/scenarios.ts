import { show } from '../step.ts';
import type { Ran, StepResult } from '../step.ts';

/**
 * The result of programs that print `passed NAME` or `failed NAME: why` for each thing that they try. Fewer than `expected` lines
 * are a failure: a program that ends early has not tried everything. What they printed is shown where something failed.
 */
export function scenarioResult(all: readonly Pick<Ran, 'output'>[], expected: number): StepResult {
  const lines = all.flatMap(({ output }) => output.split('\n'));
  const passed = lines.filter((line) => line.startsWith('passed ')).length;
  const failures = lines.filter((line) => line.startsWith('failed '));
  const missing = expected - passed - failures.length;
  if (failures.length > 0 || missing !== 0) show(lines.join('\n'));
  const note = missing === 0 ? '' : `${missing} of ${expected} have not ended`;
  const notes = [...failures.map((line) => line.slice('failed '.length)), ...(note === '' ? [] : [note])];
  return { passed, failed: failures.length + Math.abs(missing), skipped: 0, note: notes.join('; ') };
}
