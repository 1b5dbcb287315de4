/**
 * Sessions for the OpenAI Agents SDK over real brokers, in Python and TypeScript. The SDK is no dependency of the checkout: its Python package
 * lies in an environment of its own, its npm packages in the adapter's own folder, as the lock there says.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Ran, Step, StepResult } from '../step.ts';
import { failed, root, run, unavailable } from '../step.ts';
import { pytestCounts } from './counts.ts';
import { checkProject, together } from './npm-project.ts';

const python = join('clients', 'python');
const requirements = join(python, 'openai_agents_tests', 'requirements.txt');
const environment = join(cacheFolder(), 'openai-agents');

/** Types, lint and tests in both languages. */
export const openaiAgentsStep: Step = {
  name: 'openai agents',
  async run() {
    return together([await pythonSide(), await checkProject(join('clients', 'openai-agents'))]);
  },
};

async function pythonSide(): Promise<StepResult> {
  const problem = await prepareEnvironment();
  if (problem !== null) return problem;
  const config = join('openai_agents_tests', 'mypy.ini');
  if (!(await inPython('mypy', '--config-file', config)).ok)
    return failed(`mypy --config-file ${config} shows where`);
  const { ok, output } = await inPython('pytest', 'openai_agents_tests');
  const counts = pytestCounts(output);
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'pytest could not finish' };
  return { ...counts, note: '' };
}

/** Makes the environment, or brings it up to date where what it needs has changed since. */
async function prepareEnvironment(): Promise<StepResult | null> {
  const wanted = hashOf(requirements, join(python, 'pyproject.toml')) + root;
  const stamp = join(environment, '.hyperloom-requirements');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  const recent = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  if (!(await run('python3', ['-c', recent], true)).ok)
    return unavailable('no Python 3.10 or newer, or no venv module');
  if (!(await run('python3', ['-m', 'venv', environment])).ok)
    return failed(`python3 -m venv ${environment} failed`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const { ok } = await run(tool('python'), [...pip, '-r', requirements, '-e', python]);
  if (!ok) return failed(`pip install -r ${requirements} failed`);
  writeFileSync(stamp, wanted);
  return null;
}

function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function tool(name: string): string {
  return join(environment, 'bin', name);
}

function inPython(name: string, ...args: string[]): Promise<Ran> {
  return run('sh', ['-c', 'cd "$0" && exec "$@"', python, tool(name), ...args]);
}
