/**
 * Goal: ghosts as alternatives: the first commit wins, the others are reverted with the winner named, and a race has only so
 * many attempts. Method: a whole broker on a real socket, on disk where it is restarted in the middle.
 */
import { create } from '@bufbuild/protobuf';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raceAttemptsMax } from '../../src/base/limits.ts';
import { HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { GhostTransitionKind } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { GateSchema } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import { GhostState } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
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

/** A ghost in a race, with one diff in it. */
async function begin(
  race: { id: string; attemptsMax?: number },
  parentGhostId = '',
  on: TestBroker = broker,
): Promise<string> {
  const { ghost } = await on.context.beginGhost({ race, parentGhostId });
  const ghostId = ghost?.id ?? '';
  await on.context.publish({ ghostId, operations: [putText(`/${race.id}/${ghostId}`, 'mine')] });
  return ghostId;
}

const standing = async (ghostId: string, on: TestBroker = broker) =>
  (await on.context.getGhost({ ghostId })).ghost;

const rewind = (ghostId: string) =>
  broker.context.revert({ target: { case: 'rewind', value: { ghostId, checkpoint: '' } as never } });

describe('a race', () => {
  test('is won by the first commit; the others are reverted, and told who won', async () => {
    const ids = [await begin({ id: 'first' }), await begin({ id: 'first' }), await begin({ id: 'first' })];
    const [one, winner, other] = ids as [string, string, string];
    const inner = (await broker.context.beginGhost({ parentGhostId: other })).ghost?.id ?? '';
    expect((await standing(one))?.race).toMatchObject({
      race: { id: 'first', attemptsMax: raceAttemptsMax },
      attempts: 3,
      winnerGhostId: '',
    });
    const { revision } = await broker.context.commit({ ghostId: winner, author: 'ada' });
    expect(await standing(winner)).toMatchObject({
      state: GhostState.COMMITTED,
      committedRevision: revision,
      race: { winnerGhostId: winner },
    });
    for (const loser of [one, other, inner]) {
      const ghost = await standing(loser);
      expect(ghost?.state).toBe(GhostState.REVERTED);
      expect(ghost?.attempts.at(-1)?.reason).toBe(`ghost ${winner} won the race first`);
    }
    const refused = await refusalOf(broker.context.commit({ ghostId: one }));
    expect(refused).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'GHOST_OVER',
      metadata: { ghost_id: one, state: 'reverted', race_id: 'first', winner_ghost_id: winner },
    });
    const late = await refusalOf(broker.context.beginGhost({ race: { id: 'first' } }));
    expect(late).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'RACE_OVER',
      metadata: { race_id: 'first', winner_ghost_id: winner },
    });
    const { nodes } = await broker.context.list({ path: '/first' });
    expect(nodes.map(({ path }) => path).filter((path) => path !== '/first')).toEqual([`/first/${winner}`]);
  });

  test('tells of its losers in the same journal entry as of its winner', async () => {
    const [winner, loser] = [await begin({ id: 'events' }), await begin({ id: 'events' })];
    await broker.context.commit({ ghostId: winner });
    const { events } = await broker.context.history({ scope: HistoryScope.EVERYTHING, pageSize: 1_000 });
    const ends = events.filter(({ ghostId }) => ghostId === winner || ghostId === loser).slice(-2);
    expect(ends.map(({ ghostId, transition }) => [ghostId, transition?.kind])).toEqual([
      [winner, GhostTransitionKind.COMMITTED],
      [loser, GhostTransitionKind.REVERTED],
    ]);
    expect(ends[0]?.position).toBe(ends[1]?.position);
    expect(ends[1]?.transition?.reason).toContain(winner);
  });

  test('goes on after a conflict, and after all of its ghosts were reverted', async () => {
    await broker.context.publish({ operations: [putText('/conflict', 'base')] });
    const id = await begin({ id: 'conflict' });
    const other = await begin({ id: 'conflict' });
    await broker.context.publish({ ghostId: id, operations: [putText('/conflict', 'ghost')] });
    await broker.context.publish({ operations: [putText('/conflict', 'trunk')] });
    expect((await refusalOf(broker.context.commit({ ghostId: id }))).reason).toBe('CONFLICT');
    expect((await standing(other))?.state).toBe(GhostState.LIVE);
    for (const ghostId of [id, other])
      await broker.context.revert({ target: { case: 'ghostId', value: ghostId } });
    const again = await begin({ id: 'conflict' });
    expect((await standing(again))?.race).toMatchObject({ attempts: 3, winnerGhostId: '' });
    expect((await broker.context.commit({ ghostId: again })).operations).toBe(1n);
  });

  test('inside a ghost is won by the first commit into it', async () => {
    const outer = (await broker.context.beginGhost({})).ghost?.id ?? '';
    const [winner, loser] = [await begin({ id: 'inside' }, outer), await begin({ id: 'inside' }, outer)];
    await broker.context.commit({ ghostId: winner });
    expect((await standing(loser))?.state).toBe(GhostState.REVERTED);
    expect((await broker.context.commit({ ghostId: outer })).operations).toBe(1n);
  });

  test('ends the wait of a loser whose commit waits for reviewers', async () => {
    const gates = [create(GateSchema, { kind: { case: 'review', value: { reviewer: 'ada' } } })];
    const race = { id: 'gated' };
    const gated = (await broker.context.beginGhost({ gates, race })).ghost?.id ?? '';
    const quick = await begin(race);
    const refused = refusalOf(broker.context.commit({ ghostId: gated, requestId: 'commit-loser' }));
    refused.catch(() => undefined);
    while ((await broker.reviews.listReviews({})).reviews.length === 0);
    await broker.context.commit({ ghostId: quick });
    expect(await refused).toMatchObject({ reason: 'GHOST_OVER', metadata: { winner_ghost_id: quick } });
    const again = broker.context.commit({ ghostId: gated, requestId: 'commit-loser' });
    expect((await refusalOf(again)).metadata).toMatchObject({ winner_ghost_id: quick });
    expect((await broker.reviews.listReviews({})).reviews).toEqual([]);
  });
});

