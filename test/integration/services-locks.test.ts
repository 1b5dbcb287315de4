/**
 * Goal: locks as a client has them: granted, waited for in order, inspected, given back, kept across restarts, and refused
 * with words that help. Method: a whole broker on a real socket, called through connect-node, and a process that is killed.
 */
import type { Message, MessageInitShape } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LockMode, LockState } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import type { AcquireLockRequestSchema } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';

type Acquire = Exclude<MessageInitShape<typeof AcquireLockRequestSchema>, Message>;

const shared: LockMode = LockMode.SHARED;
const exclusive: LockMode = LockMode.EXCLUSIVE;
const stateNames: Readonly<Record<number, string>> = { 1: 'WAITING', 2: 'HELD', 3: 'DELAYED' };
const noWait = { seconds: 0n };

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
  expect(lock?.leaseId).toBe(lease?.id);
  return { id: lock?.id ?? '', leaseId: lease?.id ?? '', token: lock?.fencingToken ?? 0n };
}

function release(lock: { id: string; leaseId: string }, endLease = true): Promise<unknown> {
  return broker.locks.releaseLock({ lockId: lock.id, leaseId: lock.leaseId, endLease });
}

async function statesAt(path: string): Promise<string[]> {
  const { locks } = await broker.locks.inspectLocks({ path });
  return locks.map(({ lock }) => `${lock?.author} ${stateNames[lock?.state ?? 0]}`);
}

/** Waits until so many wait at a path. */
async function untilWaiting(path: string, count: number): Promise<void> {
  await expect
    .poll(async () => (await statesAt(path)).filter((each) => each.endsWith('WAITING')).length)
    .toBe(count);
}

