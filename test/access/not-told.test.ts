/**
 * Goal: what somebody may not read is told in no roundabout way either: not in refusals, not beside ghosts and locks, not to somebody
 * else who has the same grant. Method: a forest with a secret, and each answer that could have it; what the caller is to know is there.
 */
import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitIsolation } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { type ConflictReport, ConflictReportSchema } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import { putText, refusalOf, text } from '../support/broker.ts';
import { startGuardedBroker, until, type GuardedBroker, type Principal } from './guarded-broker.ts';

let guarded: GuardedBroker;
let root: Principal;
let alice: Principal;
let dropper: Principal;

const policy = {
  grants: [
    { principals: 'root', forests: '*', may: 'all' },
    { principals: 'alice', paths: '/a/**', may: ['read', 'write', 'ghost', 'lock', 'approve'] },
    { principals: 'dropper', paths: '/secret/**', may: ['write', 'ghost'] },
    { principals: 'dropper', paths: '/a/**', may: ['read', 'write', 'ghost'] },
  ],
};

beforeAll(async () => {
  guarded = await startGuardedBroker(policy);
  const tokens = ['root', 'alice', 'dropper'].map((name) => guarded.token(name));
  const [first, second, third] = tokens.map((token) => guarded.as(token));
  if (first === undefined || second === undefined || third === undefined) throw new Error('no clients');
  [root, alice, dropper] = [first, second, third];
  await until(() => isLetIn(dropper));
  await root.context.publish({
    operations: [putText('/secret/plan', 'a secret value'), putText('/a/x', 'x')],
  });
});
afterAll(() => guarded.close());

function isLetIn({ context }: Principal): Promise<boolean> {
  return context.list({}).then(
    () => true,
    () => false,
  );
}

const denied = { code: 'PermissionDenied', reason: 'PERMISSION_MISSING' };

/** All that a client is told of a refusal, with the bytes of its details as text. */
async function failureOf(
  call: Promise<unknown>,
): Promise<{ report: ConflictReport | undefined; told: string }> {
  try {
    await call;
  } catch (error) {
    const refused = ConnectError.from(error);
    const details = refused.details.map((detail) =>
      'value' in detail && detail.value instanceof Uint8Array ? text(detail.value) : '',
    );
    return {
      report: refused.findDetails(ConflictReportSchema)[0],
      told: [refused.rawMessage, ...details].join('\n'),
    };
  }
  throw new Error('the call was not refused');
}

async function begun({ context }: Principal, scope: string): Promise<string> {
  return (await context.beginGhost({ scope })).ghost?.id ?? '';
}

describe('a basis', () => {
  const basis = [{ path: '/secret/plan', revision: 0n }];

  test('names nothing that its author may not read, in diffs and in commits', async () => {
    const ghostId = await begun(alice, '/a');
    const operations = [putText('/a/y', 'y')];
    expect(await refusalOf(alice.context.publish({ ghostId, operations, basis }))).toMatchObject(denied);
    expect(await refusalOf(alice.context.publish({ operations, basis }))).toMatchObject(denied);
    expect(await refusalOf(alice.context.commit({ ghostId, basis }))).toMatchObject(denied);
    await alice.context.publish({ ghostId, operations, basis: [{ path: '/a/x', revision: 1n }] });
    await alice.context.commit({ ghostId, isolation: CommitIsolation.SERIALIZABLE });
  });

  test('that somebody else has staged makes a conflict of which only that is told', async () => {
    const ghostId = await begun(root, '/');
    await root.context.publish({ ghostId, operations: [putText('/a/z', 'z')], basis });
    const isolation = CommitIsolation.SERIALIZABLE;
    const { report, told } = await failureOf(alice.context.commit({ ghostId, isolation }));
    expect([report?.total, report?.conflicts]).toEqual([1n, []]);
    expect(told).not.toContain('secret');
    const whole = await failureOf(root.context.commit({ ghostId, isolation }));
    expect(whole.told).toContain('a secret value');
    await root.context.revert({ target: { case: 'ghostId', value: ghostId } });
  });
});

