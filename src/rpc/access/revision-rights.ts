/** Taking back what is on the trunk needs what doing it needs. */
import type { Caller } from '../../access/caller.ts';
import { Cascade } from '../../gen/hyperloom/v1/cascade_pb.ts';
import { HistoryGone } from '../../subscriptions/source.ts';
import { toNumber } from '../checks.ts';
import { orRefuse } from '../errors.ts';
import { knownForest, needOperation, type KnownForests } from './ghost-rights.ts';
import { denyFound, needAll, needSome, rightsIn } from './need.ts';

/** With its consequences, it may change whatever somebody made of it, so that needs the whole forest. */
export async function needRevision(
  forests: KnownForests,
  caller: Caller,
  forestName: string,
  asked: bigint,
  cascade: Cascade,
): Promise<void> {
  needSome(caller, 'write', forestName);
  if (cascade === Cascade.ALL) needAll(caller, 'write', forestName, []);
  if (cascade === Cascade.REPORT || cascade === Cascade.ALL) needAll(caller, 'read', forestName, []);
  if (rightsIn(caller, forestName).isEverywhere('write')) return;
  const forest = knownForest(forests, forestName);
  if (forest === undefined) return;
  const position = await forest.positionOf(toNumber(asked));
  if (typeof position !== 'number') {
    // What is given up stays away. What is to come may be there before the service looks, and nobody has asked for it then.
    if (position.reason !== 'REVISION_COMPACTED') orRefuse(position);
    return;
  }
  try {
    for await (const events of forest.readEvents(position - 1, position))
      for (const { changes } of events)
        for (const { operation } of changes) needOperation(caller, 'write', forestName, operation, denyFound);
  } catch (error) {
    if (!(error instanceof HistoryGone)) throw error;
  }
}
