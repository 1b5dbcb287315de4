/**
 * Goal: requests about locks and leases that are wrong are refused with the reason and the field at fault. Method: a table of
 * them, sent to a whole broker on a real socket through connect-node.
 */
import type { Message, MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockWaitersPerForestMax } from '../../src/base/limits.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import type { AcquireLockRequestSchema } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';

type Acquire = Exclude<MessageInitShape<typeof AcquireLockRequestSchema>, Message>;

const shared: LockMode = LockMode.SHARED;
const exclusive: LockMode = LockMode.EXCLUSIVE;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

function on(path: string, mode = exclusive): Acquire {
  return { targets: [{ path, mode }] };
}

async function acquire(request: Acquire): Promise<{ id: string; leaseId: string; token: bigint }> {
  const { lock, lease } = await broker.locks.acquireLock(request);
  return { id: lock?.id ?? '', leaseId: lease?.id ?? '', token: lock?.fencingToken ?? 0n };
}

function release(lock: { id: string; leaseId: string }): Promise<unknown> {
  return broker.locks.releaseLock({ lockId: lock.id, leaseId: lock.leaseId, endLease: true });
}

describe('a bad request', () => {
  const nested = [
    { path: '/a', mode: exclusive },
    { path: '/a/b', mode: shared },
  ];
  const table: readonly (readonly [string, Acquire, string, string])[] = [
    ['no target', { targets: [] }, 'INVALID_REQUEST', 'targets'],
    [
      'too many targets',
      { targets: Array.from({ length: 101 }, (_, index) => ({ path: `/a/${index}`, mode: shared })) },
      'LIMIT_EXCEEDED',
      'targets',
    ],
    ['no mode', { targets: [{ path: '/a' }] }, 'INVALID_REQUEST', 'targets[0].mode'],
    [
      'an unknown mode',
      { targets: [{ path: '/a', mode: 9 as LockMode }] },
      'INVALID_REQUEST',
      'targets[0].mode',
    ],
    ['no path', { targets: [{ mode: shared }] }, 'INVALID_PATH', 'targets[0].path'],
    ['a bad path', on('/a//b'), 'INVALID_PATH', 'targets[0].path'],
    [
      'the same path twice',
      { targets: [...(on('/a').targets ?? []), ...(on('/a').targets ?? [])] },
      'INVALID_REQUEST',
      'targets[0].path',
    ],
    ['nested paths', { targets: nested }, 'INVALID_REQUEST', 'targets[1].path'],
    [
      'a path within the root',
      { targets: [...nested.slice(1), { path: '/', mode: shared }] },
      'INVALID_REQUEST',
      'targets[0].path',
    ],
    ['a ttl of 0', { ...on('/a'), owner: { case: 'ttl', value: { seconds: 0n } } }, 'INVALID_REQUEST', 'ttl'],
    [
      'a ttl beyond the limit',
      { ...on('/a'), owner: { case: 'ttl', value: { seconds: 86_401n } } },
      'INVALID_REQUEST',
      'ttl',
    ],
    ['an empty lease', { ...on('/a'), owner: { case: 'leaseId', value: '' } }, 'INVALID_REQUEST', 'lease_id'],
    ['a negative wait', { ...on('/a'), wait: { seconds: -1n } }, 'INVALID_REQUEST', 'wait'],
    ['a delay beyond the limit', { ...on('/a'), delay: { seconds: 61n } }, 'INVALID_REQUEST', 'delay'],
    ['a long label', { ...on('/a'), label: 'x'.repeat(1_025) }, 'LIMIT_EXCEEDED', 'label'],
    ['a long request id', { ...on('/a'), requestId: 'x'.repeat(129) }, 'LIMIT_EXCEEDED', 'request_id'],
  ];

  test.each(table)('with %s is refused', async (_name, request, reason, field) => {
    const refused = await refusalOf(broker.locks.acquireLock(request));
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason, fields: [field] });
  });

  test('about what is not there, or belongs to another, is refused', async () => {
    const unknown = await refusalOf(
      broker.locks.acquireLock({ ...on('/a'), owner: { case: 'leaseId', value: 'none' } }),
    );
    expect(unknown).toMatchObject({
      code: 'NotFound',
      reason: 'LEASE_NOT_FOUND',
      metadata: { lease_id: 'none' },
    });
    const missing = await refusalOf(broker.locks.releaseLock({ lockId: 'none', leaseId: 'none' }));
    expect(missing).toMatchObject({
      code: 'NotFound',
      reason: 'LOCK_NOT_FOUND',
      metadata: { lock_id: 'none' },
    });
    const lock = await acquire(on('/mine'));
    const other = await acquire(on('/other'));
    const foreign = await refusalOf(broker.locks.releaseLock({ lockId: lock.id, leaseId: other.leaseId }));
    expect(foreign).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'NOT_LOCK_OWNER',
      metadata: { lock_id: lock.id, lease_id: lock.leaseId },
    });
    expect((await refusalOf(broker.locks.releaseLock({ lockId: lock.id }))).fields).toEqual(['lease_id']);
    expect((await refusalOf(broker.locks.releaseLock({ leaseId: lock.leaseId }))).fields).toEqual([
      'lock_id',
    ]);
    expect((await refusalOf(broker.locks.inspectLocks({ pageSize: 1_001 }))).fields).toEqual(['page_size']);
    expect((await refusalOf(broker.locks.inspectLocks({ pageToken: 'x' }))).reason).toBe(
      'INVALID_PAGE_TOKEN',
    );
    expect((await refusalOf(broker.locks.acquireLock({ ...on('/a'), forest: 'none' }))).reason).toBe(
      'FOREST_NOT_FOUND',
    );
    await release(lock);
    await release(other);
  });
});

