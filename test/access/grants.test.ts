/**
 * Goal: everybody does and sees what the grants say, and nothing else. Method: a broker with a few principals, and for each way to
 * write and to see something one that is allowed and one that is not.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cascade } from '../../src/gen/hyperloom/v1/cascade_pb.ts';
import { copy, increment, putText, refusalOf, remove, text } from '../support/broker.ts';
import { startGuardedBroker, until, type GuardedBroker, type Principal } from './guarded-broker.ts';

let guarded: GuardedBroker;
let root: Principal;
let alice: Principal;
let drafter: Principal;
let pupil: Principal;

const policy = {
  grants: [
    { principals: 'root', forests: '*', may: 'all' },
    { principals: 'alice', paths: '/a/**', may: ['read', 'write', 'ghost', 'lock'] },
    { principals: 'drafter', paths: ['/a/**'], may: ['read', 'ghost'] },
    { groups: 'pupils', paths: ['/class/{principal}/**', '/*/open'], may: ['read', 'write'] },
  ],
  speak_as: [{ principals: 'alice', authors: ['alice-*'] }],
  audit: { record: ['refusals', 'admin', 'write'] },
};

beforeAll(async () => {
  guarded = await startGuardedBroker(policy);
  const [forRoot, forAlice, forDrafter] = ['root', 'alice', 'drafter'].map((name) => guarded.token(name));
  const forPupil = guarded.token('pupil', null, ['pupils']);
  root = guarded.as(forRoot);
  alice = guarded.as(forAlice);
  drafter = guarded.as(forDrafter);
  pupil = guarded.as(forPupil);
  await until(async () =>
    pupil.context.list({}).then(
      () => true,
      () => false,
    ),
  );
  for (const path of [
    '/a',
    '/a/b',
    '/a/b/c',
    '/ab',
    '/b',
    '/class/pupil/x',
    '/class/other',
    '/z/open',
    '/\u0430/b',
  ])
    await root.context.publish({ operations: [putText(path, path)] });
});
afterAll(() => guarded.close());

const denied = { code: 'PermissionDenied', reason: 'PERMISSION_MISSING' };

