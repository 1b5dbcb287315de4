/**
 * Goal: a reviewer is told of each review once, and of its end, over lost connections too.
 * Method: streams that a test writes message by message, and that break when it says so.
 */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { connectOver } from './client.ts';
import { makeError } from './errors.ts';
import {
  ReviewDecision,
  ReviewSettlement,
  SubscribeReviewsResponseSchema,
  type ReviewRequest,
} from './gen/hyperloom/v1/review_service_pb.ts';
import type { ReviewItem } from './reviews.ts';
import { fakeTransport } from './testing/fake-transport.ts';

type Message = NonNullable<MessageInitShape<typeof SubscribeReviewsResponseSchema>['message']>;

const requested = (id: string, edition = 1n): Message => ({
  case: 'requested',
  value: { ghost: { id }, reviewer: 'editor', edition, label: 'please' },
});
const settled = (ghostId: string, settlement: ReviewSettlement, edition = 1n): Message => ({
  case: 'settled',
  value: { ghostId, reviewer: 'editor', edition, settlement },
});
const bookmark: Message = { case: 'bookmark', value: { position: 1n } };

/** What a subscriber is told when the streams bring this, one after the other, each ended by a broken connection. */
async function told(...streams: readonly (readonly Message[])[]): Promise<readonly string[]> {
  const rest = [...streams];
  const end = new Error('no more streams');
  const transport = {
    ...fakeTransport({}),
    async *serverStreaming(): AsyncGenerator<never, void, void> {
      const stream = rest.shift();
      if (stream === undefined) throw end;
      for (const message of stream) yield create(SubscribeReviewsResponseSchema, { message }) as never;
      throw makeError({ code: 'UNAVAILABLE', message: 'cut' });
    },
  };
  const client = connectOver(transport, { random: () => 0 });
  const lines: string[] = [];
  const listening = (async () => {
    for await (const item of client.review('editor').subscribe()) lines.push(lineOf(item));
  })();
  await expect(listening).rejects.toThrow(end);
  return lines;
}

function lineOf(item: ReviewItem): string {
  return item.kind === 'requested'
    ? `${item.review.ghost.id} ${item.review.edition} requested by "${item.review.label}"`
    : `${item.ghostId} ${item.edition} ${item.settlement}`;
}

test('reviews are told as they are asked for and settled', async () => {
  const { APPROVED, REJECTED, VOID } = ReviewSettlement;
  const stream = [
    requested('a'),
    bookmark,
    requested('b'),
    settled('a', APPROVED),
    settled('b', VOID),
    requested('b', 2n),
    settled('b', REJECTED, 2n),
  ];
  expect(await told(stream)).toEqual([
    'a 1 requested by "please"',
    'b 1 requested by "please"',
    'a 1 approved',
    'b 1 void',
    'b 2 requested by "please"',
    'b 2 rejected',
  ]);
});

test('a new stream tells nothing twice, and what was settled meanwhile as missed', async () => {
  const first = [requested('a'), requested('b'), bookmark];
  const second = [requested('b'), requested('c'), bookmark, settled('b', ReviewSettlement.APPROVED)];
  expect(await told(first, second)).toEqual([
    'a 1 requested by "please"',
    'b 1 requested by "please"',
    'c 1 requested by "please"',
    'a 1 missed',
    'b 1 approved',
  ]);
});

test('a stream that breaks before its bookmark says nothing about what it did not tell', async () => {
  const streams = [[requested('a'), bookmark], [requested('b')], [requested('a'), requested('b'), bookmark]];
  expect(await told(...streams)).toEqual(['a 1 requested by "please"', 'b 1 requested by "please"']);
});

test('a decision is about the state that was looked at, in the name of the reviewer who was asked', async () => {
  const seen: ReviewRequest[] = [];
  const transport = fakeTransport({
    ListReviews: () => ({ reviews: [{ ghost: { id: 'a' }, reviewer: 'editor', edition: 4n }] }),
    Review: (request: ReviewRequest) => {
      seen.push(request);
      return { ghost: { id: 'a', committedRevision: 9n } };
    },
  });
  const client = connectOver(transport, { author: 'someone' });
  const reviews = client.review();
  const [review] = await reviews.list().all();
  if (review === undefined) throw new Error('no review');
  await reviews.reject(review, 'too long');
  await reviews.approve(review);
  expect(seen).toMatchObject([
    { ghostId: 'a', reviewer: 'editor', edition: 4n, decision: ReviewDecision.REJECT, reason: 'too long' },
    { ghostId: 'a', edition: 4n, decision: ReviewDecision.APPROVE, author: 'someone' },
  ]);
  expect(seen[0]?.requestId).not.toBe(seen[1]?.requestId);
  expect(client.newestRevision).toBe(9);
});

test('a reason is cut to the bytes that the broker takes, at a whole character', async () => {
  const seen: string[] = [];
  const note = ({ reason }: { readonly reason: string }): object => {
    seen.push(reason);
    return { ghost: { id: 'a' } };
  };
  const client = connectOver(fakeTransport({ Review: note, Revert: note }));
  const review = { ghost: { id: 'a' }, reviewer: 'editor', edition: 1 };
  await client.review().reject(review, 'ü'.repeat(3_000));
  await client.review().approve(review, `x${'ü'.repeat(3_000)}`);
  await client.revertRevision(1, `xyz${'😀'.repeat(3_000)}`);
  await client.revertRevision(1, '😀'.repeat(1_024));
  expect(seen).toEqual([
    'ü'.repeat(2_048),
    `x${'ü'.repeat(2_047)}`,
    `xyz${'😀'.repeat(1_023)}`,
    '😀'.repeat(1_024),
  ]);
});
