/**
 * What a caller sees of a ghost that it may see something of: nothing that is about places where it may not read. That a gate is closed
 * stays told. Messages that are fresh are changed, since it is told as messages.
 */
import type { Caller } from '../../access/caller.ts';
import type { ForestRights } from '../../access/forest-rights.ts';
import { visiblePatternsMax } from '../../base/limits.ts';
import type { Gate as GateMessage } from '../../gen/hyperloom/v1/gate_pb.ts';
import type { Ghost as GhostMessage } from '../../gen/hyperloom/v1/ghost_pb.ts';
import type { Transition } from '../../state/event.ts';
import type { Gate } from '../../state/ghosts/gate.ts';
import { withoutViolations } from '../../state/schemas/violation-reason.ts';
import { intersectPatterns } from '../../trie/pattern-intersection.ts';
import { parsePattern, type Pattern } from '../../trie/pattern.ts';
import { parsePath } from '../../trie/path.ts';
import { isOwn } from './ghost-rights.ts';
import { rightsIn } from './need.ts';

/** Changes the message, and returns it. Whoever keeps a ghost is told in full why it was taken back: a retry goes by that. */
export function visibleGhost(ghost: GhostMessage, forest: string, caller: Caller): GhostMessage {
  const rights = rightsIn(caller, forest);
  if (rights.isEverywhere('read')) return ghost;
  ghost.revertedBasis = ghost.revertedBasis.filter(({ basis }) => mayRead(rights, basis?.path ?? ''));
  for (const standing of ghost.gates) {
    standing.violations = standing.violations.filter(({ path }) => mayRead(rights, path));
    hidePatterns(standing.gate, rights);
  }
  if (isOwn(caller, ghost.author) || mayReadAll(rights, ghost.scope)) return ghost;
  for (const attempt of ghost.attempts) attempt.reason = withoutViolations(attempt.reason);
  return ghost;
}

/** The same of what an event did to a ghost. Equal rights are told the same. */
export function visibleTransition(transition: Transition, rights: ForestRights): Transition {
  const { begun } = transition;
  const reason = withoutViolations(transition.reason);
  if (begun === null) return reason === transition.reason ? transition : { ...transition, reason };
  return {
    ...transition,
    reason,
    begun: { ...begun, gates: begun.gates.map((gate) => shown(gate, rights)) },
  };
}

function shown(gate: Gate, rights: ForestRights): Gate {
  if (gate.kind !== 'limit') return gate;
  return { ...gate, patterns: gate.patterns.filter((pattern) => reaches(pattern, rights)) };
}

function hidePatterns(gate: GateMessage | undefined, rights: ForestRights): void {
  if (gate?.kind.case !== 'limit') return;
  const limit = gate.kind.value;
  limit.patterns = limit.patterns.filter((text) => {
    const pattern = parsePattern(text);
    return 'problem' in pattern || reaches(pattern, rights);
  });
}

/** It matches something that may be read; what takes too long to be known does. */
function reaches(pattern: Pattern, rights: ForestRights): boolean {
  return intersectPatterns([pattern], rights.patterns('read'), visiblePatternsMax)?.length !== 0;
}

function mayRead(rights: ForestRights, text: string): boolean {
  const path = parsePath(text);
  return !('problem' in path) && rights.may('read', path);
}

function mayReadAll(rights: ForestRights, text: string): boolean {
  const path = parsePath(text);
  return !('problem' in path) && rights.mayAll('read', path);
}
