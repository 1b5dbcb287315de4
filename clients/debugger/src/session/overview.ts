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
    try {
      const [forests, status] = await Promise.all([
        client.forests.list({ signal }),
        client.status({ signal }),
      ]);
      const { value: page } = await client.review().list({ signal }).pages().next();
      store.set({ forests, status, reviews: page?.items ?? [] });
    } catch {
      // The stream tells that the broker is away; these lists come again.
    }
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
