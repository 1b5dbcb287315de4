/**
 * Goal: what somebody may not read is told in no roundabout way either: not in refusals, not beside ghosts and locks, not to somebody
 * else who has the same grant. Method: a forest with a secret, and each answer that could have it; what the caller is to know is there.
 */
import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitIsolation } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { GateState, ViolationAction } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import { type ConflictReport, ConflictReportSchema } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { bytes, copy, putJson, putText, refusalOf, text } from '../support/broker.ts';
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

  test('has nothing of what its author may not read, in diffs and in commits', async () => {
    const operations = [putText('/a/y', 'y')];
    const { revision } = await alice.context.publish({ operations, basis });
    const { events } = await root.context.history({ afterRevision: revision - 1n });
    expect(events.map((event) => event.basis)).toEqual([[]]);
    const ghostId = await begun(alice, '/a');
    const seen = { path: '/a/x', revision: 1n };
    await alice.context.publish({ ghostId, operations, basis: [...basis, seen] });
    // In the basis of a serializable commit it would be a conflict.
    await alice.context.commit({ ghostId, isolation: CommitIsolation.SERIALIZABLE, basis });
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
    const { lease } = await root.locks.acquireLock({
      targets: [{ path: '/secret/new', mode: LockMode.EXCLUSIVE }],
    });
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
    const named = async (): Promise<string | undefined> =>
      (await refusalOf(alice.context.commit({ ghostId }))).metadata.path;
    await until(async () => (await named()) !== undefined);
    expect(await named()).toBe('/b');
    await root.context.revert({ target: { case: 'ghostId', value: ghostId } });
  });
});

