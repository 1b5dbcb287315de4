/** All tests in TypeScript. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Step } from '../step.ts';
import { failed, root, run } from '../step.ts';
import { vitestCounts } from './counts.ts';

const reportFile = join(root, '.cache', 'vitest.json');

/** Runs vitest over everything, and counts from its report. */
export const vitestStep: Step = {
  name: 'vitest',
  async run() {
    mkdirSync(join(root, '.cache'), { recursive: true });
    rmSync(reportFile, { force: true });
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const { ok } = await run('vitest', ['run', ...reporters]);
    if (!existsSync(reportFile)) return failed('vitest ended without a report');
    const counts = vitestCounts(readFileSync(reportFile, 'utf8'));
    // An error outside every test, such as an unhandled rejection, fails the run and is in no test's count.
    if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'an error outside every test' };
    return { ...counts, note: '' };
  },
};
