/**
 * Calls on the broker one behind the other, IN-FLIGHT at a time: ADDRESS KIND COUNT IN-FLIGHT. KIND `publish`: a durable put of 200
 * bytes; `locks`: an exclusive lock of a path of its own, taken and given back, under one lease. Prints its metrics as JSON.
 */
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';

import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { latencyMetrics } from '../harness/samples.ts';

const [address = '', kind = '', ...amounts] = process.argv.slice(2);
const [count = 0, inFlight = 0] = amounts.map(Number);
const transport = createGrpcTransport({ baseUrl: `http://${address}` });
const context = createClient(ContextService, transport);
const locks = createClient(LockService, transport);
const value = 'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, 200);
const { lease } = await locks.grantLease({ ttl: { seconds: 3_600n }, author: 'bench' });
const leaseId = lease?.id ?? '';

async function publish(path: string): Promise<void> {
  const put = { case: 'put', value: { kind: { case: 'text', value } } } as const;
  await context.publish({ operations: [{ path, action: put }], author: 'bench' });
}

async function lockAndRelease(path: string): Promise<void> {
  const owner = { case: 'leaseId', value: leaseId } as const;
  const targets = [{ path, mode: LockMode.EXCLUSIVE }];
  const { lock } = await locks.acquireLock({ owner, targets, author: 'bench' });
  await locks.releaseLock({ lockId: lock?.id ?? '', leaseId, author: 'bench' });
}

const work = kind === 'locks' ? lockAndRelease : publish;
const latenciesUs = new Float64Array(count);
let next = 0;

async function keepCalling(): Promise<void> {
  while (next < count) {
    const index = next;
    next += 1;
    const start = performance.now();
    await work(`/session_${index % 1_000}/agent_${index % 7}/memory/note`);
    latenciesUs[index] = (performance.now() - start) * 1_000;
  }
}

const start = performance.now();
await Promise.all(Array.from({ length: inFlight }, keepCalling));
const seconds = (performance.now() - start) / 1_000;
await locks.endLease({ leaseId });
console.log(JSON.stringify({ perSecond: count / seconds, ...latencyMetrics(latenciesUs) }));
process.exit(0);
