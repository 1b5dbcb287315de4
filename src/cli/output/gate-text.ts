/** Gates and races for people. */
import type {
  GateStanding,
  GhostInfo,
  RaceStanding,
  ViolationAction,
} from '../../../clients/typescript/src/index.ts';
import type { Style } from './style.ts';
import { byteSize, counted, oneLine, visible } from './text.ts';

/** What a gate asks for, and where it stands. */
export function gateText(standing: GateStanding, style: Style): string {
  const { gate, state, author, reason, violations } = standing;
  if (gate.kind === 'limit') {
    const limits = [
      gate.patterns.length > 0 ? `only ${gate.patterns.map(visible).join(', ')}` : '',
      gate.operationsMax > 0 ? `at most ${counted(gate.operationsMax, 'operation')}` : '',
      gate.bytesMax > 0 ? `at most ${byteSize(gate.bytesMax)}` : '',
    ];
    return limits.filter((limit) => limit !== '').join('; ');
  }
  if (gate.kind === 'schema') return schemaText(gate.onViolation, violations, style);
  const decision =
    state === 'open'
      ? style.green(`approved by ${visible(author)}${reason === '' ? '' : `: ${oneLine(reason, Infinity)}`}`)
      : style.yellow('not decided');
  return `reviewer ${visible(gate.reviewer)}: ${decision}`;
}

function schemaText(
  onViolation: ViolationAction,
  violations: GateStanding['violations'],
  style: Style,
): string {
  const what = onViolation === 'revert' ? 'goes back at the first' : 'collects all';
  const lines = violations.map(({ path, field, rule, message }) => {
    const place = field === '' ? visible(path) : `${visible(path)}#${visible(field)}`;
    return style.red(`\n    ${place}  ${rule === '' ? '' : `${rule}: `}${visible(message)}`);
  });
  return `values that do not fit: ${what}${lines.join('')}`;
}

/** The reviewers who have not decided. */
export function waitsFor({ gates }: GhostInfo): string {
  const names = gates.flatMap(({ gate, state }) =>
    gate.kind === 'review' && state === 'pending' ? [visible(gate.reviewer)] : [],
  );
  return names.join(', ');
}

/** How a race stands. */
export function raceText({ id, attempts, attemptsMax, winnerGhostId }: RaceStanding): string {
  const winner = winnerGhostId === '' ? '' : `, won by ${visible(winnerGhostId)}`;
  return `${visible(id)}, ${attempts} of ${counted(attemptsMax, 'attempt')}${winner}`;
}