describe('the attempts of a race', () => {
  test('are beginnings and returns to a checkpoint, of all its ghosts together', async () => {
    const [one, other] = [await begin({ id: 'budget', attemptsMax: 4 }), await begin({ id: 'budget' })];
    await rewind(one);
    await broker.context.publish({ ghostId: one, operations: [putText('/budget/again', '1')] });
    await rewind(other);
    const exhausted = {
      code: 'ResourceExhausted',
      reason: 'RACE_EXHAUSTED',
      metadata: { race_id: 'budget', maximum: '4' },
    };
    expect(await refusalOf(rewind(one))).toMatchObject(exhausted);
    expect(await refusalOf(begin({ id: 'budget', attemptsMax: 4 }))).toMatchObject(exhausted);
    expect((await standing(one))?.race?.attempts).toBe(4);
    expect((await broker.context.commit({ ghostId: one })).operations).toBe(1n);
  });

  test('are counted by rejections too, of which one beyond the last ends the ghost', async () => {
    const gates = [create(GateSchema, { kind: { case: 'review', value: { reviewer: 'ada' } } })];
    const race = { id: 'rejected', attemptsMax: 2 };
    const ghostId = (await broker.context.beginGhost({ gates, race })).ghost?.id ?? '';
    const rejectIt = async () => {
      await broker.context.publish({ ghostId, operations: [putText('/rejected', 'x')] });
      const edition = (await standing(ghostId))?.edition ?? 0n;
      const decision = ReviewDecision.REJECT;
      return broker.reviews.review({ ghostId, reviewer: 'ada', edition, decision, reason: 'no source' });
    };
    expect((await rejectIt()).ghost).toMatchObject({ state: GhostState.LIVE, race: { attempts: 2 } });
    expect((await rejectIt()).ghost).toMatchObject({ state: GhostState.REVERTED, race: { attempts: 2 } });
    const { message } = await refusalOf(broker.context.commit({ ghostId }));
    expect(message).toContain('no source');
  });
});

