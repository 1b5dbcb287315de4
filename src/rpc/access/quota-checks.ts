/** Refuses what would take a principal beyond its quota. Others are not touched by it. */
import type { Caller } from '../../access/caller.ts';
import type { Forests } from '../../sequencer/forest.ts';
import { isRejection, refuse } from '../errors.ts';

/** One more subscription of the caller's; returns what to call when it is over. */
export function enterSubscription({ name, quota, usage }: Caller): () => void {
  return (
    usage.subscribe(quota.subscriptions) ??
    beyond(name, 'subscriptions', quota.subscriptions, 'open subscriptions')
  );
}

/** One more diff of the caller's. */
export function takePublish({ name, quota, usage }: Caller): void {
  const waitMs = usage.publish(quota.publishesPerSecond);
  if (waitMs > 0)
    beyond(name, 'publishes_per_second', quota.publishesPerSecond, 'publishes a second', {
      retry_after_ms: waitMs,
    });
}

/** One more ghost in the name of `author`. */
export function needGhostRoom(forests: Forests, { quota }: Caller, forestName: string, author: string): void {
  if (quota.ghosts === Infinity) return;
  const forest = forests.get(forestName);
  if (!isRejection(forest) && forest.ghostsOf(author) >= quota.ghosts)
    beyond(author, 'ghosts', quota.ghosts, `live ghosts in the forest ${forest.name}`);
}

/** One more lock in the name of `author`. */
export function needLockRoom(forests: Forests, { quota }: Caller, forestName: string, author: string): void {
  if (quota.locks === Infinity) return;
  const forest = forests.get(forestName);
  if (!isRejection(forest) && forest.locksOf(author) >= quota.locks)
    beyond(author, 'locks', quota.locks, `locks in the forest ${forest.name}, held or waited for`);
}

function beyond(
  principal: string,
  limit: string,
  maximum: number,
  what: string,
  more: Readonly<Record<string, number>> = {},
): never {
  refuse('QUOTA_EXCEEDED', `${principal} may have ${maximum} ${what}`, {
    limit,
    maximum,
    principal,
    ...more,
  });
}
