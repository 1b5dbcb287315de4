/**
 * Reviews of ghosts: what commits wait for. A reviewer is a name that gates give; the program or the person behind it lists what is asked
 * for, or is told of it, and decides. What is asked for is journaled, so it waits across restarts of all sides.
 */
import { create } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { HyperloomError, makeError } from './errors.ts';
import {
  ListReviewsRequestSchema,
  ReviewDecision,
  ReviewRequestSchema,
  ReviewService,
  ReviewSettlement as WireSettlement,
  SubscribeReviewsRequestSchema,
  type PendingReview as WirePendingReview,
  type SubscribeReviewsResponse,
} from './gen/hyperloom/v1/review_service_pb.ts';
import { readGhost, type GhostInfo } from './ghost-info.ts';
import { listen, resumable } from './listen.ts';
import { Paged } from './paged.ts';
import { cutReason } from './reasons.ts';
import { Backoff, delay } from './time.ts';
import type { CallLimits } from './transport.ts';

/** A review that is asked for: somebody wants to commit the ghost, and one of its gates names the reviewer. */
export interface PendingReview {
  /** The ghost as it is. `client.attach(review.ghost.id)` reads its content and its `diff()`. */
  readonly ghost: GhostInfo;
  readonly reviewer: string;
  /** Which state of the ghost it is about: an approval holds for this one alone. */
  readonly edition: number;
  /** Since when it is asked for. */
  readonly requestTime: Date;
  /** What the commit was called. */
  readonly label: string;
}

/** What a decision is about: a {@link PendingReview} is one. */
export interface ReviewSubject {
  readonly ghost: { readonly id: string };
  readonly reviewer: string;
  readonly edition: number;
}

/** Why a review is over. `void`: the ghost was changed or ended. `missed`: it was settled while the connection was away. */
export type ReviewSettlement = 'approved' | 'rejected' | 'void' | 'missed';

/** What a subscription to reviews yields. */
export type ReviewItem =
  | { readonly kind: 'requested'; readonly review: PendingReview }
  /** A review that was told of is not asked for any more. */
  | {
      readonly kind: 'settled';
      readonly ghostId: string;
      readonly reviewer: string;
      readonly edition: number;
      readonly settlement: ReviewSettlement;
    };

/** Options of `subscribe`. */
export interface ReviewSubscribeOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined;
}

/** The reviews of one reviewer, or of all: `client.review()`. */
export class Reviews {
  /** Empty: all. */
  readonly reviewer: string;
  readonly #connection: Connection;
  readonly #agent: Agent;

  /** Not for programs: use `client.review()`. */
  constructor(connection: Connection, agent: Agent, reviewer: string) {
    this.reviewer = reviewer;
    this.#connection = connection;
    this.#agent = agent;
  }

  /** The reviews that are asked for, oldest ghost first, in pages. */
  list(limits: CallLimits = {}): Paged<PendingReview> {
    return new Paged(async (pageToken) => {
      const { forest } = this.#agent;
      const request = create(ListReviewsRequestSchema, { forest, reviewer: this.reviewer, pageToken });
      const answer = await this.#connection.caller.unary(ReviewService.method.listReviews, request, limits);
      return {
        items: answer.reviews.flatMap((review) => readReview(review) ?? []),
        nextPageToken: answer.nextPageToken,
        revision: 0,
      };
    });
  }

  /** Lets the ghost as it was reviewed pass. The last approval that was missing commits it. Returns the ghost afterwards. */
  approve(review: ReviewSubject, reason = '', limits: CallLimits = {}): Promise<GhostInfo> {
    return this.#decide(review, ReviewDecision.APPROVE, reason, limits);
  }

  /** Takes the ghost back to its last checkpoint, or to its beginning, and tells its owner why. Returns the ghost afterwards. */
  reject(review: ReviewSubject, reason: string, limits: CallLimits = {}): Promise<GhostInfo> {
    return this.#decide(review, ReviewDecision.REJECT, reason, limits);
  }

