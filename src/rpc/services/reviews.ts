/** `ReviewService`. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { nameBytesMax, pageSizeDefault, pageSizeMax, reasonBytesMax } from '../../base/limits.ts';
import {
  type ListReviewsRequest,
  ListReviewsRequestSchema,
  type ListReviewsResponse,
  ListReviewsResponseSchema,
  type PendingReviewSchema,
  type ReviewRequest,
  ReviewRequestSchema,
  type ReviewResponse,
  ReviewResponseSchema,
  ReviewService,
  ReviewSettlement,
  type SubscribeReviewsRequest,
  type SubscribeReviewsResponse,
  SubscribeReviewsResponseSchema,
} from '../../gen/hyperloom/v1/review_service_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { OpenReview, ReviewNews } from '../../sequencer/open-review.ts';
import type { ReviewSubscription } from '../../sequencer/review-subscriber.ts';
import { checkAuthor, checkEnum, checkNeeded, checkPageSize, checkText, toNumber } from '../checks.ts';
import { durableGhosts, ghostOf } from '../convert/shown-ghost.ts';
import { visibleGhost } from '../access/visible-ghost.ts';
import { Refused, violation } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf } from '../page-token.ts';
import { type Call, defineMethod, type Method, type Sink } from '../transport.ts';
import { forestOf, requestKey, successOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function reviewMethods(context: ServiceContext): readonly Method[] {
  const { listReviews, subscribeReviews, review } = ReviewService.method;
  return [
    defineMethod({
      kind: 'unary',
      descriptor: listReviews,
      handle: (request, call) => list(context, request, call),
    }),
    defineMethod({
      kind: 'server_streaming',
      descriptor: subscribeReviews,
      handle: (request, sink, call) => subscribe(context, request, sink, call),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: review,
      handle: (request, call) => decide(context, request, call),
    }),
  ];
}

function list(context: ServiceContext, request: ListReviewsRequest, call: Call): ListReviewsResponse {
  const forest = forestOf(context, request.forest);
  const reviewer = checkReviewer(request.reviewer);
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  const fingerprint = fingerprintOf(ListReviewsRequestSchema, request);
  const token = decodeToken(request.pageToken, fingerprint, ['number', 'number']);
  const [position, gate] = [Number(token?.[0] ?? 0), Number(token?.[1] ?? -1)];
  const rest = forest.reviews.list(reviewer).filter((review) => {
    if (!isShown(call, forest, review)) return false;
    const { beginPosition } = review.ghost;
    return beginPosition > position || (beginPosition === position && gateOf(review) > gate);
  });
  const page = rest.slice(0, pageSize);
  const last = rest.length > pageSize ? page.at(-1) : undefined;
  const nextPageToken =
    last === undefined ? '' : encodeToken(fingerprint, [last.ghost.beginPosition, gateOf(last)]);
  return create(ListReviewsResponseSchema, {
    reviews: page.map((review) => reviewMessage(forest, review, call)),
    nextPageToken,
  });
}

/** Which of the ghost's gates it is about. */
function gateOf({ ghost, reviewer }: OpenReview): number {
  return ghost.gates.findIndex(({ gate }) => gate.kind === 'review' && gate.reviewer === reviewer);
}

/** Ends with the call, or with the forest. */
function subscribe(
  context: ServiceContext,
  request: SubscribeReviewsRequest,
  sink: Sink<SubscribeReviewsResponse>,
  call: Call,
): Promise<void> {
  const forest = forestOf(context, request.forest);
  const reviewer = checkReviewer(request.reviewer);
  return new Promise((resolve, reject) => {
    let subscription: ReviewSubscription | undefined;
    sink.onDrain(() => subscription?.drained());
    subscription = forest.reviews.subscribe(reviewer, {
      news: (news) => !isShown(call, forest, news.review) || sink.write(newsMessage(forest, news, call)),
      bookmark: (position) => {
        const value = { position: BigInt(position) };
        return sink.write(create(SubscribeReviewsResponseSchema, { message: { case: 'bookmark', value } }));
      },
      end: (rejection) => reject(new Refused(rejection)),
    });
    call.onCancel(() => {
      subscription.cancel();
      resolve();
    });
    call.onLeave((rejection) => subscription.end(rejection));
  });
}

/** To those who may approve of something that the ghost can change. */
function isShown({ caller }: Call, forest: Forest, { ghost }: OpenReview): boolean {
  return caller.in(forest.name).maySome('approve', ghost.scope);
}

const decisions = [undefined, 'approve', 'reject'] as const;

async function decide(
  context: ServiceContext,
  request: ReviewRequest,
  { caller }: Call,
): Promise<ReviewResponse> {
  const forest = forestOf(context, request.forest);
  const { ghostId } = request;
  if (ghostId === '') violation('ghost_id', 'required');
  if (request.edition === 0n) violation('edition', 'required: the edition of the ghost that was looked at');
  const isApproved = checkEnum(request.decision, decisions, 'decision') === 'approve';
  const settled = await forest.propose({
    kind: 'review_ghost',
    ghostId,
    reviewer: checkNeeded(request.reviewer, 'reviewer', 'nameBytesMax', nameBytesMax),
    edition: toNumber(request.edition),
    approved: isApproved,
    reason: isApproved
      ? checkText(request.reason, 'reason', 'reasonBytesMax', reasonBytesMax)
      : checkNeeded(request.reason, 'reason', 'reasonBytesMax', reasonBytesMax),
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, ReviewRequestSchema, request),
  });
  successOf(settled, 'reviewed');
  const { repeated } = settled;
  // A repetition can come when the ghost is over and forgotten.
  const found = forest.ghost(ghostId);
  const [ghost] = await durableGhosts(forest, 'reason' in found ? [] : [found]);
  return create(ReviewResponseSchema, {
    repeated,
    ...(ghost === undefined ? {} : { ghost: visibleGhost(ghost, forest.name, caller) }),
  });
}

function checkReviewer(reviewer: string): string {
  return checkText(reviewer, 'reviewer', 'nameBytesMax', nameBytesMax);
}

function reviewMessage(
  forest: Forest,
  review: OpenReview,
  { caller }: Call,
): MessageInitShape<typeof PendingReviewSchema> {
  const { reviewer, edition, requestTimeMs, label } = review;
  return {
    ghost: visibleGhost(ghostOf(forest, review.ghost), forest.name, caller),
    reviewer,
    edition: BigInt(edition),
    requestTime: timestampFromMs(requestTimeMs),
    label,
  };
}

const settlements = {
  approved: ReviewSettlement.APPROVED,
  rejected: ReviewSettlement.REJECTED,
  void: ReviewSettlement.VOID,
} as const;

function newsMessage(forest: Forest, news: ReviewNews, call: Call): SubscribeReviewsResponse {
  if (news.kind === 'requested') {
    const value = reviewMessage(forest, news.review, call);
    return create(SubscribeReviewsResponseSchema, { message: { case: 'requested', value } });
  }
  const { ghost, reviewer, edition } = news.review;
  const settlement = settlements[news.settlement];
  const value = { ghostId: ghost.id, reviewer, edition: BigInt(edition), settlement };
  return create(SubscribeReviewsResponseSchema, { message: { case: 'settled', value } });
}
