/** That every bench still runs, of peers only those that are there, and that profiles can be taken. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder, driverName } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { failed, passed, run } from '../step.ts';
import { findGo, noGo } from './go.ts';

const driver = join('bench', 'driver');

/** Why the driver of the same work on all stores could not be built and vetted; `null` where it was. */
async function buildDriver(): Promise<string | null> {
  const go = await findGo();
  if (go === undefined) return noGo;
  const folder = join(cacheFolder(), 'bin');
  mkdirSync(folder, { recursive: true });
  const vetted = await run(go, ['-C', driver, 'vet', './...']);
  const built = await run(go, ['-C', driver, 'build', '-o', join(folder, driverName), '.']);
  return vetted.ok && built.ok ? null : 'the driver of the peers’ cases does not build';
}

/** See above. */
export const benchesStep: Step = {
  name: 'benches (smoke)',
  async run() {
    const problem = await buildDriver();
    const { ok } = await run('node', ['bench/run.ts', '--smoke']);
    if (!ok) return failed('a case no longer runs');
    const works = problem === null ? ['stream', 'put'] : ['stream'];
    const profiled = await run('node', ['bench/profile.ts', '--smoke', ...works]);
    if (!profiled.ok) return failed('profiles can no longer be taken');
    if (problem === noGo) return { ...passed, skipped: 1, note: problem };
    return problem === null ? passed : failed(problem);
  },
};
