/**
 * A subscription: a stream of what changes, that outlives its connections. The rules:
 *
 * - The snapshot comes whole, once; then every event once and in order, large ones put together from their parts.
 * - After a lost connection it resumes behind the last event or bookmark. Until the snapshot is complete it begins anew: nothing of
 *   it was handed out.
 * - It gives up on codes that another try cannot change, such as OUT_OF_RANGE when the history behind it is compacted.
 * - What it hands out counts as read: it goes into the basis of the agent's next publish.
 */
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { HyperloomError, makeError } from './errors.ts';
import type { Event } from './event.ts';
import { ContextService, type SubscribeResponse } from './gen/hyperloom/v1/context_service_pb.ts';
import { listen, resumable } from './listen.ts';
import type { SubscribeOptions } from './options.ts';
import { Assembly } from './subscription-assembly.ts';
import { noteItem } from './subscription-basis.ts';
import type { SubscriptionItem } from './subscription-item.ts';
import { subscribeRequest, type ResumePoint } from './subscription-request.ts';
import { Backoff, delay } from './time.ts';

export class Subscription implements AsyncIterable<SubscriptionItem> {
  readonly patterns: readonly string[];
  readonly #connection: Connection;
  readonly #agent: Agent;
  readonly #ghostId: string;
  readonly #options: SubscribeOptions;

  constructor(
    connection: Connection,
    agent: Agent,
    ghostId: string,
    patterns: readonly string[],
    options: SubscribeOptions,
  ) {
    this.patterns = patterns;
    this.#connection = connection;
    this.#agent = agent;
    this.#ghostId = ghostId;
    this.#options = options;
  }

  /** Begins the subscription. Each loop has one of its own; leaving the loop ends it. */
  [Symbol.asyncIterator](): AsyncGenerator<SubscriptionItem, void, void> {
    return this.#items();
  }

  /** The events alone, without snapshot and bookmarks. */
  async *events(): AsyncGenerator<Event, void, void> {
    for await (const item of this) if (item.kind === 'event') yield item.event;
  }

  async *#items(): AsyncGenerator<SubscriptionItem, void, void> {
    const { clock, random, diagnostics, retry } = this.#connection;
    const backoff = new Backoff(random);
    const assembly = new Assembly(startOf(this.#options));
    for (;;) {
      const resume = assembly.beginStream();
      try {
        for await (const message of this.#open(resume)) {
          backoff.reset();
          for (const item of assembly.take(message)) {
            noteItem(this.#agent, this.patterns, this.#ghostId, item);
            if (item.kind !== 'bookmark' || this.#options.bookmarks === true) yield item;
          }
        }
        // A ghost's stream ends with the ghost; any other only when the broker stops.
        if (this.#ghostId !== '') return;
        throw makeError({ code: 'UNAVAILABLE', message: 'the broker ended the stream' });
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        if (!retry || !(error instanceof HyperloomError) || !resumable.has(error.code)) throw error;
        const delayMs = backoff.nextMs();
        diagnostics({ kind: 'subscription_lost', error, delayMs });
        await delay(clock, delayMs, this.#options.signal);
        this.#options.signal?.throwIfAborted();
        if (this.#connection.closing.aborted) throw error;
      }
    }
  }

  #open(resume: ResumePoint): AsyncGenerator<SubscribeResponse, void, void> {
    const { forest, author } = this.#agent;
    const request = subscribeRequest(forest, author, this.#ghostId, this.patterns, this.#options, resume);
    return listen(this.#connection, ContextService.method.subscribe, request, this.#options.signal);
  }
}

function startOf(options: SubscribeOptions): ResumePoint {
  const start = options.start ?? 'snapshot';
  if (start === 'snapshot') return { kind: 'snapshot' };
  if (start === 'now') return { kind: 'now' };
  return 'afterRevision' in start
    ? { kind: 'revision', revision: start.afterRevision }
    : { kind: 'position', position: start.afterPosition };
}
