/**
 * Goal: nobody gets more than a file of access says, whoever is within its own notices nothing of who is not, and figures that change are in
 * force within a second. Method: two principals of a whole broker, one of which goes beyond each quota.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { copy, putText, refusalOf, remove } from '../support/broker.ts';
import { startGuardedBroker, until, type GuardedBroker, type Principal } from './guarded-broker.ts';

const grants = [{ principals: ['greedy', 'modest'], forests: '*', may: 'all' }];
const quotas = [
  { principals: 'greedy', subscriptions: 5, ghosts: 2, locks: 3 },
  // The first rule that says a figure counts.
  { principals: '*', subscriptions: 1_000, publishes_per_second: 1_000 },
];

let data: string;
let guarded: GuardedBroker;
let greedy: Principal;
let modest: Principal;
let again: Principal;
beforeAll(async () => {
  data = join(mkdtempSync(join(tmpdir(), 'hyperloom-quotas-')), 'data');
  guarded = await startGuardedBroker({ grants, quotas }, { journal: 'embedded', data });
  const [first, second, other] = ['greedy', 'greedy', 'modest'].map((name) => guarded.token(name));
  greedy = guarded.as(first);
  again = guarded.as(second);
  modest = guarded.as(other);
  for (const principal of [greedy, again, modest])
    await until(() =>
      principal.context.list({}).then(
        () => true,
        () => false,
      ),
    );
});
afterAll(async () => {
  await guarded.close();
  rmSync(join(data, '..'), { recursive: true });
});

const beyond = (limit: string, maximum: number) => ({
  code: 'ResourceExhausted',
  reason: 'QUOTA_EXCEEDED',
  metadata: expect.objectContaining({ limit, maximum: String(maximum) }),
});

/** Opens a subscription, which has begun when this resolves. */
async function subscribe(principal: Principal): Promise<() => void> {
  const ended = new AbortController();
  const messages = principal.context.subscribe({ patterns: ['/**'] }, { signal: ended.signal });
  const items = messages[Symbol.asyncIterator]();
  await items.next();
  // The end of it is no error to anybody.
  void items.next().catch(() => undefined);
  return () => ended.abort();
}

describe('a principal', () => {
  test('has so many subscriptions over all its tokens, gets one when one is over, and keeps nobody else from theirs', async () => {
    const open = [];
    for (let count = 0; count < 5; count += 1) open.push(await subscribe(count % 2 === 0 ? greedy : again));
    for (const principal of [greedy, again])
      expect(await refusalOf(subscribe(principal))).toMatchObject(beyond('subscriptions', 5));
    const others = await Promise.all(Array.from({ length: 20 }, () => subscribe(modest)));
    open.shift()?.();
    await until(() =>
      subscribe(greedy).then(
        (end) => (open.push(end), true),
        () => false,
      ),
    );
    for (const end of [...open, ...others]) end();
  });

  test('that asks for two thousand subscriptions gets its own, and the broker holds no more for it', async () => {
    const asked = 2_000;
    let [opened, refused] = [0, 0];
    const ends: (() => void)[] = [];
    // As many at once as one connection may have calls.
    const ask = async (): Promise<void> => {
      while (opened + refused < asked) {
        const got = await subscribe(greedy).catch(() => null);
        if (got === null) refused += 1;
        else {
          opened += 1;
          ends.push(got);
        }
      }
    };
    await Promise.all(Array.from({ length: 50 }, ask));
    expect([opened <= 5, opened + refused >= asked]).toEqual([true, true]);
    expect((await modest.forests.getStatus({})).subscriptions).toBeLessThanOrEqual(5n);
    await modest.context.publish({ operations: [putText('/m/undisturbed', 'yes')] });
    for (const end of ends) end();
    console.log(`${asked} subscriptions asked for, ${opened} open, ${refused} refused`);
  });

  test('publishes at its rate, over all its tokens, is told when it may again, and slows nobody else', async () => {
    // So slow that no machine is slow enough for another one.
    const rate = 0.001;
    guarded.allow({ grants, quotas: [{ principals: 'greedy', publishes_per_second: rate }, ...quotas] });
    const publish = (principal: Principal) => principal.context.publish({ operations: [putText('/r', 'x')] });
    const refusal = await refusalOf(until(async () => publish(greedy).then(() => false)));
    expect(refusal).toMatchObject(beyond('publishes_per_second', rate));
    expect(Number(refusal.metadata['retry_after_ms'])).toBeGreaterThan(900_000);
    expect((await refusalOf(publish(again))).reason).toBe('QUOTA_EXCEEDED');
    for (let count = 0; count < 50; count += 1) await publish(modest);
    guarded.allow({ grants, quotas });
    await until(() =>
      publish(greedy).then(
        () => true,
        () => false,
      ),
    );
  });

  test('has so many live ghosts and locks in a forest', async () => {
    const begin = (principal: Principal) => principal.context.beginGhost({ ttl: { seconds: 600n } });
    const [first] = [await begin(greedy), await begin(again)];
    expect(await refusalOf(begin(greedy))).toMatchObject(beyond('ghosts', 2));
    for (let count = 0; count < 5; count += 1) await begin(modest);
    await greedy.context.revert({ target: { case: 'ghostId', value: first.ghost?.id ?? '' } });
    await begin(greedy);

    const lock = (principal: Principal, path: string) =>
      principal.locks.acquireLock({ targets: [{ path, mode: LockMode.EXCLUSIVE }] });
    for (const path of ['/l/1', '/l/2', '/l/3']) await lock(greedy, path);
    expect(await refusalOf(lock(again, '/l/4'))).toMatchObject(beyond('locks', 3));
    await lock(modest, '/l/5');
  });
});

