/**
 * The part of history around the place that is looked at: a run of events without gaps, oldest first. History may have millions of
 * them; the window holds a few pages and is moved, not grown.
 */
import type { Event } from '../../../typescript/src/browser.ts';
import { isWithin } from './path.ts';

/** Events that a window holds at most. */
export const windowEventsMax = 2_000;

/** What kind of event it is, for filters and marks. */
export type EventKind =
  | 'publish'
  | 'revert_revision'
  | 'begin'
  | 'stage'
  | 'checkpoint'
  | 'rewind'
  | 'revert'
  | 'commit'
  | 'review';

/** A run of events. */
export interface TimelineWindow {
  readonly events: readonly Event[];
  /** Nothing happened before the first, or it is compacted. */
  readonly isAtBeginning: boolean;
}

export const emptyWindow: TimelineWindow = { events: [], isAtBeginning: false };

/** Which events are wanted. Empty fields want all. */
export interface EventFilter {
  readonly author: string;
  readonly path: string;
  readonly kind: EventKind | '';
}

export const noFilter: EventFilter = { author: '', path: '', kind: '' };

/** Puts events behind a window that is followed live; the oldest fall out of it. */
export function extend(window: TimelineWindow, events: readonly Event[]): TimelineWindow {
  const last = window.events.at(-1)?.position ?? 0;
  const told = new Set(window.events.filter(({ position }) => position === last).map(keyOf));
  // What shares a position may come in several parts.
  const fresh = events.filter((event) => event.position >= last && !told.has(keyOf(event)));
  if (fresh.length === 0) return window;
  const all = [...window.events, ...fresh];
  const over = all.length - windowEventsMax;
  return over <= 0
    ? { events: all, isAtBeginning: window.isAtBeginning }
    : { events: all.slice(over), isAtBeginning: false };
}

/** The index of the last event at or before a position; -1 where the window begins after it. */
export function indexAt(events: readonly Event[], position: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.position ?? Infinity) <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The trunk revision after an event, as far as the window tells. */
export function revisionAt(events: readonly Event[], index: number): number | undefined {
  for (let at = index; at >= 0; at -= 1) {
    const revision = events[at]?.revision ?? 0;
    if (revision > 0) return revision;
  }
  return undefined;
}

/** What kind of event it is. */
export function kindOf(event: Event): EventKind {
  switch (event.transition?.kind) {
    case undefined:
      return event.revertedRevision > 0 ? 'revert_revision' : 'publish';
    case 'begun':
      return 'begin';
    case 'staged':
      return 'stage';
    case 'checkpointed':
      return 'checkpoint';
    case 'rewound':
      return 'rewind';
    case 'reverted':
    case 'expired':
      return 'revert';
    case 'committed':
      return 'commit';
    case 'commit_requested':
    case 'approved':
      return 'review';
  }
}

/** Whether a filter wants an event. */
export function isWanted(event: Event, filter: EventFilter): boolean {
  if (filter.author !== '' && !authorsOf(event).includes(filter.author)) return false;
  if (filter.kind !== '' && kindOf(event) !== filter.kind) return false;
  const { path } = filter;
  if (path === '' || path === '/') return true;
  return event.changes.some(
    (change) => isWithin(change.path, path) || isRemoval(change.action, change.path, path),
  );
}

/** A subtree that was removed or replaced from above changes what is below it. */
function isRemoval(action: string, changed: string, path: string): boolean {
  return (action === 'delete' || action === 'copy') && isWithin(path, changed);
}

/** Who had a part in an event. */
export function authorsOf(event: Event): readonly string[] {
  const staged = event.changes.map(({ author }) => author).filter((author) => author !== '');
  return [...new Set([event.author, ...staged])];
}

/** The nearest event that a filter wants, before or after a position. `undefined`: not in this window. */
export function step(
  events: readonly Event[],
  position: number,
  direction: 1 | -1,
  filter: EventFilter,
): Event | undefined {
  const from = indexAt(events, direction === 1 ? position : position - 1);
  for (let at = direction === 1 ? from + 1 : from; at >= 0 && at < events.length; at += direction) {
    const event = events[at];
    if (event !== undefined && isWanted(event, filter)) return event;
  }
  return undefined;
}

/** What an event is told apart by: several may share a position, each of another ghost, or of the trunk. */
export function keyOf({ position, revision, ghostId }: Event): string {
  return `${position} ${revision} ${ghostId}`;
}

/** A line about an event, for people. */
export function titleOf(event: Event): string {
  const what = event.label === '' ? '' : `: ${event.label}`;
  switch (kindOf(event)) {
    case 'publish':
      return event.label === '' ? changesOf(event) : event.label;
    case 'revert_revision':
      return `Took back revision ${event.revertedRevision}`;
    case 'begin':
      return `Began a ghost${event.transition?.ghost?.label ? `: ${event.transition.ghost.label}` : what}`;
    case 'stage':
      return `Staged ${changesOf(event)}`;
    case 'checkpoint':
      return `Checkpoint ${event.transition?.checkpoint ?? ''}`;
    case 'rewind':
      return `Back to ${event.transition?.checkpoint || 'its beginning'}${because(event)}`;
    case 'revert':
      return `${event.transition?.kind === 'expired' ? 'Ghost expired' : 'Reverted a ghost'}${because(event)}`;
    case 'commit':
      return `Committed a ghost${what}`;
    case 'review':
      return event.transition?.kind === 'approved' ? 'Approved a ghost' : 'Asked for a review';
  }
}

function because({ transition }: Event): string {
  return transition?.reason ? `: ${transition.reason}` : '';
}

function changesOf({ changes }: Event): string {
  const [first] = changes;
  if (first === undefined) return 'nothing';
  const rest = changes.length - 1;
  return rest === 0 ? `${first.action} ${first.path}` : `${first.action} ${first.path} and ${rest} more`;
}