describe('writing', () => {
  test.each([
    ['a path beside it that begins alike', putText('/ab', 'x')],
    ['an ancestor', remove('/')],
    ['a look-alike in Cyrillic', putText('/\u0430', 'x')],
    ['the same letters decomposed', putText('/a\u0301', 'x')],
    ['another case', putText('/A', 'x')],
    ['a copy from where it may not read', copy('/a/stolen', '/b')],
    ['an increment', increment('/counter', 1n)],
  ])('is refused beyond the grant: %s', async (_what, operation) => {
    const refusal = await refusalOf(
      alice.context.publish({ operations: [putText('/a/fine', 'x'), operation] }),
    );
    expect(refusal).toMatchObject(denied);
    expect(await refusalOf(root.context.get({ path: '/a/fine' }))).toMatchObject({
      reason: 'NODE_NOT_FOUND',
    });
  });

  test('says who may not do what where, and where it could', async () => {
    const refusal = await refusalOf(alice.context.publish({ operations: [putText('/b', 'x')] }));
    expect(refusal.metadata).toEqual({
      principal: 'alice',
      permission: 'write',
      forest: 'default',
      path: '/b',
    });
    expect(refusal.message).toBe('alice may not write /b in the forest default; it may at /a/**');
  });

  test('is refused before the value is looked at', async () => {
    const value = { kind: { case: 'json' as const, value: new Uint8Array([1]) } };
    const operations = [{ path: '/b', action: { case: 'put' as const, value } }];
    expect(await refusalOf(alice.context.publish({ operations }))).toMatchObject(denied);
  });

  test('is the principal\u2019s own, or that of whom it may speak as', async () => {
    await alice.context.publish({ operations: [putText('/a/mine', 'x')] });
    await alice.context.publish({ operations: [putText('/a/hers', 'x')], author: 'alice-2' });
    const { node: mine } = await alice.context.get({ path: '/a/mine' });
    const { node: hers } = await alice.context.get({ path: '/a/hers' });
    expect([mine?.author, hers?.author]).toEqual(['alice', 'alice-2']);
    for (const author of ['root', 'alice2', 'Alice', 'alice-2\u200b'.slice(0, 5) + '\u200b']) {
      const refusal = await refusalOf(alice.context.publish({ operations: [putText('/a/f', 'x')], author }));
      expect(refusal).toMatchObject({ code: 'PermissionDenied', reason: 'AUTHOR_FORBIDDEN' });
    }
    expect(await refusalOf(alice.context.beginGhost({ scope: '/a', author: 'root' }))).toMatchObject({
      reason: 'AUTHOR_FORBIDDEN',
    });
    expect(await refusalOf(alice.context.get({ path: '/a', author: 'root' }))).toMatchObject({
      reason: 'AUTHOR_FORBIDDEN',
    });
  });

  test('a diff of a stream is refused by itself', async () => {
    const requests = (async function* () {
      yield { publish: { operations: [putText('/a/s1', 'x')] } };
      yield { publish: { operations: [putText('/b', 'x')] } };
      yield { publish: { operations: [putText('/a/s2', 'x')], author: 'root' } };
      yield { publish: { operations: [putText('/a/s2', 'x')] } };
    })();
    const outcomes: string[] = [];
    for await (const { outcome } of alice.context.publishStream(requests))
      outcomes.push(outcome.case === 'refused' ? outcome.value.reason : String(outcome.case));
    expect(outcomes).toEqual(['published', 'PERMISSION_MISSING', 'AUTHOR_FORBIDDEN', 'published']);
  });

  test('a condition tells nothing of what may not be read', async () => {
    const preconditions = [{ path: '/b', condition: { case: 'modifiedRevision' as const, value: 5n } }];
    expect(
      await refusalOf(alice.context.publish({ operations: [putText('/a/x', 'x')], preconditions })),
    ).toMatchObject(denied);
  });

  test('a grant for a group holds by the name of whoever asks', async () => {
    await pupil.context.publish({ operations: [putText('/class/pupil/y', 'x')] });
    for (const path of ['/class/other', '/class', '/class/{principal}/x', '/z/open/below'])
      expect(await refusalOf(pupil.context.publish({ operations: [putText(path, 'x')] }))).toMatchObject(
        denied,
      );
    await pupil.context.publish({ operations: [putText('/y/open', 'x')] });
  });
});

