/** What no stream tells of: forests, reviews, how the broker is, how busy it was. Asked for now and then, or once. */
import type { Client } from '../../../typescript/src/browser.ts';
import { sampleDensity } from './history-source.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';

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
      client.review().list({ signal }).pages().next(),
    ]);
    store.set({
      ...(forests.status === 'fulfilled' ? { forests: forests.value } : {}),
      ...(status.status === 'fulfilled' ? { status: status.value } : {}),
      ...(reviews.status === 'fulfilled' ? { reviews: reviews.value.value?.items ?? [] } : {}),
    });
    await pause();
  }
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
