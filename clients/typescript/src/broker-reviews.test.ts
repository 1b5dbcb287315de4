/**
 * Goal: gates, reviews and races do on a real broker what they say, for owners and reviewers who know nothing of one another.
 * Method: one broker process for the file; each test works in a tree, and with reviewers, of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  connect,
  DeadlineExceededError,
  gate,
  GateLimitError,
  RaceExhaustedError,
  RaceFailed,
  RaceOverError,
  ReviewOutdatedError,
  ReviewRejectedError,
  type Client,
  type PendingReview,
  type ReviewItem,
} from './index.ts';
import { connect as connectInBrowser } from './browser.ts';
import { Broker } from './testing/broker.ts';

let broker: Broker;
let writer: Client;
let editor: Client;

beforeAll(async () => {
  broker = await Broker.start();
  writer = connect(broker.address, { author: 'writer' });
  editor = connect(broker.address, { author: 'editor' });
});

afterAll(async () => {
  writer.destroy();
  editor.destroy();
  await broker[Symbol.asyncDispose]();
});

/** The one review that is asked of a reviewer; waits until it is. */
async function reviewOf(reviewer: string): Promise<PendingReview> {
  for await (const review of editor.review(reviewer).requested()) return review;
  throw new Error('a subscription to reviews never ends');
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a gate', () => {
  test('refuses what goes beyond what the ghost may touch, when it is staged', async () => {
    const gates = [gate.limit({ patterns: ['/limit/*'], operationsMax: 2, bytesMax: 1_000 })];
    await using ghost = await writer.ghost({ gates });
    await ghost.put('/limit/a', 1);
    await expect(ghost.put('/elsewhere', 1)).rejects.toThrow(GateLimitError);
    await expect(ghost.put('/limit/a', 'x'.repeat(2_000))).rejects.toThrow(GateLimitError);
    await ghost.put('/limit/b', 1);
    const refused = await failureOf(ghost.put('/limit/c', 1));
    expect(refused).toBeInstanceOf(GateLimitError);
    expect(refused).toMatchObject({ metadata: { ghost_id: ghost.id } });
    await ghost.commit();
    expect((await writer.get('/limit/b')).value).toBe(1);
  });

  test('lets a commit wait for the approval of exactly what was looked at', async () => {
    await using ghost = await writer.ghost({ gates: [gate.review('approver')], label: 'chapter' });
    expect(ghost.info.gates).toMatchObject([
      { gate: { kind: 'review', reviewer: 'approver' }, state: 'pending' },
    ]);
    await ghost.put('/approved/a', 1);
    const committing = ghost.commit({ label: 'please read' });
    const review = await reviewOf('approver');
    expect(review).toMatchObject({
      reviewer: 'approver',
      label: 'please read',
      ghost: { id: ghost.id, label: 'chapter' },
    });
    const looked = await editor.attach(review.ghost.id);
    expect(looked.info.commitPending).toBe(true);
    expect(await looked.diff().all()).toMatchObject([{ path: '/approved/a', after: { value: 1 } }]);
    expect(await editor.find('/approved/a')).toBeUndefined();
    const after = await editor.review('approver').approve(review, 'well done');
    const { revision } = await committing;
    expect(after.gates).toMatchObject([{ state: 'open', author: 'editor', reason: 'well done' }]);
    expect(await editor.get('/approved/a')).toMatchObject({
      value: 1,
      modifiedRevision: revision,
      author: 'writer',
    });
    expect(await editor.review('approver').list().all()).toEqual([]);
  });

  test('sends a rejected ghost back to its checkpoint, with the reason', async () => {
    await using ghost = await writer.ghost({ gates: [gate.review('rejecter')] });
    await ghost.put('/rejected/a', 'good');
    await ghost.checkpoint('good');
    await ghost.put('/rejected/a', 'bad');
    const failing = failureOf(ghost.commit());
    await editor.review().reject(await reviewOf('rejecter'), 'this is bad');
    const refused = await failing;
    expect(refused).toBeInstanceOf(ReviewRejectedError);
    expect(refused).toMatchObject({ reviewer: 'rejecter', reviewReason: 'this is bad' });
    expect((await ghost.get('/rejected/a')).value).toBe('good');
    const { attempts, checkpoints } = await ghost.state();
    expect(attempts).toMatchObject([{ reason: expect.stringContaining('this is bad'), checkpoint: 'good' }]);
    expect(checkpoints).toMatchObject([{ name: 'good' }]);
  });

  test('does not let pass what was changed after somebody looked', async () => {
    await using ghost = await writer.ghost({ gates: [gate.review('late')] });
    await ghost.put('/outdated/a', 1);
    const failing = failureOf(ghost.commit());
    const review = await reviewOf('late');
    await ghost.put('/outdated/a', 2);
    expect(await failing).toBeInstanceOf(ReviewOutdatedError);
    await expect(editor.review().approve(review)).rejects.toThrow(ReviewOutdatedError);
    await expect(editor.review().approve({ ...review, reviewer: 'nobody' })).rejects.toMatchObject({
      reason: 'REVIEWER_NOT_FOUND',
    });
  });

  test('keeps a commit asked for when its caller has no more time, across a restart of the broker', async () => {
    const own = await Broker.start();
    const client = connect(own.address, { author: 'writer' });
    let id = '';
    const leave = async (): Promise<void> => {
      await using begun = await client.ghost({ gates: [gate.review('slow')], ttlMs: 600_000 });
      id = begun.id;
      await begun.put('/slow/a', 1);
      // Long enough for the request to arrive; nobody decides meanwhile.
      await begun.commit({ timeoutMs: 1_000 });
    };
    await expect(leave()).rejects.toThrow(DeadlineExceededError);
    await own.kill();
    await own.restart();
    const [review] = await client.review('slow').list().all();
    expect(review).toMatchObject({ ghost: { id, commitPending: true } });
    if (review !== undefined) await client.review('slow').approve(review);
    await expect.poll(async () => (await client.attach(id)).info.state).toBe('committed');
    expect((await client.get('/slow/a', { consistency: 'linearizable' })).value).toBe(1);
    client.destroy();
    await own[Symbol.asyncDispose]();
  });
});

