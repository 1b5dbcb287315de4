/**
 * The soak: `npm run soak -- [--minutes 60] [--rate 200] [--out FOLDER]`, or `--smoke`: half a minute that shows that all of it runs, and
 * judges the ending but not the slopes. Exits with 1 where a verdict does not hold.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { root } from '../../scripts/step.ts';
import { pythonTool } from '../../scripts/checks/python.ts';
import { describeMachine } from '../harness/machine.ts';
import type { LoadPlan } from './load/main.ts';
import { writeReport } from './report.ts';
import type { Row } from './rows.ts';
import { runSoak } from './run.ts';
import { diskVerdict, endingVerdicts, leastMinutes, levelVerdict, levelled } from './verdicts.ts';
import type { Verdict } from './verdicts.ts';
import { endWith } from '../../scripts/end.ts';

const plan: LoadPlan = {
  compactMs: 30_000,
  forestMs: 10_000,
  backupMs: 300_000,
  revisionsKept: 40_000,
  visitMsMax: 40_000,
};
const smokePlan: LoadPlan = {
  compactMs: 4_000,
  forestMs: 2_000,
  backupMs: 6_000,
  revisionsKept: 1_000,
  visitMsMax: 8_000,
};
const smokeMinutes = 0.4;
const smokeCollectMs = 5_000;
/** What fills meanwhile: 100,000 remembered requests, 40,000 kept revisions, 1,000 ghosts that are over, V8's own sizes. */
const warmUpShare = 0.25;

const flags = {
  minutes: { type: 'string', default: '60' },
  rate: { type: 'string', default: '200' },
  out: { type: 'string', default: join(root, 'bench', 'soak') },
  smoke: { type: 'boolean', default: false },
} as const;

function progress(row: Row): void {
  const words = [
    `${row.minute.toFixed(1)} min`,
    `${row.operations.toFixed(0)}/s`,
    `resident ${row.resident.toFixed(0)} MiB`,
    `heap ${row.heapUsed.toFixed(0)} (${row.liveHeap.toFixed(0)} after ${row.fullCollections} collections)`,
    `descriptors ${row.descriptors}`,
    `disk ${row.journal.toFixed(0)} MiB`,
    `lag ${row.lagP50.toFixed(0)}/${row.lagP99.toFixed(0)} ms`,
    `publish ${row.publishP50.toFixed(1)}/${row.publishP99.toFixed(1)} ms`,
    `loop ${row.loopP99.toFixed(0)}/${row.loopMax.toFixed(0)} ms`,
  ];
  console.log(words.join(', '));
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: flags });
  const isSmoke = values.smoke;
  const minutes = isSmoke ? smokeMinutes : Number(values.minutes);
  const perSecond = Number(values.rate);
  const folder = values.out;
  const python = pythonTool('python');
  if (!existsSync(python))
    throw new Error('the Python client is missing: run npm test -- python environment');
  const sampleMs = isSmoke ? 1_000 : 5_000;
  const machine = describeMachine();
  const collectMs = isSmoke ? smokeCollectMs : (leastMinutes * 60_000) / 2;
  const options = { minutes, perSecond, sampleMs, collectMs, plan: isSmoke ? smokePlan : plan, python };
  const { rows, ending, kinds } = await runSoak({ ...options, onRow: progress });
  const warmUpMinutes = minutes * warmUpShare;
  const levels = isSmoke ? [] : levelled(rows, warmUpMinutes);
  const disk = isSmoke ? [] : [diskVerdict(rows, warmUpMinutes)];
  const verdicts: Verdict[] = [...levels.map(levelVerdict), ...disk, ...endingVerdicts(ending)];
  for (const { name, holds, text } of verdicts) console.log(`${holds ? 'holds' : 'FAILS'}  ${name}: ${text}`);
  const calls = [...kinds.values()].reduce((sum, { count, refused }) => sum + count + refused, 0);
  if (!isSmoke) {
    const pythonVersion = execFileSync(python, ['--version'], { encoding: 'utf8' }).trim();
    const command = `npm run soak -- --minutes ${minutes} --rate ${perSecond}`;
    writeReport(folder, {
      machine,
      python: pythonVersion,
      command,
      minutes,
      warmUpMinutes,
      rows,
      levels,
      verdicts,
      kinds,
    });
    console.log(`the report is ${join(folder, 'report.md')}`);
  }
  const held = verdicts.filter(({ holds }) => holds).length;
  console.log(`soak: ${calls} calls in ${minutes} minutes, ${held} of ${verdicts.length} verdicts hold`);
  return held < verdicts.length ? 1 : 0;
}

endWith(await main(process.argv.slice(2)));
