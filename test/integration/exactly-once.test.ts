/**
 * Goal: guarantee 4 at the edge: every mutation that is repeated under its request id, after a lost reply, a reconnection or a
 * kill -9 and a restart, gets the outcome that it got first; and an id that stands for another request is refused.
 * Method: a broker process; each mutation of the API in a table, sent, killed behind it, sent again; then with another body.
 */
import { createClient } from '@connectrpc/connect';
import type { Client } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { describeRefusal, putText, refusalOf } from '../support/broker.ts';

interface Clients {
  readonly context: Client<typeof ContextService>;
  readonly forests: Client<typeof ForestService>;
  readonly locks: Client<typeof LockService>;
  close(): void;
}

function connectTo(address: string): Clients {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const transport = createGrpcTransport({ baseUrl, sessionManager });
  return {
    context: createClient(ContextService, transport),
    forests: createClient(ForestService, transport),
    locks: createClient(LockService, transport),
    close: () => sessionManager.abort(),
  };
}

let folder: string;
let broker: BrokerProcess;
let clients: Clients;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-exactly-once-'));
  broker = new BrokerProcess(folder);
  await broker.start();
  clients = connectTo(broker.address);
});
afterAll(async () => {
  clients.close();
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

async function killAndRestart(): Promise<void> {
  clients.close();
  await broker.stop('SIGKILL');
  await broker.start();
  clients = connectTo(broker.address);
}

/** What a call came to, without what tells repetitions from first calls. */
async function outcomeOf(
  call: Promise<unknown>,
): Promise<{ told: Record<string, unknown>; repeated: boolean }> {
  try {
    const { repeated = true, ...told } = { ...((await call) as Record<string, unknown>) };
    for (const volatile of ['brokerTime', 'freedBytes', 'forest', 'ghost']) delete told[volatile];
    return { told, repeated: repeated === true };
  } catch (error) {
    const { code, reason } = describeRefusal(error);
    return { told: { code, reason }, repeated: true };
  }
}

async function backupChunks(): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of clients.forests.backup({})) chunks.push(chunk);
  return chunks;
}

async function* upload(forest: string, requestId: string, chunks: readonly Uint8Array[]) {
  yield { forest, requestId };
  for (const chunk of chunks) yield { chunk };
}

let ghostId = '';
let otherGhostId = '';
let leaseId = '';
let endedId = '';
let releasedId = '';
let fencingTokens: bigint[] = [];
let backup: readonly Uint8Array[] = [];

