/**
 * Works under locks: acquires, writes with its token, releases; now and then it stops for longer than its lease lives and writes
 * when it wakes up, or vanishes. The intruder writes to the same places without a lock.
 */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { LockMode } from '../../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { TenureRecord } from '../history.ts';
import { durationOf, putText } from '../requests.ts';

const places = 2;
const ttlMs = 1_000;
/** How long a lease may outlive its ttl. */
export const graceMs = 1_000;

export async function workUnderLocks(client: Client): Promise<void> {
  while (client.isOpen) {
    try {
      await oneTenure(client);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      const what = (): string => `a holder was refused: ${error.reason} ${error.message}`;
      client.expect('no bug', error.isUnknown || expected.has(error.reason), what);
    }
    await client.sleep(20);
  }
}

const expected = new Set(['LOCKED', 'DEADLOCK', 'LOCK_NOT_FOUND', 'LEASE_NOT_FOUND', 'STALE_FENCING_TOKEN']);

async function oneTenure(client: Client): Promise<void> {
  const path = `/l/${client.below(places)}`;
  const granted = await client.ask(LockService.method.acquireLock, {
    owner: { case: 'ttl', value: durationOf(ttlMs) },
    targets: [{ path, mode: LockMode.EXCLUSIVE }],
    wait: durationOf(client.below(150)),
    author: client.name,
    requestId: `lock ${client.token()}`,
  });
  const { id: lockId = '', fencingToken = 0n, leaseId = '' } = granted.lock ?? {};
  const tenure: TenureRecord = { client: client.name, path, fencingToken, requestIds: new Set() };
  client.history.tenures.push(tenure);
  const pauseBefore = client.below(8) === 0 ? client.below(4) : -1;
  for (let step = client.below(5); step >= 0; step -= 1) {
    if (step === pauseBefore && (await lateWrite(client, tenure))) return;
    if (!(await writeUnder(client, tenure))) return;
    await client.sleep(6);
  }
  if (client.below(6) === 0) {
    client.fault('owner vanished');
    return;
  }
  await client.ask(LockService.method.releaseLock, {
    lockId,
    leaseId,
    endLease: true,
    // Without one it is told before it is durable.
    requestId: fencingToken % 2n === 0n ? '' : `free ${client.token()}`,
  });
}

/** Stops for longer than its lease lives, then writes. True where the lock is lost, which it is unless the broker was restarted. */
async function lateWrite(client: Client, tenure: TenureRecord): Promise<boolean> {
  const { startedMs } = client.surroundings;
  const startedBeforeMs = startedMs();
  client.fault('owner asleep past its ttl');
  await client.sleepFor(ttlMs + graceMs + client.below(500));
  const isAccepted = await writeUnder(client, tenure);
  const what = (): string => `${client.name} wrote under ${tenure.path} after its lease had ended`;
  client.expect('fenced', !isAccepted || startedMs() !== startedBeforeMs, what);
  return !isAccepted;
}

/** False where the broker says that the lock is lost. */
async function writeUnder(client: Client, tenure: TenureRecord): Promise<boolean> {
  const token = client.token();
  const requestId = `held ${token}`;
  tenure.requestIds.add(requestId);
  const operations = [putText(`${tenure.path}/a`, token), putText(`${tenure.path}/b`, token)];
  const request = { operations, requestId, author: client.name, fencingTokens: [tenure.fencingToken] };
  const note = { requestId, tokens: [token], operations };
  const done = await client.write(ContextService.method.publish, request, note, ({ revision }) => revision);
  return done !== undefined;
}

/** Writes below `prefix` without a lock. */
export async function intrude(client: Client, prefix: string): Promise<void> {
  while (client.isOpen) {
    const token = client.token();
    const path = `${prefix}/${client.below(places)}`;
    const operations = [putText(`${path}/a`, token), putText(`${path}/b`, token)];
    const requestId = `intrusion ${token}`;
    const lockWait = durationOf(client.below(3) * 40);
    const request = { operations, requestId, author: client.name, lockWait };
    const note = { requestId, tokens: [token], operations };
    await client.write(ContextService.method.publish, request, note, ({ revision }) => revision);
    await client.sleep(25);
  }
}
