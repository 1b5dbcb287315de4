/** What a subscription promises, each promise by its name, against the broker's own history. */
import { changeText } from '../history.ts';
import type { Subscription } from '../history.ts';
import { isBelow } from '../story.ts';
import type { StoryEvent } from '../story.ts';
import { endPath } from '../workers/following.ts';
import type { Evidence } from './evidence.ts';

type Item = Subscription['items'][number];

/** Events come in the order of their revisions, and bookmarks never go back. */
export function* ordered({ history }: Evidence): Generator<string> {
  for (const { id, items } of history.subscriptions) {
    let last = 0;
    for (const { kind, revision } of items) {
      if (revision < last) yield `subscription ${id} got a ${kind} of revision ${revision} after ${last}`;
      last = Math.max(last, revision);
    }
  }
}

/** No event comes twice. */
export function* unique({ history }: Evidence): Generator<string> {
  for (const { id, items } of history.subscriptions) {
    const seen = new Set<number>();
    for (const { kind, revision } of items) {
      if (kind !== 'event') continue;
      if (seen.has(revision)) yield `subscription ${id} got revision ${revision} twice`;
      seen.add(revision);
    }
  }
}

/** Of what it watches nothing is missing between the first thing that it was told and the last. */
export function* reliable({ history, events }: Evidence): Generator<string> {
  for (const subscription of history.subscriptions) {
    const { id, items } = subscription;
    const seen = new Set(items.flatMap((item) => (item.kind === 'event' ? [item.revision] : [])));
    const first = startOf(subscription);
    const last = items.at(-1)?.revision ?? 0;
    if (first === undefined) continue;
    for (const { revision } of watched(subscription, events.slice(first, last)))
      if (!seen.has(revision)) yield `subscription ${id} (after ${first}) never got revision ${revision}`;
    // Of those for whom history is gone more is asked in `retention.ts`.
    if (subscription.broken !== '' && subscription.oldest === undefined)
      yield `subscription ${id} ended by itself: ${subscription.broken}`;
  }
}

/** Each event is a whole diff, as far as the subscription watches it, and nothing else. */
export function* whole({ history, events }: Evidence): Generator<string> {
  for (const subscription of history.subscriptions) {
    for (const item of subscription.items) {
      if (item.kind !== 'event') continue;
      const event = events[item.revision - 1];
      const is = event === undefined ? '' : matching(subscription, event).map(changeText).join('; ');
      const told = item.changes.map(changeText).join('; ');
      if (told !== is)
        yield `subscription ${subscription.id} got as revision ${item.revision}: ${told}; it is: ${is}`;
    }
  }
}

/** One that begins behind a revision gets everything behind it, and nothing up to it. */
export function* resumable({ history, events }: Evidence): Generator<string> {
  for (const subscription of history.subscriptions) {
    const { id, after, items } = subscription;
    const got = items.find(({ kind }) => kind === 'event');
    if (after < 0 || got === undefined) continue;
    const [expected] = watched(subscription, events.slice(after, got.revision));
    if (expected?.revision !== got.revision)
      yield `subscription ${id} began behind revision ${after} and got ${got.revision} first, not ${expected?.revision}`;
  }
}

/** A bookmark says that everything up to it was sent: all of that came before it, and nothing of it comes after. */
export function* bookmarkable({ history, events }: Evidence): Generator<string> {
  for (const subscription of history.subscriptions) {
    let from = startOf(subscription);
    if (from === undefined) continue;
    let came = new Set<number>();
    for (const { kind, revision } of subscription.items) {
      if (kind === 'event') {
        if (revision <= from)
          yield `subscription ${subscription.id} got revision ${revision} behind its bookmark ${from}`;
        came.add(revision);
      } else if (kind === 'bookmark' && revision > from) {
        for (const missing of watched(subscription, events.slice(from, revision)))
          if (!came.has(missing.revision))
            yield `subscription ${subscription.id} got bookmark ${revision} without revision ${missing.revision}`;
        if (revision > events.length)
          yield `subscription ${subscription.id} got bookmark ${revision}; history ends at ${events.length}`;
        from = revision;
        came = new Set();
      }
    }
  }
}

/** A snapshot is the state of its revision. */
export function* snapshots({ history, timeline }: Evidence): Generator<string> {
  for (const { id, prefix, items } of history.subscriptions) {
    for (const item of items) {
      if (item.kind !== 'snapshot') continue;
      const is = timeline.below(prefix, item.revision);
      for (const path of new Set([...is.keys(), ...Object.keys(item.nodes)])) {
        const [told, real] = [item.nodes[path] ?? null, is.get(path) ?? null];
        if (told !== real && path !== endPath)
          yield `subscription ${id} began at revision ${item.revision} with ${path} as ${told}; history has ${real}`;
      }
    }
  }
}

/** The revision behind which everything must come; `undefined` where nothing came at all. */
function startOf({ after, items }: Subscription): number | undefined {
  if (after >= 0) return items.length === 0 ? undefined : after;
  const first: Item | undefined = items[0];
  return first?.kind === 'snapshot' ? first.revision : undefined;
}

function watched(subscription: Subscription, events: readonly StoryEvent[]): StoryEvent[] {
  return events.filter((event) => matching(subscription, event).length > 0);
}

function matching({ prefix }: Subscription, { changes }: StoryEvent): StoryEvent['changes'] {
  return changes.filter(([path]) => isBelow(path, prefix) || path === endPath);
}
