/**
 * Goal: leases: what hangs on one lives and ends with it, in one revision, within its ttl and a second, and survives a restart.
 * Method: a whole broker on a real socket, called through connect-node, and a process that is killed.
 */
import { create } from '@bufbuild/protobuf';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LockMode, LockState } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import {
  appendText,
  connectClients,
  copy,
  putText,
  refusalOf,
  remove,
  startTestBroker,
  type TestBroker,
  type TestClients,
} from '../support/broker.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

function bound(path: string, leaseId: string, value = 'here'): Operation {
  return create(OperationSchema, { ...putText(path, value), leaseId });
}

async function grant(clients: TestClients | TestBroker, seconds = 30n): Promise<string> {
  const { lease } = await clients.locks.grantLease({ ttl: { seconds }, author: 'ada', label: 'presence' });
  return lease?.id ?? '';
}

async function leaseOf(path: string): Promise<string> {
  return (await broker.context.get({ path })).node?.leaseId ?? '';
}

async function pathsBelow(path: string): Promise<string[]> {
  const { nodes } = await broker.context.list({ path });
  return nodes.filter(({ value }) => value !== undefined).map((node) => node.path);
}

describe('a lease', () => {
  test('is granted, listed in pages and ended', async () => {
    const ids = [await grant(broker), await grant(broker), await grant(broker)];
    const listed: string[] = [];
    let pageToken = '';
    do {
      const page = await broker.locks.listLeases({ pageSize: 2, pageToken });
      listed.push(...page.leases.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(listed).toEqual(ids);
    const { leases } = await broker.locks.listLeases({});
    expect(leases[0]).toMatchObject({
      author: 'ada',
      label: 'presence',
      ttl: { seconds: 30n },
      locks: 0n,
      nodes: 0n,
      ghosts: 0n,
    });
    for (const leaseId of ids)
      expect(await broker.locks.endLease({ leaseId })).toMatchObject({ revision: 0n });
    expect(await refusalOf(broker.locks.endLease({ leaseId: ids[0] ?? '' }))).toMatchObject({
      code: 'NotFound',
      reason: 'LEASE_NOT_FOUND',
    });
    expect((await broker.locks.listLeases({})).leases).toEqual([]);
  });

  test('takes its nodes, locks and ghosts along in one revision, which says so', async () => {
    const leaseId = await grant(broker);
    await broker.context.publish({
      operations: [bound('/s/agents/ada', leaseId), putText('/s/agents/ada/child', 'stays')],
    });
    await broker.context.publish({
      operations: [bound('/s/agents/ada/tool', leaseId), putText('/s/other', 'x')],
    });
    const { lock } = await broker.locks.acquireLock({
      owner: { case: 'leaseId', value: leaseId },
      targets: [{ path: '/s/plan', mode: LockMode.EXCLUSIVE }],
    });
    expect((await broker.locks.listLeases({})).leases).toMatchObject([{ id: leaseId, locks: 1n, nodes: 2n }]);
    const ended = await broker.locks.endLease({ leaseId });
    expect(ended).toMatchObject({ deletedNodes: 2n, releasedLocks: 1n });
    expect(await pathsBelow('/s')).toEqual(['/s/agents/ada/child', '/s/other']);
    const { events } = await broker.context.history({ path: '/s/agents' });
    const last = events.find(({ revision }) => revision === ended.revision);
    expect(last?.leaseId).toBe(leaseId);
    expect(last?.transition).toBeUndefined();
    expect(last?.changes.map(({ path, action }) => [path, action.case])).toEqual([
      ['/s/agents/ada', 'delete'],
      ['/s/agents/ada/tool', 'delete'],
    ]);
    const late = broker.context.publish({
      operations: [putText('/s/plan', 'x')],
      fencingTokens: [lock?.fencingToken ?? 0n],
    });
    expect((await refusalOf(late)).reason).toBe('STALE_FENCING_TOKEN');
  });

  test('is told of the newest trunk only, and follows what is done to the node', async () => {
    const [one, other] = [await grant(broker), await grant(broker)];
    const publish = async (...operations: Operation[]): Promise<bigint> =>
      (await broker.context.publish({ operations })).revision;
    const first = await publish(bound('/b/n', one));
    expect(await leaseOf('/b/n')).toBe(one);
    await publish(appendText('/b/n', '!'));
    expect(await leaseOf('/b/n')).toBe(one);
    await publish(bound('/b/n', other));
    expect(await leaseOf('/b/n')).toBe(other);
    await publish(copy('/b/copied', '/b/n'));
    expect(await leaseOf('/b/copied')).toBe('');
    const past = await broker.context.get({ path: '/b/n', view: { atRevision: first } });
    expect(past.node?.leaseId).toBe('');
    const { nodes } = await broker.context.batchGet({ paths: ['/b/n', '/b/copied'] });
    expect(nodes.map((node) => node.leaseId)).toEqual([other, '']);
    const listed = await broker.context.list({ path: '/b' });
    expect(listed.nodes.map((node) => node.leaseId)).toEqual(['', other]);
    await publish(putText('/b/n', 'free'));
    expect(await leaseOf('/b/n')).toBe('');
    await publish(bound('/b/n', one));
    await publish(remove('/b/n'));
    await publish(putText('/b/n', 'new'));
    for (const leaseId of [one, other]) await broker.locks.endLease({ leaseId });
    expect(await pathsBelow('/b')).toEqual(['/b/copied', '/b/n']);
  });

  test('binds what a ghost has staged when it is committed, if it lives then', async () => {
    const leaseId = await grant(broker);
    const begin = async (): Promise<string> => (await broker.context.beginGhost({})).ghost?.id ?? '';
    const [committed, late] = [await begin(), await begin()];
    await broker.context.publish({ ghostId: committed, operations: [bound('/g/a', leaseId)] });
    await broker.context.publish({ ghostId: late, operations: [bound('/g/b', leaseId)] });
    await broker.context.commit({ ghostId: committed });
    expect(await leaseOf('/g/a')).toBe(leaseId);
    expect(await broker.locks.endLease({ leaseId })).toMatchObject({ deletedNodes: 1n });
    expect(await refusalOf(broker.context.commit({ ghostId: late }))).toMatchObject({
      code: 'Aborted',
      reason: 'CONFLICT',
    });
  });

  test('that nobody keeps alive ends within its ttl and a second; one that is kept alive goes on', async () => {
    const [gone, kept] = [await grant(broker, 1n), await grant(broker, 1n)];
    await broker.context.publish({ operations: [bound('/e/gone', gone), bound('/e/kept', kept)] });
    await broker.locks.acquireLock({
      owner: { case: 'leaseId', value: gone },
      targets: [{ path: '/e/gone', mode: LockMode.EXCLUSIVE }],
      delay: { seconds: 1n },
    });
    const start = performance.now();
    const seen: string[][] = [];
    await expect
      .poll(
        async () => {
          await broker.context.keepAlive({ leaseIds: [kept] });
          seen.push(await pathsBelow('/e'));
          return seen.at(-1);
        },
        { timeout: 5_000, interval: 50 },
      )
      .toEqual(['/e/kept']);
    expect(performance.now() - start).toBeLessThan(2_000);
    const { liveLeaseIds } = await broker.context.keepAlive({ leaseIds: [gone, kept] });
    expect(liveLeaseIds).toEqual([kept]);
    const { locks } = await broker.locks.inspectLocks({ path: '/e' });
    expect(locks.map(({ lock }) => lock?.state)).toEqual([LockState.DELAYED]);
    await expect
      .poll(
        async () => {
          await broker.context.keepAlive({ leaseIds: [kept] });
          return (await broker.locks.inspectLocks({ path: '/e' })).locks.length;
        },
        { timeout: 5_000 },
      )
      .toBe(0);
    await broker.locks.endLease({ leaseId: kept });
  });

  test('of a call that waits is kept alive by the call, and lives its whole ttl from the grant', async () => {
    const held = await broker.locks.acquireLock({ targets: [{ path: '/w', mode: LockMode.EXCLUSIVE }] });
    const waiting = broker.locks.acquireLock({
      owner: { case: 'ttl', value: { seconds: 1n } },
      targets: [{ path: '/w', mode: LockMode.EXCLUSIVE }],
    });
    const start = performance.now();
    await expect.poll(() => performance.now() - start, { timeout: 5_000 }).toBeGreaterThan(2_500);
    const { lock, lease } = held;
    await broker.locks.releaseLock({ lockId: lock?.id ?? '', leaseId: lease?.id ?? '', endLease: true });
    const granted = await waiting;
    expect(granted.lock?.state).toBe(LockState.HELD);
    const grantedMs = performance.now();
    await expect
      .poll(async () => (await broker.locks.listLeases({})).leases.length, { timeout: 5_000 })
      .toBe(0);
    expect(performance.now() - grantedMs).toBeGreaterThan(900);
  });
});

describe('a broker that is killed', () => {
  test('keeps leases and what hangs on them, and ends them when their owner does not come back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-leases-'));
    const process = new BrokerProcess(folder);
    await process.start();
    let clients = connectClients(`http://${process.address}`);
    // The short one lives long enough that a slow machine still finds it after the restart.
    const [long, short] = [await grant(clients), await grant(clients, 6n)];
    await clients.context.publish({ operations: [bound('/k/long', long), bound('/k/short', short)] });
    const before = await clients.locks.listLeases({});
    await process.stop('SIGKILL');
    clients.cut();
    await process.start();
    clients = connectClients(`http://${process.address}`);
    expect((await clients.locks.listLeases({})).leases).toEqual(before.leases);
    const listed = await clients.context.list({ path: '/k' });
    expect(listed.nodes.map(({ path, leaseId }) => [path, leaseId])).toEqual([
      ['/k/long', long],
      ['/k/short', short],
    ]);
    await expect
      .poll(async () => (await clients.context.list({ path: '/k' })).nodes.map(({ path }) => path), {
        timeout: 20_000,
      })
      .toEqual(['/k/long']);
    expect((await clients.context.keepAlive({ leaseIds: [long, short] })).liveLeaseIds).toEqual([long]);
    clients.cut();
    await process.stop('SIGTERM');
    await rm(folder, { recursive: true });
  });
});