describe('bad input is refused:', () => {
  test.each([
    ['no name', { id: '' }, 'INVALID_REQUEST', 'race.id'],
    ['a long name', { id: 'x'.repeat(129) }, 'LIMIT_EXCEEDED', 'race.id'],
    ['a budget over the limit', { id: 'a', attemptsMax: 1_001 }, 'LIMIT_EXCEEDED', 'race.attempts_max'],
  ])('%s', async (_, race, reason, field) => {
    const refused = await refusalOf(broker.context.beginGhost({ race }));
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason, fields: [field] });
  });

  test('another budget than was declared, and alternatives that are no siblings', async () => {
    const outer = await begin({ id: 'declared', attemptsMax: 5 });
    const invalid = { code: 'InvalidArgument', reason: 'INVALID_REQUEST' };
    const more = await refusalOf(broker.context.beginGhost({ race: { id: 'declared', attemptsMax: 6 } }));
    expect(more).toMatchObject({ ...invalid, fields: ['race.attempts_max'] });
    const inside = await refusalOf(
      broker.context.beginGhost({ race: { id: 'declared' }, parentGhostId: outer }),
    );
    expect(inside).toMatchObject({ ...invalid, fields: ['race'] });
    expect((await standing(outer))?.race).toMatchObject({ attempts: 1, race: { attemptsMax: 5 } });
  });

  test('a lease that is not there', async () => {
    const refused = await refusalOf(broker.context.beginGhost({ leaseId: 'nobody' }));
    expect(refused).toMatchObject({ code: 'NotFound', reason: 'LEASE_NOT_FOUND' });
  });
});

test('a race goes on after a restart of the broker, with the attempts that it has had', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-races-'));
  const start = () => startTestBroker({ settings: { journal: 'embedded', data: folder } });
  const first = await start();
  const race = { id: 'restart', attemptsMax: 3 };
  const [winner, loser] = [await begin(race, '', first), await begin(race, '', first)];
  await first.broker.stop();
  await first.close();
  const second = await start();
  expect((await standing(winner, second))?.race).toMatchObject({ attempts: 2, winnerGhostId: '' });
  await begin(race, '', second);
  const refused = await refusalOf(second.context.beginGhost({ race }));
  expect(refused.reason).toBe('RACE_EXHAUSTED');
  const { edition } = (await standing(winner, second)) ?? { edition: 0n };
  const unsaid = await refusalOf(second.context.commit({ ghostId: winner }));
  expect(unsaid.reason).toBe('GHOST_INTERRUPTED');
  // A read may name the edition as well, and is refused where that has not survived.
  const read = (view: { ghostId: string; edition?: bigint }) =>
    second.context.batchGet({ paths: ['/x'], view });
  await read({ ghostId: winner, edition });
  await read({ ghostId: winner });
  expect((await refusalOf(read({ ghostId: winner, edition: edition + 1n }))).reason).toBe(
    'GHOST_INTERRUPTED',
  );
  expect((await refusalOf(read({ ghostId: '', edition }))).fields).toEqual(['view.edition']);
  await second.context.commit({ ghostId: winner, edition });
  await second.broker.stop();
  await second.close();
  const third = await start();
  expect((await standing(loser, third))?.state).toBe(GhostState.REVERTED);
  const over = await refusalOf(third.context.beginGhost({ race }));
  expect(over).toMatchObject({ reason: 'RACE_OVER', metadata: { winner_ghost_id: winner } });
  await third.close();
  await rm(folder, { recursive: true });
});
