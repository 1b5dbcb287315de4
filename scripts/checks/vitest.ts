/** All tests in TypeScript. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Step, StepResult } from '../step.ts';
import { failed, root, run } from '../step.ts';
import { vitestCounts } from './counts.ts';

/** A quarter of an hour on a quiet machine with two cores. */
const minutesMax = 40;
const reportFile = join(root, '.cache', 'vitest.json');

/** Runs vitest over `paths`, or over everything, and counts from its report. */
function vitest(name: string, paths: readonly string[], variables: readonly string[]): Step {
  return { name, run: () => runVitest(paths, variables) };
}

/** Runs vitest with `args`, which name paths and may say more, and counts from its report. */
export async function runVitest(paths: readonly string[], variables: readonly string[]): Promise<StepResult> {
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(reportFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const { ok } = await run('env', [...variables, 'vitest', 'run', ...reporters, ...paths], false, minutesMax);
  if (!existsSync(reportFile)) return failed('vitest ended without a report');
  const counts = vitestCounts(readFileSync(reportFile, 'utf8'));
  // An error outside every test, such as an unhandled rejection, fails the run and is in no test's count.
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'an error outside every test' };
  return { ...counts, note: '' };
}

/** All tests. */
export const vitestStep = vitest('vitest', [], []);

/** What goes over the network once more, on the HTTP/2 engine that is not the default. */
export const nodeHttp2Step = vitest(
  'node HTTP/2',
  [
    'test/integration/services',
    'test/integration/cli',
    'test/integration/appenders',
    'test/integration/demo',
    'test/integration/exactly-once',
    'test/recovery/kill-9',
    'clients/typescript',
  ],
  ['HYPERLOOM_HTTP2=node'],
);
