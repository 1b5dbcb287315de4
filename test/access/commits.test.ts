/**
 * Goal: a commit writes only where its caller may, whatever happens between the question and the commit. Method: callers who stage more, where
 * they may not write, while their commit waits for a lock or for the past.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { putText, refusalOf } from '../support/broker.ts';
import { startGuardedBroker, until, type GuardedBroker, type Principal } from './guarded-broker.ts';

const policy = {
  grants: [
    { principals: 'root', may: 'all' },
    { principals: 'mix', paths: ['/a/**'], may: ['read', 'write', 'ghost', 'lock'] },
    { principals: 'mix', paths: ['/b/**'], may: ['read', 'ghost', 'lock'] },
  ],
};

let guarded: GuardedBroker;
let root: Principal;
let mix: Principal;
beforeAll(async () => {
  guarded = await startGuardedBroker(policy);
  [root, mix] = [guarded.as(guarded.token('root')), guarded.as(guarded.token('mix'))];
  await until(async () => (await refusal(mix.context.list({ path: '/a' }))) === '');
});
afterAll(() => guarded.close());

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => '',
    async () => (await refusalOf(call)).reason,
  );
}

test('a commit that waits for a lock is refused where more was staged meanwhile than its caller may write', async () => {
  const { lease } = await mix.locks.grantLease({ ttl: { seconds: 60n, nanos: 0 } });
  const ghostId = (await mix.context.beginGhost({ scope: '/' })).ghost?.id ?? '';
  await mix.context.publish({ ghostId, operations: [putText('/a/locked', 'x')] });
  await mix.locks.acquireLock({
    owner: { case: 'leaseId', value: lease?.id ?? '' },
    targets: [{ path: '/a/locked', mode: LockMode.EXCLUSIVE }],
  });
  const commit = refusal(mix.context.commit({ ghostId, lockWait: { seconds: 30n, nanos: 0 } }));
  await until(async () => (await mix.locks.inspectLocks({})).locks.length === 2);
  await mix.context.publish({ ghostId, operations: [putText('/b/drafted', 'x')] });
  await mix.locks.endLease({ leaseId: lease?.id ?? '' });
  expect(await commit).toBe('PERMISSION_MISSING');
  expect(await refusal(root.context.get({ path: '/b/drafted' }))).toBe('NODE_NOT_FOUND');
  // Nothing of its wait is left, and the ghost goes on.
  await until(async () => (await mix.locks.inspectLocks({})).locks.length === 0);
  await mix.context.revert({ target: { case: 'rewind', value: { ghostId } } });
  await mix.context.publish({ ghostId, operations: [putText('/a/locked', 'x')] });
  expect((await mix.context.commit({ ghostId })).operations).toBe(1n);
});