describe('who may write but not read', () => {
  test('is told of a commit how many conflicts there are, and those that may be read', async () => {
    const ghostId = (await dropper.context.beginGhost({ baseRevision: 1n })).ghost?.id ?? '';
    await root.context.publish({
      operations: [putText('/secret/plan', 'a secret value 2'), putText('/a/x', '2')],
    });
    const operations = [putText('/secret/plan', 'mine'), putText('/a/x', 'mine')];
    await dropper.context.publish({ ghostId, operations });
    const { report, told } = await failureOf(dropper.context.commit({ ghostId }));
    expect([report?.total, report?.conflicts.map(({ path }) => path)]).toEqual([2n, ['/a/x']]);
    expect(told).not.toContain('secret');
    await dropper.context.revert({ target: { case: 'ghostId', value: ghostId } });
  });

  test('is told of a revert that it conflicts', async () => {
    const { revision } = await dropper.context.publish({ operations: [putText('/secret/plan', 'dropped')] });
    await root.context.publish({ operations: [putText('/secret/plan', 'a secret value 3')] });
    const target = { case: 'revision' as const, value: revision };
    const { report, told } = await failureOf(dropper.context.revert({ target }));
    expect([report?.total, report?.conflicts]).toEqual([1n, []]);
    expect(told).not.toContain('secret');
  });

  test('is told that a lock is in the way of a commit, and not where or whose', async () => {
    const ghostId = await begun(dropper, '/secret');
    await dropper.context.publish({ ghostId, operations: [putText('/secret/new', 'mine')] });
    const { lease } = await root.locks.acquireLock({ targets: [{ path: '/secret/new', mode: 2 }] });
    const { reason } = await refusalOf(dropper.context.commit({ ghostId }));
    expect(reason).toBe('LOCKED');
    const { told } = await failureOf(dropper.context.commit({ ghostId }));
    expect(told).not.toContain('/secret');
    expect(told).not.toContain('root');
    await root.locks.endLease({ leaseId: lease?.id ?? '' });
    await dropper.context.commit({ ghostId });
  });
});

describe('a permission that is missing', () => {
  const target = { case: 'revision' as const, value: 1n };

  test('names no path of a revision that may not be read', async () => {
    const { told } = await failureOf(alice.context.revert({ target }));
    expect(told).toContain('alice may not write');
    expect(told).not.toContain('secret');
    expect((await refusalOf(alice.context.revert({ target }))).metadata).toEqual({
      principal: 'alice',
      permission: 'write',
      forest: 'default',
    });
  });

  test('names no path of a ghost that may not be read, neither staged ones nor its scope', async () => {
    const ghostId = await begun(root, '/');
    const secretId = await begun(root, '/secret');
    const operations = [putText('/a/z', 'z'), putText('/secret/plan', 'z')];
    await root.context.publish({ ghostId, operations });
    const gone = { case: 'ghostId' as const, value: secretId };
    const calls = [
      () => alice.context.commit({ ghostId }),
      () => alice.reviews.review({ ghostId, reviewer: 'alice', edition: 1n, decision: 1 }),
      () => alice.context.revert({ target: gone }),
      () => alice.context.getGhost({ ghostId: secretId }),
    ];
    for (const call of calls) {
      expect(await refusalOf(call())).toMatchObject(denied);
      expect((await failureOf(call())).told).not.toContain('secret');
    }
    for (const value of [ghostId, secretId])
      await root.context.revert({ target: { case: 'ghostId', value } });
  });

  test('names the path where it may be read', async () => {
    const ghostId = await begun(root, '/');
    await root.context.publish({ ghostId, operations: [putText('/b', 'b')] });
    guarded.allow({ grants: [...policy.grants, { principals: 'alice', paths: '/b', may: ['read'] }] });
    await until(async () => (await refusalOf(alice.context.commit({ ghostId }))).metadata.path === '/b');
    await root.context.revert({ target: { case: 'ghostId', value: ghostId } });
  });
});

test('who shares a grant that has its name in it is not shown what another may read', async () => {
  const shared = {
    principals: ['p1', 'p2'],
    paths: ['/own/{principal}/**', '/shared/**'],
    may: ['read', 'write'],
  };
  guarded.allow({ grants: [...policy.grants, shared] });
  const [first, second] = ['p1', 'p2'].map((name) => guarded.as(guarded.token(name)));
  if (first === undefined || second === undefined) throw new Error('no clients');
  const told: string[][] = [];
  const abort = new AbortController();
  const watch = async ({ context }: Principal, seen: string[]): Promise<void> => {
    told.push(seen);
    const asked = {
      patterns: ['/shared/**'],
      includeBasis: true,
      start: { case: 'now' as const, value: {} },
    };
    for await (const { message } of context.subscribe(asked, { signal: abort.signal }))
      seen.push(
        message.case === 'event' ? `basis: ${message.value.basis.map(({ path }) => path).join()}` : '',
      );
  };
  const bases = (): string[] => told.flatMap((seen) => seen.filter((text) => text !== '')).sort();
  const watching = [first, second].map(async (principal) => {
    await until(async () => isLetIn(principal));
    await watch(principal, []).catch(() => undefined);
  });
  await until(() => Promise.resolve(told.length === 2 && told.every(({ length }) => length > 0)));
  const basis = [{ path: '/own/p1/topic', revision: 1n }];
  await first.context.publish({ operations: [putText('/shared/x', 'x')], basis });
  await until(() => Promise.resolve(bases().length === 2));
  abort.abort();
  await Promise.all(watching);
  expect(bases()).toEqual(['basis: ', 'basis: /own/p1/topic']);
});