/** A mutation, and the same id with another body. */
const mutations: readonly (readonly [
  string,
  (requestId: string) => Promise<unknown>,
  (requestId: string) => Promise<unknown>,
])[] = [
  [
    'a publish',
    (requestId) => clients.context.publish({ requestId, operations: [putText('/a', 'x')] }),
    (requestId) => clients.context.publish({ requestId, operations: [putText('/a', 'y')] }),
  ],
  [
    'a refused publish',
    (requestId) =>
      clients.context.publish({
        requestId,
        operations: [putText('/b', 'x')],
        preconditions: [{ path: '/a', condition: { case: 'modifiedRevision', value: 99n } }],
      }),
    (requestId) => clients.context.publish({ requestId, operations: [putText('/b', 'x')] }),
  ],
  [
    'a ghost begun',
    async (requestId) => {
      const { ghost } = await clients.context.beginGhost({ requestId, ttl: { seconds: 600n } });
      ghostId = ghost?.id ?? '';
      return { ghostId };
    },
    (requestId) => clients.context.beginGhost({ requestId, ttl: { seconds: 601n } }),
  ],
  [
    'a diff staged',
    (requestId) => clients.context.publish({ requestId, ghostId, operations: [putText('/g', 'x')] }),
    (requestId) => clients.context.publish({ requestId, operations: [putText('/g', 'x')] }),
  ],
  [
    'a checkpoint',
    (requestId) => clients.context.checkpoint({ requestId, ghostId, name: 'one' }),
    (requestId) => clients.context.checkpoint({ requestId, ghostId, name: 'two' }),
  ],
  [
    'a return to a checkpoint',
    (requestId) =>
      clients.context.revert({
        requestId,
        target: { case: 'rewind', value: { ghostId, checkpoint: 'one' } },
      }),
    (requestId) =>
      clients.context.revert({ requestId, target: { case: 'rewind', value: { ghostId, checkpoint: '' } } }),
  ],
  [
    'a commit',
    (requestId) => clients.context.commit({ requestId, ghostId }),
    (requestId) => clients.context.commit({ requestId, ghostId, label: 'another' }),
  ],
  [
    'another ghost begun',
    async (requestId) => {
      const { ghost } = await clients.context.beginGhost({ requestId });
      otherGhostId = ghost?.id ?? '';
      return { otherGhostId };
    },
    (requestId) => clients.context.beginGhost({ requestId, label: 'another' }),
  ],
  [
    'a ghost reverted',
    (requestId) =>
      clients.context.revert({
        requestId,
        target: { case: 'ghostId', value: otherGhostId },
        reason: 'wrong',
      }),
    (requestId) =>
      clients.context.revert({
        requestId,
        target: { case: 'ghostId', value: otherGhostId },
        reason: 'right',
      }),
  ],
  [
    'a revision reverted',
    (requestId) => clients.context.revert({ requestId, target: { case: 'revision', value: 2n } }),
    (requestId) => clients.context.revert({ requestId, target: { case: 'revision', value: 1n } }),
  ],
  [
    'a revision reverted that is not there yet',
    (requestId) => clients.context.revert({ requestId, target: { case: 'revision', value: 99n } }),
    (requestId) => clients.context.revert({ requestId, target: { case: 'revision', value: 98n } }),
  ],
  [
    'history given up',
    (requestId) => clients.forests.compact({ requestId, revision: 3n }),
    (requestId) => clients.forests.compact({ requestId, revision: 1n }),
  ],
  [
    'a lease granted',
    async (requestId) => {
      const { lease, repeated } = await clients.locks.grantLease({ requestId, ttl: { seconds: 600n } });
      leaseId = lease?.id ?? '';
      return { leaseId, repeated };
    },
    (requestId) => clients.locks.grantLease({ requestId, ttl: { seconds: 601n } }),
  ],
  [
    'a lock granted',
    async (requestId) => {
      const owner = { case: 'leaseId', value: leaseId } as const;
      const targets = [{ path: '/locked', mode: LockMode.EXCLUSIVE }];
      const { lock, repeated } = await clients.locks.acquireLock({ requestId, owner, targets });
      fencingTokens = [lock?.fencingToken ?? 0n];
      return { id: lock?.id, token: lock?.fencingToken, repeated };
    },
    (requestId) =>
      clients.locks.acquireLock({
        requestId,
        owner: { case: 'leaseId', value: leaseId },
        targets: [{ path: '/locked', mode: LockMode.SHARED }],
      }),
  ],
  [
    'a publish under it',
    (requestId) =>
      clients.context.publish({ requestId, fencingTokens, operations: [putText('/locked/a', 'x')] }),
    (requestId) => clients.context.publish({ requestId, operations: [putText('/locked/a', 'x')] }),
  ],
  [
    'a publish against it',
    (requestId) => clients.context.publish({ requestId, operations: [putText('/locked/b', 'x')] }),
    (requestId) => clients.context.publish({ requestId, operations: [putText('/locked/c', 'x')] }),
  ],
  [
    'a lock released',
    async (requestId) => {
      const { lock } = await clients.locks
        .acquireLock({
          requestId: 'to be released',
          owner: { case: 'leaseId', value: leaseId },
          targets: [{ path: '/released', mode: LockMode.EXCLUSIVE }],
        })
        .catch(() => ({ lock: undefined }));
      releasedId ||= lock?.id ?? '';
      return clients.locks.releaseLock({ requestId, lockId: releasedId, leaseId });
    },
    (requestId) => clients.locks.releaseLock({ requestId, lockId: releasedId, leaseId, endLease: true }),
  ],
  [
    'a lease ended',
    async (requestId) => {
      const { lease } = await clients.locks
        .grantLease({ requestId: 'to be ended' })
        .catch(() => ({ lease: undefined }));
      endedId ||= lease?.id ?? '';
      return clients.locks.endLease({ requestId, leaseId: endedId });
    },
    (requestId) => clients.locks.endLease({ requestId, leaseId: endedId, author: 'another' }),
  ],
  [
    'a forest made',
    (requestId) => clients.forests.createForest({ requestId, name: 'one' }),
    (requestId) => clients.forests.createForest({ requestId, name: 'two' }),
  ],
  [
    'a forest that was there',
    (requestId) => clients.forests.createForest({ requestId, name: 'default' }),
    (requestId) => clients.forests.createForest({ requestId, name: 'two' }),
  ],
  [
    'a forest restored',
    (requestId) => clients.forests.restore(upload('restored', requestId, backup)),
    (requestId) => clients.forests.restore(upload('restored', requestId, backup.slice(0, -1))),
  ],
  [
    'a forest deleted',
    (requestId) => clients.forests.deleteForest({ requestId, name: 'one' }),
    (requestId) => clients.forests.deleteForest({ requestId, name: 'two' }),
  ],
];

test('every mutation has one outcome for its request id, and none for another body', async () => {
  const first: [string, Readonly<Record<string, unknown>>][] = [];
  for (const [name, mutate] of mutations) {
    if (name === 'a forest restored') backup = await backupChunks();
    first.push([name, (await outcomeOf(mutate(name))).told]);
  }
  const refusals = first.flatMap(([name, told]) => ('reason' in told ? [[name, told['reason']]] : []));
  expect(refusals).toEqual([
    ['a refused publish', 'PRECONDITION_FAILED'],
    ['a revision reverted that is not there yet', 'REVISION_IN_FUTURE'],
    ['a publish against it', 'LOCKED'],
    ['a forest that was there', 'FOREST_EXISTS'],
  ]);
  for (const round of ['reconnected', 'killed', 'killed']) {
    clients.close();
    if (round === 'killed') await killAndRestart();
    else clients = connectTo(broker.address);
    const again: unknown[] = [];
    for (const [name, mutate] of mutations) {
      const { told, repeated } = await outcomeOf(mutate(name));
      again.push([name, told]);
      expect([name, repeated]).toEqual([name, true]);
    }
    expect(again).toEqual(first);
  }
  for (const [name, , otherwise] of mutations) {
    const refused = await refusalOf(otherwise(name));
    expect([name, refused.code, refused.reason]).toEqual([name, 'FailedPrecondition', 'REQUEST_ID_REUSED']);
    expect(refused.metadata).toEqual({ request_id: name });
  }
  const { forests } = await clients.forests.listForests({});
  expect(forests.map(({ name }) => name)).toEqual(['default', 'restored']);
});
