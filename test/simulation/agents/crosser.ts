/**
 * Holds several locks at once and asks for more, in whatever order: shared, exclusive and mixed ones, on one path and many, on
 * subtrees of one another, with upgrades and delays. So its like wait for one another in circles, which somebody must break.
 */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { LockMode } from '../../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { HoldMode, HoldRecord } from '../history.ts';
import { durationOf, putText } from '../requests.ts';

const ttlMs = 1_000;
/**
 * How long it waits for a lock. Whoever is in front of it works for some milliseconds, or is gone within its ttl, a second and
 * its delay: with the few that there are, who waits for all of this is forgotten, or in a circle that nobody has seen.
 */
const waitMs = 30_000;
const delayMsMax = 200;

const paths = ['/x', '/x/0', '/x/1', '/x/1/deep'] as const;
const modes = { S: LockMode.SHARED, SIX: LockMode.SHARED_INTENT_EXCLUSIVE, X: LockMode.EXCLUSIVE } as const;
const expected = new Set(['DEADLOCK', 'LEASE_NOT_FOUND', 'LOCK_NOT_FOUND', 'STALE_FENCING_TOKEN', 'LOCKED']);

/** A lease, and what is held under it. */
interface Tenure {
  readonly leaseId: string;
  readonly holds: HoldRecord[];
}

export async function cross(client: Client): Promise<void> {
  while (client.isOpen) {
    try {
      const { lease } = await client.ask(LockService.method.grantLease, {
        ttl: durationOf(ttlMs),
        author: client.name,
        requestId: `lease ${client.token()}`,
      });
      await oneTenure(client, { leaseId: lease?.id ?? '', holds: [] });
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      const what = (): string => `one who crosses others was refused: ${error.reason} ${error.message}`;
      client.expect('no bug', error.isUnknown || expected.has(error.reason), what);
    }
    await client.sleep(15);
  }
}

async function oneTenure(client: Client, tenure: Tenure): Promise<void> {
  try {
    for (let count = 1 + client.below(3); count > 0; count -= 1) {
      await acquire(client, tenure);
      await write(client, tenure);
      await client.sleep(8);
    }
  } finally {
    const vanishes = client.below(6) === 0;
    if (vanishes) client.fault('owner vanished');
    else await end(client, tenure);
  }
}

async function acquire(client: Client, tenure: Tenure): Promise<void> {
  const targets = someTargets(client);
  const delayMs = client.below(3) === 0 ? client.below(delayMsMax) : 0;
  const invokedMs = client.nowMs;
  const request = {
    owner: { case: 'leaseId' as const, value: tenure.leaseId },
    targets: targets.map(({ path, mode }) => ({ path, mode: modes[mode] })),
    wait: durationOf(waitMs),
    delay: durationOf(delayMs),
    author: client.name,
    requestId: `lock ${client.token()}`,
  };
  try {
    const { lock } = await client.ask(LockService.method.acquireLock, request, waitMs + 5_000);
    const fromMs = client.nowMs;
    const record: HoldRecord = {
      client: client.name,
      leaseId: tenure.leaseId,
      targets,
      fencingToken: lock?.fencingToken ?? 0n,
      invokedMs,
      fromMs,
      untilMs: fromMs,
      delayMs,
      requestIds: new Set(),
    };
    client.history.holds.push(record);
    tenure.holds.push(record);
    await signOfLife(client, tenure);
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const hasWaited = error.reason === 'LOCKED' && client.nowMs - invokedMs >= waitMs;
    const what = (): string => `${client.name} waited ${waitMs} ms for a lock: ${error.message}`;
    client.expect('live', !hasWaited, what);
    throw error;
  }
}

/** None within another. */
function someTargets(client: Client): { readonly path: string; readonly mode: HoldMode }[] {
  const mode = (): HoldMode => client.oneOf<HoldMode>('S', 'SIX', 'X', 'X');
  if (client.below(3) > 0) return [{ path: client.oneOf(...paths), mode: mode() }];
  const second = client.oneOf('/x/1', '/x/1/deep');
  return [
    { path: '/x/0', mode: mode() },
    { path: second, mode: mode() },
  ];
}

/** All of the lease is alive for its ttl from when this was asked for, if it is answered so. */
async function signOfLife(client: Client, { leaseId, holds }: Tenure): Promise<void> {
  const invokedMs = client.nowMs;
  const { liveLeaseIds } = await client.ask(ContextService.method.keepAlive, { leaseIds: [leaseId] });
  if (!liveLeaseIds.includes(leaseId)) return;
  for (const hold of holds) hold.untilMs = Math.max(hold.untilMs, invokedMs + ttlMs);
}

/** Writes where it holds something, with all its tokens. */
async function write(client: Client, { holds }: Tenure): Promise<void> {
  const held = holds.flatMap(({ targets }) => targets).filter(({ mode }) => mode === 'X');
  const target = held[client.below(Math.max(1, held.length))];
  if (target === undefined) return;
  const token = client.token();
  const requestId = `crossing ${token}`;
  for (const hold of holds) hold.requestIds.add(requestId);
  const operations = [putText(`${target.path}/a`, token), putText(`${target.path}/b`, token)];
  const fencingTokens = holds.map(({ fencingToken }) => fencingToken);
  const request = { operations, requestId, author: client.name, fencingTokens };
  const note = { requestId, tokens: [token], operations };
  await client.write(ContextService.method.publish, request, note, ({ revision }) => revision);
}

/** From when it asks for its end nothing is certain any more, and no delay comes behind. */
async function end(client: Client, { leaseId, holds }: Tenure): Promise<void> {
  for (const hold of holds) {
    hold.untilMs = Math.min(hold.untilMs, client.nowMs);
    hold.delayMs = 0;
  }
  const requestId = `end ${client.token()}`;
  await client.ask(LockService.method.endLease, { leaseId, author: client.name, requestId });
}
