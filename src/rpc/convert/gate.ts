/** Gates and races as clients see them. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { unreachable } from '../../base/assert.ts';
import {
  type GateSchema,
  type GateStandingSchema,
  GateState,
  type RaceStandingSchema,
} from '../../gen/hyperloom/v1/gate_pb.ts';
import type { Gate } from '../../state/gate.ts';
import { isOpen } from '../../state/gates.ts';
import type { GhostInfo } from '../../state/ghost.ts';
import type { Race } from '../../state/race.ts';
import { formatPattern } from '../../trie/pattern.ts';

/** Where the gates of a ghost stand. */
export function standingMessages(ghost: GhostInfo): MessageInitShape<typeof GateStandingSchema>[] {
  return ghost.gates.map((standing) => {
    const gate = gateMessage(standing.gate);
    if (!isOpen(standing, ghost)) return { gate, state: GateState.PENDING };
    const { approval } = standing;
    if (approval === null) return { gate, state: GateState.OPEN };
    const { author, reason, timeMs } = approval;
    return { gate, state: GateState.OPEN, author, reason, decisionTime: timestampFromMs(timeMs) };
  });
}

/** A gate of a ghost that nobody has decided on. */
export function newStandingMessage(gate: Gate): MessageInitShape<typeof GateStandingSchema> {
  const state = gate.kind === 'limit' ? GateState.OPEN : GateState.PENDING;
  return { gate: gateMessage(gate), state };
}

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
