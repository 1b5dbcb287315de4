/** What no stream tells of: forests, reviews, how the broker is, how busy it was. Asked for now and then, or once. */
import type { Client, Paged, PendingReview } from '../../../typescript/src/browser.ts';
import { sampleDensity } from './history-source.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';

/** Reviews asked for at most: each page is a call, every few seconds, and nobody decides on more before the next. */
export const reviewsMax = 1_000;

/** Asks again after every pause, until the session ends. */
export async function pollOverview(
  client: Client,
  store: Store<SessionState>,
  pause: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Each by itself: who may not decide is refused the reviews, and when the broker is away they come again.
    const [forests, status, reviews] = await Promise.allSettled([
      client.forests.list({ signal }),
      client.status({ signal }),
      loadReviews(client.review(), signal),
    ]);
    store.set({
      ...(forests.status === 'fulfilled' ? { forests: forests.value } : {}),
      ...(status.status === 'fulfilled' ? { status: status.value } : {}),
      ...(reviews.status === 'fulfilled' ? reviews.value : {}),
    });
    await pause();
  }
}

/** Asks for the reviews that wait, oldest ghost first. */
export async function loadReviews(
  source: { list(limits: { readonly signal?: AbortSignal }): Paged<PendingReview> },
  signal?: AbortSignal,
): Promise<Pick<SessionState, 'reviews' | 'hasMoreReviews'>> {
  const reviews: PendingReview[] = [];
  for await (const review of source.list(signal === undefined ? {} : { signal })) {
    if (reviews.length >= reviewsMax) return { reviews, hasMoreReviews: true };
    reviews.push(review);
  }
  return { reviews, hasMoreReviews: false };
}

/** Samples how busy it was; without an answer the timeline has no bars. */
export async function sampleOnce(
  client: Client,
  store: Store<SessionState>,
  signal: AbortSignal,
): Promise<void> {
  const density = await sampleDensity(client, store.get().range, signal).catch(() => []);
  store.set({ density });
}
