/** A package with npm dependencies of its own, which are none of the checkout: installed in its folder, as its lock says, and then checked. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { StepResult } from '../step.ts';
import { failed, root, run } from '../step.ts';
import { vitestCounts } from './counts.ts';

/** Types, lint and tests of the package in the folder `project` of the checkout. */
export async function checkProject(project: string): Promise<StepResult> {
  const problem = await prepare(project);
  if (problem !== null) return problem;
  if (!(await run('tsc', ['-p', project])).ok) return failed(`tsc -p ${project} shows where`);
  const lint = ['--type-aware', '-c', join(project, 'oxlint.json'), project];
  if (!(await run('oxlint', lint)).ok) return failed(`oxlint ${lint.join(' ')} shows where`);
  const report = join(root, project, 'node_modules', '.vitest-report.json');
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { ok } = await run('vitest', ['run', '--root', project, ...reporters]);
  if (!existsSync(report)) return failed('vitest ended without a report');
  const counts = vitestCounts(readFileSync(report, 'utf8'));
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'an error outside every test' };
  return { ...counts, note: '' };
}

/** Installs the package's dependencies, where the lock has changed since. */
async function prepare(project: string): Promise<StepResult | null> {
  const lock = readFileSync(join(root, project, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const stamp = join(root, project, 'node_modules', '.hyperloom-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  const npm = ['--prefix', project, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  if (!(await run('npm', npm)).ok) return failed(`npm --prefix ${project} ci failed`);
  writeFileSync(stamp, wanted);
  return null;
}

/** What several parts of a step have come to, together. */
export function together(parts: readonly StepResult[]): StepResult {
  const sum = (count: (part: StepResult) => number): number =>
    parts.reduce((total, part) => total + count(part), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed: count }) => count),
    skipped: sum(({ skipped }) => skipped),
    note: parts
      .map(({ note }) => note)
      .filter((note) => note !== '')
      .join('; '),
  };
}
