/** Commits of what their callers have looked at, and of nothing else. */
import type { CommitRequest } from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Objection } from '../../sequencer/settled.ts';
import { checkReviewed } from '../../state/ghosts/reviews.ts';
import { toNumber } from '../checks.ts';

/**
 * Why a ghost is not committed that is another one by now than its caller has looked at; `null` where that makes no difference. What was answered
 * before is answered again.
 */
export function editionObjection(
  forest: Forest,
  { ghostId, exactEdition, requestId }: CommitRequest,
): Objection | null {
  if (exactEdition === 0n) return null;
  return () => {
    const ghost = forest.ghost(ghostId);
    if ('reason' in ghost || !('root' in ghost)) return null;
    if (requestId !== '' && forest.isRequestKnown(requestId)) return null;
    return checkReviewed(ghost, toNumber(exactEdition));
  };
}
