import { setTimeout } from 'node:timers/promises';

/** How long something may take that is to happen at last, and the pause between two looks at it. */
const patienceMs = 60_000;
const retryMs = 50;

/** Does it again until it passes. Rejects with what was wrong the last time where that takes too long. */
export async function eventually(work: () => Promise<void>): Promise<void> {
  for (const lateMs = performance.now() + patienceMs; ; await setTimeout(retryMs)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > lateMs) throw error;
    }
  }
}
