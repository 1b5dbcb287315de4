/** Subscriptions written by hand, to the history of `written.ts`. */
import type { Line } from '../record.ts';
import { events, story, writes } from './written.ts';
import type { Written } from './written.ts';

export const told = (revision: number): Line => ({
  kind: 'event',
  id: 's.1',
  revision,
  changes: events[revision - 1]?.changes ?? [],
});
export const bookmark = (revision: number): Line => ({ kind: 'bookmark', id: 's.1', revision });
export const snapshot = (revision: number, nodes: Record<string, string> = {}): Line => ({
  kind: 'snapshot',
  id: 's.1',
  revision,
  nodes,
});
export const subscribed = (after: number, prefix = '/'): Line => ({
  kind: 'subscribed',
  id: 's.1',
  client: 's',
  prefix,
  after,
});
/** A subscription to everything that was told so much. */
export const following = (after: number, ...items: Line[]): Written => ({
  ...story,
  lines: [...writes, subscribed(after), ...items],
});
