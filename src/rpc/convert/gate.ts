/** Gates and races as clients see them. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { unreachable } from '../../base/assert.ts';
import {
  type GateSchema,
  type GateStandingSchema,
  GateState,
  type RaceStandingSchema,
  type SchemaViolationSchema,
  ViolationAction,
} from '../../gen/hyperloom/v1/gate_pb.ts';
import type { Gate } from '../../state/ghosts/gate.ts';
import { isOpen } from '../../state/ghosts/gates.ts';
import type { GhostInfo } from '../../state/ghosts/ghost.ts';
import type { ValueProblem } from '../../state/schemas/judge.ts';
import type { Race } from '../../state/ghosts/race.ts';
import { formatPath } from '../../trie/path.ts';
import { formatPattern } from '../../trie/pattern.ts';

/** Where the gates of a ghost stand. */
export function standingMessages(ghost: GhostInfo): MessageInitShape<typeof GateStandingSchema>[] {
  return ghost.gates.map((standing) => {
    const gate = gateMessage(standing.gate);
    if (standing.gate.kind === 'schema') return { gate, state: schemaGateState(ghost) };
    if (!isOpen(standing, ghost)) return { gate, state: GateState.PENDING };
    const { approval } = standing;
    if (approval === null) return { gate, state: GateState.OPEN };
    const { author, reason, timeMs } = approval;
    return { gate, state: GateState.OPEN, author, reason, decisionTime: timestampFromMs(timeMs) };
  });
}

/** What is known of a schema gate without looking at values: what waits for reviewers or was committed did fit. */
function schemaGateState({ stagedOperations, commitPending, state }: GhostInfo): GateState {
  const isKnown = stagedOperations === 0 || commitPending || state === 'committed';
  return isKnown ? GateState.OPEN : GateState.UNCHECKED;
}

// A person or an agent reads it; rules of a schema's author can say anything of any length.
const problemCharactersMax = 1_000;

/** A problem of a staged value. */
export function violationMessage(problem: ValueProblem): MessageInitShape<typeof SchemaViolationSchema> {
  const [field, message] = [problem.field, problem.message].map((text) =>
    text.length <= problemCharactersMax ? text : `${text.slice(0, problemCharactersMax).toWellFormed()}…`,
  );
  return { path: formatPath(problem.path), field: field ?? '', rule: problem.rule, message: message ?? '' };
}

/** A gate of a ghost that nobody has decided on. */
export function newStandingMessage(gate: Gate): MessageInitShape<typeof GateStandingSchema> {
  const state = gate.kind === 'review' ? GateState.PENDING : GateState.OPEN;
  return { gate: gateMessage(gate), state };
}

const violationActions = { revert: ViolationAction.REVERT, collect: ViolationAction.COLLECT } as const;

function gateMessage(gate: Gate): MessageInitShape<typeof GateSchema> {
  switch (gate.kind) {
    case 'limit': {
      const { operationsMax, bytesMax } = gate;
      const patterns = gate.patterns.map(formatPattern);
      const value = { patterns, operationsMax: BigInt(operationsMax), bytesMax: BigInt(bytesMax) };
      return { kind: { case: 'limit', value } };
    }
    case 'review':
      return { kind: { case: 'review', value: { reviewer: gate.reviewer } } };
    case 'schema':
      return { kind: { case: 'schema', value: { onViolation: violationActions[gate.onViolation] } } };
    default:
      return unreachable(gate);
  }
}

/** Where a race stands; of one that is forgotten only its name. */
export function raceMessage(id: string, race: Race | undefined): MessageInitShape<typeof RaceStandingSchema> {
  if (race === undefined) return { race: { id } };
  const { attemptsMax, attempts, winnerId } = race;
  return { race: { id, attemptsMax }, attempts, winnerGhostId: winnerId };
}