describe('a lock', () => {
  test('is granted with its lease, inspected, counted and given back', async () => {
    const { lock, lease, repeated } = await broker.locks.acquireLock({
      ...on('/one/plan'),
      owner: { case: 'ttl', value: { seconds: 20n } },
      author: 'ada',
      label: 'planning',
      delay: { seconds: 2n },
    });
    expect(repeated).toBe(false);
    expect(lock).toMatchObject({
      leaseId: lease?.id,
      state: LockState.HELD,
      author: 'ada',
      label: 'planning',
      delay: { seconds: 2n },
      targets: [{ path: '/one/plan', mode: exclusive }],
    });
    expect(lease).toMatchObject({
      author: 'ada',
      label: 'planning',
      ttl: { seconds: 20n },
      locks: 1n,
      nodes: 0n,
    });
    const { locks } = await broker.locks.inspectLocks({ path: '/one' });
    expect(locks).toMatchObject([
      { lock: { id: lock?.id, fencingToken: lock?.fencingToken }, waitsForTotal: 0n },
    ]);
    expect(await broker.forests.getStatus({})).toMatchObject({ leases: 1n, locksHeld: 1n, locksWaiting: 0n });
    await release({ id: lock?.id ?? '', leaseId: lease?.id ?? '' });
    expect((await broker.locks.inspectLocks({ path: '/one' })).locks).toEqual([]);
    expect(await broker.forests.getStatus({})).toMatchObject({ leases: 0n, locksHeld: 0n });
  });

  test('has a token that grows with each grant', async () => {
    const tokens: bigint[] = [];
    for (let round = 0; round < 3; round += 1) {
      const lock = await acquire(on('/tokens'));
      tokens.push(lock.token);
      await release(lock);
    }
    expect(tokens).toEqual(tokens.toSorted((a, b) => Number(a - b)));
    expect(new Set(tokens).size).toBe(3);
  });

  test('is shared by readers, whom a writer waits for, and those behind wait for the writer', async () => {
    const first = await acquire({ ...on('/fair', shared), author: 'reader 1' });
    const second = await acquire({ ...on('/fair/deep', shared), author: 'reader 2' });
    const order: string[] = [];
    const note = (name: string) => (lock: { id: string; leaseId: string; token: bigint }) => {
      order.push(name);
      return lock;
    };
    const writer = acquire({ ...on('/fair'), author: 'writer' }).then(note('writer'));
    await untilWaiting('/fair', 1);
    const third = acquire({ ...on('/fair', shared), author: 'reader 3' }).then(note('reader 3'));
    await untilWaiting('/fair', 2);
    const { locks } = await broker.locks.inspectLocks({ path: '/fair' });
    expect(locks.map(({ lock, waitsFor }) => [lock?.author, waitsFor])).toEqual([
      ['reader 1', []],
      ['reader 2', []],
      ['writer', [first.id, second.id]],
      ['reader 3', [locks[2]?.lock?.id]],
    ]);
    await release(first);
    await release(second);
    await release(await writer);
    await release(await third);
    expect(order).toEqual(['writer', 'reader 3']);
  });

  test('on several paths is granted on all of them or on none', async () => {
    const held = await acquire(on('/several/b'));
    const targets = [
      { path: '/several/a', mode: exclusive },
      { path: '/several/b', mode: exclusive },
    ];
    const refused = await refusalOf(broker.locks.acquireLock({ targets, wait: noWait }));
    expect(refused).toMatchObject({
      code: 'Aborted',
      reason: 'LOCKED',
      metadata: { path: '/several/b', lock_id: held.id, lease_id: held.leaseId, wait_ms: '0' },
    });
    await release(await acquire({ ...on('/several/a'), wait: noWait }));
    const waiting = acquire({ targets });
    await untilWaiting('/several', 1);
    await release(held);
    await release(await waiting);
  });

  test('is upgraded by its lease, before those who hold nothing there', async () => {
    const reader = await acquire({ ...on('/upgrade', shared), author: 'reader' });
    const owner = await acquire({ ...on('/upgrade', shared), author: 'owner' });
    const stranger = acquire({ ...on('/upgrade'), author: 'stranger' });
    await untilWaiting('/upgrade', 1);
    const upgrade = acquire({ ...on('/upgrade'), owner: { case: 'leaseId', value: owner.leaseId } });
    await untilWaiting('/upgrade', 2);
    await release(reader);
    const upgraded = await upgrade;
    expect(upgraded.leaseId).toBe(owner.leaseId);
    await release(upgraded, false);
    await release(owner);
    await release(await stranger);
  });

  test('is waited for at most as long as asked', async () => {
    const held = await acquire({ ...on('/bounded'), author: 'holder' });
    const start = performance.now();
    const refused = await refusalOf(
      broker.locks.acquireLock({ ...on('/bounded'), wait: { nanos: 200_000_000 } }),
    );
    expect(performance.now() - start).toBeGreaterThanOrEqual(199);
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'LOCKED', metadata: { holder: 'holder' } });
    expect(Number(refused.metadata['wait_ms'])).toBeGreaterThanOrEqual(199);
    expect(await statesAt('/bounded')).toEqual(['holder HELD']);
    await release(held);
    expect(await broker.forests.getStatus({})).toMatchObject({ leases: 0n, locksHeld: 0n, locksWaiting: 0n });
  });

  test('is not waited for any more by who has gone, and by who has waited to the deadline', async () => {
    const held = await acquire({ ...on('/gone'), author: 'holder' });
    const controller = new AbortController();
    const aborted = refusalOf(broker.locks.acquireLock(on('/gone'), { signal: controller.signal }));
    await untilWaiting('/gone', 1);
    controller.abort();
    expect((await aborted).code).toBe('Canceled');
    await untilWaiting('/gone', 0);
    const late = broker.locks.acquireLock({ ...on('/gone'), requestId: 'late' }, { timeoutMs: 300 });
    expect((await refusalOf(late)).code).toBe('DeadlineExceeded');
    await untilWaiting('/gone', 0);
    await release(held);
  });

  test('keeps its place when a connection breaks and its request is repeated on another', async () => {
    const held = await acquire({ ...on('/place'), author: 'holder' });
    const broken = broker.connect();
    const request = { ...on('/place'), author: 'first', requestId: 'place' };
    const lost = refusalOf(broken.locks.acquireLock(request));
    await untilWaiting('/place', 1);
    const second = acquire({ ...on('/place'), author: 'second' });
    await untilWaiting('/place', 2);
    broken.cut();
    await lost;
    expect(await statesAt('/place')).toEqual(['holder HELD', 'first WAITING', 'second WAITING']);
    const again = broker.locks.acquireLock(request);
    await release(held);
    const { lock, lease } = await again;
    expect(lock).toMatchObject({ author: 'first', state: LockState.HELD });
    expect((await broker.locks.acquireLock(request)).repeated).toBe(true);
    await release({ id: lock?.id ?? '', leaseId: lease?.id ?? '' });
    await release(await second);
    expect((await refusalOf(broker.locks.acquireLock(request))).reason).toMatch(
      /LOCK_NOT_FOUND|LEASE_NOT_FOUND/,
    );
  });
});

