/** Ghosts out of a forest, as they may be shown. */
import type { Ghost as GhostMessage } from '../../gen/hyperloom/v1/ghost_pb.ts';
import { create } from '@bufbuild/protobuf';
import { GateState, SchemaViolationSchema } from '../../gen/hyperloom/v1/gate_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Ghost, GhostInfo } from '../../state/ghosts/ghost.ts';
import { hasSchemaGate } from '../../state/schemas/violations.ts';
import { Refused } from '../errors.ts';
import { violationMessage } from './gate.ts';
import { ghostMessage } from './ghost.ts';

export function ghostOf(forest: Forest, ghost: Ghost | GhostInfo): GhostMessage {
  return ghostMessage(ghost, ghost.raceId === '' ? undefined : forest.race(ghost.raceId));
}

/** A ghost as it is now, with what its schema gate would say of what is staged: see {@link durableGhosts}. */
export async function examinedGhost(forest: Forest, ghost: Ghost | GhostInfo): Promise<GhostMessage> {
  const isLive = 'root' in ghost;
  // Both look at the ghost as it is in this tick.
  const examined = isLive && hasSchemaGate(ghost) ? forest.violationsIn(ghost.id) : null;
  const [message = ghostOf(forest, ghost)] = await durableGhosts(forest, [ghost]);
  if (examined === null) return message;
  const violations = (await examined).map((problem) =>
    create(SchemaViolationSchema, violationMessage(problem)),
  );
  for (const standing of message.gates) {
    if (standing.gate?.kind.case !== 'schema') continue;
    standing.state = violations.length === 0 ? GateState.OPEN : GateState.CLOSED;
    standing.violations = violations;
  }
  return message;
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
  return (
    ghost.gates.length > 0 ||
    ghost.revertedBasis.length > 0 ||
    ('state' in ghost && ghost.state === 'committed')
  );
}
