/** One who is told of reviews. Nobody waits for it: what it does not take yet is kept for it, up to a limit. */
import type { Clock, Timer } from '../base/clock.ts';
import { bookmarkIntervalMsMax, reviewNewsWaitingMax } from '../base/limits.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { OpenReview, ReviewNews } from './open-review.ts';

/** The subscriber's end. Where a method answers false, nothing is sent until the subscription's `drained` is called. */
export interface ReviewReceiver {
  news(news: ReviewNews): boolean;
  bookmark(position: number): boolean;
  /** Nothing follows. */
  end(rejection: Rejection): void;
}

/** What the subscriber can do. */
export interface ReviewSubscription {
  /** The queue is short again. */
  drained(): void;
  /** The subscriber is gone. `end` is not called. */
  cancel(): void;
  /** Ends it from the broker's side, after a last bookmark where everything was told. */
  end(rejection: Rejection): void;
}

export interface ReviewSubscriberOptions {
  readonly clock: Clock;
  /** The durable position. */
  readonly position: () => number;
  /** Empty: all reviewers. */
  readonly reviewer: string;
  readonly receiver: ReviewReceiver;
  readonly onOver: () => void;
}

export class ReviewSubscriber implements ReviewSubscription {
  readonly #options: ReviewSubscriberOptions;
  /** What is to be told; `null` is the first bookmark. */
  #waiting: (ReviewNews | null)[] = [];
  #told = 0;
  /** Those that were open at the beginning do not count against the limit. */
  #allowed = reviewNewsWaitingMax;
  #isBlocked = false;
  #isOver = false;
  #timer: Timer | null = null;

  constructor(options: ReviewSubscriberOptions) {
    this.#options = options;
  }

  start(open: readonly OpenReview[]): void {
    this.#allowed += open.length + 1;
    this.#waiting = [...open.map((review) => ({ kind: 'requested', review }) as const), null];
    this.#send();
  }

  offer(news: ReviewNews): void {
    const { reviewer } = this.#options;
    if (this.#isOver || (reviewer !== '' && news.review.reviewer !== reviewer)) return;
    if (this.#waiting.length - this.#told >= this.#allowed) {
      const message = `${reviewNewsWaitingMax} messages wait for this subscriber; subscribe again to get what is open`;
      this.end(
        reject('QUOTA_EXCEEDED', message, { limit: 'reviewNewsWaitingMax', maximum: reviewNewsWaitingMax }),
      );
      return;
    }
    this.#waiting.push(news);
    this.#send();
  }

  drained(): void {
    this.#isBlocked = false;
    this.#send();
  }

  cancel(): void {
    this.#stop();
  }

  end(rejection: Rejection): void {
    if (this.#isOver) return;
    const { receiver, position } = this.#options;
    if (!this.#isBlocked && this.#told === this.#waiting.length) receiver.bookmark(position());
    this.#stop();
    receiver.end(rejection);
  }

  #send(): void {
    const { receiver, position } = this.#options;
    while (!this.#isBlocked && !this.#isOver && this.#told < this.#waiting.length) {
      const news = this.#waiting[this.#told] ?? null;
      this.#told += 1;
      this.#isBlocked = !(news === null ? receiver.bookmark(position()) : receiver.news(news));
    }
    if (this.#isOver) return;
    if (this.#told === this.#waiting.length) {
      this.#waiting = [];
      this.#told = 0;
      this.#allowed = reviewNewsWaitingMax;
    }
    this.#restart();
  }

  /** The next bookmark comes when nothing else was sent for a while. */
  #restart(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(bookmarkIntervalMsMax, () => {
      if (!this.#isBlocked) this.#isBlocked = !this.#options.receiver.bookmark(this.#options.position());
      this.#restart();
    });
  }

  #stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#waiting = [];
    this.#told = 0;
    this.#options.onOver();
  }
}
