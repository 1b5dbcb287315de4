/**
 * Goal: gates as owners and reviewers meet them: a commit that waits, decisions, what voids them, and that all of it survives
 * its callers and the broker. Method: a whole broker on a real socket, on disk where it is restarted in the middle.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GhostTransitionKind } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { GateState } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import { GhostState } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import {
  ReviewSettlement,
  type SubscribeReviewsResponse,
} from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';
import { limitedTo, reviewedBy, Reviewing } from '../support/reviewing.ts';

let broker: TestBroker;
let on: Reviewing;
beforeAll(async () => {
  broker = await startTestBroker();
  on = new Reviewing(broker);
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

describe('a commit with a reviewer', () => {
  test('waits, shows where it stands, and passes with the approval', async () => {
    const ghostId = await on.begin('/wait/a', [reviewedBy('ada')]);
    const { call } = on.commit(ghostId, { label: 'the draft' });
    await on.asked(ghostId);
    const pending = await on.standing(ghostId);
    expect(pending).toMatchObject({ commitPending: true, state: GhostState.LIVE });
    expect(pending.gates.map(({ state }) => state)).toEqual([GateState.PENDING]);
    const { reviews } = await broker.reviews.listReviews({ reviewer: 'ada' });
    expect(reviews).toHaveLength(1);
    expect(reviews[0]).toMatchObject({
      reviewer: 'ada',
      edition: pending.edition,
      label: 'the draft',
      ghost: { id: ghostId },
    });
    expect((await broker.reviews.listReviews({ reviewer: 'bob' })).reviews).toEqual([]);
    const { ghost } = await on.approve(ghostId);
    expect(ghost).toMatchObject({ state: GhostState.COMMITTED, commitPending: false });
    expect(ghost?.gates[0]).toMatchObject({ state: GateState.OPEN, author: 'ada', reason: 'read it' });
    const { revision, operations } = await call;
    expect([revision, operations]).toEqual([ghost?.committedRevision, 1n]);
    const { node } = await broker.context.get({ path: '/wait/a' });
    expect(node).toMatchObject({ modifiedRevision: revision, author: 'owner' });
    expect((await broker.reviews.listReviews({})).reviews).toEqual([]);
  });

  test('stays asked for past the deadline of its caller, and is told again under its request id', async () => {
    const ghostId = await on.begin('/deadline/a', [reviewedBy('ada')]);
    const request = { ghostId, requestId: 'commit-past-deadline' };
    const late = await refusalOf(broker.context.commit(request, { timeoutMs: 150 }));
    expect(late.code).toBe('DeadlineExceeded');
    expect(await on.standing(ghostId)).toMatchObject({ commitPending: true, state: GhostState.LIVE });
    const again = broker.context.commit(request);
    const { ghost } = await on.approve(ghostId);
    const told = await again;
    expect(told).toMatchObject({ revision: ghost?.committedRevision, repeated: true });
    expect(await broker.context.commit(request)).toMatchObject({ revision: told.revision, repeated: true });
  });

  test('is told to all who ask for it, whoever asked first', async () => {
    const ghostId = await on.begin('/many/a', [reviewedBy('ada')]);
    const calls = ['one', 'two', ''].map((id) => on.commit(ghostId, { requestId: id }).call);
    await on.asked(ghostId);
    await on.approve(ghostId);
    const revisions = (await Promise.all(calls)).map(({ revision }) => revision);
    expect(new Set(revisions).size).toBe(1);
  });

  test('passes at once where it was approved before', async () => {
    const ghostId = await on.begin('/early/a', [reviewedBy('ada')]);
    await on.approve(ghostId);
    expect((await broker.context.commit({ ghostId })).revision).toBeGreaterThan(0n);
  });

  test('that conflicts when it is approved is refused with the conflicts, and is not asked for any more', async () => {
    await broker.context.publish({ operations: [putText('/conflict/a', 'base')] });
    const ghostId = await on.begin('/conflict/a', [reviewedBy('ada')]);
    const { refused } = on.commit(ghostId, { requestId: 'commit-conflict' });
    await on.asked(ghostId);
    await broker.context.publish({ operations: [putText('/conflict/a', 'trunk')] });
    const { ghost } = await on.approve(ghostId);
    expect(ghost).toMatchObject({ state: GhostState.LIVE, commitPending: false });
    expect(await refused).toMatchObject({ reason: 'CONFLICT', conflicts: ['/conflict/a'] });
    const again = await refusalOf(
      broker.context.commit({ ghostId, author: 'owner', requestId: 'commit-conflict' }),
    );
    expect(again.reason).toBe('CONFLICT');
    const other = await on.begin('/conflict/a', [reviewedBy('ada')]);
    await broker.context.publish({ operations: [putText('/conflict/a', 'trunk again')] });
    expect((await refusalOf(broker.context.commit({ ghostId: other }))).reason).toBe('CONFLICT');
    expect((await broker.reviews.listReviews({})).reviews).toEqual([]);
  });

  test('of a child goes into its parent, whose gates it must pass as well', async () => {
    const parent = await broker.context.beginGhost({ gates: [limitedTo({ patterns: ['/child/a'] })] });
    const parentGhostId = parent.ghost?.id ?? '';
    const inner = async (path: string) => {
      const { ghost } = await broker.context.beginGhost({ parentGhostId, gates: [reviewedBy('ada')] });
      await broker.context.publish({ ghostId: ghost?.id ?? '', operations: [putText(path, '1')] });
      return ghost?.id ?? '';
    };
    const [allowed, other] = [await inner('/child/a'), await inner('/child/b')];
    const { call } = on.commit(allowed);
    await on.asked(allowed);
    await on.approve(allowed);
    expect(await call).toMatchObject({ revision: 0n, operations: 1n });
    expect(await refusalOf(broker.context.commit({ ghostId: other }))).toMatchObject({
      reason: 'GATE_LIMIT',
      metadata: { ghost_id: parentGhostId, path: '/child/b' },
    });
  });
});

describe('an approval', () => {
  test('is void after a further write, and so is the commit that waited', async () => {
    const ghostId = await on.begin('/void/a', [reviewedBy('ada'), reviewedBy('bob')]);
    const { refused } = on.commit(ghostId);
    await on.asked(ghostId);
    const { edition } = await on.standing(ghostId);
    await on.approve(ghostId);
    await broker.context.publish({ ghostId, operations: [putText('/void/b', 'more')] });
    expect(await refused).toMatchObject({
      code: 'Aborted',
      reason: 'REVIEW_OUTDATED',
      metadata: { ghost_id: ghostId, edition: String(edition + 1n) },
    });
    const now = await on.standing(ghostId);
    expect(now).toMatchObject({ commitPending: false, edition: edition + 1n });
    expect(now.gates.map(({ state }) => state)).toEqual([GateState.PENDING, GateState.PENDING]);
    const late = await refusalOf(on.approve(ghostId, { reviewer: 'bob', edition }));
    expect(late).toMatchObject({ reason: 'REVIEW_OUTDATED', metadata: { edition: String(edition + 1n) } });
    await broker.context.revert({
      target: { case: 'rewind', value: { ghostId, checkpoint: '' } as never },
    });
    expect((await on.standing(ghostId)).edition).toBe(edition + 2n);
  });

  test('is needed of every reviewer', async () => {
    const ghostId = await on.begin('/two/a', [reviewedBy('ada'), reviewedBy('bob')]);
    const { call } = on.commit(ghostId);
    await on.asked(ghostId);
    const first = await on.approve(ghostId, { reviewer: 'bob' });
    expect(first.ghost?.gates.map(({ state }) => state)).toEqual([GateState.PENDING, GateState.OPEN]);
    expect((await broker.reviews.listReviews({})).reviews.map(({ reviewer }) => reviewer)).toEqual(['ada']);
    expect((await on.approve(ghostId)).ghost?.state).toBe(GhostState.COMMITTED);
    expect((await call).operations).toBe(1n);
  });

  test('is given once under one request id', async () => {
    const ghostId = await on.begin('/once/a', [reviewedBy('ada')]);
    const { edition } = await on.standing(ghostId);
    const more = { edition, requestId: 'approve-once' };
    expect(await on.approve(ghostId, more)).toMatchObject({ repeated: false });
    expect(await on.approve(ghostId, more)).toMatchObject({ repeated: true, ghost: { id: ghostId } });
    expect((await refusalOf(on.reject(ghostId, more))).reason).toBe('REQUEST_ID_REUSED');
  });
});

describe('a rejection', () => {
  test('takes the ghost back to its last checkpoint, and its owner is told why', async () => {
    const ghostId = await on.begin('/reject/a', [reviewedBy('ada')]);
    await broker.context.checkpoint({ ghostId, name: 'good' });
    await broker.context.publish({ ghostId, operations: [putText('/reject/b', 'bad')] });
    const { refused } = on.commit(ghostId, { requestId: 'commit-rejected' });
    await on.asked(ghostId);
    const { ghost } = await on.reject(ghostId, { reason: 'no source' });
    expect(ghost).toMatchObject({ state: GhostState.LIVE, commitPending: false, stagedOperations: 1n });
    expect(ghost?.attempts.map(({ reason, checkpoint, author }) => [reason, checkpoint, author])).toEqual([
      ['no source', 'good', 'ada'],
    ]);
    expect(await refused).toMatchObject({
      code: 'Aborted',
      reason: 'REVIEW_REJECTED',
      metadata: { ghost_id: ghostId, reviewer: 'ada', review_reason: 'no source' },
    });
    const again = { ghostId, author: 'owner', requestId: 'commit-rejected' };
    expect((await refusalOf(broker.context.commit(again))).reason).toBe('REVIEW_REJECTED');
    const { nodes } = await broker.context.batchGet({ paths: ['/reject/a', '/reject/b'], view: { ghostId } });
    expect(nodes.map(({ path }) => path)).toEqual(['/reject/a']);
  });

  test('of one reviewer settles the reviews of all', async () => {
    const ghostId = await on.begin('/all/a', [reviewedBy('ada'), reviewedBy('bob')]);
    const { refused } = on.commit(ghostId);
    await on.asked(ghostId);
    await on.reject(ghostId, { reviewer: 'bob' });
    expect((await refused).metadata).toMatchObject({ reviewer: 'bob' });
    expect((await broker.reviews.listReviews({})).reviews).toEqual([]);
  });
});

describe('the end of a ghost whose commit waits', () => {
  test('by its owner, or because its ttl passed once nobody waits, is told as such', async () => {
    const ghostId = await on.begin('/end/a', [reviewedBy('ada')]);
    const { refused } = on.commit(ghostId);
    await on.asked(ghostId);
    await broker.context.revert({ target: { case: 'ghostId', value: ghostId }, reason: 'not needed' });
    expect(await refused).toMatchObject({ reason: 'GHOST_OVER', metadata: { state: 'reverted' } });
    expect(await refusalOf(on.approve(ghostId, { edition: 9n }))).toMatchObject({ reason: 'GHOST_OVER' });
  });

  test('does not come while somebody waits for it', async () => {
    const { ghost } = await broker.context.beginGhost({
      gates: [reviewedBy('ada')],
      ttl: { seconds: 1n, nanos: 0 },
    });
    const ghostId = ghost?.id ?? '';
    const waited = broker.context.commit({ ghostId }, { timeoutMs: 2_200 });
    expect((await refusalOf(waited)).code).toBe('DeadlineExceeded');
    expect((await on.standing(ghostId)).state).toBe(GhostState.LIVE);
    await broker.context.revert({ target: { case: 'ghostId', value: ghostId } });
  });
});

describe('open reviews', () => {
  test('are listed oldest ghost first, in pages', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1)
      ids.push(await on.begin(`/pages/${index}`, [reviewedBy('pat'), reviewedBy('quin')]));
    for (const id of ids.toReversed()) {
      on.commit(id);
      await on.asked(id);
    }
    const names: string[] = [];
    for (let pageToken = '', more = true; more; more = pageToken !== '') {
      const page = await broker.reviews.listReviews({ pageSize: 2, pageToken });
      expect(page.reviews.length).toBeLessThanOrEqual(2);
      names.push(...page.reviews.map(({ ghost, reviewer }) => `${ids.indexOf(ghost?.id ?? '')} ${reviewer}`));
      pageToken = page.nextPageToken;
    }
    expect(names).toEqual(['0 pat', '0 quin', '1 pat', '1 quin', '2 pat', '2 quin']);
    const first = await broker.reviews.listReviews({ pageSize: 1 });
    const wrong = broker.reviews.listReviews({ pageToken: first.nextPageToken, reviewer: 'pat' });
    expect((await refusalOf(wrong)).reason).toBe('INVALID_PAGE_TOKEN');
    for (const id of ids) await on.reject(id, { reviewer: 'pat' });
    expect((await broker.reviews.listReviews({})).reviews).toEqual([]);
  });

  test('are told to those who subscribe: first what is open, then what changes', async () => {
    const open = await on.begin('/told/a', [reviewedBy('sam')]);
    const { call } = on.commit(open);
    await on.asked(open);
    const watch = watching('sam');
    expect(await watch.next()).toBe(`requested ${open} sam`);
    expect(await watch.next()).toBe('bookmark');
    const later = await on.begin('/told/b', [reviewedBy('sam'), reviewedBy('tom')]);
    const { refused } = on.commit(later);
    expect(await watch.next()).toBe(`requested ${later} sam`);
    await on.approve(open, { reviewer: 'sam' });
    await call;
    expect(await watch.next()).toBe(`settled ${open} sam APPROVED`);
    await broker.context.publish({ ghostId: later, operations: [putText('/told/b', 'changed')] });
    expect(await watch.next()).toBe(`settled ${later} sam VOID`);
    await refused;
    const { refused: again } = on.commit(later);
    expect(await watch.next()).toBe(`requested ${later} sam`);
    await on.reject(later, { reviewer: 'tom' });
    await again;
    expect(await watch.next()).toBe(`settled ${later} sam REJECTED`);
    watch.stop();
  });

  test('and decisions are events, live and read back alike', async () => {
    const watched = new AbortController();
    const live: (GhostTransitionKind | undefined)[] = [];
    const begun = await on.begin('/events/a', [reviewedBy('ada')]);
    const stream = broker.context.subscribe(
      { patterns: ['/**'], scope: { case: 'ghostId', value: begun }, start: { case: 'now', value: {} } },
      { signal: watched.signal },
    );
    const reading = (async () => {
      for await (const { message } of stream)
        if (message.case === 'event') live.push(message.value.transition?.kind);
    })();
    const { refused } = on.commit(begun, { label: 'as asked' });
    await on.asked(begun);
    await on.reject(begun, { reason: 'again' });
    await refused;
    await broker.context.publish({ ghostId: begun, operations: [putText('/events/a', 'better')] });
    const { call } = on.commit(begun);
    await on.asked(begun);
    await on.approve(begun, { reason: 'good' });
    await call;
    await reading;
    const { events } = await broker.context.history({ scope: HistoryScope.EVERYTHING, pageSize: 1_000 });
    const own = events.filter(({ ghostId }) => ghostId === begun);
    const kinds = own.map(({ transition }) => transition?.kind);
    const { BEGUN, STAGED, COMMIT_REQUESTED, REWOUND, APPROVED, COMMITTED } = GhostTransitionKind;
    expect(kinds).toEqual([
      BEGUN,
      STAGED,
      COMMIT_REQUESTED,
      REWOUND,
      STAGED,
      COMMIT_REQUESTED,
      APPROVED,
      COMMITTED,
    ]);
    expect(live).toEqual(kinds.slice(kinds.length - live.length));
    expect(live.length).toBeGreaterThanOrEqual(5);
    expect(own.map(({ transition }) => transition?.reviewer)).toEqual(['', '', '', 'ada', '', '', 'ada', '']);
    expect(own[0]?.transition?.ghost?.gates.map(({ state }) => state)).toEqual([GateState.PENDING]);
    expect(own[2]).toMatchObject({ label: 'as asked', author: 'owner' });
    expect(own[3]?.transition).toMatchObject({ reason: 'again', droppedOperations: 1n });
  });
});

describe('a restart of the broker', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hyperloom-reviews-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const start = (name: string) =>
    startTestBroker({ settings: { journal: 'embedded', data: join(folder, name) } });

  test('ends the wait, keeps the review, and the commit asked for again gets what comes of it', async () => {
    const first = await start('pending');
    const atFirst = new Reviewing(first);
    const ghostId = await atFirst.begin('/restart/a', [reviewedBy('ada'), reviewedBy('bob')]);
    const { refused } = atFirst.commit(ghostId, { requestId: 'commit-restart' });
    await atFirst.asked(ghostId);
    await atFirst.approve(ghostId, {});
    const { edition } = await atFirst.standing(ghostId);
    await first.broker.stop();
    expect(await refused).toMatchObject({ code: 'Unavailable', reason: 'NOT_SERVING' });
    await first.close();

    const second = await start('pending');
    const atSecond = new Reviewing(second);
    const { reviews } = await second.reviews.listReviews({});
    expect(reviews.map(({ reviewer, ghost }) => [reviewer, ghost?.id])).toEqual([['bob', ghostId]]);
    expect(reviews[0]?.edition).toBe(edition);
    const again = atSecond.commit(ghostId, { requestId: 'commit-restart' });
    const { ghost } = await atSecond.approve(ghostId, { reviewer: 'bob' });
    expect(ghost?.state).toBe(GhostState.COMMITTED);
    expect(await again.call).toMatchObject({ revision: 1n, repeated: true });
    await second.close();

    const third = await start('pending');
    const told = await third.context.commit({ ghostId, author: 'owner', requestId: 'commit-restart' });
    expect(told).toMatchObject({ revision: 1n, operations: 1n, repeated: true });
    expect(third.fatal).toEqual([]);
    await third.close();
  });

  test('forgets no rejection', async () => {
    const first = await start('rejected');
    const atFirst = new Reviewing(first);
    const ghostId = await atFirst.begin('/restart/a', [reviewedBy('ada')]);
    const { refused } = atFirst.commit(ghostId, { requestId: 'commit' });
    await atFirst.asked(ghostId);
    await atFirst.reject(ghostId, { reason: 'no source' });
    expect((await refused).reason).toBe('REVIEW_REJECTED');
    await first.close();
    const second = await start('rejected');
    const atSecond = new Reviewing(second);
    const again = await refusalOf(second.context.commit({ ghostId, author: 'owner', requestId: 'commit' }));
    expect(again).toMatchObject({ reason: 'REVIEW_REJECTED', metadata: { review_reason: 'no source' } });
    expect((await atSecond.standing(ghostId)).attempts.map(({ reason }) => reason)).toEqual(['no source']);
    await second.close();
  });
});

function watching(reviewer: string): { next(): Promise<string>; stop(): void } {
  const stopped = new AbortController();
  const stream = broker.reviews.subscribeReviews({ reviewer }, { signal: stopped.signal });
  const messages = stream[Symbol.asyncIterator]();
  return {
    async next() {
      const { value } = (await messages.next()) as { value: SubscribeReviewsResponse };
      return describeMessage(value.message);
    },
    stop: () => stopped.abort(),
  };
}

function describeMessage(message: SubscribeReviewsResponse['message']): string {
  if (message.case === 'requested') return `requested ${message.value.ghost?.id} ${message.value.reviewer}`;
  if (message.case !== 'settled') return message.case ?? 'nothing';
  const { ghostId, reviewer, settlement } = message.value;
  return `settled ${ghostId} ${reviewer} ${settlements.get(settlement)}`;
}

const settlements: ReadonlyMap<number, string> = new Map(
  Object.entries(ReviewSettlement).map(([name, number]) => [number, name] as const),
);
