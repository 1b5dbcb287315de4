/**
 * `npm run simulate -- [--seed N] [--seeds COUNT] [--from N] [--minutes M] [--jobs N] [--work-ms MS] [--disk lying_sync]
 * [--mutant NAME] [--with NAME,…] [--without NAME,…] [--as-found]`: runs seeds until the count or the time is over, or one breaks a promise.
 * NAMEs are crowds of agents and kinds of faults. Then it says which, as small as it gets (unless `--as-found`), and how to see it again. See README.md.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { addRun, addTotals, noTotals, summaryOf } from './report.ts';
import type { Totals } from './report.ts';
import { shrink } from './shrink.ts';
import { simulate } from './world.ts';
import type { RunResult, WorldOptions } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string' },
    step: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    'work-ms': { type: 'string', default: '200' },
    disk: { type: 'string', default: 'none' },
    mutant: { type: 'string' },
    without: { type: 'string', default: '' },
    with: { type: 'string', default: '' },
    totals: { type: 'boolean', default: false },
    'as-found': { type: 'boolean', default: false },
  },
});

const diskFault = values.disk === 'lying_sync' ? 'lying_sync' : 'none';
const self = fileURLToPath(import.meta.url);
const jobs = Number(values.jobs);

/** Exit code: 0 where no promise was broken, 1 where one was. */
async function main(): Promise<number> {
  const first = Number(values.seed ?? values.from ?? 1);
  const count = values.seed === undefined ? Number(values.seeds ?? (values.minutes ? Infinity : 100)) : 1;
  if (jobs > 1) return await withJobs(first, count);
  return await alone(first, count);
}

async function alone(first: number, count: number): Promise<number> {
  const endMs = performance.now() + Number(values.minutes ?? Infinity) * 60_000;
  const totals = noTotals();
  for (let seed = first; seed < first + count && performance.now() < endMs; seed += Number(values.step)) {
    const wishes = { without: listOf(values.without), more: listOf(values.with) };
    const options = { seed, workMs: Number(values['work-ms']), diskFault, wishes } as const;
    const result = await simulate(options);
    addRun(totals, result);
    if (result.violations.length === 0) continue;
    console.log(await describeFailure(options, result));
    return 1;
  }
  console.log(values.totals ? JSON.stringify(totals) : summaryOf(totals));
  return 0;
}

function listOf(text: string): string[] {
  return text.split(',').filter((name) => name !== '');
}

async function describeFailure(options: WorldOptions, failed: RunResult): Promise<string> {
  const asFound = { options, result: failed };
  const { options: smallest, result } = values['as-found'] ? asFound : await shrink(options, failed);
  const { seed, workMs, wishes } = smallest;
  const lines = result.violations.slice(0, 12).map(({ guarantee, what }) => `  ${guarantee}: ${what}`);
  const mutant = values.mutant ?? process.env['HYPERLOOM_MUTANT'];
  const again = [
    `npm run simulate -- --seed ${seed} --work-ms ${workMs}`,
    ...(wishes.more.length === 0 ? [] : [`--with '${wishes.more.join(',')}'`]),
    ...(wishes.without.length === 0 ? [] : [`--without '${wishes.without.join(',')}'`]),
    ...(diskFault === 'none' ? [] : [`--disk ${diskFault}`]),
    ...(mutant === undefined ? [] : [`--mutant ${mutant}`]),
  ];
  return [
    `seed ${seed} breaks ${result.violations.length} promises:`,
    ...lines,
    `  again: ${again.join(' ')}`,
  ].join('\n');
}

/** One seed in how many is run once more with its work counted, in a process of its own. */
const countedOneIn = 200;

/** Several processes, each with every so-manieth seed; the first that finds something ends them all. */
async function withJobs(first: number, count: number): Promise<number> {
  const totals = noTotals();
  const given = process.argv.slice(2).filter((_, index, all) => !isOwn(all[index]) && !isOwn(all[index - 1]));
  const ranges = Array.from({ length: jobs }, (_, index) => {
    const range = Number.isFinite(count) ? ['--seeds', String(count - index)] : [];
    return ['--from', String(first + index), '--step', String(jobs), ...range];
  });
  const counted = Number.isFinite(count) ? Math.ceil(count / countedOneIn) : countedOneIn;
  ranges.push(['--from', String(first), '--seeds', String(counted), '--with', 'flat']);
  const children = ranges.map((range) =>
    spawn(process.execPath, [self, ...given, ...range, '--totals'], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const codes = await Promise.all(
    children.map(async (child) => {
      let output = '';
      for await (const chunk of child.stdout) output += String(chunk);
      const code = child.exitCode ?? (await new Promise<number | null>((done) => child.on('exit', done)));
      if (code === 0) addTotals(totals, JSON.parse(output) as Totals);
      else if (code !== null) console.log(output.trimEnd());
      if (code !== 0) for (const other of children) if (other !== child) other.kill();
      return code;
    }),
  );
  if (codes.every((code) => code === 0)) console.log(summaryOf(totals));
  return codes.every((code) => code === 0) ? 0 : 1;
}

function isOwn(argument: string | undefined): boolean {
  return argument === '--jobs' || argument === '--from' || argument === '--seeds';
}

/** Counters and mutants must be there before the broker's source is loaded, so a process of its own goes on with them. */
function preloaded(): number | null {
  const isCounted = listOf(values.with).includes('flat') && process.env['HYPERLOOM_COUNTED'] === undefined;
  const isMutated = values.mutant !== undefined && process.env['HYPERLOOM_MUTANT'] === undefined;
  if (!isCounted && !isMutated) return null;
  const imports = [...(isCounted ? ['count.ts'] : []), ...(isMutated ? ['mutate.ts'] : [])];
  const preloads = imports.flatMap((name) => ['--import', fileURLToPath(new URL(name, import.meta.url))]);
  const env = {
    ...process.env,
    ...(isCounted ? { HYPERLOOM_COUNTED: '1' } : {}),
    ...(isMutated ? { HYPERLOOM_MUTANT: values.mutant } : {}),
  };
  const args = [...preloads, self, ...process.argv.slice(2)];
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1;
}

process.exitCode = preloaded() ?? (await main());
