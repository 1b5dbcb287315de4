/**
 * Goal: history that goes without having been given up, or stays, and subscribers who are sent away without need or without a way on, are found.
 * Method: histories written by hand, of a forest that was compacted to revision 2.
 */
import { describe, expect, test } from 'vitest';

import type { Line } from '../record.ts';
import { following, subscribed, told } from './following.ts';
import { broken, call, events, story, writes } from './written.ts';
import type { Written } from './written.ts';

const compactions = [{ revision: 2, callNs: 10e6, returnNs: 20e6 }];

const ended = (oldest?: number): Line => ({
  kind: 'unsubscribed',
  id: 's.1',
  reason: 'OUT_OF_RANGE REVISION_COMPACTED',
  ...(oldest === undefined ? {} : { oldest }),
});

describe('what compaction takes', () => {
  const reading = (ms: number, revision: number, isRefused: boolean): Written => {
    const wants = { type: 'read', paths: ['/reg/1'], view: 'at_revision', revision } as const;
    const refused = { outcome: 'refused', reason: 'REVISION_COMPACTED' } as const;
    const answer = isRefused ? refused : { revision, nodes: { '/reg/1': null } };
    return { ...story, compactions, lines: [...writes, ...call('r.1', [ms, ms + 2], wants, answer)] };
  };
  test.each<[string, Written]>([
    ['an old revision before it was asked for', reading(7, 1, false)],
    ['either way while it is asked for', reading(9, 1, true)],
    ['either way while it is not answered', reading(15, 1, false)],
    ['nothing of it afterwards', reading(30, 1, true)],
    ['all the rest afterwards', reading(30, 2, false)],
    ['either way at a broker that need not have heard of it', { ...reading(30, 1, false), isShared: true }],
  ])('is %s', (_, written) => {
    expect(broken(written)).toEqual([]);
  });
  test.each<[string, Written]>([
    ['a revision is gone before anybody asked', reading(7, 1, true)],
    ['one is gone that was to stay', reading(30, 2, true)],
    ['one is shown that was given up', reading(30, 1, false)],
  ])('%s', (_, written) => {
    expect(broken(written)).toContain('history kept');
  });
});

describe('who needs what is gone', () => {
  const behind = (written: Written): Written => ({ ...written, compactions });
  test('is ended with the oldest revision that is left, and goes on behind it', () => {
    const lines = [...writes, subscribed(0), told(1), ended(2)];
    const again: Line = { kind: 'subscribed', id: 's.2', client: 's', prefix: '/', after: 2 };
    const rest: Line = { kind: 'event', id: 's.2', revision: 3, changes: events[2]?.changes ?? [] };
    expect(broken(behind({ ...story, lines: [...lines, again, rest] }))).toEqual([]);
  });
  test.each<[string, string, Written]>([
    ['ended though it had seen enough', 'past retention', following(0, told(1), told(2), ended(2))],
    ['ended with a revision that is not the oldest', 'past retention', following(0, told(1), ended(3))],
    ['ended without a way on', 'past retention', following(0, told(1), ended())],
    ['ended for what was never compacted', 'past retention', { ...following(0, ended(2)), compactions: [] }],
    ['sent past an event before it was ended', 'subscriptions reliable', following(0, told(2), ended(3))],
  ])('%s', (_, guarantee, written) => {
    expect(broken({ compactions, ...written })).toContain(guarantee);
  });
});
