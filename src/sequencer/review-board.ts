/**
 * The reviews that are asked for, as reviewers see them. It follows from the state; what of it is shown is durable, because a
 * reviewer's word is about one edition of a ghost, and what a crash takes away could come back as another with the same number.
 */
import type { Clock } from '../base/clock.ts';
import type { Command } from '../state/command.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import { missingReviewers } from '../state/ghosts/gates.ts';
import { editionOf } from '../state/ghosts/edition.ts';
import { ghostInfo } from '../state/ghosts/ghost.ts';
import type { Ghost } from '../state/ghosts/ghost.ts';
import type { Rejection } from '../state/outcome.ts';
import { ghostsTouched } from './ghosts-touched.ts';
import type { OpenReview, ReviewNews } from './open-review.ts';
import { ReviewSubscriber } from './review-subscriber.ts';
import type { ReviewReceiver, ReviewSubscription } from './review-subscriber.ts';

/** What a journal entry changed for reviewers of a ghost; told when it is durable. */
interface Change {
  readonly position: number;
  readonly ghostId: string;
  readonly open: readonly OpenReview[];
  readonly news: readonly ReviewNews[];
}

export interface ReviewBoardOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  /** The durable position. */
  readonly position: () => number;
}

export class ReviewBoard {
  readonly #options: ReviewBoardOptions;
  /** By ghost, as applied. */
  readonly #open = new Map<string, readonly OpenReview[]>();
  /** By ghost, as durable. */
  readonly #shown = new Map<string, readonly OpenReview[]>();
  readonly #subscribers = new Set<ReviewSubscriber>();
  #changes: Change[] = [];

  constructor(options: ReviewBoardOptions) {
    this.#options = options;
    for (const ghost of options.state.ghosts.values()) {
      const open = openReviews(ghost);
      if (open.length > 0) this.#open.set(ghost.id, open);
    }
    for (const [ghostId, open] of this.#open) this.#shown.set(ghostId, open);
  }

  /** Open reviews of a reviewer (empty: of all), oldest ghost first. */
  list(reviewer: string): OpenReview[] {
    return [...this.#shown.values()]
      .flat()
      .filter((review) => reviewer === '' || review.reviewer === reviewer)
      .sort((a, b) => a.ghost.beginPosition - b.ghost.beginPosition);
  }

  /** Tells of the open reviews of a reviewer (empty: of all), and then of what changes. */
  subscribe(reviewer: string, receiver: ReviewReceiver): ReviewSubscription {
    const { clock, position } = this.#options;
    const subscriber = new ReviewSubscriber({
      clock,
      position,
      reviewer,
      receiver,
      onOver: () => this.#subscribers.delete(subscriber),
    });
    this.#subscribers.add(subscriber);
    subscriber.start(this.list(reviewer));
    return subscriber;
  }

  /** In the tick in which a command was applied. */
  onApplied(command: Command, applied: Applied): void {
    if (!applied.recorded) return;
    for (const ghostId of ghostsTouched(command, applied)) this.#refresh(ghostId, command);
  }

  /** Everything that was applied up to a position is durable. */
  onDurable(position: number): void {
    if (this.#changes.length === 0) return;
    const count = this.#changes.findIndex((change) => change.position > position);
    const changes = this.#changes.splice(0, count < 0 ? this.#changes.length : count);
    for (const { ghostId, open, news } of changes) {
      if (open.length > 0) this.#shown.set(ghostId, open);
      else this.#shown.delete(ghostId);
      for (const item of news) for (const subscriber of [...this.#subscribers]) subscriber.offer(item);
    }
  }

  /** Ends all subscriptions, so that reviewers go on elsewhere. */
  drainAll(rejection: Rejection): void {
    for (const subscriber of [...this.#subscribers]) subscriber.end(rejection);
  }

  #refresh(ghostId: string, command: Command): void {
    const { state } = this.#options;
    const ghost = state.ghosts.get(ghostId);
    const open = ghost === undefined ? none : openReviews(ghost);
    const before = this.#open.get(ghostId) ?? none;
    if (open.length === 0 && before.length === 0) return;
    if (open.length > 0) this.#open.set(ghostId, open);
    else this.#open.delete(ghostId);
    const news: ReviewNews[] = [];
    for (const review of before) {
      if (!open.some((other) => isSame(other, review)))
        news.push({ kind: 'settled', review, settlement: settlementBy(command, review) });
    }
    for (const review of open) {
      if (!before.some((other) => isSame(other, review))) news.push({ kind: 'requested', review });
    }
    this.#changes.push({ position: state.position, ghostId, open, news });
  }
}

const none: readonly OpenReview[] = [];

function openReviews(ghost: Ghost): readonly OpenReview[] {
  const { pendingCommit } = ghost;
  if (pendingCommit === null) return none;
  const edition = editionOf(ghost);
  const info = ghostInfo(ghost, 'live', 0);
  const { timeMs: requestTimeMs, command } = pendingCommit;
  const { label } = command;
  return missingReviewers(ghost).map((reviewer) => ({
    ghost: info,
    reviewer,
    edition,
    requestTimeMs,
    label,
  }));
}

function isSame(one: OpenReview, other: OpenReview): boolean {
  return one.reviewer === other.reviewer && one.edition === other.edition;
}

function settlementBy(command: Command, review: OpenReview): 'approved' | 'rejected' | 'void' {
  if (command.kind !== 'review_ghost' || command.ghostId !== review.ghost.id) return 'void';
  return command.approved ? 'approved' : 'rejected';
}