describe('reading', () => {
  test('a node that may not be read is refused, whether it is there or not', async () => {
    for (const path of ['/b', '/nothing', '/ab', '/'])
      expect(await refusalOf(alice.context.get({ path }))).toMatchObject(denied);
    expect(await refusalOf(alice.context.batchGet({ paths: ['/a', '/b'] }))).toMatchObject(denied);
    expect((await alice.context.batchGet({ paths: ['/a', '/a/b'] })).nodes.length).toBe(2);
  });

  test('lists, searches, differences, blame, history and traces show the part that may be read', async () => {
    const { nodes } = await alice.context.list({});
    expect(nodes.map(({ path }) => path).filter((path) => !path.startsWith('/a'))).toEqual([]);
    expect(nodes.map(({ path }) => path)).toContain('/a/b/c');
    const { hits } = await alice.context.search({ query: 'b' });
    expect(hits.map(({ node }) => node?.path).filter((path) => path !== '/a/b' && path !== '/a/b/c')).toEqual(
      [],
    );
    const sides = { case: 'revisions' as const, value: { fromRevision: 0n, toRevision: 9n } };
    const { differences } = await alice.context.diff({ sides });
    expect(differences.map(({ path }) => path)).toEqual(['/a', '/a/b', '/a/b/c']);
    const { lines } = await alice.context.blame({ path: '/a', depth: 1 });
    expect(lines.map(({ node }) => node?.path)).toContain('/a/b');
    expect(await refusalOf(alice.context.blame({ path: '/b' }))).toMatchObject(denied);
    const { events } = await alice.context.history({});
    const told = events.flatMap(({ changes }) => changes.map(({ path }) => path));
    expect(told.filter((path) => path !== '/a' && !path.startsWith('/a/'))).toEqual([]);
    expect(told).toContain('/a/b');
    await root.context.publish({
      operations: [putText('/a/out', 'x'), putText('/b', 'y')],
      basis: [
        { path: '/b', revision: 5n },
        { path: '/a', revision: 1n },
      ],
    });
    const { entries } = await alice.context.trace({ path: '/a/out' });
    expect(entries.map(({ entry }) => (entry.case === 'seen' ? entry.value.basis?.path : ''))).toEqual([
      '/a',
    ]);
    const newest = (await alice.context.history({ order: 2 })).events[0];
    expect([newest?.changes.map(({ path }) => path), newest?.basis.map(({ path }) => path)]).toEqual([
      ['/a/out'],
      ['/a'],
    ]);
  });

  test('a rendering of everything has what may be read', async () => {
    const { text: rendered } = await alice.context.renderContext({
      parts: [{ pattern: '/**' }],
      tokenBudget: 5_000n,
    });
    expect(rendered).toContain('/a/b');
    for (const secret of ['/ab', '/class', '/z/open']) expect(rendered).not.toContain(secret);
    expect(
      (await pupil.context.renderContext({ parts: [{ pattern: '/class/**' }], tokenBudget: 5_000n })).text,
    ).not.toContain('/class/other');
  });

  test('other forests are as if they were not there', async () => {
    await root.forests.createForest({ name: 'secret' });
    expect((await alice.forests.listForests({})).forests.map(({ name }) => name)).toEqual(['default']);
    for (const forest of ['secret', 'none'])
      expect(await refusalOf(alice.context.get({ forest, path: '/a' }))).toMatchObject(denied);
  });

  test('what operates a forest is for those who may', async () => {
    const backup = async (): Promise<void> => {
      for await (const _ of alice.forests.backup({})) return;
    };
    expect(await refusalOf(backup())).toMatchObject(denied);
    expect(await refusalOf(alice.forests.compact({}))).toMatchObject(denied);
    expect(await refusalOf(alice.forests.createForest({ name: 'mine' }))).toMatchObject(denied);
    expect(await refusalOf(alice.forests.getStatus({ includeMeters: true }))).toMatchObject(denied);
    expect((await alice.forests.getStatus({})).forest?.name).toBe('default');
  });
});

describe('ghosts', () => {
  test('who may only draft stages what somebody else commits', async () => {
    expect(await refusalOf(drafter.context.publish({ operations: [putText('/a/d', 'x')] }))).toMatchObject(
      denied,
    );
    const { ghost } = await drafter.context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    await drafter.context.publish({ ghostId, operations: [putText('/a/d', 'x')] });
    expect(
      await refusalOf(drafter.context.publish({ ghostId, operations: [putText('/b', 'x')] })),
    ).toMatchObject(denied);
    expect(await refusalOf(drafter.context.commit({ ghostId }))).toMatchObject({
      ...denied,
      metadata: { permission: 'write' },
    });
    await alice.context.commit({ ghostId });
    expect((await drafter.context.get({ path: '/a/d' })).node?.author).toBe('drafter');
  });

  test('are for others to stage in only who may work in all of their scope', async () => {
    const { ghost } = await root.context.beginGhost({ scope: '/' });
    const ghostId = ghost?.id ?? '';
    const stage = { ghostId, operations: [putText('/a/intruder', 'x')] };
    expect(await refusalOf(alice.context.publish(stage))).toMatchObject(denied);
    await root.context.revert({ target: { case: 'ghostId', value: ghostId } });
    const { ghost: within } = await root.context.beginGhost({ scope: '/a' });
    await alice.context.publish({ ...stage, ghostId: within?.id ?? '' });
    await root.context.revert({ target: { case: 'ghostId', value: within?.id ?? '' } });
  });

  test('race only with those that whoever joins could end', async () => {
    const race = { id: 'best' };
    const { ghost } = await root.context.beginGhost({ scope: '/b', race });
    const refusal = await refusalOf(alice.context.beginGhost({ scope: '/a', race }));
    expect(refusal).toMatchObject(denied);
    expect(refusal.metadata).not.toHaveProperty('path');
    await root.context.revert({ target: { case: 'ghostId', value: ghost?.id ?? '' } });
    await root.context.beginGhost({ scope: '/a/b', race });
    const { ghost: hers } = await alice.context.beginGhost({ scope: '/a', race });
    await alice.context.commit({ ghostId: hers?.id ?? '' });
  });

  test('are not for others to end, and not to be seen by those who may see nothing in them', async () => {
    const { ghost } = await root.context.beginGhost({ scope: '/b' });
    const ghostId = ghost?.id ?? '';
    expect(
      await refusalOf(alice.context.revert({ target: { case: 'ghostId', value: ghostId } })),
    ).toMatchObject(denied);
    expect(await refusalOf(alice.context.keepAlive({ ghostIds: [ghostId] }))).toMatchObject(denied);
    expect(await refusalOf(alice.context.getGhost({ ghostId }))).toMatchObject(denied);
    const ids = async ({ context }: Principal): Promise<string[]> =>
      (await context.listGhosts({})).ghosts.map(({ id }) => id);
    expect(await ids(alice)).not.toContain(ghostId);
    expect(await ids(root)).toContain(ghostId);
    await root.context.revert({ target: { case: 'ghostId', value: ghostId } });
  });

  test('a revision is taken back by those who may write what it wrote', async () => {
    const { revision } = await root.context.publish({
      operations: [putText('/a/r', 'x'), putText('/b', 'r')],
    });
    const target = { case: 'revision' as const, value: revision };
    expect(await refusalOf(alice.context.revert({ target }))).toMatchObject(denied);
    const own = await alice.context.publish({ operations: [putText('/a/r', 'own')] });
    expect(
      await refusalOf(
        alice.context.revert({ target: { case: 'revision', value: own.revision }, cascade: Cascade.ALL }),
      ),
    ).toMatchObject(denied);
    await alice.context.revert({ target: { case: 'revision', value: own.revision } });
  });
});

