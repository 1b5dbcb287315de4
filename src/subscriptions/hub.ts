/** All subscriptions of one forest: finds who is concerned by an event, at a cost that does not depend on who else is there. */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Rejection } from '../state/outcome.ts';
import { PatternIndex } from '../trie/pattern-index.ts';
import { Delivery } from './delivery.ts';
import { reachesBelow, selectChanges } from './filter.ts';
import { RecentEvents } from './recent-events.ts';
import type { EventSource } from './source.ts';
import { Subscriber } from './subscriber.ts';
import type { Receiver, Subscription, SubscriptionHandle } from './subscription.ts';

export interface HubOptions {
  readonly clock: Clock;
}

export class Hub {
  readonly #clock: Clock;
  readonly #all = new Set<Subscriber>();
  /** Those that are live and hear of the trunk, by their patterns. */
  readonly #trunk = new PatternIndex<Subscriber>();
  /** Those that are live and hear of ghosts. */
  readonly #ghostly = new Set<Subscriber>();
  #source: EventSource | null = null;
  #recent = new RecentEvents(0);

  constructor({ clock }: HubOptions) {
    this.#clock = clock;
  }

  /** Sets the forest. Once, before anything else. */
  attach(source: EventSource): void {
    this.#source = source;
    this.#recent = new RecentEvents(source.view().position);
  }

  get subscriptions(): number {
    return this.#all.size;
  }

  get catchingUp(): number {
    let count = 0;
    for (const subscriber of this.#all) if (!subscriber.isLive) count += 1;
    return count;
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
    void subscriber.start();
    return subscriber;
  }

  /** Tells of durable events, in the order of their positions. `EventSource.view` includes them already. */
  publish(events: readonly ForestEvent[]): void {
    for (const event of events) {
      this.#recent.add(event);
      if (event.revision > 0 && this.#trunk.size > 0) this.#publishTrunk(event);
      if (event.ghostId !== '' && this.#ghostly.size > 0) this.#publishGhost(event);
    }
  }

  /** Ends all subscriptions, so that their clients go on elsewhere. */
  drainAll(rejection: Rejection): void {
    for (const subscriber of [...this.#all]) subscriber.end(rejection);
  }

  #publishTrunk(event: ForestEvent): void {
    const concerned = new Set<Subscriber>();
    const add = (subscriber: Subscriber): void => {
      concerned.add(subscriber);
    };
    for (const { operation } of event.changes) {
      if (reachesBelow(operation)) this.#trunk.overlapping(operation.path, add);
      else this.#trunk.match(operation.path, add);
    }
    if (concerned.size > 0) offerTo(concerned, event);
  }

  #publishGhost(event: ForestEvent): void {
    // A commit to the trunk has reached those who hear of everything with the trunk's events.
    const concerned = [...this.#ghostly].filter(
      ({ request: { scope } }) => scope.kind === 'ghost' || event.revision === 0,
    );
    offerTo(concerned, event);
  }

  #place(subscriber: Subscriber): void {
    const { patterns, scope } = subscriber.request;
    if (subscriber.isOver) this.#all.delete(subscriber);
    if (scope.kind !== 'trunk') {
      if (subscriber.isLive) this.#ghostly.add(subscriber);
      else this.#ghostly.delete(subscriber);
    }
    if (scope.kind === 'ghost') return;
    for (const pattern of patterns) {
      if (subscriber.isLive) this.#trunk.add(pattern, subscriber);
      else this.#trunk.remove(pattern, subscriber);
    }
  }
}

/** Subscribers with the same selection of an event's changes are handed the same delivery. */
function offerTo(subscribers: Iterable<Subscriber>, event: ForestEvent): void {
  const single = event.changes.length === 1 && event.changes[0]?.operation.kind !== 'copy';
  const deliveries = new Map<string, Delivery>();
  let whole: Delivery | null = null;
  for (const subscriber of subscribers) {
    const { patterns } = subscriber.request;
    // Who was found by the only change has it selected.
    const changes = single && event.revision > 0 && subscriber.request.scope.kind !== 'ghost' ? event.changes : selectChanges(patterns, event);
    if (changes === null) continue;
    if (changes === event.changes) {
      whole ??= new Delivery(event, changes);
      subscriber.offer(event, whole);
      continue;
    }
    const key = patterns.map(({ segments }) => segments.join('/')).join('\n');
    const delivery = deliveries.get(key) ?? new Delivery(event, changes);
    deliveries.set(key, delivery);
    subscriber.offer(event, delivery);
  }
}