describe('a deadlock', () => {
  test('is found at once, and ends with the youngest, who is told the circle', async () => {
    const old = await acquire({ ...on('/circle/a'), author: 'old' });
    const young = await acquire({ ...on('/circle/b'), author: 'young' });
    const waiting = acquire({ ...on('/circle/b'), owner: { case: 'leaseId', value: old.leaseId } });
    await untilWaiting('/circle', 1);
    const refused = await refusalOf(
      broker.locks.acquireLock({ ...on('/circle/a'), owner: { case: 'leaseId', value: young.leaseId } }),
    );
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'DEADLOCK' });
    expect(refused.circle).toHaveLength(2);
    expect(refused.circle[0]).toBe(refused.metadata['lock_id']);
    await release(young);
    await release(await waiting, false);
    await release(old);
  });

  test('ends the wait of the youngest where another one closes the circle', async () => {
    const old = await acquire({ ...on('/closed/a'), author: 'old' });
    const young = await acquire({ ...on('/closed/b'), author: 'young' });
    const victim = refusalOf(
      broker.locks.acquireLock({ ...on('/closed/a'), owner: { case: 'leaseId', value: young.leaseId } }),
    );
    await untilWaiting('/closed', 1);
    const waiting = acquire({ ...on('/closed/b'), owner: { case: 'leaseId', value: old.leaseId } });
    expect(await victim).toMatchObject({ code: 'Aborted', reason: 'DEADLOCK' });
    expect((await victim).circle).toHaveLength(2);
    await release(young);
    await release(await waiting, false);
    await release(old);
  });
});

describe('many locks', () => {
  test('are inspected in pages, by path and by lease', async () => {
    const held = await Promise.all(
      Array.from({ length: 25 }, (_, index) => acquire(on(`/pages/${String(index).padStart(2, '0')}`))),
    );
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await broker.locks.inspectLocks({ path: '/pages', pageSize: 10, pageToken });
      seen.push(...page.locks.map(({ lock }) => lock?.id ?? ''));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen.toSorted()).toEqual(held.map(({ id }) => id).toSorted());
    const [one] = held;
    const { locks } = await broker.locks.inspectLocks({ leaseId: one?.leaseId ?? '' });
    expect(locks.map(({ lock }) => lock?.id)).toEqual([one?.id]);
    for (const lock of held) await release(lock);
  });
});

describe('a broker that is killed', () => {
  test('finds its locks, waiters and leases again, in their order', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-locks-'));
    const process = new BrokerProcess(folder);
    await process.start();
    const connectTo = () => {
      const baseUrl = `http://${process.address}`;
      const sessionManager = new Http2SessionManager(baseUrl);
      const locks = createClient(LockService, createGrpcTransport({ baseUrl, sessionManager }));
      return { locks, close: () => sessionManager.abort() };
    };
    let client = connectTo();
    const waiters = ['w1', 'w2', 'w3'].map((requestId) => ({
      ...on('/kept/deep'),
      requestId,
      author: requestId,
    }));
    const { lock } = await client.locks.acquireLock({ ...on('/kept'), author: 'holder' });
    for (const [index, request] of waiters.entries()) {
      void client.locks.acquireLock(request).catch(() => undefined);
      await expect.poll(async () => (await client.locks.inspectLocks({})).locks.length).toBe(index + 2);
    }
    const before = await client.locks.inspectLocks({});
    const leases = await client.locks.listLeases({});
    await process.stop('SIGKILL');
    client.close();
    await process.start();
    client = connectTo();
    expect((await client.locks.inspectLocks({})).locks).toEqual(before.locks);
    expect((await client.locks.listLeases({})).leases).toEqual(leases.leases);
    const order: string[] = [];
    const again = waiters.toReversed().map(async (request) => {
      const granted = await client.locks.acquireLock(request);
      expect(granted.repeated).toBe(true);
      order.push(request.author);
      await client.locks.releaseLock({
        lockId: granted.lock?.id ?? '',
        leaseId: granted.lease?.id ?? '',
        endLease: true,
      });
    });
    await client.locks.releaseLock({ lockId: lock?.id ?? '', leaseId: lock?.leaseId ?? '', endLease: true });
    await Promise.all(again);
    expect(order).toEqual(['w1', 'w2', 'w3']);
    expect((await client.locks.inspectLocks({})).locks).toEqual([]);
    expect((await client.locks.listLeases({})).leases).toEqual([]);
    client.close();
    await process.stop('SIGTERM');
    await rm(folder, { recursive: true });
  });
});
