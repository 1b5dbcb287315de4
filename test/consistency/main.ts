/**
 * `npm run consistency -- [--minutes M | --runs N] [--seconds S] [--seed N] [--mutant NAME] [--faults NAME,NAME|none] [--typescript-only] [--keep]`: runs of a minute each, with one seed after
 * the other, until the time is over or a promise is broken. See README.md.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { cacheFolder } from '../../bench/harness/tools.ts';
import { findGo, noGo } from '../../scripts/checks/go.ts';
import { pythonTool } from '../../scripts/checks/python.ts';
import { guarantees } from './checks/index.ts';
import { buildChecker, buildWorker } from './programs.ts';
import { run } from './run.ts';
import type { RunResult } from './run.ts';
import { faults } from './schedule.ts';
import { describeEvidence, describeFailure, summary } from './report.ts';
import { endWith } from '../../scripts/end.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    faults: { type: 'string', default: faults.join() },
    'typescript-only': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

const command = 'npm run consistency --';

/** Exit code: 0 where no promise was broken, 1 where one was, 2 where this machine lacks something. */
async function main(): Promise<number> {
  const go = await findGo();
  const checker = go === undefined ? undefined : await buildChecker(go);
  if (go === undefined || checker === undefined) {
    console.error(noGo);
    return 2;
  }
  const isAlone = values['typescript-only'];
  const goWorker = isAlone ? undefined : await buildWorker(go);
  if (goWorker === undefined && !isAlone) {
    console.error('the worker in Go does not build');
    return 2;
  }
  const python = isAlone ? undefined : pythonTool('python');
  if (python !== undefined && !existsSync(python)) {
    console.error('no Python environment: npm test -- python, or --typescript-only');
    return 2;
  }
  const endMs = performance.now() + Number(values.minutes ?? 0) * 60_000;
  const lastSeed = values.minutes === undefined ? Number(values.seed) + Number(values.runs) - 1 : Infinity;
  const results: RunResult[] = [];
  let seed = Number(values.seed);
  for (;;) {
    const seconds = Number(values.seconds);
    // Runs with a mistake have folders of their own: what a run without one has left must not go with them.
    const name = values.mutant === undefined ? String(seed) : `${seed}-${values.mutant}`;
    const folder = join(cacheFolder(), 'consistency', name);
    const chosen = faults.filter((fault) => values.faults.split(',').includes(fault));
    const result = await run({
      faults: chosen,
      // Of several runs every other one.
      hasTls: seed % 2 === 0,
      seed,
      seconds,
      folder,
      checker,
      python,
      goWorker,
      mutant: values.mutant,
    });
    results.push(result);
    if (result.violations.length === 0 && !values.keep) rmSync(folder, { recursive: true });
    if (result.violations.length > 0) {
      console.log(describeFailure(result, { seed, seconds, mutant: values.mutant, folder, command }));
      console.log(describeEvidence(result, folder));
      return 1;
    }
    console.log(`seed ${seed}: ${result.revisions} revisions, ${result.items} items, no promise broken`);
    if (seed === lastSeed || (values.minutes !== undefined && performance.now() >= endMs)) break;
    seed += 1;
  }
  console.log(summary(results, guarantees));
  return 0;
}

endWith(await main());
