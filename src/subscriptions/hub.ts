/** All subscriptions of one forest: finds who is concerned by an event, at a cost that does not depend on who else is there. */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Rejection } from '../state/outcome.ts';
import { PatternIndex } from '../trie/pattern-index.ts';
import { Delivery } from './delivery.ts';
import { reachesBelow, selectFor } from './filter.ts';
import { RecentEvents } from './recent-events.ts';
import type { EventSource } from './source.ts';
import { Subscriber } from './subscriber.ts';
import type { Receiver, Subscription, SubscriptionHandle } from './subscription.ts';

export interface HubOptions {
  readonly clock: Clock;
  /** Events kept in memory for those who fall behind. Default: the limit of that name. */
  readonly recentEventsMax?: number | undefined;
}

export class Hub {
  readonly #clock: Clock;
  readonly #all = new Set<Subscriber>();
  /** Those that are live and hear of the trunk, by their patterns. */
  readonly #trunk = new PatternIndex<Subscriber>();
  /** Those that are live and hear of one ghost, by its id. */
  readonly #ghostly = new Map<string, Set<Subscriber>>();
  /** Those that are live and hear of all ghosts; they are among those of the trunk as well. */
  readonly #everything = new Set<Subscriber>();
  /** Those that are live and are told of what an agent had read, by that agent. */
  readonly #agents = new Map<string, Set<Subscriber>>();
  readonly #recentEventsMax: number | undefined;
  /** How many of all want to see nodes before or after a change. */
  #rootsWanted = 0;
  readonly #onDrain: ((rejection: Rejection) => void)[] = [];
  #source: EventSource | null = null;
  #recent = new RecentEvents(0);

  constructor({ clock, recentEventsMax }: HubOptions) {
    this.#clock = clock;
    this.#recentEventsMax = recentEventsMax;
  }

  /** Sets the forest. Once, before anything else. */
  attach(source: EventSource): void {
    this.#source = source;
    this.#recent = new RecentEvents(source.view().position, this.#recentEventsMax);
  }

  get subscriptions(): number {
    return this.#all.size;
  }

  /** Events that made revisions after this one, of those that were published; `null` where they are not all in memory. */
  eventsAfter(revision: number): readonly ForestEvent[] | null {
    return this.#recent.afterRevision(revision);
  }

  get catchingUp(): number {
    let count = 0;
    for (const subscriber of this.#all) if (!subscriber.isLive) count += 1;
    return count;
  }

  /** How many journal entries the slowest subscriber is behind. */
  get lag(): number {
    const position = this.#source?.view().position ?? 0;
    let lag = 0;
    for (const { isLive, seenPosition } of this.#all)
      if (!isLive) lag = Math.max(lag, position - seenPosition);
    return lag;
  }

  subscribe(request: Subscription, receiver: Receiver): SubscriptionHandle {
    assert(this.#source !== null, 'the hub has no forest');
    const subscriber = new Subscriber({
      request,
      receiver,
      source: this.#source,
      recent: this.#recent,
      clock: this.#clock,
      onChange: (changed) => this.#place(changed),
    });
    this.#all.add(subscriber);
    if (request.needsRoots) this.#rootsWanted += 1;
    void subscriber.start();
    return subscriber;
  }

  /** Tells of durable events, in the order of their positions. `EventSource.view` includes them already. */
  publish(events: readonly ForestEvent[]): void {
    // All are kept before the first is told: who goes on reading meanwhile must find everything that the view includes.
    const withRoots = this.#rootsWanted > 0;
    for (const event of events) this.#recent.add(event, withRoots);
    for (const event of events) {
      if (event.revision > 0 && (this.#trunk.size > 0 || this.#agents.size > 0)) this.#publishTrunk(event);
      if (event.ghostId !== '') this.#publishGhost(event);
    }
  }

  /** Ends all subscriptions, so that their clients go on elsewhere. */
  drainAll(rejection: Rejection): void {
    for (const subscriber of [...this.#all]) subscriber.end(rejection);
    for (const callback of this.#onDrain) callback(rejection);
  }

  /** Calls back when all subscriptions are ended: for those who tell of other things. */
  onDrain(callback: (rejection: Rejection) => void): void {
    this.#onDrain.push(callback);
  }

  #publishTrunk(event: ForestEvent): void {
    const concerned = new Set<Subscriber>();
    // A commit reaches those who hear of everything as an event of its ghost.
    const isGhostly = event.ghostId !== '';
    const add = (subscriber: Subscriber): void => {
      if (!isGhostly || subscriber.request.scope.kind === 'trunk') concerned.add(subscriber);
    };
    for (const { operation } of event.changes) {
      if (reachesBelow(operation)) this.#trunk.overlapping(operation.path, add);
      else this.#trunk.match(operation.path, add);
    }
    for (const { author } of event.basisReverted?.agents ?? [])
      for (const subscriber of this.#agents.get(author) ?? []) concerned.add(subscriber);
    if (concerned.size > 0) offerTo(concerned, event);
  }

  #publishGhost(event: ForestEvent): void {
    const own = this.#ghostly.get(event.ghostId);
    if (own === undefined && this.#everything.size === 0) return;
    offerTo([...(own ?? []), ...this.#everything], event);
  }

  #place(subscriber: Subscriber): void {
    const { patterns, scope, agent = '' } = subscriber.request;
    if (agent !== '') place(this.#agents, agent, subscriber);
    if (subscriber.isOver && this.#all.delete(subscriber) && subscriber.request.needsRoots)
      this.#rootsWanted -= 1;
    if (scope.kind === 'ghost') {
      place(this.#ghostly, scope.ghostId, subscriber);
      return;
    }
    if (scope.kind === 'everything') {
      if (subscriber.isLive) this.#everything.add(subscriber);
      else this.#everything.delete(subscriber);
    }
    for (const pattern of patterns) {
      if (subscriber.isLive) this.#trunk.add(pattern, subscriber);
      else this.#trunk.remove(pattern, subscriber);
    }
  }
}

/** Keeps a subscriber under a name while it is live. */
function place(by: Map<string, Set<Subscriber>>, name: string, subscriber: Subscriber): void {
  const own = by.get(name) ?? new Set();
  if (subscriber.isLive) own.add(subscriber);
  else own.delete(subscriber);
  if (own.size > 0) by.set(name, own);
  else by.delete(name);
}

/** Subscribers with the same selection of an event's changes are handed the same delivery, which is made once. */
function offerTo(subscribers: Iterable<Subscriber>, event: ForestEvent): void {
  const [only] = event.changes;
  // Who was found by the only change has it selected.
  const isPlain =
    event.ghostId === '' &&
    event.changes.length === 1 &&
    only?.operation.kind !== 'copy' &&
    event.basisReverted === undefined;
  const whole = new Delivery(event, event.changes);
  const deliveries = new Map<string, Delivery | null>();
  for (const subscriber of subscribers) {
    const { selectionKey } = subscriber;
    let delivery = isPlain ? whole : deliveries.get(selectionKey);
    if (delivery === undefined) {
      const changes = selectFor(subscriber.request, event);
      delivery = changes === null ? null : changes === event.changes ? whole : new Delivery(event, changes);
      deliveries.set(selectionKey, delivery);
    }
    if (delivery !== null) subscriber.offer(event, delivery);
  }
}
