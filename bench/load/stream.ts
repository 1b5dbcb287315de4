/**
 * One agent that publishes as fast as the client lets it: ADDRESS COUNT IN-FLIGHT [NODES OPERATIONS BYTES]. Each publish puts
 * OPERATIONS texts (default 1) of BYTES (default 200), going round NODES paths (default 1,000). Prints its metrics as JSON.
 */
import { connect, operation } from '../../clients/typescript/src/index.ts';
import type { Operation } from '../../clients/typescript/src/index.ts';
import { latencyMetrics } from '../harness/samples.ts';

const [address = '', ...amounts] = process.argv.slice(2);
const [count = 0, inFlight = 0, nodes = 1_000, operationsPerPublish = 1, bytes = 200] = amounts.map(Number);
const value = 'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, bytes);

function operationsOf(publish: number): Operation[] {
  return Array.from({ length: operationsPerPublish }, (_, index) => {
    const note = (publish * operationsPerPublish + index) % nodes;
    return operation.put(`/session_${note % 1_000}/agent_${note % 7}/memory/note_${note}`, value);
  });
}

await using client = connect(address, { author: 'bench', trackBasis: false });
const latenciesUs = new Float64Array(count);
let next = 0;

async function keepPublishing(): Promise<void> {
  while (next < count) {
    const index = next;
    next += 1;
    const start = performance.now();
    await client.publish(operationsOf(index));
    latenciesUs[index] = (performance.now() - start) * 1_000;
  }
}

const cpuBefore = process.cpuUsage();
const start = performance.now();
await Promise.all(Array.from({ length: inFlight }, keepPublishing));
const seconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(
  JSON.stringify({
    perSecond: count / seconds,
    clientCpuUs: (user + system) / count,
    ...latencyMetrics(latenciesUs),
  }),
);
