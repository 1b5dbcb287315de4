/**
 * Goal: a commit that names the edition that was looked at commits that and nothing else. Method: a whole broker in memory on a real socket; more is
 * staged before each moment in which a commit may take effect.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { ReviewDecision } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

/** A ghost with something staged at a path, and the edition that it has then. */
async function staged(path: string, reviewers: readonly string[] = []) {
  const gates = reviewers.map((reviewer) => ({ kind: { case: 'review' as const, value: { reviewer } } }));
  const ghostId = (await broker.context.beginGhost({ gates })).ghost?.id ?? '';
  await broker.context.publish({ ghostId, operations: [putText(path, 'shown')] });
  return { ghostId, exactEdition: await editionOf(ghostId) };
}

async function editionOf(ghostId: string): Promise<bigint> {
  return (await broker.context.getGhost({ ghostId })).ghost?.edition ?? 0n;
}

function stageMore(ghostId: string, path: string) {
  return broker.context.publish({ ghostId, operations: [putText(path, 'not shown')] });
}

async function isThere(path: string): Promise<boolean> {
  return broker.context.get({ path }).then(
    () => true,
    () => false,
  );
}

test('it commits a ghost that is as it was, once however often it is asked for', async () => {
  const request = { ...(await staged('/same')), requestId: 'exactly' };
  expect(await broker.context.commit(request)).toMatchObject({ operations: 1n, repeated: false });
  expect(await broker.context.commit(request)).toMatchObject({ operations: 1n, repeated: true });
});

test('it is refused where more was staged, or something was taken back, and the ghost lives on', async () => {
  const { ghostId, exactEdition } = await staged('/more/shown');
  await stageMore(ghostId, '/more/not_shown');
  const edition = await editionOf(ghostId);
  const refused = await refusalOf(broker.context.commit({ ghostId, exactEdition }));
  expect(refused).toMatchObject({
    reason: 'REVIEW_OUTDATED',
    metadata: { ghost_id: ghostId, edition: String(edition) },
  });
  await broker.context.revert({ target: { case: 'rewind', value: { ghostId } } });
  const rewound = broker.context.commit({ ghostId, exactEdition: edition });
  expect((await refusalOf(rewound)).reason).toBe('REVIEW_OUTDATED');
  expect(await isThere('/more/shown')).toBe(false);
  await broker.context.commit({ ghostId, exactEdition: await editionOf(ghostId) });
});

test('it is refused where more is staged while it waits for a lock', async () => {
  const { ghostId, exactEdition } = await staged('/locked/shown');
  const { lease } = await broker.locks.grantLease({ ttl: { seconds: 60n, nanos: 0 } });
  const leaseId = lease?.id ?? '';
  await broker.locks.acquireLock({
    owner: { case: 'leaseId', value: leaseId },
    targets: [{ path: '/locked', mode: LockMode.EXCLUSIVE }],
  });
  const commit = refusalOf(
    broker.context.commit({ ghostId, exactEdition, lockWait: { seconds: 30n, nanos: 0 } }),
  );
  await expect.poll(async () => (await broker.locks.inspectLocks({})).locks.length).toBe(2);
  await stageMore(ghostId, '/elsewhere');
  await broker.locks.endLease({ leaseId });
  expect((await commit).reason).toBe('REVIEW_OUTDATED');
  expect([await isThere('/locked/shown'), await isThere('/elsewhere')]).toEqual([false, false]);
  await expect.poll(async () => (await broker.locks.inspectLocks({})).locks.length).toBe(0);
});

test('with reviewers it counts when they are asked: they decide about what it names', async () => {
  const { ghostId, exactEdition } = await staged('/reviewed/shown', ['eve']);
  await stageMore(ghostId, '/reviewed/more');
  const early = broker.context.commit({ ghostId, exactEdition });
  expect((await refusalOf(early)).reason).toBe('REVIEW_OUTDATED');
  expect((await broker.context.getGhost({ ghostId })).ghost?.commitPending).toBe(false);
  const edition = await editionOf(ghostId);
  const commit = broker.context.commit({ ghostId, exactEdition: edition });
  await expect.poll(async () => (await broker.context.getGhost({ ghostId })).ghost?.commitPending).toBe(true);
  await broker.reviews.review({ ghostId, reviewer: 'eve', edition, decision: ReviewDecision.APPROVE });
  expect(await commit).toMatchObject({ operations: 2n });
});
