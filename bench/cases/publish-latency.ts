/** How long one publish takes that nobody else is in the way of, beside what it cannot do without: a sync and a call. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { createEmbeddedJournal, openEmbeddedJournal } from '../../src/journal/embedded/journal.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { Absent, Case, Context, Running, Subject } from '../harness/case.ts';
import { latencyMetrics, percentile } from '../harness/samples.ts';
import { driven, drivenBy } from '../peers/driver.ts';

const alone = { 'in-flight': 1, connections: 1 };
/** What a publish of 200 bytes takes in the journal, names and revisions included. */
const recordBytes = 300;

/** Microseconds from an append to the journal until it is durable, one after the other. */
async function syncsUs(journal: Journal, count: number): Promise<Float64Array> {
  const times = new Float64Array(count);
  const record = new Uint8Array(recordBytes).fill(0x61);
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    journal.append(record, 'sync');
    await journal.flush();
    times[index] = (performance.now() - start) * 1_000;
  }
  return times;
}

/** The sum of what the journal's sync takes and what an empty call takes, each alone: the least that a publish can be. */
const syncAndCall: Subject = {
  name: 'a sync + an empty call',
  async start(context: Context): Promise<Running | Absent> {
    const calls = await drivenBy(context, 'hyperloom', {
      name: 'empty',
      count: context.size(10_000, 100),
      flags: alone,
    });
    if ('absent' in calls) return calls;
    const folder = join(mkdtempSync(join(context.folder, 'sync-')), 'journal');
    await createEmbeddedJournal(folder);
    const journal = await openEmbeddedJournal(folder);
    const count = context.size(5_000, 50);
    await syncsUs(journal, count / 10);
    return {
      async measure() {
        const syncs = await syncsUs(journal, count);
        const { p50Us = Number.NaN, p99Us = Number.NaN } = await calls.measure();
        const [syncUs, syncP99Us] = [percentile(syncs, 0.5), latencyMetrics(syncs).p99Us];
        return { p50Us: syncUs + p50Us, p99Us: syncP99Us + p99Us, syncUs, callUs: p50Us };
      },
      async stop() {
        await journal.close();
        await calls.stop();
      },
    };
  },
};

/** See above. */
export const publishLatencyCases: readonly Case[] = [
  {
    name: 'publish/latency',
    about:
      'A durable put of 200 bytes through gRPC, one in flight on one connection, beside the sum of a sync of the journal on the same disk (a record of that size, ' +
      'from its append until it is durable) and of an empty unary call to the same broker (grpc.health.v1.Health/Check).',
    subjects: [driven('hyperloom', 'hyperloom', { name: 'put', count: 10_000, flags: alone }), syncAndCall],
    figures: [
      {
        text: 'median time of a publish, as a multiple of a sync and an empty call',
        metric: 'p50Us',
        of: 'hyperloom',
        per: syncAndCall.name,
        bound: { atMost: 1.2 },
      },
    ],
  },
];
