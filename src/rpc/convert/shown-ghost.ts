/** Ghosts out of a forest, as they may be shown. */
import type { Ghost as GhostMessage } from '../../gen/hyperloom/v1/ghost_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Ghost, GhostInfo } from '../../state/ghost.ts';
import { Refused } from '../errors.ts';
import { ghostMessage } from './ghost.ts';

export function ghostOf(forest: Forest, ghost: Ghost | GhostInfo): GhostMessage {
  return ghostMessage(ghost, ghost.raceId === '' ? undefined : forest.race(ghost.raceId));
}

/**
 * Ghosts as they are now, once all of that is durable that must not change its meaning any more: a commit, and what reviewers
 * decide about. After a crash, an edition that was lost could come again with other content.
 */
export async function durableGhosts(
  forest: Forest,
  ghosts: readonly (Ghost | GhostInfo)[],
): Promise<GhostMessage[]> {
  const messages = ghosts.map((ghost) => ghostOf(forest, ghost));
  if (!ghosts.some(mustBeDurable)) return messages;
  const lost = await forest.durable(forest.appliedPosition);
  if (lost !== null) throw new Refused(lost);
  return messages;
}

function mustBeDurable(ghost: Ghost | GhostInfo): boolean {
  return ghost.gates.length > 0 || ('state' in ghost && ghost.state === 'committed');
}