test('fifty at once never get one ghost or lock beyond, and none less; a repetition is answered', async () => {
  const forest = 'crowd';
  await modest.forests.createForest({ name: forest });
  const kindsOf = async (calls: readonly Promise<unknown>[]): Promise<number> => {
    const settled = await Promise.all(
      calls.map((call) =>
        call.then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    for (const error of settled)
      if (error !== null)
        expect(await refusalOf(Promise.reject(error))).toMatchObject({ reason: 'QUOTA_EXCEEDED' });
    return settled.filter((error) => error === null).length;
  };
  const of = (index: number): Principal => (index % 2 === 0 ? greedy : again);
  const all = Array.from({ length: 50 }, (_, index) => index);
  const ttl = { seconds: 600n };
  const begun = (index: number) =>
    of(index)
      .context.beginGhost({ forest, ttl, requestId: `ghost ${index}` })
      .then(() => ids.push(index));
  const ids: number[] = [];
  expect(await kindsOf(all.map(begun))).toBe(2);
  expect((await modest.context.listGhosts({ forest })).ghosts.length).toBe(2);
  await begun(ids[0] ?? -1);
  const lock = (index: number) =>
    of(index).locks.acquireLock({ forest, targets: [{ path: `/l/${index}`, mode: LockMode.EXCLUSIVE }] });
  expect(await kindsOf(all.map(lock))).toBe(3);
  expect((await modest.forests.getStatus({ forest })).locksHeld).toBe(3n);
});

describe('a forest', () => {
  const bounded = { grants, quotas, forest_quotas: [{ forests: 'small', nodes: 10 }] };

  test('has so many nodes, by whatever way they come; what is there can be changed and deleted', async () => {
    guarded.allow(bounded);
    await modest.forests.createForest({ name: 'small' });
    await until(async () => (await modest.forests.getStatus({ forest: 'small' })).nodesMax === 10n);
    const forest = 'small';
    const publish = (...operations: ReturnType<typeof putText>[]) =>
      modest.context.publish({ forest, operations });
    await publish(...Array.from({ length: 8 }, (_, index) => putText(`/n/${index}`, 'x')));
    const nodes = beyond('nodes', 10);
    expect(
      await refusalOf(publish(putText('/a', 'x'), putText('/b', 'x'), putText('/c', 'x'))),
    ).toMatchObject(nodes);
    expect(await refusalOf(publish(copy('/copied', '/n')))).toMatchObject(nodes);
    const { ghost } = await modest.context.beginGhost({ forest });
    const ghostId = ghost?.id ?? '';
    const staged = await modest.context.publish({
      ...{ forest, ghostId, edition: ghost?.edition ?? 0n },
      operations: ['/g/1', '/g/2', '/g/3'].map((path) => putText(path, 'x')),
    });
    const commit = () => modest.context.commit({ forest, ghostId, edition: staged.edition });
    expect(await refusalOf(commit())).toMatchObject(nodes);
    await publish(putText('/n/0', 'changed'), putText('/a', 'x'), putText('/b', 'x'));
    expect((await modest.forests.getStatus({ forest })).forest?.nodes).toBe(10n);
    // Another forest has none of it.
    await modest.context.publish({ operations: [putText('/elsewhere', 'x')] });
    await publish(remove('/n'));
    await commit();
    expect((await modest.forests.getStatus({ forest })).forest?.nodes).toBe(5n);
  });

  test('takes so many bytes on disk; what gives them back is taken, and then the rest', async () => {
    guarded.allow({ ...bounded, forest_quotas: [{ forests: 'default', bytes: 1 }] });
    await until(async () => (await modest.forests.getStatus({})).bytesMax === 1n);
    expect(await refusalOf(modest.context.publish({ operations: [putText('/x', 'x')] }))).toMatchObject(
      beyond('bytes', 1),
    );
    expect((await modest.context.get({ path: '/elsewhere' })).node?.value?.kind.value).toBe('x');
    await modest.context.publish({ operations: [remove('/elsewhere')] });
    await modest.forests.compact({});
    guarded.allow(bounded);
    await until(() =>
      modest.context.publish({ operations: [putText('/x', 'x')] }).then(
        () => true,
        () => false,
      ),
    );
  });
});
