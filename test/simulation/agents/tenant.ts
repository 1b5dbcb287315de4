/** Binds nodes to a lease, keeps it alive for a while, and ends it, vanishes, or sleeps for too long. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { LockService } from '../../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { LeaseRecord } from '../history.ts';
import { durationOf, putText } from '../requests.ts';
import type { OperationInit } from '../requests.ts';
import { graceMs } from './locker.ts';

const ttlMs = 1_000;
/** A tenant that wants to stay gives a sign this often. */
const signsMsMax = 450;
/** What was sent may come this late. */
const lateMsMax = 250;

export async function live(client: Client): Promise<void> {
  while (client.isOpen) {
    try {
      await oneLease(client);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      const isExpected = error.isUnknown || error.reason === 'LEASE_NOT_FOUND';
      client.expect('no bug', isExpected, () => `a tenant was refused: ${error.reason} ${error.message}`);
    }
    await client.sleep(20);
  }
}

async function oneLease(client: Client): Promise<void> {
  const { lease } = await client.ask(LockService.method.grantLease, {
    ttl: durationOf(ttlMs),
    author: client.name,
    requestId: `lease ${client.token()}`,
  });
  const record: LeaseRecord = {
    client: client.name,
    leaseId: lease?.id ?? '',
    ttlMs,
    aliveUntilMs: 0,
    lastSignMs: Infinity,
    endedMs: Infinity,
  };
  client.history.leases.push(record);
  try {
    await useLease(client, record);
  } catch (error) {
    if (error instanceof CallFailure && error.reason === 'LEASE_NOT_FOUND') {
      const what = (): string =>
        `lease ${record.leaseId} of ${client.name} was gone at ${client.nowMs}, alive till ${record.aliveUntilMs}`;
      client.expect('bounded', client.nowMs > record.aliveUntilMs, what);
    }
    throw error;
  } finally {
    record.lastSignMs = Math.min(record.lastSignMs, client.nowMs + lateMsMax);
  }
}

async function useLease(client: Client, record: LeaseRecord): Promise<void> {
  for (let step = 2 + client.below(5); step > 0; step -= 1) {
    if (client.below(2) === 0) await bind(client, record);
    else await signOfLife(client, record);
    // Long enough for the lease to end without signs of life, and never so long that it may end with them.
    await client.sleepFor(client.below(signsMsMax));
  }
  const how = client.below(4);
  if (how === 0) client.fault('owner vanished');
  else if (how === 1) await sleepTooLong(client, record);
  else await endLease(client, record);
}

async function bind(client: Client, { leaseId }: LeaseRecord): Promise<void> {
  const token = client.token();
  const path = `/e/${client.below(3)}/${client.below(2)}`;
  // A put without a lease unbinds, whatever else changes a node leaves it bound.
  const bound = client.below(5) === 0 ? '' : leaseId;
  const operations: OperationInit[] = [
    putText(path, token, bound),
    putText(`${path}/below`, token, client.below(2) === 0 ? leaseId : ''),
  ];
  const requestId = `bound ${token}`;
  const note = { requestId, tokens: [token], operations };
  const request = { operations, requestId, author: client.name };
  await client.write(ContextService.method.publish, request, note, ({ revision }) => revision);
}

async function signOfLife(client: Client, record: LeaseRecord): Promise<void> {
  const invokedMs = client.nowMs;
  const { leaseId } = record;
  const { liveLeaseIds } = await client.ask(ContextService.method.keepAlive, { leaseIds: [leaseId] });
  const isAlive = liveLeaseIds.includes(leaseId);
  const what = (): string => `lease ${leaseId} is over at ${client.nowMs}, alive till ${record.aliveUntilMs}`;
  client.expect('bounded', isAlive || client.nowMs > record.aliveUntilMs, what);
  if (isAlive) record.aliveUntilMs = Math.max(record.aliveUntilMs, invokedMs + ttlMs);
}

/** Then nothing can be bound to it, unless the broker was restarted meanwhile. */
async function sleepTooLong(client: Client, record: LeaseRecord): Promise<void> {
  const { startedMs } = client.surroundings;
  const before = startedMs();
  client.fault('owner asleep past its ttl');
  record.lastSignMs = client.nowMs + lateMsMax;
  await client.sleepFor(ttlMs + graceMs + lateMsMax);
  const { leaseId } = record;
  const { liveLeaseIds } = await client.ask(ContextService.method.keepAlive, { leaseIds: [leaseId] });
  const isLate = liveLeaseIds.includes(leaseId);
  if (isLate) record.lastSignMs = client.nowMs;
  const what = (): string => `lease ${leaseId} lived on for ${ttlMs + graceMs} ms without a sign`;
  client.expect('bounded', !isLate || startedMs() !== before, what);
}

async function endLease(client: Client, record: LeaseRecord): Promise<void> {
  // From when it asks for the end, nothing keeps the lease alive any more.
  record.aliveUntilMs = 0;
  const { leaseId } = record;
  const requestId = `end ${client.token()}`;
  await client.ask(LockService.method.endLease, { leaseId, author: client.name, requestId });
  record.endedMs = client.nowMs;
}
