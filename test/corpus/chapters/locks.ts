/** Leases, bound nodes, locks that are held, waited for, given up, lost to a deadlock or delayed, and writes under them. */
import { create } from '@bufbuild/protobuf';

import { LockMode, LockState } from '../../../src/gen/hyperloom/v1/lock_pb.ts';
import { OperationSchema } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Operation } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { putText } from '../../support/broker.ts';
import { expectRefusal, longTtl, shortTtl, until } from '../story.ts';
import type { Chapter, Story } from '../story.ts';

const { EXCLUSIVE, SHARED, SHARED_INTENT_EXCLUSIVE } = LockMode;
const waitLong = { seconds: 3_600n };

function bound(path: string, leaseId: string): Operation {
  return create(OperationSchema, {
    path,
    leaseId,
    action: { case: 'put', value: { kind: { case: 'text', value: 'here' } } },
  });
}

export const locks: Chapter = {
  name: 'locks',
  async tell(story) {
    await endLeases(story);
    await writeUnderLocks(story);
    await runIntoOneAnother(story);
    await vanish(story);
    await leaveLocks(story);
  },
};

async function endLeases(story: Story): Promise<void> {
  const { locks, context } = story.clients;
  const lease = await story.lease({ label: 'ended', requestId: story.requestId() });
  await story.publish({ operations: [bound('/agents/one', lease.id), bound('/agents/two', lease.id)] });
  await story.ghost({ leaseId: lease.id, label: 'goes with its lease' });
  await locks.endLease({ leaseId: lease.id, author: 'holder', requestId: story.requestId() });
  await expectRefusal('LEASE_NOT_FOUND', locks.endLease({ leaseId: lease.id, requestId: story.requestId() }));
  const lost = await story.lease({ ttl: shortTtl, label: 'lost' });
  await story.publish({ operations: [bound('/agents/three', lost.id)] });
  await until('the lease expires', async () => (await context.list({ path: '/agents' })).nodes.length === 0);
}

async function writeUnderLocks(story: Story): Promise<void> {
  const { locks, context } = story.clients;
  const { lock, lease } = await locks.acquireLock({
    owner: { case: 'ttl', value: longTtl },
    targets: [
      { path: '/plans/a', mode: EXCLUSIVE },
      { path: '/plans/b', mode: SHARED_INTENT_EXCLUSIVE },
    ],
    label: 'planning',
    author: 'holder',
    requestId: story.requestId(),
  });
  const [lockId, leaseId, token] = [lock?.id ?? '', lease?.id ?? '', lock?.fencingToken ?? 0n];
  const fencingTokens = [token];
  const { revision } = await story.publish({ fencingTokens, operations: [putText('/plans/a/goal', 'x')] });
  await story.refuse('LOCKED', { operations: [putText('/plans/a/goal', 'y')] });
  const { id: ghostId } = await story.ghost({ leaseId });
  await story.publish({ ghostId, fencingTokens, operations: [putText('/plans/a/step', 'one')] });
  await context.commit({ ghostId, fencingTokens });
  const target = { case: 'revision', value: revision } as const;
  await context.revert({
    target,
    fencingTokens,
    reason: 'no such goal',
    author: 'holder',
    requestId: story.requestId(),
  });
  // Writes that wait have a lock of their own, on just what they write.
  const waiting = story.publish({ lockWait: waitLong, operations: [putText('/plans/a/note', 'waited')] });
  await untilWaiting(story, 1);
  await locks.releaseLock({
    lockId,
    leaseId,
    endLease: true,
    author: 'holder',
    requestId: story.requestId(),
  });
  await waiting;
  await story.refuse('STALE_FENCING_TOKEN', { fencingTokens, operations: [putText('/plans/a/goal', 'z')] });
}

async function runIntoOneAnother(story: Story): Promise<void> {
  const { locks } = story.clients;
  const [first, second] = [await story.lease({ label: 'first' }), await story.lease({ label: 'second' })];
  const acquire = (leaseId: string, path: string, wait: { seconds: bigint }) =>
    locks.acquireLock({
      owner: { case: 'leaseId', value: leaseId },
      targets: [{ path, mode: EXCLUSIVE }],
      wait,
      author: 'holder',
      requestId: story.requestId(),
    });
  await acquire(first.id, '/cycle/a', waitLong);
  await acquire(second.id, '/cycle/b', waitLong);
  await expectRefusal('LOCKED', acquire(second.id, '/cycle/a', { seconds: 0n }));
  await expectRefusal('LOCKED', acquire(second.id, '/cycle/a', { seconds: 1n }));
  // The younger of the two is the victim, whoever closes the circle.
  const refused = expectRefusal('DEADLOCK', acquire(second.id, '/cycle/a', waitLong));
  await untilWaiting(story, 1);
  const waiting = acquire(first.id, '/cycle/b', waitLong);
  await refused;
  await expectRefusal('DEADLOCK', acquire(second.id, '/cycle/a', waitLong));
  await locks.endLease({ leaseId: second.id });
  const { lock } = await waiting;
  await expectRefusal(
    'NOT_LOCK_OWNER',
    locks.releaseLock({ lockId: lock?.id ?? '', leaseId: 'nobody', requestId: story.requestId() }),
  );
  await locks.endLease({ leaseId: first.id });
}

/** A holder that vanishes, with a quiet time after it that ends. */
async function vanish(story: Story): Promise<void> {
  const { locks } = story.clients;
  await locks.acquireLock({
    owner: { case: 'ttl', value: shortTtl },
    targets: [{ path: '/quiet/short', mode: SHARED }],
    delay: { seconds: 1n },
    author: 'holder',
  });
  await until(
    'the quiet time ends',
    async () => (await locks.inspectLocks({ path: '/quiet' })).locks.length === 0,
  );
}

/** Held, waited for, and delayed, for the snapshot. */
async function leaveLocks(story: Story): Promise<void> {
  const { locks } = story.clients;
  const lease = await story.lease({ label: 'of what stays' });
  await story.publish({ operations: [bound('/agents/four', lease.id)] });
  const held = await locks.acquireLock({
    owner: { case: 'leaseId', value: lease.id },
    targets: [{ path: '/held', mode: SHARED }],
    label: 'held',
    author: 'holder',
  });
  await story.ghost({ leaseId: lease.id, label: 'with a lease' });
  story.ids.set('lease', lease.id);
  story.ids.set('lock', held.lock?.id ?? '');
  story.leave(
    locks.acquireLock({
      owner: { case: 'ttl', value: longTtl },
      targets: [{ path: '/held/below', mode: EXCLUSIVE }],
      label: 'waiting',
      author: 'waiter',
      requestId: story.requestId(),
    }),
  );
  await untilWaiting(story, 1);
  await locks.acquireLock({
    owner: { case: 'ttl', value: shortTtl },
    targets: [{ path: '/quiet/long', mode: EXCLUSIVE }],
    delay: { seconds: 60n },
    author: 'holder',
  });
  await until('the quiet time begins', async () => {
    const { locks: found } = await locks.inspectLocks({ path: '/quiet' });
    return found[0]?.lock?.state === LockState.DELAYED;
  });
}

async function untilWaiting(story: Story, count: number): Promise<void> {
  await until(`${count} wait for locks`, async () => {
    const { locksWaiting } = await story.clients.forests.getStatus({});
    return locksWaiting === BigInt(count);
  });
}
