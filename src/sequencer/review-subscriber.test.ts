/** Goal: a subscriber to reviews is told all in order, holds nobody up, and is never kept more for than the limit. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { bookmarkIntervalMsMax, reviewNewsWaitingMax } from '../base/limits.ts';
import { Machine } from '../../test/support/machine.ts';
import { ghostInfo } from '../state/ghosts/ghost.ts';
import type { OpenReview, ReviewNews } from './open-review.ts';
import { ReviewSubscriber } from './review-subscriber.ts';

function start(open: readonly OpenReview[], room = Infinity, reviewer = '') {
  const clock = new ManualClock();
  const told: string[] = [];
  const state = { room, over: 0 };
  const tell = (text: string): boolean => {
    told.push(text);
    state.room -= 1;
    return state.room > 0;
  };
  const subscriber = new ReviewSubscriber({
    clock,
    position: () => 7,
    reviewer,
    receiver: {
      news: (news) => tell(`${news.kind} ${news.review.reviewer} ${news.review.edition}`),
      bookmark: (position) => tell(`bookmark ${position}`),
      end: ({ reason }) => told.push(`end ${reason}`),
    },
    onOver: () => (state.over += 1),
  });
  subscriber.start(open);
  return { clock, told, state, subscriber };
}

function review(reviewer: string, edition: number): OpenReview {
  const machine = new Machine();
  machine.begin('g');
  const ghost = machine.state.ghosts.get('g');
  if (ghost === undefined) throw new Error('no ghost');
  return { ghost: ghostInfo(ghost, 'live', 0), reviewer, edition, requestTimeMs: 0, label: '' };
}

function asked(reviewer: string, edition: number): ReviewNews {
  return { kind: 'requested', review: review(reviewer, edition) };
}

test('is told what is open, a bookmark, then what comes, and bookmarks while nothing does', () => {
  const { told, clock, subscriber } = start([review('ada', 1), review('bob', 1)]);
  subscriber.offer({ kind: 'settled', review: review('ada', 1), settlement: 'void' });
  clock.advance(bookmarkIntervalMsMax - 1);
  subscriber.offer(asked('ada', 2));
  clock.advance(bookmarkIntervalMsMax - 1);
  expect(told).toEqual([
    'requested ada 1',
    'requested bob 1',
    'bookmark 7',
    'settled ada 1',
    'requested ada 2',
  ]);
  clock.advance(bookmarkIntervalMsMax + 1);
  expect(told.slice(5)).toEqual(['bookmark 7', 'bookmark 7']);
});

test('is told of one reviewer only, where it asks for one', () => {
  const { told, subscriber } = start([review('ada', 1)], Infinity, 'ada');
  subscriber.offer(asked('bob', 2));
  subscriber.offer(asked('ada', 2));
  expect(told).toEqual(['requested ada 1', 'bookmark 7', 'requested ada 2']);
});

describe('one that is slow', () => {
  test('gets nothing while it is full, and then everything in order', () => {
    const { told, state, subscriber, clock } = start([review('ada', 1), review('bob', 1)], 1);
    subscriber.offer(asked('ada', 2));
    clock.advance(bookmarkIntervalMsMax * 2);
    expect(told).toEqual(['requested ada 1']);
    state.room = 2;
    subscriber.drained();
    expect(told).toEqual(['requested ada 1', 'requested bob 1', 'bookmark 7']);
    state.room = Infinity;
    subscriber.drained();
    expect(told.slice(3)).toEqual(['requested ada 2']);
  });

  test('is ended when too much waits for it, whatever was open at the beginning', () => {
    const { told, state, subscriber } = start([review('ada', 1), review('bob', 1)], 1);
    const news = asked('ada', 2);
    for (let count = 0; count < reviewNewsWaitingMax; count += 1) subscriber.offer(news);
    expect(state.over).toBe(0);
    for (let count = 0; count < 4; count += 1) subscriber.offer(news);
    expect([state.over, told.at(-1)]).toEqual([1, 'end QUOTA_EXCEEDED']);
    subscriber.drained();
    expect(told).toHaveLength(2);
  });
});

test('is told nothing after it was cancelled, not even the end', () => {
  const { told, subscriber, clock, state } = start([]);
  subscriber.cancel();
  subscriber.offer(asked('ada', 1));
  clock.advance(bookmarkIntervalMsMax * 2);
  expect(told).toEqual(['bookmark 7']);
  expect(state.over).toBe(1);
});
