/**
 * Tests that the authors of a framework publish with it, in its source distribution: run on our stores, which a plugin of
 * pytest puts in the place of theirs.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Counts, StepResult } from '../step.ts';
import { failed, root, run } from '../step.ts';
import { pytestCounts } from './counts.ts';

/** Which tests, and what runs them. */
export interface UpstreamTests {
  /** The distribution. Its version is the one in the requirements of our own tests. */
  readonly distribution: string;
  /** Files in it. */
  readonly files: readonly string[];
}

const project = join('clients', 'python');

/** Runs them with the plugin `upstream.py` of our own tests in `tests`, in the Python environment whose tools are in `tools`. */
export async function runUpstream(
  { distribution, files }: UpstreamTests,
  tests: string,
  tools: string,
): Promise<StepResult> {
  const version = versionOf(distribution, join(root, project, tests, 'requirements.txt'));
  if (version === undefined) return failed(`${tests}/requirements.txt says no version of ${distribution}`);
  const folder = join(cacheFolder(), `upstream-${distribution}-${version}`);
  const python = join(tools, 'python');
  const problem = await fetchTests(folder, python, `${distribution}==${version}`, files);
  if (problem !== null) return problem;
  // What the project asks of pytest, such as warnings that fail, is not what they were written for.
  const options = [
    '-q',
    '-p',
    `${tests}.upstream`,
    '-p',
    'no:cacheprovider',
    '-c',
    '/dev/null',
    '-W',
    'ignore',
  ];
  const script = 'cd "$0" && PYTHONPATH=. exec "$@"';
  const ran = ['-m', 'pytest', ...options, '--rootdir', folder, join(folder, 'tests')];
  const { ok, output } = await run('sh', ['-c', script, project, python, ...ran]);
  const counts: Counts = pytestCounts(output);
  if (!ok && counts.failed === 0)
    return { ...counts, failed: 1, note: `${distribution}'s own tests did not end` };
  return { ...counts, note: '' };
}

/** Their files, all in one folder: as packages they would be taken for tests of ours. */
async function fetchTests(
  folder: string,
  python: string,
  requirement: string,
  files: readonly string[],
): Promise<StepResult | null> {
  const stamp = join(folder, '.files');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === files.join('\n')) return null;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'tests'), { recursive: true });
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
  const source = ['--no-binary', ':all:', '--no-build-isolation', '--dest', folder, requirement];
  if (!(await run(python, [...pip, ...source])).ok) return failed(`pip download ${requirement} failed`);
  const [distribution = '', version = ''] = requirement.split('==');
  const name = `${distribution.replaceAll('-', '_')}-${version}`;
  const wanted = files.map((file) => `${name}/${file}`);
  const unpack = ['-xzf', join(folder, `${name}.tar.gz`), '-C', folder, ...wanted];
  if (!(await run('tar', unpack)).ok) return failed(`${requirement} does not have all of the tests`);
  for (const file of wanted) copyFileSync(join(folder, file), join(folder, 'tests', basename(file)));
  writeFileSync(stamp, files.join('\n'));
  return null;
}

function versionOf(distribution: string, requirements: string): string | undefined {
  const lines = readFileSync(requirements, 'utf8').split('\n');
  return lines.find((line) => line.startsWith(`${distribution}==`))?.split('==')[1];
}
