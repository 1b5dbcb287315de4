/** The end of a run: what all brokers must agree on at rest, before anybody is waited for who has to see it. */
import { Code, ConnectError } from '@connectrpc/connect';

import { asking, limits } from '../../consistency/broker.ts';
import type { StateHash } from '../../consistency/checks/evidence.ts';
import { History } from '../../consistency/history.ts';
import { readLines } from '../../consistency/record.ts';
import { stateHash } from '../../consistency/run.ts';
import { endPath } from '../../consistency/workers/following.ts';
import type { ClusterBroker } from './broker.ts';

/** After so many restarts even what was left behind last has ended. */
export const restartsMax = 10;

/** What was found at rest. */
export interface AtRest {
  readonly hashes: ReadonlyMap<string, readonly StateHash[]>;
  readonly bugs: readonly string[];
}

/**
 * State hashes of all brokers, before and after restarts, until all stand at one position in each forest at which they stood before. Ends at
 * once where two of them differ: nothing that comes later makes that good. Without restarts they are looked at once.
 */
export async function agreedHashes(
  brokers: readonly ClusterBroker[],
  forests: readonly string[],
  restartsAtMost: number,
): Promise<AtRest> {
  const taken = new Map<string, StateHash[]>(forests.map((forest) => [forest, []]));
  const bugs: string[] = [];
  for (let restarts = 0; ; restarts += 1) {
    let isSettled = restarts >= 2;
    for (const [forest, before] of taken) {
      const now: StateHash[] = [];
      for (const { address } of brokers) now.push(await hashUpToDate(address, forest));
      const positions = new Set(now.map(({ position }) => position));
      isSettled &&= positions.size === 1 && before.some(({ position }) => positions.has(position));
      before.push(...now);
      if (!isOneStateEach(before)) return { hashes: taken, bugs };
    }
    if (isSettled || restartsAtMost === 0) return { hashes: taken, bugs };
    if (restarts === restartsAtMost) break;
    const broker = brokers[restarts % brokers.length];
    const code = await broker?.restart(restarts % 2 === 0 ? 'SIGTERM' : 'SIGKILL', 0);
    if (restarts % 2 === 0 && code !== 0)
      bugs.push(`a broker at rest ended with ${code} when it was told to stop`);
  }
  bugs.push('the brokers never came to stand at one position');
  return { hashes: taken, bugs };
}

/** Whether it is one state at each position. */
function isOneStateEach(hashes: readonly StateHash[]): boolean {
  const byPosition = Map.groupBy(hashes, ({ position }) => position);
  return [...byPosition.values()].every((same) => new Set(same.map(({ hash }) => hash)).size === 1);
}

/** Once this broker has seen everything. */
async function hashUpToDate(address: string, forest: string): Promise<StateHash> {
  await asking(address, ({ context }) => context.listGhosts({ forest }, limits));
  return stateHash(address, forest);
}

/** The newest revision that any client was told of. */
export function newestTold(forest: string, files: readonly string[]): number {
  const { calls, subscriptions } = History.of(forest, files.flatMap(readLines));
  let newest = 0;
  for (const { outcome, revision } of calls) if (outcome === 'ok') newest = Math.max(newest, revision);
  for (const { items } of subscriptions)
    for (const { revision } of items) newest = Math.max(newest, revision);
  return newest;
}

/** Why subscribers would wait for the end in vain, once it was said: it must be one revision on all brokers, behind all that was told. */
export async function endsApart(
  brokers: readonly ClusterBroker[],
  forest: string,
  told: number,
): Promise<string[]> {
  const bugs: string[] = [];
  const ends = new Set<number>();
  for (const { address, host } of brokers) {
    const end = await endOf(address, forest);
    ends.add(end);
    if (end <= told)
      bugs.push(`broker ${host.name} ends ${forest} with revision ${end}, and somebody was told of ${told}`);
  }
  if (ends.size > 1) bugs.push(`the end of ${forest} has revisions ${[...ends].join(', ')}`);
  return bugs;
}

/** The revision of what was said last at a broker; 0 where it has nothing of it. */
async function endOf(address: string, forest: string): Promise<number> {
  try {
    const { node } = await asking(address, ({ context }) => context.get({ forest, path: endPath }, limits));
    return Number(node?.modifiedRevision ?? 0);
  } catch (error) {
    if (ConnectError.from(error).code === Code.NotFound) return 0;
    throw error;
  }
}
