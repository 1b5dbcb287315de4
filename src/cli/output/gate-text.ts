/** Gates and races for people. */
import type { GateStanding, GhostInfo, RaceStanding } from '../../../clients/typescript/src/index.ts';
import { wordLines, type Part } from './flow.ts';
import type { Style } from './style.ts';
import { counted, oneLine, visible } from './text.ts';

/** What a gate asks for, and where it stands. */
export function gatePart(standing: GateStanding, style: Style): Part {
  const { gate, state, author, reason } = standing;
  if (gate.kind === 'limit') {
    const limits = [
      gate.patterns.length > 0 ? `only ${gate.patterns.map(visible).join(', ')}` : '',
      gate.operationsMax > 0 ? `at most ${counted(gate.operationsMax, 'operation')}` : '',
      gate.bytesMax > 0 ? `at most ${counted(gate.bytesMax, 'byte')}` : '',
    ];
    return [limits.filter((limit) => limit !== '').join('; '), (text) => text];
  }
  if (gate.kind === 'schema') {
    const what = gate.onViolation === 'revert' ? 'goes back at the first' : 'collects all';
    return [`values that do not fit: ${what}`, (text) => text];
  }
  const reviewer = `reviewer ${visible(gate.reviewer)}`;
  if (state !== 'open') return [`${reviewer}: not decided`, style.yellow];
  const why = reason === '' ? '' : `: ${oneLine(reason, Infinity)}`;
  return [`${reviewer}: approved by ${visible(author)}${why}`, style.green];
}

/** The values that do not fit, of a gate that collects them. */
export function violationLines(
  { violations }: GateStanding,
  style: Style,
  columns: number,
): readonly string[] {
  return violations.flatMap(({ path, field, rule, message }) => {
    const place = field === '' ? visible(path) : `${visible(path)}#${visible(field)}`;
    const text = `${place}  ${rule === '' ? '' : `${rule}: `}${visible(message)}`;
    return wordLines(text, columns - 6).map((line, index) =>
      style.red(`${index === 0 ? '    ' : '      '}${line}`),
    );
  });
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