  async #decide(
    review: ReviewSubject,
    decision: ReviewDecision,
    reason: string,
    limits: CallLimits,
  ): Promise<GhostInfo> {
    const request = create(ReviewRequestSchema, {
      forest: this.#agent.forest,
      ghostId: review.ghost.id,
      reviewer: review.reviewer,
      edition: BigInt(review.edition),
      decision,
      reason: cutReason(reason),
      author: this.#agent.author,
      requestId: this.#connection.nextRequestId(),
    });
    const { ghost } = await this.#connection.caller.unary(ReviewService.method.review, request, limits);
    if (ghost === undefined) throw new Error('the broker answered without a ghost');
    this.#agent.see(Number(ghost.committedRevision));
    return readGhost(ghost);
  }

  /**
   * First the reviews that are open, then what changes. When the connection is lost it resumes by itself: each review is told of once,
   * and those that were settled meanwhile are told as `missed`.
   */
  async *subscribe(options: ReviewSubscribeOptions = {}): AsyncGenerator<ReviewItem, void, void> {
    const { clock, random, diagnostics, retry, closing } = this.#connection;
    const { signal } = options;
    const backoff = new Backoff(random);
    const open = new OpenReviews();
    for (;;) {
      open.startOver();
      try {
        for await (const message of this.#open(signal)) {
          backoff.reset();
          yield* open.take(message);
        }
        throw makeError({ code: 'UNAVAILABLE', message: 'the broker ended the stream' });
      } catch (error) {
        signal?.throwIfAborted();
        if (!retry || !(error instanceof HyperloomError) || !resumable.has(error.code)) throw error;
        const delayMs = backoff.nextMs();
        diagnostics({ kind: 'subscription_lost', error, delayMs });
        await delay(clock, delayMs, signal);
        signal?.throwIfAborted();
        if (closing.aborted) throw error;
      }
    }
  }

  /** The reviews alone, as they are asked for. */
  async *requested(options: ReviewSubscribeOptions = {}): AsyncGenerator<PendingReview, void, void> {
    for await (const item of this.subscribe(options)) if (item.kind === 'requested') yield item.review;
  }

  #open(signal: AbortSignal | undefined): AsyncGenerator<SubscribeReviewsResponse, void, void> {
    const { forest } = this.#agent;
    const request = create(SubscribeReviewsRequestSchema, { forest, reviewer: this.reviewer });
    return listen(this.#connection, ReviewService.method.subscribeReviews, request, signal);
  }
}

/** What was told and is not settled, so that a new stream, which tells all of it again, adds only what is new. */
class OpenReviews {
  readonly #told = new Map<string, PendingReview>();
  /** What this stream has told, until its first bookmark: then what is not among it is over. */
  #again: Set<string> | undefined;

  startOver(): void {
    this.#again = new Set();
  }

  *take({ message }: SubscribeReviewsResponse): Generator<ReviewItem, void, void> {
    switch (message.case) {
      case 'requested': {
        const review = readReview(message.value);
        if (review !== undefined) yield* this.#request(review);
        return;
      }
      case 'settled': {
        const { ghostId, reviewer } = message.value;
        const edition = Number(message.value.edition);
        const settlement = settlementNames[message.value.settlement] ?? 'void';
        if (this.#told.delete(keyOf(ghostId, reviewer, edition)))
          yield { kind: 'settled', ghostId, reviewer, edition, settlement };
        return;
      }
      case 'bookmark':
        yield* this.#dropMissed();
        return;
      default: // From a newer broker.
    }
  }

  *#request(review: PendingReview): Generator<ReviewItem, void, void> {
    const key = keyOf(review.ghost.id, review.reviewer, review.edition);
    this.#again?.add(key);
    if (this.#told.has(key)) return;
    this.#told.set(key, review);
    yield { kind: 'requested', review };
  }

  *#dropMissed(): Generator<ReviewItem, void, void> {
    const again = this.#again;
    if (again === undefined) return;
    this.#again = undefined;
    for (const [key, { ghost, reviewer, edition }] of this.#told) {
      if (again.has(key)) continue;
      this.#told.delete(key);
      yield { kind: 'settled', ghostId: ghost.id, reviewer, edition, settlement: 'missed' };
    }
  }
}

function keyOf(ghostId: string, reviewer: string, edition: number): string {
  return `${ghostId} ${edition} ${reviewer}`;
}

function readReview(review: WirePendingReview): PendingReview | undefined {
  if (review.ghost === undefined) return undefined;
  const { reviewer, edition, requestTime, label } = review;
  return {
    ghost: readGhost(review.ghost),
    reviewer,
    edition: Number(edition),
    requestTime: requestTime === undefined ? new Date(0) : timestampDate(requestTime),
    label,
  };
}

const settlementNames: Readonly<Record<number, ReviewSettlement>> = {
  [WireSettlement.APPROVED]: 'approved',
  [WireSettlement.REJECTED]: 'rejected',
  [WireSettlement.VOID]: 'void',
};
