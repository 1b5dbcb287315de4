/**
 * Works under locks: acquires, writes with its token, releases; now and then it stops for longer than its lease lives and writes
 * when it wakes up, or vanishes. The intruder writes to the same places without a lock.
 */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { LockMode } from '../../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../../src/gen/hyperloom/v1/lock_service_pb.ts';
import type { Client } from '../client.ts';
import type { TenureRecord } from '../history.ts';
import { CallFailure } from '../network.ts';
import { putText } from './publisher.ts';

const places = 2;
const ttlMs = 1_000;
/** How long a lease may outlive its ttl. */
const graceMs = 1_000;

export async function workUnderLocks(client: Client): Promise<void> {
  while (client.surroundings.isOpen()) {
    try {
      await oneTenure(client);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (!error.isUnknown && !expected.has(error.reason))
        client.surroundings.history.bugs.push(`a holder was refused: ${error.reason} ${error.message}`);
    }
    await client.sleep(20);
  }
}

const expected = new Set(['LOCKED', 'DEADLOCK', 'LOCK_NOT_FOUND', 'LEASE_NOT_FOUND', 'STALE_FENCING_TOKEN']);

async function oneTenure(client: Client): Promise<void> {
  const path = `/l/${client.below(places)}`;
  const granted = await client.ask(LockService.method.acquireLock, {
    owner: { case: 'ttl', value: { seconds: BigInt(ttlMs / 1_000), nanos: 0 } },
    targets: [{ path, mode: LockMode.EXCLUSIVE }],
    wait: { seconds: 0n, nanos: client.below(150) * 1_000_000 },
    author: client.name,
    requestId: `lock ${client.token()}`,
  });
  const { id: lockId = '', fencingToken = 0n, leaseId = '' } = granted.lock ?? {};
  const tenure: TenureRecord = { client: client.name, path, fencingToken, requestIds: new Set() };
  client.surroundings.history.tenures.push(tenure);
  const pauseBefore = client.below(8) === 0 ? client.below(4) : -1;
  for (let step = client.below(5); step >= 0; step -= 1) {
    if (step === pauseBefore && (await lateWrite(client, tenure))) return;
    if (!(await writeUnder(client, tenure))) return;
    await client.sleep(6);
  }
  if (client.below(6) === 0) return;
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
  const { scheduler, starts, history } = client.surroundings;
  const startsBefore = starts();
  await scheduler.sleep(ttlMs + graceMs + client.below(500));
  const isAccepted = await writeUnder(client, tenure);
  if (isAccepted && starts() === startsBefore)
    history.bugs.push(`fenced: ${client.name} wrote under ${tenure.path} after its lease had ended`);
  return !isAccepted;
}

/** False where the broker says that the lock is lost. */
async function writeUnder(client: Client, tenure: TenureRecord): Promise<boolean> {
  const token = client.token();
  const requestId = `held ${token}`;
  tenure.requestIds.add(requestId);
  const operations = [putText(`${tenure.path}/a`, token), putText(`${tenure.path}/b`, token)];
  const request = { operations, requestId, author: client.name, fencingTokens: [tenure.fencingToken] };
  const done = await client.write(
    ContextService.method.publish,
    request,
    [token],
    ({ revision }) => revision,
  );
  return done !== undefined;
}

export async function intrude(client: Client): Promise<void> {
  while (client.surroundings.isOpen()) {
    const token = client.token();
    const path = `/l/${client.below(places)}`;
    const operations = [putText(`${path}/a`, token), putText(`${path}/b`, token)];
    const lockWait = { seconds: 0n, nanos: client.below(3) * 40_000_000 };
    const request = { operations, requestId: `intrusion ${token}`, author: client.name, lockWait };
    await client.write(ContextService.method.publish, request, [token], ({ revision }) => revision);
    await client.sleep(25);
  }
}
