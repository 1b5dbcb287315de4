/** What verbs of the SDK are called on, beside its own objects, and how a call is given to them. */
import type {
  Client,
  ContextWindow,
  Ghost,
  Lease,
  Lock,
  Reviews,
  ReviewItem,
  ReviewSubject,
  SubscriptionItem,
} from '../../../typescript/src/index.ts';
import type { Arguments } from './sdk-arguments.ts';
import { tellItem, tellReview, type Result } from './sdk-results.ts';
import type { Notes, WatchingNotes } from './sdk-typed.ts';

/** A subscription whose first item was asked for, which is what begins it. */
export class Watching {
  readonly #items: AsyncGenerator<SubscriptionItem, void, void>;
  #first: Promise<IteratorResult<SubscriptionItem, void>> | undefined;

  constructor(items: AsyncGenerator<SubscriptionItem, void, void>) {
    this.#items = items;
    this.#first = items.next();
    // Whoever takes it is told.
    this.#first.catch(() => {});
  }

  async next(): Promise<Result> {
    const taken = this.#first ?? this.#items.next();
    this.#first = undefined;
    return tellItem((await taken).value ?? undefined);
  }

  async close(): Promise<Result> {
    await this.#items.return();
    return {};
  }
}

/** Reviews as they are asked for. A decision is on the last one that came. */
export class Reviewing {
  readonly #reviews: Reviews;
  readonly #items: AsyncGenerator<ReviewItem, void, void>;
  #last: ReviewSubject | undefined;

  constructor(reviews: Reviews) {
    this.#reviews = reviews;
    this.#items = reviews.subscribe();
  }

  async next(): Promise<Result> {
    const { value } = await this.#items.next();
    if (value === undefined) return { end: true };
    if (value.kind === 'requested') this.#last = value.review;
    return tellReview(value);
  }

  async decide(verb: 'approve' | 'reject', reason: string): Promise<Result> {
    if (this.#last === undefined) throw new Error('no review was asked for');
    const { id } = await this.#reviews[verb](this.#last, reason);
    return { id };
  }

  async close(): Promise<Result> {
    await this.#items.return();
    return {};
  }
}

export type Handle =
  Client | Ghost | Lock | Lease | Watching | Reviewing | Notes | WatchingNotes | ContextWindow;

/** A call. */
export interface Given {
  readonly args: Arguments;
  readonly signal: AbortSignal;
  /** Keeps what the verb makes. */
  readonly keep: (handle: Handle) => void;
  /** The lease of that handle; `undefined` for no name. */
  readonly lease: (name: string | undefined) => Lease | undefined;
  /** Resolves when `proceed` has said that name. */
  readonly said: (name: string) => Promise<void>;
  /** Another agent on the trunk. */
  readonly other: () => Client;
}

/** Verbs by name. */
export type Verbs<On> = Readonly<Record<string, (on: On, given: Given) => Promise<Result>>>;