describe('a bad request about leases and tokens', () => {
  test.each([
    ['a ttl of 0', () => broker.locks.grantLease({ ttl: { seconds: 0n } }), 'ttl'],
    ['a ttl beyond the limit', () => broker.locks.grantLease({ ttl: { seconds: 86_401n } }), 'ttl'],
    ['no lease to end', () => broker.locks.endLease({}), 'lease_id'],
    [
      'too many to keep alive',
      () => broker.context.keepAlive({ ghostIds: ['g'], leaseIds: Array.from({ length: 1_000 }, String) }),
      'lease_ids',
    ],
    [
      'too many tokens',
      () =>
        broker.context.publish({
          operations: [putText('/a', 'x')],
          fencingTokens: Array.from({ length: 101 }, (_, index) => BigInt(index)),
        }),
      'fencing_tokens',
    ],
    [
      'a lock wait that is negative',
      () => broker.context.publish({ operations: [putText('/a', 'x')], lockWait: { seconds: -1n } }),
      'lock_wait',
    ],
    [
      'a lease on what is no put',
      () =>
        broker.context.publish({
          operations: [{ path: '/a', action: { case: 'delete', value: {} }, leaseId: 'some' }],
        }),
      'operations[0].lease_id',
    ],
  ] as const)('with %s is refused', async (_name, call, field) => {
    const refused = await refusalOf(call());
    expect(refused.code).toBe('InvalidArgument');
    expect(refused.fields).toEqual([field]);
  });

  test('with tokens of two leases, or of none, is refused', async () => {
    const [one, other] = [await acquire(on('/two/a')), await acquire(on('/two/b'))];
    const operations = [putText('/two/a', 'x')];
    const both = broker.context.publish({ operations, fencingTokens: [one.token, other.token] });
    expect(await refusalOf(both)).toMatchObject({ code: 'FailedPrecondition', reason: 'NOT_LOCK_OWNER' });
    const none = broker.context.publish({ operations, fencingTokens: [0n] });
    expect(await refusalOf(none)).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'STALE_FENCING_TOKEN',
      metadata: { fencing_token: '0', path: '/two/a', lock_id: one.id, newest_token: String(one.token) },
    });
    await release(one);
    await release(other);
  });

  test('that binds to a lease which is not there is refused', async () => {
    const bound = { ...putText('/bound', 'x'), leaseId: 'nobody' };
    expect(await refusalOf(broker.context.publish({ operations: [bound] }))).toMatchObject({
      code: 'NotFound',
      reason: 'LEASE_NOT_FOUND',
      metadata: { lease_id: 'nobody' },
    });
  });
});

describe('thousands of waiters beyond the limit', () => {
  test('are refused, and those within it are served', { timeout: 120_000 }, async () => {
    // Not for the default half a minute: on a slow machine the crowd takes longer to come.
    const held = await acquire({ ...on('/crowd'), owner: { case: 'ttl', value: { seconds: 600n } } });
    const forest = broker.broker.forests.get('default');
    if ('reason' in forest) throw new Error(forest.message);
    const patience = { waitMs: Infinity, deadlineMs: undefined, onCancel: () => undefined };
    const common = { kind: 'acquire_lock', ttlMs: 600_000, noWait: false, delayMs: 0, label: '' } as const;
    const refusals: string[] = [];
    let granted = 0;
    const all = Array.from({ length: lockWaitersPerForestMax + 2_000 }, async () => {
      const ids = { lockId: forest.newId(), leaseId: forest.newId() };
      const targets = [{ path: ['crowd'], mode: 's' }] as const;
      const { outcome } = await forest.acquireLock(
        { ...common, ...ids, targets, author: 'crowd', request: null },
        patience,
      );
      if (outcome.kind === 'rejected') refusals.push(`${outcome.reason} ${outcome.metadata['limit']}`);
      else granted += 1;
    });
    await expect.poll(() => refusals.length, { timeout: 60_000 }).toBe(2_000);
    expect(new Set(refusals)).toEqual(new Set(['QUOTA_EXCEEDED lockWaitersPerForestMax']));
    expect(await refusalOf(broker.locks.acquireLock(on('/crowd')))).toMatchObject({
      code: 'ResourceExhausted',
      reason: 'QUOTA_EXCEEDED',
      metadata: { limit: 'lockWaitersPerForestMax', maximum: String(lockWaitersPerForestMax) },
    });
    const { locks } = await broker.locks.inspectLocks({ path: '/crowd', pageSize: 1_000 });
    expect(locks[999]).toMatchObject({ waitsForTotal: 1n, waitsFor: [held.id] });
    await release(held);
    await Promise.all(all);
    expect(granted).toBe(lockWaitersPerForestMax);
  });
});
