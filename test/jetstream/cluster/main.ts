/**
 * `npm run cluster -- [--minutes M | --runs N] [--seconds S] [--seed N] [--mutant NAME] [--faults NAME,NAME|none] [--whole] [--typescript-only] [--keep]`: runs with one seed
 * after the other, until the time is over or a promise is broken. With `--whole` each of the faults comes at least once, even where that takes longer. See README.md.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { cacheFolder, findTool } from '../../../bench/harness/tools.ts';
import { findGo, noGo } from '../../../scripts/checks/go.ts';
import { pythonTool } from '../../../scripts/checks/python.ts';
import { endWith } from '../../../scripts/end.ts';
import { guarantees } from '../../consistency/checks/index.ts';
import { buildChecker, buildWorker } from '../../consistency/programs.ts';
import { describeEvidence, describeFailure, summary } from '../../consistency/report.ts';
import { sweepLeftovers } from './leftovers.ts';
import { Network } from './network.ts';
import { run } from './run.ts';
import type { RunOptions, RunResult } from './run.ts';
import { faults } from './schedule.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    faults: { type: 'string', default: faults.join() },
    whole: { type: 'boolean', default: false },
    'typescript-only': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

const command = 'npm run cluster --';

/** Exit code: 0 where no promise was broken, 1 where one was, 2 where this machine lacks something. */
async function main(): Promise<number> {
  const programs = await findPrograms();
  if (typeof programs === 'string') {
    console.error(programs);
    return 2;
  }
  const endMs = performance.now() + Number(values.minutes ?? 0) * 60_000;
  const lastSeed = values.minutes === undefined ? Number(values.seed) + Number(values.runs) - 1 : Infinity;
  const seconds = Number(values.seconds);
  const chosen = faults.filter((fault) => values.faults.split(',').includes(fault));
  const { mutant } = values;
  const results: RunResult[] = [];
  for (let seed = Number(values.seed); ; seed += 1) {
    const folder = join(cacheFolder(), 'cluster', mutant === undefined ? String(seed) : `${seed}-${mutant}`);
    const result = await run({
      faults: chosen,
      isWhole: values.whole,
      seed,
      seconds,
      folder,
      mutant,
      ...programs,
    });
    results.push(result);
    if (result.violations.length > 0) {
      console.log(describeFailure(result, { seed, seconds, mutant, folder, command }));
      console.log(describeEvidence(result, folder));
      return 1;
    }
    if (!values.keep) rmSync(folder, { recursive: true });
    console.log(`seed ${seed}: ${result.revisions} revisions, ${result.items} items, no promise broken`);
    if (seed === lastSeed || (values.minutes !== undefined && performance.now() >= endMs)) break;
  }
  console.log(`all brokers take writes again after (ms at most): ${describeBack(results)}`);
  console.log(summary(results, guarantees));
  return 0;
}

/** What a run needs beside the broker; a text where something is missing. */
async function findPrograms(): Promise<Pick<RunOptions, 'checker' | 'goWorker' | 'python'> | string> {
  const obstacle = await Network.obstacle();
  if (obstacle !== '') return obstacle;
  await sweepLeftovers();
  if (findTool('nats-server') === undefined) return 'no nats-server: node bench/setup.ts builds it';
  const go = await findGo();
  const checker = go === undefined ? undefined : await buildChecker(go);
  if (go === undefined || checker === undefined) return noGo;
  if (values['typescript-only']) return { checker, goWorker: undefined, python: undefined };
  const goWorker = await buildWorker(go);
  if (goWorker === undefined) return 'the worker in Go does not build';
  const python = pythonTool('python');
  if (!existsSync(python)) return 'no Python environment: npm test -- python, or --typescript-only';
  return { checker, goWorker, python };
}

function describeBack(results: readonly RunResult[]): string {
  const most = new Map<string, number>();
  for (const { backMs } of results)
    for (const [fault, ms] of backMs) most.set(fault, Math.max(most.get(fault) ?? 0, ms));
  return [...most].map(([fault, ms]) => `${fault} ${ms.toFixed(0)}`).join(', ');
}

endWith(await main());
