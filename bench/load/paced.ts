/**
 * One agent that publishes at a steady pace, whether or not answers have come: ADDRESS RATE SECONDS NODES. Each publish puts a text of
 * 200 bytes, going round NODES paths. Latencies count from when a publish was due, so that a stop is felt by all that it held up. Prints its
 * metrics as JSON.
 */
import { setTimeout as wait } from 'node:timers/promises';

import { connect } from '../../clients/typescript/src/index.ts';
import { percentile } from '../harness/samples.ts';

const [address = '', ...amounts] = process.argv.slice(2);
const [rate = 0, seconds = 0, nodes = 1_000] = amounts.map(Number);
const value = 'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, 200);
const count = Math.ceil(rate * seconds);
const warmUpPublishes = 500;

await using client = connect(address, { author: 'bench', trackBasis: false });
const latenciesMs = new Float64Array(count);
const published: Promise<void>[] = [];

async function publish(index: number, dueMs: number): Promise<void> {
  const note = (index * 7_919) % nodes;
  await client.put(`/session_${note % 1_000}/agent_${note % 7}/memory/note_${note}`, value);
  latenciesMs[index] = performance.now() - dueMs;
}

// The first publishes wait for the connection and for code that is not compiled yet: they are not what is measured.
for (let index = 0; index < warmUpPublishes; index += 1) await publish(index, performance.now());

const startMs = performance.now();
for (let index = 0; index < count; index += 1) {
  const dueMs = startMs + (index * 1_000) / rate;
  const earlyMs = dueMs - performance.now();
  if (earlyMs > 0) await wait(Math.ceil(earlyMs));
  published.push(publish(index, dueMs));
}
await Promise.all(published);
const tookSeconds = (performance.now() - startMs) / 1_000;
const [p50Ms, p99Ms, p999Ms] = [0.5, 0.99, 0.999].map((share) => percentile(latenciesMs, share));
const worstMs = percentile(latenciesMs, 1);
console.log(JSON.stringify({ perSecond: count / tookSeconds, p50Ms, p99Ms, p999Ms, worstMs }));
