/**
 * A forest in a process of its own, so that no other one's memory is in its way: NODES ENTRIES FOLDER SIZE, where SIZE is `full` or
 * `smoke`. It says `ready` when it is prepared, then answers each `measure` with a line of JSON, until its input ends. To be run with
 * the flags of the broker, and `--expose-gc`.
 */
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

import { seededRandom } from '../../src/base/random.ts';
import { startHeapGrowth } from '../../src/heap-growth.ts';
import { systemClock } from '../../src/base/clock.ts';
import { openBenchForest } from '../harness/forest.ts';
import { plantNodes } from '../harness/plant.ts';
import { lengthenJournal } from './prepare.ts';
import { measureGrowth } from './work.ts';
import type { Amounts } from './work.ts';

const [nodes = '', entriesText = '', folder = '', size = 'full'] = process.argv.slice(2);
const full: Amounts = {
  publishes: 40_000,
  gets: 1_000_000,
  ghosts: 500,
  resumes: 200,
  resumesFar: 50,
  pastEvents: 5_000,
};
const smoke: Amounts = {
  publishes: 5_000,
  gets: 10_000,
  ghosts: 20,
  resumes: 5,
  resumesFar: 5,
  pastEvents: 1_000,
};
const amounts = size === 'full' ? full : smoke;
const { gc } = globalThis;
if (gc === undefined) throw new Error('to be run with --expose-gc');

/**
 * Collects garbage, and waits until what was put off, such as merges of indexes, is done, and the collector's threads have swept: no more than a
 * hundredth of the time is used then.
 */
async function collect(): Promise<void> {
  gc?.();
  const [stepMs, stepsMax] = size === 'full' ? [100, 600] : [1, 1];
  for (let step = 0; step < stepsMax; step += 1) {
    const before = process.cpuUsage();
    await wait(stepMs);
    const { user, system } = process.cpuUsage(before);
    if (user + system < stepMs * 10) return;
  }
}

const forest = await openBenchForest({ folder });
const entries = Number(entriesText);
await plantNodes(forest, Number(nodes));
await lengthenJournal(forest, entries);
startHeapGrowth(systemClock);
const grown = { forest, entries, random: seededRandom(7), collect };
// What is compiled during the first calls is no part of the cost.
if (size === 'full') await measureGrowth(grown, amounts);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'measure') continue;
  console.log(JSON.stringify(await measureGrowth(grown, amounts)));
}
await forest.close();
process.exit(0);