test('reviewers are told of what is asked and what is settled, over Connect too', async () => {
  const page = connectInBrowser(`http://${broker.address}`, { author: 'page' });
  const seen: ReviewItem[] = [];
  const abort = new AbortController();
  const watching = (async () => {
    for await (const item of page.review('watcher').subscribe({ signal: abort.signal })) seen.push(item);
  })();
  const stopped = failureOf(watching);
  const ghosts: string[] = [];
  for (const decision of ['approve', 'reject', 'leave'] as const) {
    await using ghost = await writer.ghost({ gates: [gate.review('watcher')] });
    ghosts.push(ghost.id);
    await ghost.put(`/watched/${decision}`, 1);
    const committing = failureOf(ghost.commit());
    const review = await reviewOf('watcher');
    if (decision === 'approve') await page.review().approve(review);
    else if (decision === 'reject') await page.review().reject(review, 'no');
    else await ghost.revert('never mind');
    await committing;
  }
  await expect.poll(() => seen).toHaveLength(6);
  const settlements = seen.flatMap((item) =>
    item.kind === 'settled' ? [[item.ghostId, item.settlement]] : [],
  );
  expect(settlements).toEqual([
    [ghosts[0], 'approved'],
    [ghosts[1], 'rejected'],
    [ghosts[2], 'void'],
  ]);
  abort.abort(new Error('seen enough'));
  expect(await stopped).toEqual(new Error('seen enough'));
  page.destroy();
});

test('speculation takes a rejection as the reason for its next attempt', async () => {
  const deciding = (async () => {
    const reviews = editor.review('strict');
    for await (const review of reviews.requested()) {
      const draft = (await (await editor.attach(review.ghost.id)).get('/strict/draft')).value;
      if (draft === 'second') return reviews.approve(review);
      await reviews.reject(review, 'once more');
    }
    return undefined;
  })();
  const done = await writer.speculate({
    gates: [gate.review('strict')],
    work: (ghost, { reasons }) => ghost.put('/strict/draft', reasons.length === 0 ? 'first' : 'second'),
  });
  expect(done).toMatchObject({ attempts: 2, reasons: ['once more'] });
  expect((await deciding)?.state).toBe('committed');
  expect((await writer.get('/strict/draft')).value).toBe('second');
});

