/** Looks again and again at everything that has an owner and at the state hash, and notes what it saw and when. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../../../src/gen/hyperloom/v1/lock_service_pb.ts';
import {
  ghostsPerForestMax,
  leasesPerForestMax,
  lockWaitersPerForestMax,
  locksPerForestMax,
  requestIdsKeptMax,
} from '../../../src/base/limits.ts';
import type { Client } from '../client.ts';
import { looking } from './reader.ts';

export async function audit(client: Client): Promise<void> {
  while (client.isOpen) {
    await client.sleep(120);
    await looking(client, () => auditOnce(client));
  }
}

/** One look at all of it. */
export async function auditOnce(client: Client): Promise<number> {
  const { history } = client;
  const invokedMs = client.nowMs;
  const startedMs = client.surroundings.startedMs();
  const seen = { invokedMs, startedMs };
  const { leases } = await client.call(LockService.method.listLeases, { pageSize: 1_000 });
  for (const { id } of leases) history.owned.push({ ...seen, kind: 'lease', id, what: `lease ${id}` });
  const { nodes } = await client.call(ContextService.method.list, { path: '/', pageSize: 10_000 });
  for (const { path, leaseId } of nodes)
    if (leaseId !== '') history.owned.push({ ...seen, kind: 'node', id: leaseId, what: `node ${path}` });
  const status = await client.call(ForestService.method.getStatus, { includeStateHash: true });
  const limits = [
    ['leases', status.leases, leasesPerForestMax],
    ['locks', status.locksHeld, locksPerForestMax],
    ['waiting locks', status.locksWaiting, lockWaitersPerForestMax],
    ['request ids', status.requestIds, requestIdsKeptMax],
    ['ghosts', status.forest?.ghosts ?? 0n, ghostsPerForestMax],
  ] as const;
  for (const [name, count, maximum] of limits)
    client.expect('bounded', count <= BigInt(maximum), () => `${count} ${name}, and ${maximum} are allowed`);
  // What a crash could take is not compared: another entry may come in its place.
  if (status.stateHashPosition <= status.durablePosition)
    history.hashes.push({
      position: Number(status.stateHashPosition),
      hash: status.stateHash,
      by: `an auditor at ${Math.round(client.nowMs)} ms`,
    });
  return Number(status.forest?.revision ?? 0n);
}
