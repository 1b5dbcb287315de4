/** Gates and races for people. */
import type { GateStanding, GhostInfo, RaceStanding } from '../../../clients/typescript/src/index.ts';
import type { Style } from './style.ts';
import { byteSize, counted, visible } from './text.ts';

/** What a gate asks for, and where it stands. */
export function gateText({ gate, state, author, reason }: GateStanding, style: Style): string {
  if (gate.kind === 'limit') {
    const limits = [
      gate.patterns.length > 0 ? `only ${gate.patterns.map(visible).join(', ')}` : '',
      gate.operationsMax > 0 ? `at most ${counted(gate.operationsMax, 'operation')}` : '',
      gate.bytesMax > 0 ? `at most ${byteSize(gate.bytesMax)}` : '',
    ];
    return limits.filter((limit) => limit !== '').join('; ');
  }
  const standing =
    state === 'open'
      ? style.green(`approved by ${visible(author)}${reason === '' ? '' : `: ${visible(reason)}`}`)
      : style.yellow('not decided');
  return `reviewer ${visible(gate.reviewer)}: ${standing}`;
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
