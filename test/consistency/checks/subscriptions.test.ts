/**
 * Goal: each promise of a subscription is missed where it is broken. Method: subscriptions written by hand with one thing wrong each.
 */
import { describe, expect, test } from 'vitest';

import type { Line } from '../record.ts';
import { bookmark, following, snapshot, told } from './following.ts';
import { broken, events } from './written.ts';
import type { Written } from './written.ts';

describe('what subscriptions are told', () => {
  const half: Line = {
    kind: 'event',
    id: 's.1',
    revision: 2,
    changes: (events[1]?.changes ?? []).slice(0, 1),
  };
  const ended: Line = { kind: 'unsubscribed', id: 's.1', reason: 'OUT_OF_RANGE REVISION_COMPACTED' };
  test.each<[string, string, Written]>([
    ['events in the wrong order', 'subscriptions ordered', following(0, told(2), told(1), told(3))],
    ['a bookmark that goes back', 'subscriptions ordered', following(0, told(1), told(2), bookmark(1))],
    ['an event twice', 'subscriptions unique', following(0, told(1), told(2), told(2))],
    ['an event too few', 'subscriptions reliable', following(0, told(1), told(3))],
    ['an end that nobody asked for', 'subscriptions reliable', following(0, told(1), ended)],
    ['half a diff', 'subscriptions atomic', following(0, told(1), half)],
    ['the next event missing after it began', 'subscriptions resumable', following(1, told(3))],
    ['the last event again after it began', 'subscriptions resumable', following(2, told(2), told(3))],
    [
      'a bookmark before its events',
      'subscriptions bookmarkable',
      following(0, told(1), bookmark(2), told(3)),
    ],
    [
      'an event behind its bookmark',
      'subscriptions bookmarkable',
      following(0, told(1), bookmark(2), told(2)),
    ],
    [
      'a bookmark of what never was',
      'subscriptions bookmarkable',
      following(0, told(1), told(2), told(3), bookmark(4)),
    ],
    [
      'a snapshot of another state',
      'subscriptions begin with the state',
      following(-1, snapshot(2, { '/pair/1/a': 'x', '/pair/1/b': 'x' })),
    ],
  ])('%s', (_, guarantee, written) => {
    expect(broken(written)).toContain(guarantee);
  });
});
