/**
 * The load of TypeScript agents, a process of its own: ADDRESS FACTOR SAMPLE-MS SCHEDULE. FACTOR is of 600 operations a second,
 * SCHEDULE is JSON. Prints a sample as one line of JSON every SAMPLE-MS. Ends when its input ends: with what it counted.
 */
import { connect } from '../../../clients/typescript/src/index.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { LoadResult } from '../sample.ts';
import { timeoutMs } from './context.ts';
import type { LoadContext } from './context.ts';
import { review, startGhosts } from './ghosts.ts';
import { startLocks } from './locks.ts';
import { Meter } from './meter.ts';
import { Pacer } from './pacer.ts';
import { startReaders } from './readers.ts';
import { startVisitors, watchAll } from './subscribers.ts';
import { startUpkeep } from './upkeep.ts';
import type { Schedule } from './upkeep.ts';
import { startWriters } from './writers.ts';

/** What the load is told besides its rate. */
export interface LoadPlan extends Schedule {
  readonly visitMsMax: number;
}

const [address = '', factor = '1', sampleMs = '5000', plan = '{}'] = process.argv.slice(2);
const schedule = JSON.parse(plan) as LoadPlan;
const meter = new Meter();
const pacer = new Pacer(meter);
const [stop, close] = [new AbortController(), new AbortController()];
const client = connect(address, {
  author: 'typescript',
  timeoutMs,
  onDiagnostic: ({ kind }) => meter.failed('client', kind),
});
const context: LoadContext = {
  address,
  client,
  meter,
  pacer,
  random: seededRandom(1),
  factor: Number(factor),
  stop: stop.signal,
  close: close.signal,
  totals: new Map(),
};

const { watch, done } = watchAll(context);
const reviewing = review(context).catch((error: unknown) => meter.failed('reviewer', error));
startWriters(context);
startReaders(context);
startGhosts(context);
startLocks(context);
startVisitors(context, schedule.visitMsMax);
startUpkeep(context, schedule);

async function printSample(): Promise<void> {
  const { forest } = await client.status();
  console.log(JSON.stringify(meter.take(Math.max(0, forest.revision - watch.revision))));
}

const sampling = setInterval(() => {
  printSample().catch((error: unknown) => meter.failed('sample', error));
}, Number(sampleMs));

async function end(): Promise<void> {
  clearInterval(sampling);
  stop.abort();
  await pacer.stop();
  // Whoever waited for a review has got it.
  close.abort();
  await Promise.all([done, reviewing]);
  await client.close();
  console.log(JSON.stringify(meter.take(0)));
  const result: LoadResult = { totals: Object.fromEntries(context.totals) };
  console.log(JSON.stringify(result));
  process.exit(0);
}

process.stdin.resume().on('end', () => {
  end().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
