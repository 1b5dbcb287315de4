/** Goal: every review that waits is known, and where there are too many to ask for that is said. Method: listings of made-up pages. */
import { expect, test } from 'vitest';
import type { PendingReview } from '../../../typescript/src/browser.ts';
import { Paged } from '../../../typescript/src/paged.ts';
import { loadReviews, reviewsMax } from './overview.ts';

const pageSize = 100;

/** Lists so many reviews as a broker does: in pages, an empty one among them. */
function listing(total: number): { list(): Paged<PendingReview> } {
  const page = (from: number): PendingReview[] =>
    Array.from({ length: Math.min(pageSize, total - from) }, (_, at) => review(from + at));
  return {
    list: () =>
      new Paged((token) => {
        if (token === '') return Promise.resolve({ items: [], nextPageToken: '0', revision: 0 });
        const next = Number(token) + pageSize;
        const nextPageToken = next < total ? String(next) : '';
        return Promise.resolve({ items: page(Number(token)), nextPageToken, revision: 0 });
      }),
  };
}

function review(edition: number): PendingReview {
  return { edition, reviewer: 'chief' } as PendingReview;
}

test('reviews of all pages are told', async () => {
  const { reviews, hasMoreReviews } = await loadReviews(listing(250));
  expect(reviews.map(({ edition }) => edition)).toEqual(Array.from({ length: 250 }, (_, at) => at));
  expect(hasMoreReviews).toBe(false);
  expect((await loadReviews(listing(reviewsMax))).hasMoreReviews).toBe(false);
});

test('beyond the bound it is told that there are more', async () => {
  const { reviews, hasMoreReviews } = await loadReviews(listing(reviewsMax + 1));
  expect([reviews.length, hasMoreReviews]).toEqual([reviewsMax, true]);
});
