/**
 * `npm run simulate -- [--seed N] [--seeds COUNT] [--from N] [--minutes M] [--work-ms MS] [--disk lying_sync] [--mutant NAME]`: runs
 * seeds until the count or the time is over, or one breaks a promise. Then it says which, as short as it gets, and how to see
 * it again. See README.md.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { shrink } from './shrink.ts';
import { simulate } from './world.ts';
import type { RunResult, WorldOptions } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string' },
    minutes: { type: 'string' },
    'work-ms': { type: 'string', default: '400' },
    disk: { type: 'string', default: 'none' },
    mutant: { type: 'string' },
  },
});

const diskFault = values.disk === 'lying_sync' ? 'lying_sync' : 'none';

/** Exit code: 0 where no promise was broken, 1 where one was. */
async function main(): Promise<number> {
  const workMs = Number(values['work-ms']);
  const first = Number(values.seed ?? values.from ?? 1);
  const byTime = values.minutes !== undefined;
  const count = values.seed === undefined ? Number(values.seeds ?? (byTime ? Infinity : 100)) : 1;
  const endMs = performance.now() + Number(values.minutes ?? Infinity) * 60_000;
  const results: RunResult[] = [];
  for (let seed = first; seed < first + count && performance.now() < endMs; seed += 1) {
    const options = { seed, workMs, diskFault } as const;
    const result = await simulate(options);
    results.push(result);
    if (result.violations.length === 0) continue;
    console.log(await describeFailure(options, result));
    return 1;
  }
  console.log(summary(results));
  return 0;
}

async function describeFailure(options: WorldOptions, failed: RunResult): Promise<string> {
  const { workMs, result } = await shrink(options, failed);
  const lines = result.violations.slice(0, 12).map(({ guarantee, what }) => `  ${guarantee}: ${what}`);
  const disk = diskFault === 'none' ? '' : ` --disk ${diskFault}`;
  const mutant = values.mutant ?? process.env['HYPERLOOM_MUTANT'];
  const mutated = mutant === undefined ? '' : ` --mutant ${mutant}`;
  return [
    `seed ${result.seed} breaks ${result.violations.length} promises:`,
    ...lines,
    `  again: npm run simulate -- --seed ${result.seed} --work-ms ${workMs}${disk}${mutated}`,
  ].join('\n');
}

function summary(results: readonly RunResult[]): string {
  const sum = (of: (result: RunResult) => number): number =>
    results.reduce((total, each) => total + of(each), 0);
  return (
    `${results.length} seeds, no promise broken: ${sum(({ events }) => events)} events, ` +
    `${sum(({ revisions }) => revisions)} revisions, ${sum(({ starts }) => starts)} starts of the broker, ` +
    `${sum(({ reads }) => reads)} reads, ${sum(({ seen }) => seen)} states of subscribers; ` +
    `${sum(({ damage }) => (damage === '' ? 0 : 1))} runs ended at damage that the broker found`
  );
}

/** The mutant must be there before the broker's source is loaded, so a process of its own goes on with it. */
function withMutant(mutant: string): number {
  const loader = fileURLToPath(new URL('mutate.ts', import.meta.url));
  const args = ['--import', loader, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const env = { ...process.env, HYPERLOOM_MUTANT: mutant };
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1;
}

const isMutated = process.env['HYPERLOOM_MUTANT'] !== undefined;
process.exitCode = values.mutant === undefined || isMutated ? await main() : withMutant(values.mutant);
