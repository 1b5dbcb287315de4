/** The calls by which locks are taken, given back and looked at. */
import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { CancelledError, DeadlineExceededError, LeaseLostError } from './errors.ts';
import type { LockTarget as WireTarget } from './gen/hyperloom/v1/lock_pb.ts';
import {
  InspectLocksRequestSchema,
  LockService,
  ReleaseLockRequestSchema,
  type AcquireLockRequest,
  type AcquireLockResponse,
} from './gen/hyperloom/v1/lock_service_pb.ts';
import { takeBackAttemptsMax, takeBackTimeoutMs, takeBackWaitMs } from './limits.ts';
import {
  readInspectedLock,
  readLock,
  wireLockMode,
  type InspectedLock,
  type LockInfo,
  type LockMode,
  type LockTarget,
} from './lock-info.ts';
import type { LocksOptions } from './options.ts';
import { Paged } from './paged.ts';
import type { CallLimits } from './transport.ts';

/** What to lock: one subtree or several, none within another; they are granted together or not at all. */
export type LockTargets = string | LockTarget | readonly (string | LockTarget)[];

/** Asks for a lock and waits for it. Where that is given up, nothing is held any more when it rejects, which may take a second. */
export async function askForLock(
  connection: Connection,
  request: AcquireLockRequest,
  limits: CallLimits,
): Promise<AcquireLockResponse> {
  limits.signal?.throwIfAborted();
  try {
    return await connection.caller.unary(LockService.method.acquireLock, request, limits);
  } catch (error) {
    const isLate = error instanceof DeadlineExceededError || error instanceof CancelledError;
    const isGivenUp = limits.signal?.aborted === true && !(error instanceof LeaseLostError);
    if (isLate || isGivenUp) await takeBack(connection, request);
    throw error;
  }
}

/**
 * Repeats a request that was given up until the broker's answer is definite, and gives back what it brings. A repetition finds the
 * request in its place if it still waits: so it asks to wait no longer than a moment, by the broker's own clock, after which the place is
 * given up. What a broker that is away keeps from it ends with its lease.
 */
async function takeBack(connection: Connection, request: AcquireLockRequest): Promise<void> {
  const hurried = { ...request, wait: durationFromMs(takeBackWaitMs) };
  for (let attempt = 0; attempt < takeBackAttemptsMax; attempt += 1) {
    try {
      const limits = { timeoutMs: takeBackTimeoutMs * 2 ** attempt };
      const answer = await connection.caller.unary(LockService.method.acquireLock, hurried, limits);
      await giveBack(connection, request, lockOf(answer));
      return;
    } catch (error) {
      // A refusal: there is nothing that could be given back.
      if (!(error instanceof DeadlineExceededError)) return;
    }
  }
}

async function giveBack(
  connection: Connection,
  { forest, author, owner }: AcquireLockRequest,
  { id, leaseId }: LockInfo,
): Promise<void> {
  const request = create(ReleaseLockRequestSchema, {
    forest,
    author,
    lockId: id,
    leaseId,
    endLease: owner.case !== 'leaseId',
    requestId: connection.nextRequestId(),
  });
  await connection.caller.unary(LockService.method.releaseLock, request, {});
}

/** Gives a lock of any lease back, or gives up waiting for it. */
export async function releaseLock(
  connection: Connection,
  agent: Agent,
  lockId: string,
  leaseId: string,
  limits: CallLimits,
): Promise<void> {
  const { forest, author } = agent;
  const requestId = connection.nextRequestId();
  const request = create(ReleaseLockRequestSchema, { forest, lockId, leaseId, author, requestId });
  await connection.caller.unary(LockService.method.releaseLock, request, limits);
}

/** Who holds what, who waits, and for whom, in pages. */
export function inspectLocks(
  connection: Connection,
  agent: Agent,
  options: LocksOptions,
): Paged<InspectedLock> {
  return new Paged(async (pageToken) => {
    const request = create(InspectLocksRequestSchema, {
      forest: agent.forest,
      path: options.path ?? '',
      leaseId: options.leaseId ?? '',
      pageSize: options.pageSize ?? 0,
      pageToken,
    });
    const answer = await connection.caller.unary(LockService.method.inspectLocks, request, options);
    const items = answer.locks.flatMap((inspected) => readInspectedLock(inspected) ?? []);
    return { items, nextPageToken: answer.nextPageToken, revision: 0 };
  });
}

/** The targets as they travel; those that name no mode take `mode`. */
export function targetsOf(targets: LockTargets, mode: LockMode): Pick<WireTarget, 'path' | 'mode'>[] {
  const all = typeof targets === 'string' || 'path' in targets ? [targets] : targets;
  return all.map((target) =>
    typeof target === 'string'
      ? { path: target, mode: wireLockMode(mode) }
      : { path: target.path, mode: wireLockMode(target.mode) },
  );
}

/** The lock of an answer. */
export function lockOf({ lock }: AcquireLockResponse): LockInfo {
  if (lock === undefined) throw new Error('the broker answered without a lock');
  return readLock(lock);
}