describe('ghosts and locks that reach beyond what may be read', () => {
  const maximum = { type: 'object', properties: { salary: { maximum: 10 } } };
  const schema = { json: bytes(JSON.stringify(maximum)), path: '/{place}/{who}/pay' };

  test('are shown without what is about other places', async () => {
    const definition = { kind: { case: 'jsonSchema' as const, value: schema } };
    await root.schemas.registerSchema({ name: 'pay', definition });
    const gates = [
      { kind: { case: 'schema' as const, value: { onViolation: ViolationAction.COLLECT } } },
      { kind: { case: 'limit' as const, value: { patterns: ['/secret/*/pay', '/a/**'] } } },
      { kind: { case: 'review' as const, value: { reviewer: 'alice' } } },
    ];
    const { ghost } = await root.context.beginGhost({ scope: '/', gates });
    const ghostId = ghost?.id ?? '';
    const { revision } = await root.context.publish({ operations: [putText('/secret/code', 'x')] });
    await root.context.publish({
      ghostId,
      operations: [putJson('/secret/ceo/pay', { salary: 11 }), putJson('/a/me/pay', { salary: 12 })],
      basis: [{ path: '/secret/code', revision }],
    });
    await root.context.revert({ target: { case: 'revision', value: revision } });
    const whole = (await root.context.getGhost({ ghostId })).ghost;
    expect([whole?.revertedBasis.length, whole?.gates[0]?.violations.length]).toEqual([1, 2]);
    const seen = (await alice.context.getGhost({ ghostId })).ghost;
    expect(seen?.gates[0]?.violations.map(({ path }) => path)).toEqual(['/a/me/pay']);
    expect(seen?.gates[0]?.state).toBe(GateState.CLOSED);
    const { ghosts } = await alice.context.listGhosts({});
    const { events } = await alice.context.history({});
    expect(textOf([seen, ghosts, events])).not.toContain('secret');
    expect(textOf([seen, ghosts])).toContain('/a/**');
    await root.context.revert({ target: { case: 'ghostId', value: ghostId } });
  });

  test('do not say why a schema ended an attempt, but to whoever keeps the ghost', async () => {
    const gates = [{ kind: { case: 'schema' as const, value: { onViolation: ViolationAction.REVERT } } }];
    const ghostId = (await root.context.beginGhost({ scope: '/', gates })).ghost?.id ?? '';
    const unfit = [putJson('/secret/ceo/pay', { salary: 11 })];
    await refusalOf(root.context.publish({ ghostId, operations: unfit }));
    const attempts = async ({ context }: Principal): Promise<string> =>
      textOf((await context.getGhost({ ghostId })).ghost?.attempts);
    expect(await attempts(root)).toContain('/secret/ceo/pay');
    expect(await attempts(alice)).toContain('"reason":"values do not fit"');
    await root.context.revert({ target: { case: 'ghostId', value: ghostId } });
    expect(textOf((await alice.context.history({})).events)).not.toContain('secret');
  });

  test('do not say it of a ghost that is over either', async () => {
    const gates = [{ kind: { case: 'schema' as const, value: { onViolation: ViolationAction.REVERT } } }];
    const race = { id: 'once', attemptsMax: 1 };
    const ghostId = (await root.context.beginGhost({ scope: '/', gates, race })).ghost?.id ?? '';
    const unfit = [putJson('/secret/ceo/pay', { salary: 11 })];
    await refusalOf(root.context.publish({ ghostId, operations: unfit }));
    const operations = [putText('/a/x', 'x')];
    const calls = [
      () => alice.context.publish({ ghostId, operations }),
      async () => {
        const requests = (async function* () {
          yield { publish: { ghostId, operations } };
        })();
        for await (const { outcome } of alice.context.publishStream(requests))
          if (outcome.case === 'refused') throw new Error(outcome.value.message);
      },
    ];
    for (const call of calls) expect((await failureOf(call())).told).not.toContain('secret');
    expect((await failureOf(alice.context.get({ path: '/a/x', view: { ghostId } }))).told).toContain(
      'values do not fit',
    );
  });

  test('a lock is shown with the targets that may be seen, and not to whoever asks for others', async () => {
    const { lease } = await root.locks.acquireLock({
      targets: [
        { path: '/a/x', mode: LockMode.EXCLUSIVE },
        { path: '/secret/merger', mode: LockMode.EXCLUSIVE },
      ],
    });
    const targets = async ({ locks }: Principal, path = ''): Promise<string[]> =>
      (await locks.inspectLocks({ path })).locks.flatMap(
        ({ lock }) => lock?.targets.map((target) => target.path) ?? [],
      );
    expect(await targets(root)).toEqual(['/a/x', '/secret/merger']);
    expect(await targets(alice)).toEqual(['/a/x']);
    expect(await targets(alice, '/secret/merger')).toEqual([]);
    await root.locks.endLease({ leaseId: lease?.id ?? '' });
  });

  test('a deadlock names no targets that may not be seen', async () => {
    const locked = [putText('/a/1', ''), putText('/a/2', '')];
    await root.context.publish({ operations: locked });
    const owner = async ({ locks }: Principal): Promise<{ case: 'leaseId'; value: string }> => ({
      case: 'leaseId',
      value: (await locks.grantLease({})).lease?.id ?? '',
    });
    const [theirs, mine] = [await owner(root), await owner(alice)];
    await root.locks.acquireLock({ owner: theirs, targets: [{ path: '/a/1', mode: LockMode.EXCLUSIVE }] });
    await alice.locks.acquireLock({ owner: mine, targets: [{ path: '/a/2', mode: LockMode.EXCLUSIVE }] });
    const targets = [
      { path: '/a/2', mode: LockMode.EXCLUSIVE },
      { path: '/secret/merger', mode: LockMode.EXCLUSIVE },
    ];
    const waiting = root.locks.acquireLock({ owner: theirs, targets });
    await until(async () => (await root.locks.inspectLocks({})).locks.length === 3);
    const { told } = await failureOf(
      alice.locks.acquireLock({ owner: mine, targets: [{ path: '/a/1', mode: LockMode.EXCLUSIVE }] }),
    );
    expect(told).toContain('/a/2');
    expect(told).not.toContain('secret');
    await alice.locks.endLease({ leaseId: mine.value });
    await waiting;
    await root.locks.endLease({ leaseId: theirs.value });
  });

  test('a copy does not say where it came from, in histories, traces and subscriptions', async () => {
    const abort = new AbortController();
    const told: unknown[] = [];
    const watching = (async () => {
      const asked = { patterns: ['/a/**'], start: { case: 'now' as const, value: {} } };
      for await (const { message } of alice.context.subscribe(asked, { signal: abort.signal }))
        told.push(message);
    })().catch(() => undefined);
    await until(() => Promise.resolve(told.length > 0));
    await root.context.publish({ operations: [copy('/a/copied', '/secret'), copy('/a/own', '/a/x')] });
    await until(() => Promise.resolve(textOf(told).includes('/a/copied')));
    abort.abort();
    await watching;
    const { events } = await alice.context.history({});
    const { start } = await alice.context.trace({ path: '/a/own' });
    for (const seen of [events, start]) expect(textOf(seen)).toContain('"sourcePath":""');
    for (const seen of [told, events, start]) {
      expect(textOf(seen)).toContain('"sourcePath":"/a/x"');
      expect(textOf(seen)).not.toContain('/secret');
    }
    expect(textOf((await root.context.history({})).events)).toContain('"sourcePath":"/secret"');
  });
});

function textOf(told: unknown): string {
  return JSON.stringify(told, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? text(value) : value;
  });
}

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
