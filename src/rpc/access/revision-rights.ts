/** Taking back what is on the trunk needs what doing it needs. */
import type { Caller } from '../../access/caller.ts';
import { Cascade } from '../../gen/hyperloom/v1/cascade_pb.ts';
import type { Forests } from '../../sequencer/forest.ts';
import { HistoryGone } from '../../subscriptions/source.ts';
import { toNumber } from '../checks.ts';
import { knownForest, needOperation } from './ghost-rights.ts';
import { denyFound, needAll, needSome, rightsIn } from './need.ts';

/** With its consequences, it may change whatever somebody made of it, so that needs the whole forest. */
export async function needRevision(
  forests: Forests,
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
  const revision = toNumber(asked);
  // What is not there is refused by the service.
  const position = await forest?.positionOf(revision);
  if (forest === undefined || typeof position !== 'number') return;
  try {
    for await (const events of forest.readEvents(position - 1, position))
      for (const { changes } of events)
        for (const { operation } of changes) needOperation(caller, 'write', forestName, operation, denyFound);
  } catch (error) {
    if (!(error instanceof HistoryGone)) throw error;
  }
}
