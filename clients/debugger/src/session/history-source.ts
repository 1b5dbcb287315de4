/** Pages of history around a place, so that a million events cost no more than the few that are shown. */
import type { Client, Event } from '../../../typescript/src/browser.ts';
import {
  indexAt,
  isWanted,
  revisionAt,
  step,
  type EventFilter,
  type TimelineWindow,
} from '../model/timeline.ts';

/** Events asked for on either side of a place. */
export const eventsAround = 250;
/** Pages looked through for the next event that a filter wants, before the reader is asked whether to go on. */
const pagesSearchedMax = 20;
const pageSizeSearched = 500;

/** From where to where history goes, as journal positions. */
export interface TimeRange {
  readonly first: number;
  readonly last: number;
}

/** The first and the last event that can be told. */
export async function loadRange(client: Client): Promise<TimeRange> {
  const [[first], [last]] = await Promise.all([
    onePage(client, { everything: true, pageSize: 1 }),
    onePage(client, { everything: true, newestFirst: true, pageSize: 1 }),
  ]);
  return { first: first?.position ?? 0, last: last?.position ?? 0 };
}

type Asked = Parameters<Client['history']>[0];

/** The first page that holds something: a page may be empty and not the last. */
async function onePage(client: Client, asked: Asked): Promise<readonly Event[]> {
  for await (const page of client.history(asked).pages())
    if (page.items.length > 0 || page.nextPageToken === '') return page.items;
  return [];
}

/** The newest events. */
export async function loadTail(client: Client): Promise<TimelineWindow> {
  const events = await onePage(client, { everything: true, newestFirst: true, pageSize: eventsAround });
  return { events: events.toReversed(), isAtBeginning: events.length < eventsAround };
}

/** The events around a position. */
export async function loadAround(client: Client, position: number): Promise<TimelineWindow> {
  const asked = { everything: true, pageSize: eventsAround };
  const [before, after] = await Promise.all([
    onePage(client, { ...asked, untilPosition: position, newestFirst: true }),
    onePage(client, { ...asked, afterPosition: position }),
  ]);
  return { events: [...before.toReversed(), ...after], isAtBeginning: before.length < eventsAround };
}

/** Whether a window holds what is before and after a position. */
export function covers(
  { events, isAtBeginning }: TimelineWindow,
  position: number,
  range: TimeRange,
): boolean {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined) return false;
  const hasBefore = isAtBeginning || indexAt(events, position) > 0;
  return hasBefore && (position < last.position || (position === last.position && position >= range.last));
}

/** The trunk revision after everything up to a position. 0: before the first. */
export async function revisionAfter(
  client: Client,
  window: TimelineWindow,
  position: number,
): Promise<number> {
  const known = revisionAt(window.events, indexAt(window.events, position));
  if (known !== undefined) return known;
  const [event] = await onePage(client, { untilPosition: position, newestFirst: true, pageSize: 1 });
  return event?.revision ?? 0;
}

/** What a search for the next event came to. */
export type Found =
  | { readonly kind: 'found'; readonly event: Event }
  /** History ends. */
  | { readonly kind: 'end' }
  /** Nothing in so many events; there are more. */
  | { readonly kind: 'given_up'; readonly position: number };

/** The nearest event that a filter wants, in the window or beyond it. */
export async function findStep(
  client: Client,
  window: TimelineWindow,
  position: number,
  direction: 1 | -1,
  filter: EventFilter,
): Promise<Found> {
  const near = step(window.events, position, direction, filter);
  if (near !== undefined) return { kind: 'found', event: near };
  const path = filter.path === '' ? {} : { path: filter.path };
  const asked: Asked = {
    everything: true,
    pageSize: pageSizeSearched,
    ...path,
    ...(direction === 1
      ? { afterPosition: position }
      : { untilPosition: Math.max(0, position - 1), newestFirst: true }),
  };
  // The broker takes 0 for "no bound".
  if (direction === -1 && position <= 1) return { kind: 'end' };
  let pages = 0;
  let at = position;
  for await (const page of client.history(asked).pages()) {
    const event = page.items.find((each) => isWanted(each, filter));
    if (event !== undefined) return { kind: 'found', event };
    at = page.items.at(-1)?.position ?? at;
    pages += 1;
    if (pages >= pagesSearchedMax && page.nextPageToken !== '') return { kind: 'given_up', position: at };
  }
  return { kind: 'end' };
}

/** The event that made a trunk revision. */
export async function findRevision(client: Client, revision: number): Promise<Event | undefined> {
  const [event] = await onePage(client, { afterRevision: revision - 1, pageSize: 1 });
  return event;
}

/** A sample of how busy it was: events a second around evenly spread positions. */
export interface Density {
  readonly position: number;
  readonly perSecond: number;
}

const samples = 48;
const eventsASample = 12;

/** Samples what happened over the whole range; `onSample` is told of each as it comes. */
export async function sampleDensity(
  client: Client,
  { first, last }: TimeRange,
  signal: AbortSignal,
): Promise<readonly Density[]> {
  const found: Density[] = [];
  for (let at = 0; at < samples; at += 1) {
    if (signal.aborted) break;
    const position = Math.floor(first + ((last - first) * at) / samples);
    if (position === found.at(-1)?.position) continue;
    const events = await onePage(client, {
      everything: true,
      afterPosition: Math.max(0, position - 1),
      pageSize: eventsASample,
      signal,
    });
    const [from, to] = [events[0], events.at(-1)];
    if (from === undefined || to === undefined) continue;
    const seconds = Math.max(0.001, (to.time.getTime() - from.time.getTime()) / 1_000);
    found.push({ position, perSecond: events.length / seconds });
  }
  return found;
}