test('speculation works in ghosts too, and its result goes into the parent', async () => {
  await using parent = await writer.ghost();
  await parent.put('/nested/base', 1);
  const told: (number | undefined)[] = [];
  const done = await parent.speculate({
    work: async (ghost, { number, reverted }) => {
      told.push(reverted?.droppedOperations);
      expect((await ghost.get('/nested/base')).value).toBe(1);
      return ghost.put('/nested/draft', number);
    },
    verify: async (ghost) => (await ghost.get('/nested/draft')).value === 2 || 'too early',
  });
  expect(done).toMatchObject({ revision: 0, attempts: 2 });
  expect(told).toEqual([undefined, 1]);
  expect((await parent.get('/nested/draft')).value).toBe(2);
  expect(await writer.find('/nested/draft')).toBeUndefined();
  await parent.commit();
  expect((await writer.get('/nested/draft')).value).toBe(2);
});

describe('a race', () => {
  test('is won by the first that is accepted; nothing of the others is seen', async () => {
    const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>();
    const won = await writer.race(
      [
        {
          label: 'thorough',
          work: async (ghost, { signal }) => {
            await ghost.put('/race/thorough', 1);
            return new Promise<string>((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                lose(signal.reason);
                reject(signal.reason as Error);
              });
            });
          },
        },
        {
          label: 'wrong',
          work: async (ghost) => {
            await ghost.put('/race/wrong', 1);
            throw new Error('a mistake');
          },
        },
        {
          label: 'quick',
          work: async (ghost, { number }) => {
            await ghost.put('/race/quick', number);
            return `try ${number}`;
          },
        },
      ],
      { verify: (_ghost, result) => result === 'try 2' || 'not yet' },
    );
    expect(won).toMatchObject({
      index: 2,
      label: 'quick',
      result: 'try 2',
      attempts: 2,
      reasons: ['not yet'],
    });
    expect(await lost).toMatchObject({ winnerGhostId: won.ghostId });
    const nodes = await writer.list('/race').all();
    expect(nodes).toMatchObject([{ path: '/race/quick', value: 2, modifiedRevision: won.revision }]);
    const { race } = (await writer.attach(won.ghostId)).info;
    expect(race).toMatchObject({ winnerGhostId: won.ghostId, attempts: 4 });
    const reverted = await writer.ghosts('reverted').all();
    expect(reverted.filter(({ race: membership }) => membership?.id === race?.id)).toHaveLength(2);
  });

  test('ends when its attempts are used up', async () => {
    const failing = writer.race([{ work: () => 1 }, { work: () => 2 }], {
      verify: () => 'no',
      attemptsMax: 3,
    });
    const error = await failureOf(failing);
    expect(error).toBeInstanceOf(RaceFailed);
    expect((error as RaceFailed).errors).toMatchObject([
      { cause: expect.any(RaceExhaustedError) },
      { cause: expect.any(RaceExhaustedError) },
    ]);
  });

  test('goes over several processes, and late comers learn who has won', async () => {
    const race = { id: 'race_of_two', attemptsMax: 5 };
    await using theirs = await editor.ghost({ race });
    await theirs.put('/shared-race/a', 'theirs');
    const mine = writer.race(
      [
        {
          work: async (ghost) => {
            await ghost.put('/shared-race/a', 'mine');
            await theirs.commit();
          },
        },
      ],
      race,
    );
    await expect(mine).rejects.toMatchObject({ winnerGhostId: theirs.id });
    await expect(mine).rejects.toThrow(RaceOverError);
    await expect(writer.ghost({ race })).rejects.toThrow(RaceOverError);
    expect((await writer.get('/shared-race/a')).value).toBe('theirs');
  });
});
