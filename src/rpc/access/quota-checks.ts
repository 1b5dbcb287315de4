/** Refuses what would take a principal beyond its quota. Others are not touched by it. */
import type { Caller } from '../../access/caller.ts';
import { isRejection, refuse } from '../errors.ts';
import type { KnownForests } from './ghost-rights.ts';

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

/** What may be asked for in the name of an author. */
interface Asked {
  readonly forest: string;
  readonly author: string;
  readonly requestId: string;
}

/**
 * One more ghost in the name of the author. {@link ghostBound} is asked again where there is nobody between, and by brokers that share a forest
 * at the command's place in their log.
 */
export function needGhostRoom(
  forests: KnownForests,
  { quota }: Caller,
  { forest: name, author, requestId }: Asked,
): void {
  if (quota.ghosts === Infinity) return;
  const forest = forests.get(name);
  if (!isRejection(forest) && forest.ghostsOf(author) >= quota.ghosts && !forest.isRequestKnown(requestId))
    beyond(author, 'ghosts', quota.ghosts, `live ghosts in the forest ${forest.name}`);
}

/** The same for one more lock. */
export function needLockRoom(
  forests: KnownForests,
  { quota }: Caller,
  { forest: name, author, requestId }: Asked,
): void {
  if (quota.locks === Infinity) return;
  const forest = forests.get(name);
  if (!isRejection(forest) && forest.locksOf(author) >= quota.locks && !forest.isRequestKnown(requestId))
    beyond(author, 'locks', quota.locks, `locks in the forest ${forest.name}, held or waited for`);
}

/** What a command says of it. */
export function ghostBound({ quota }: Caller): { readonly authorGhostsMax?: number } {
  return quota.ghosts === Infinity ? {} : { authorGhostsMax: quota.ghosts };
}

export function lockBound({ quota }: Caller): { readonly authorLocksMax?: number } {
  return quota.locks === Infinity ? {} : { authorLocksMax: quota.locks };
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