describe('locks', () => {
  test('are for those who may lock, and leases for their owners', async () => {
    expect(await refusalOf(alice.locks.acquireLock({ targets: [{ path: '/b', mode: 2 }] }))).toMatchObject(
      denied,
    );
    expect(await refusalOf(drafter.locks.acquireLock({ targets: [{ path: '/a', mode: 2 }] }))).toMatchObject(
      denied,
    );
    const { lock, lease } = await root.locks.acquireLock({ targets: [{ path: '/b', mode: 2 }] });
    expect((await alice.locks.inspectLocks({})).locks).toEqual([]);
    expect((await alice.locks.listLeases({})).leases).toEqual([]);
    expect(
      await refusalOf(alice.locks.releaseLock({ lockId: lock?.id ?? '', leaseId: lease?.id ?? '' })),
    ).toMatchObject(denied);
    expect(await refusalOf(alice.locks.endLease({ leaseId: lease?.id ?? '' }))).toMatchObject(denied);
    await root.locks.endLease({ leaseId: lease?.id ?? '' });
  });
});

test('the audit log says who did what where and what came of it, without values, and only to whom it is granted', async () => {
  guarded.allow({
    ...policy,
    grants: [...policy.grants, { principals: 'drafter', forests: 'audit', may: 'all' }],
  });
  await refusalOf(alice.context.publish({ operations: [putText('/b', 'a secret value')] }));
  await alice.context.publish({ operations: [putText('/a/audited', 'a secret value')] });
  const records = async (): Promise<string> => {
    const { nodes } = await drafter.context.list({ forest: 'audit', depth: 2 });
    return nodes.map(({ value }) => (value?.kind.case === 'json' ? text(value.kind.value) : '')).join('\n');
  };
  await until(async () => (await records().catch(() => '')).includes('/a/audited'));
  const told = await records();
  expect(told).toContain(
    '{"principal":"alice","peer":"127.0.0.1","method":"/hyperloom.v1.ContextService/Publish","forest":"default","places":["/b"],"outcome":"PERMISSION_MISSING"',
  );
  expect(told).toContain('"places":["/a/audited"],"outcome":"OK"');
  expect(told).toContain('/hyperloom.v1.ForestService/CreateForest');
  expect(told).not.toContain('a secret value');
  expect(await refusalOf(root.context.list({ forest: 'audit' }))).toMatchObject(denied);
  expect(
    await refusalOf(drafter.context.publish({ forest: 'audit', operations: [putText('/x', 'y')] })),
  ).toMatchObject(denied);
});
