/** Python environments of adapters' own: a framework is no dependency of the client, and need not get along with others. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Ran, StepResult } from '../step.ts';
import { failed, root, run, unavailable } from '../step.ts';
import { pytestCounts } from './counts.ts';
import { runUpstream, type UpstreamTests } from './upstream-tests.ts';

const project = join('clients', 'python');

/** One environment, and the tests that run in it. */
export interface AdapterEnvironment {
  /** Its folder in the cache. */
  readonly name: string;
  /**
   * The folder of tests below the Python project. `requirements.txt` and `mypy.ini` are in it, and `overrides.txt` where
   * something is left out that a framework requires but these tests do not.
   */
  readonly tests: string;
  /** Tests of the framework's own that run on our stores too. */
  readonly upstream?: UpstreamTests;
}

/** Types and tests of adapters, and those of the framework itself, in their environment, which is made first where it is not up to date. */
export async function checkAdapters(environment: AdapterEnvironment): Promise<StepResult> {
  const problem = await prepare(environment);
  if (problem !== null) return problem;
  const config = join(environment.tests, 'mypy.ini');
  if (!(await inEnvironment(environment, 'mypy', '--config-file', config)).ok)
    return failed(`mypy --config-file ${config} shows where`);
  const { ok, output } = await inEnvironment(environment, 'pytest', environment.tests);
  const counts = pytestCounts(output);
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'pytest could not finish' };
  const { upstream, tests, name } = environment;
  if (upstream === undefined) return { ...counts, note: '' };
  const theirs = await runUpstream(upstream, tests, join(cacheFolder(), name, 'bin'));
  return {
    passed: counts.passed + theirs.passed,
    failed: counts.failed + theirs.failed,
    skipped: counts.skipped + theirs.skipped,
    note: theirs.note === '' ? `${theirs.passed} of ${upstream.distribution}'s own` : theirs.note,
  };
}

/** `uv` resolves and installs in seconds what takes pip minutes. */
const uvRequirement = 'uv==0.13.9';

async function prepare(environment: AdapterEnvironment): Promise<StepResult | null> {
  const folder = join(cacheFolder(), environment.name);
  const requirements = join(project, environment.tests, 'requirements.txt');
  const overrides = [join(project, environment.tests, 'overrides.txt')].filter((file) =>
    existsSync(join(root, file)),
  );
  const wanted = hashOf(requirements, ...overrides, join(project, 'pyproject.toml')) + uvRequirement + root;
  const stamp = join(folder, '.hyperloom-requirements');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  const recent = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  if (!(await run('python3', ['-c', recent], true)).ok)
    return unavailable('no Python 3.10 or newer, or no venv module');
  if (!(await run('python3', ['-m', 'venv', folder])).ok) return failed(`python3 -m venv ${folder} failed`);
  const python = join(folder, 'bin', 'python');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', uvRequirement];
  if (!(await run(python, pip)).ok) return failed(`pip install ${uvRequirement} failed`);
  const left = overrides.flatMap((file) => ['--override', file]);
  const uv = ['-m', 'uv', 'pip', 'install', '--system-certs', '--quiet', '--python', python, ...left];
  if (!(await run(python, [...uv, '-r', requirements, '-e', project])).ok)
    return failed(`uv pip install -r ${requirements} failed`);
  writeFileSync(stamp, wanted);
  return null;
}

function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function inEnvironment(environment: AdapterEnvironment, name: string, ...args: string[]): Promise<Ran> {
  const tool = join(cacheFolder(), environment.name, 'bin', name);
  return run('sh', ['-c', 'cd "$0" && exec "$@"', project, tool, ...args]);
}
