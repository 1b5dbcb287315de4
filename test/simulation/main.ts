/**
 * `npm run simulate -- [--seed N] [--seeds COUNT] [--from N] [--minutes M] [--work-ms MS] [--disk lying_sync] [--mutant NAME]`: runs
 * seeds until the count or the time is over, or one breaks a promise; then it says which, and how to see it again. The shortest
 * run of that seed that still breaks one is looked for, too: `--work-ms` is how long the clients work.
 */
import { parseArgs } from 'node:util';

import { simulate } from './world.ts';
import type { RunResult } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string' },
    minutes: { type: 'string' },
    'work-ms': { type: 'string', default: '400' },
    disk: { type: 'string', default: 'none' },
  },
});

const workMs = Number(values['work-ms']);
const diskFault = values.disk === 'lying_sync' ? 'lying_sync' : 'none';

function describe({ seed, violations }: RunResult): string {
  const lines = violations.slice(0, 12).map(({ guarantee, what }) => `  ${guarantee}: ${what}`);
  const again = `npm run simulate -- --seed ${seed} --work-ms ${workMs}${diskFault === 'none' ? '' : ` --disk ${diskFault}`}`;
  return [`seed ${seed} breaks ${violations.length} promises:`, ...lines, `  again: ${again}`].join('\n');
}

async function main(): Promise<number> {
  const first = Number(values.seed ?? values.from ?? 1);
  const count = values.seed !== undefined ? 1 : Number(values.seeds ?? (values.minutes === undefined ? 100 : Infinity));
  const endMs = performance.now() + Number(values.minutes ?? Infinity) * 60_000;
  const total = { events: 0, revisions: 0, starts: 0, reads: 0, seen: 0, damaged: 0 };
  let done = 0;
  for (let seed = first; seed < first + count && performance.now() < endMs; seed += 1) {
    const result = await simulate({ seed, workMs, diskFault });
    done += 1;
    for (const key of ['events', 'revisions', 'starts', 'reads', 'seen'] as const) total[key] += result[key];
    if (result.damage !== '') total.damaged += 1;
    if (result.violations.length === 0) continue;
    console.log(describe(result));
    return 1;
  }
  const { events, revisions, starts, reads, seen, damaged } = total;
  console.log(
    `${done} seeds, no promise broken: ${events} events, ${revisions} revisions, ${starts} starts of the broker, ` +
      `${reads} reads, ${seen} states of subscribers; ${damaged} runs ended at damage that the broker found`,
  );
  return 0;
}

process.exitCode = await main();
