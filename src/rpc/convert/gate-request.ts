/** Gates and races as clients declare them. */
import { gatePatternsMax, gatesPerGhostMax, nameBytesMax, raceAttemptsMax } from '../../base/limits.ts';
import type { Gate as GateMessage, Race as RaceMessage } from '../../gen/hyperloom/v1/gate_pb.ts';
import type { BeginGhost } from '../../state/command.ts';
import type { Gate } from '../../state/ghosts/gate.ts';
import { checkCount, checkEnum, checkNeeded, checkPattern, tooMuch, toNumber } from '../checks.ts';
import { violation } from '../errors.ts';

/** The gates of a request, as a command carries them. */
export function gatesFrom(messages: readonly GateMessage[]): Pick<BeginGhost, 'gates'> {
  if (messages.length === 0) return {};
  checkCount(messages.length, 'gates', 'gatesPerGhostMax', gatesPerGhostMax);
  const reviewers = new Set<string>();
  let hasSchemaGate = false;
  const gates = messages.map((message, index) => {
    const gate = gateFrom(message, `gates[${index}]`);
    if (gate.kind === 'schema') {
      if (hasSchemaGate) violation(`gates[${index}].schema`, 'another gate is about schemas already');
      hasSchemaGate = true;
    }
    if (gate.kind !== 'review') return gate;
    if (reviewers.has(gate.reviewer))
      violation(`gates[${index}].review.reviewer`, 'another gate names this reviewer already');
    reviewers.add(gate.reviewer);
    return gate;
  });
  return { gates };
}

const violationActions = [undefined, 'revert', 'collect'] as const;

function gateFrom({ kind }: GateMessage, field: string): Gate {
  switch (kind.case) {
    case 'limit': {
      const { patterns, operationsMax, bytesMax } = kind.value;
      checkCount(patterns.length, `${field}.limit.patterns`, 'gatePatternsMax', gatePatternsMax);
      if (patterns.length === 0 && operationsMax === 0n && bytesMax === 0n)
        violation(`${field}.limit`, 'it limits nothing');
      return {
        kind: 'limit',
        patterns: patterns.map((text, index) => checkPattern(text, `${field}.limit.patterns[${index}]`)),
        operationsMax: toNumber(operationsMax),
        bytesMax: toNumber(bytesMax),
      };
    }
    case 'review':
      return {
        kind: 'review',
        reviewer: checkNeeded(kind.value.reviewer, `${field}.review.reviewer`, 'nameBytesMax', nameBytesMax),
      };
    case 'schema': {
      const { onViolation } = kind.value;
      return {
        kind: 'schema',
        onViolation: checkEnum(onViolation, violationActions, `${field}.schema.on_violation`),
      };
    }
    case undefined:
      return violation(field, 'exactly one of limit, review and schema is required');
  }
}

/** The race of a request, as a command carries it. */
export function raceFrom(race: RaceMessage | undefined): Pick<BeginGhost, 'raceId' | 'attemptsMax'> {
  if (race === undefined) return {};
  const raceId = checkNeeded(race.id, 'race.id', 'nameBytesMax', nameBytesMax);
  const { attemptsMax } = race;
  if (attemptsMax > raceAttemptsMax)
    tooMuch('race.attempts_max', 'raceAttemptsMax', raceAttemptsMax, attemptsMax, 'attempts');
  return attemptsMax === 0 ? { raceId } : { raceId, attemptsMax };
}
