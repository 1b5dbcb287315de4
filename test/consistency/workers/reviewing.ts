/** Looks at what waits for a reviewer, and decides, now this way and now that. */
import { HyperloomError } from '../../../clients/typescript/src/index.ts';
import type { PendingReview } from '../../../clients/typescript/src/index.ts';
import type { Agent } from './agent.ts';
import { reviewer } from './ghosts.ts';

export async function review(agent: Agent): Promise<void> {
  while (agent.isOpen) {
    for (const pending of await firstPage(agent)) await decide(agent, pending);
    await agent.sleep(200);
  }
}

async function firstPage(agent: Agent): Promise<readonly PendingReview[]> {
  try {
    const reviews = agent.client.review(reviewer).list({ timeoutMs: agent.timeoutMs() });
    for await (const { items } of reviews.pages()) return items;
  } catch (error) {
    // Nothing is decided then, and nothing need be known of it.
    if (!(error instanceof HyperloomError)) throw error;
  }
  return [];
}

async function decide(agent: Agent, pending: PendingReview): Promise<void> {
  const reviews = agent.client.review(reviewer);
  const approves = agent.below(3) !== 0;
  const options = { timeoutMs: agent.timeoutMs() };
  await agent.call({ type: 'review', ghost: pending.ghost.id, approves }, () =>
    approves ? reviews.approve(pending, 'right', options) : reviews.reject(pending, 'wrong', options),
  );
}
