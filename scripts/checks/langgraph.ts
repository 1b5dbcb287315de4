/**
 * The LangGraph package for TypeScript. LangChain's packages are no dependency of the checkout: they are installed in the package's own
 * folder, as its lock says, where that has changed since.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Step, StepResult } from '../step.ts';
import { failed, root, run, unavailable } from '../step.ts';
import { vitestCounts } from './counts.ts';
import { pythonTool } from './python.ts';

const project = join('clients', 'langgraph');
const modules = join(root, project, 'node_modules');
const report = join(modules, '.vitest-report.json');

/** Types, lint, and the tests: those of LangGraph's authors too, against real brokers. */
export const langgraphStep: Step = {
  name: 'langgraph (TypeScript)',
  async run() {
    const problem = await prepare();
    if (problem !== null) return problem;
    if (!(await run('tsc', ['-p', project])).ok) return failed(`tsc -p ${project} shows where`);
    const lint = ['--type-aware', '-c', join(project, 'oxlint.json'), project];
    if (!(await run('oxlint', lint)).ok) return failed(`oxlint ${lint.join(' ')} shows where`);
    return tests();
  },
};

/** Installs LangChain's packages where they are not, or others are wanted. Resolves with what is in the way. */
export async function prepare(): Promise<StepResult | null> {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, project, 'package-lock.json')))
    .digest('hex');
  const stamp = join(modules, '.hyperloom-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  const { ok } = await run('npm', ['--prefix', project, 'ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  if (!ok) return failed(`npm --prefix ${project} ci failed`);
  writeFileSync(stamp, wanted);
  return null;
}

/** The package's own vitest: LangGraph's suite asks for that version. */
async function tests(): Promise<StepResult> {
  rmSync(report, { force: true });
  const program = join(modules, 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const lacking = existsSync(pythonTool('python')) ? null : unavailable('no Python environment');
  const others = lacking === null ? [] : ['--exclude', 'test/shared-thread.test.ts'];
  const { ok } = await run('node', [program, 'run', '--root', project, ...reporters, ...others]);
  if (!existsSync(report)) return failed('vitest ended without a report');
  const counts = vitestCounts(readFileSync(report, 'utf8'));
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'an error outside every test' };
  if (lacking === null) return { ...counts, note: '' };
  const { passed, failed: wrong, skipped } = counts;
  return { ...lacking, passed, failed: wrong + lacking.failed, skipped: skipped + lacking.skipped };
}
