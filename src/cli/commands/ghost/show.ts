/** `hyperloom ghost show`. */
import type { GhostInfo } from '../../../../clients/typescript/src/index.ts';
import type { AddCommand } from '../../context.ts';
import { wordLines } from '../../output/flow.ts';
import { gatePart, raceText, violationLines, waitsFor } from '../../output/gate-text.ts';
import { ghostRecord } from '../../output/records.ts';
import type { Style } from '../../output/style.ts';
import { byteSize, counted, oneLine, timeText, visible } from '../../output/text.ts';

export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .summary('how a ghost stands, its checkpoints, and why attempts were reverted')
    .argument('<id>', 'the ghost')
    .action((id: string) =>
      run(async ({ client, output }) => {
        const ghost = await client.attach(id);
        await output.result(ghostRecord(ghost.info), () =>
          ghostLines(ghost.info, output.style, output.columns).join('\n'),
        );
      }),
    );
};

function ghostLines(ghost: GhostInfo, style: Style, columns: number): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['state', ghost.state],
    ['label', oneLine(ghost.label, Infinity)],
    ['author', visible(ghost.author)],
    ['scope', visible(ghost.scope)],
    ['stands on', ghost.parentGhostId === '' ? `r${ghost.baseRevision}` : `ghost ${ghost.parentGhostId}`],
    ['staged', `${counted(ghost.stagedOperations, 'operation')}, ${byteSize(ghost.stagedBytes)}`],
    ['begun', timeText(ghost.beginTime)],
    ['edition', String(ghost.edition)],
    ['lease', ghost.leaseId],
    ['race', ghost.race === undefined ? '' : raceText(ghost.race)],
    ['commit', ghost.commitPending ? `asked for, waits for ${waitsFor(ghost)}` : ''],
    ['committed as', ghost.committedRevision === 0 ? '' : `r${ghost.committedRevision}`],
  ];
  const plain = (text: string): string => text;
  const fact = (name: string, text: string, look = plain): readonly string[] =>
    wordLines(text, columns - factIndent).map(
      (line, index) => `  ${style.dim((index === 0 ? name : '').padEnd(nameWidth))}${look(line)}`,
    );
  return [
    style.bold(ghost.id),
    ...facts.flatMap(([name, text]) => (text === '' ? [] : fact(name, text))),
    ...ghost.gates.flatMap((standing) => {
      const [text, look] = gatePart(standing, style);
      return [...fact('gate', text, look), ...violationLines(standing, style, columns)];
    }),
    ...ghost.checkpoints.flatMap(({ name, sequence }) =>
      fact('checkpoint', `${visible(name)} at #${sequence}`),
    ),
    ...ghost.attempts.flatMap(({ reason, droppedOperations }) => {
      const dropped = counted(droppedOperations, 'operation');
      return fact('reverted', `${oneLine(reason, Infinity)} (${dropped})`, style.red);
    }),
  ];
}

const nameWidth = 13;
/** Where facts begin. */
const factIndent = nameWidth + 2;
