/**
 * Goal: what is told as it happens is what its hearer may read, for as long as that is so. Method: subscriptions of principals who may read a part, rules that change,
 * and tokens that end.
 */
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangeDetail,
  SubscribeRequestSchema,
  type SubscribeResponse,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { copy, putText, refusalOf, remove, text } from '../support/broker.ts';
import { startGuardedBroker, until, type GuardedBroker, type Principal } from './guarded-broker.ts';

let guarded: GuardedBroker;
let root: Principal;
let alice: Principal;
let pupil: Principal;

const policy = {
  grants: [
    { principals: 'root', forests: '*', may: 'all' },
    { principals: 'alice', paths: '/a/**', may: ['read', 'write', 'ghost', 'lock'] },
    { groups: 'pupils', paths: ['/class/{principal}/**', '/*/open'], may: ['read', 'write'] },
  ],
};

beforeAll(async () => {
  guarded = await startGuardedBroker(policy);
  const [forRoot, forAlice] = ['root', 'alice'].map((name) => guarded.token(name));
  const forPupil = guarded.token('pupil', null, ['pupils']);
  root = guarded.as(forRoot);
  alice = guarded.as(forAlice);
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

describe('subscriptions', () => {
  /** Collects what a subscription tells, until it ends. */
  function watch(principal: Principal, request: Parameters<Principal['context']['subscribe']>[0]) {
    const abort = new AbortController();
    const told: SubscribeResponse[] = [];
    const ended = (async () => {
      for await (const message of principal.context.subscribe(request, { signal: abort.signal }))
        told.push(message);
    })().catch((error: unknown) => error);
    return { told, ended, stop: () => abort.abort() };
  }

  function textIn(messages: unknown): string {
    return JSON.stringify(messages, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? text(value) : value,
    );
  }

  function pathsIn(told: readonly SubscribeResponse[]): string[] {
    return told.flatMap(({ message }) => {
      if (message.case === 'snapshot') return message.value.nodes.map(({ path }) => path);
      return message.case === 'event' ? message.value.changes.map(({ path }) => path) : [];
    });
  }

  test('a pattern shows what of it may be read, in the snapshot and afterwards', async () => {
    const request = create(SubscribeRequestSchema, {
      patterns: ['/**'],
      scope: { case: 'everything', value: {} },
      includePrevious: true,
      includeBasis: true,
    });
    const mine = watch(alice, request);
    await until(async () => mine.told.some(({ message }) => message.case === 'bookmark'));
    await root.context.publish({
      operations: [putText('/b', 'news'), putText('/a/b', 'news'), copy('/a/copied', '/class')],
      basis: [{ path: '/b', revision: 1n }],
    });
    await root.context.publish({ operations: [putText('/b/below', '1')] });
    await root.context.publish({ operations: [remove('/b')] });
    const { ghost } = await root.context.beginGhost({ scope: '/b', label: 'hidden' });
    await root.context.revert({ target: { case: 'ghostId', value: ghost?.id ?? '' }, reason: 'hidden' });
    await root.context.publish({ operations: [putText('/a/last', 'x')] });
    await until(async () => pathsIn(mine.told).includes('/a/last'));
    mine.stop();
    expect(pathsIn(mine.told).filter((path) => path !== '/a' && !path.startsWith('/a/'))).toEqual([]);
    const events = mine.told.flatMap(({ message }) => (message.case === 'event' ? [message.value] : []));
    expect(events.flatMap(({ basis }) => basis)).toEqual([]);
    expect(events.filter(({ label }) => label === 'hidden')).toEqual([]);
    await root.context.publish({ operations: [putText('/b', '/b')] });
  });

  test('what is deleted above is told without what was there', async () => {
    await root.context.publish({ operations: [putText('/class/pupil/z', '1'), putText('/class', 'secret')] });
    const theirs = watch(pupil, {
      patterns: ['/**'],
      includePrevious: true,
      start: { case: 'now', value: {} },
    });
    await until(async () => theirs.told.length > 0);
    await root.context.publish({ operations: [remove('/class')] });
    await until(async () => pathsIn(theirs.told).includes('/class'));
    theirs.stop();
    expect(textIn(theirs.told)).not.toContain('secret');
  });

  test('what is copied above is told as a removal, with those copied nodes that may be read behind it', async () => {
    const changesIn = (told: readonly SubscribeResponse[]): (string | undefined)[][] =>
      told.flatMap(({ message }) =>
        message.case === 'event' ? message.value.changes.map(({ path, action }) => [action.case, path]) : [],
      );
    await root.context.publish({
      operations: [
        putText('/lent/other', 'secret'),
        putText('/lent/pupil/new', '1'),
        putText('/class/pupil/old', '1'),
      ],
    });
    const theirs = watch(pupil, {
      patterns: ['/class/**'],
      includePrevious: true,
      detail: ChangeDetail.RESULT,
    });
    await until(async () => theirs.told.some(({ message }) => message.case === 'bookmark'));
    const { revision } = await root.context.publish({ operations: [copy('/class', '/lent')] });
    await until(async () => changesIn(theirs.told).length > 0);
    theirs.stop();
    const expected = [
      ['delete', '/class'],
      ['put', '/class/pupil/new'],
    ];
    expect(changesIn(theirs.told)).toEqual(expected);
    expect(textIn(theirs.told)).not.toMatch(/lent|secret/);
    const { events } = await pupil.context.history({ path: '/class/pupil', afterRevision: revision - 1n });
    expect(events.flatMap(({ changes }) => changes.map(({ path, action }) => [action.case, path]))).toEqual([
      ['delete', '/class'],
    ]);
    expect(textIn(events)).not.toContain('lent');
  });

  test('end when the grant is withdrawn, when the token is revoked, and begin anew when it is another', async () => {
    const short = guarded.as(guarded.token('short'));
    const grants = (paths: string): object => ({
      ...policy,
      grants: [...policy.grants, { principals: ['short', 'brief'], paths, may: 'read' }],
    });
    guarded.allow(grants('/a/**'));
    await until(async () =>
      short.context.get({ path: '/a' }).then(
        () => true,
        () => false,
      ),
    );
    const first = watch(short, { patterns: ['/a/**'] });
    await until(async () => first.told.length > 0);
    guarded.allow(grants('/a/b/**'));
    expect(await refusalOf(Promise.reject(await first.ended))).toMatchObject({
      code: 'Unavailable',
      reason: 'ACCESS_CHANGED',
    });
    const second = watch(short, { patterns: ['/a/**'] });
    await until(async () => second.told.length > 0);
    expect(pathsIn(second.told)).not.toContain('/a');
    guarded.allow(policy);
    expect(await refusalOf(Promise.reject(await second.ended))).toMatchObject(denied);
    guarded.allow(grants('/a/**'));
    await until(async () =>
      short.context.get({ path: '/a' }).then(
        () => true,
        () => false,
      ),
    );
    const third = watch(short, { patterns: ['/a/**'] });
    await until(async () => third.told.length > 0);
    guarded.revoke('short');
    expect(await refusalOf(Promise.reject(await third.ended))).toMatchObject({
      code: 'Unauthenticated',
      reason: 'CREDENTIALS_INVALID',
    });
    const brief = guarded.as(guarded.token('brief', Date.now() + 4_000));
    await until(async () =>
      brief.context.get({ path: '/a' }).then(
        () => true,
        () => false,
      ),
    );
    const fourth = watch(brief, { patterns: ['/a/**'] });
    expect(await refusalOf(Promise.reject(await fourth.ended))).toMatchObject({
      code: 'Unauthenticated',
      reason: 'CREDENTIALS_EXPIRED',
    });
  }, 60_000);

  test('a file of access that cannot be used changes nothing', async () => {
    guarded.allow({ grants: [{ principals: 'root', may: 'everything' }] });
    await until(async () => guarded.broker.log.some((line) => line.includes('those before stay in force')));
    expect((await alice.context.get({ path: '/a' })).node?.path).toBe('/a');
    guarded.allow(policy);
  });
});
