/** The Python client: its environment in `.venv`, ruff, mypy and pytest. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Ran, Step, StepResult } from '../step.ts';
import { failed, passed, root, run, unavailable } from '../step.ts';
import { pytestCounts } from './counts.ts';

const environment = join(root, '.venv');
const project = join('clients', 'python');
// Of the conformance suite: Python as well, and checked with the same rules.
const driver = readdirSync(join(root, 'clients', 'conformance', 'drivers', 'python'))
  .filter((name) => name.endsWith('.py'))
  .map((name) => `../conformance/drivers/python/${name}`);
const absent = 'no Python 3.10 or newer, or no venv module';

/** A program of the project's Python environment. */
export function pythonTool(name: string): string {
  return join(environment, 'bin', name);
}

/**
 * Makes the environment, or brings it up to date where the project's requirements changed since. Resolves with `null` when
 * it is there, and otherwise with what is in the way.
 */
export async function preparePython(): Promise<StepResult | null> {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, project, 'pyproject.toml')))
    .digest('hex');
  const stamp = join(environment, '.hyperloom-requirements');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(pythonTool('python')))
    return null;
  const recent = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  if (!(await run('python3', ['-c', recent], true)).ok) return unavailable(absent);
  if (!(await run('python3', ['-m', 'venv', environment])).ok) return failed('python3 -m venv .venv failed');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-e', `${project}[dev]`];
  if (!(await run(pythonTool('python'), pip)).ok) return failed(`pip install -e '${project}[dev]' failed`);
  writeFileSync(stamp, wanted);
  return null;
}

function pythonStep(name: string, check: () => Promise<StepResult>): Step {
  return {
    name,
    run: async () => (existsSync(pythonTool('python')) ? check() : unavailable(absent)),
  };
}

/** Runs a tool inside the Python project, as a developer would. */
function inProject(tool: string, ...args: string[]): Promise<Ran> {
  return run('sh', ['-c', 'cd "$0" && exec "$@"', project, pythonTool(tool), ...args]);
}

async function holds(running: Promise<Ran>, hint: string): Promise<StepResult> {
  return (await running).ok ? passed : failed(hint);
}

/** The environment; needed by the others. */
export const pythonSetUp: Step = {
  name: 'python environment',
  run: async () => (await preparePython()) ?? passed,
};

/** Checks and tests of the Python client. */
export const pythonSteps: readonly Step[] = [
  pythonStep('ruff', () => holds(inProject('ruff', 'check', '.', ...driver), 'ruff check --fix')),
  pythonStep('ruff format', () =>
    holds(inProject('ruff', 'format', '--check', '.', ...driver), 'ruff format'),
  ),
  pythonStep('mypy', () => holds(inProject('mypy', '--strict'), 'mypy shows where')),
  pythonStep('pytest', () => tests('own')),
  // Brokers that tests start take it from the environment.
  pythonStep('pytest on node HTTP/2', () => tests('node')),
];

async function tests(http2: 'own' | 'node'): Promise<StepResult> {
  const pytest = ['env', `HYPERLOOM_HTTP2=${http2}`, pythonTool('pytest')];
  const { ok, output } = await run('sh', ['-c', 'cd "$0" && exec "$@"', project, ...pytest]);
  const counts = pytestCounts(output);
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'pytest could not finish' };
  return { ...counts, note: '' };
}
