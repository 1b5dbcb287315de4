/** Histories of real processes under faults, checked against what is promised; and that mistakes in the broker are found so. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Step, StepResult } from '../step.ts';
import { failed, run, unavailable } from '../step.ts';
import { findGo, noGo } from './go.ts';
import { findMistakes } from './mistakes.ts';
import { pythonTool } from './python.ts';

const folder = join('test', 'consistency');
/** The plan is the same every time; what happens in it is not. With an even seed all speak TLS. */
const runs = ['--seed', '2', '--seconds', '60'];

/** Mistakes in the broker's source, and the promises of which one must be found broken. */
const mutants: ReadonlyMap<string, RegExp> = new Map([
  ['unfenced', /fenced|locks exclude|stale tokens/],
  ['lost-conflict', /isolated|linearizable/],
]);
/** One run is enough as a rule. On a machine that gets little done in one, the next ones go on with other seeds. */
const mutantRuns = ['--seconds', '8', '--runs', '10', '--typescript-only'];

/** The tests of the model in Go, then a run, then runs with mistakes. */
export const consistencyStep: Step = {
  name: 'consistency',
  async run() {
    const go = await findGo();
    if (go === undefined) return unavailable(noGo);
    if (!existsSync(pythonTool('python'))) return unavailable('no Python environment for its workers');
    const model = await run(go, ['test', '-C', join(folder, 'checker'), './...']);
    const vetted = await run(go, ['-C', join(folder, 'workers', 'go'), 'vet', './...']);
    const { ok, output } = await run('node', [join(folder, 'main.ts'), ...runs]);
    const checked = /^(\d+) guarantees checked, none broken$/m.exec(output);
    const { missed, others } = await findMistakes(join(folder, 'main.ts'), mutantRuns, mutants);
    const failures = [
      ...(model.ok ? [] : ['go test']),
      ...(vetted.ok ? [] : ['go vet']),
      ...(ok && checked !== null ? [] : ['a promise is broken, or a run could not end']),
      ...missed.map((mutant) => `${mutant} was not found`),
    ];
    return failures.length > 0 ? failed(failures.join('; ')) : result(Number(checked?.[1]), output, others);
  },
};

function result(guarantees: number, output: string, others: readonly string[]): StepResult {
  const note = [/^faults: .*$/m.exec(output)?.[0] ?? '', ...others].filter((part) => part !== '').join('; ');
  return { passed: 1 + guarantees + mutants.size, failed: 0, skipped: 0, note };
}
