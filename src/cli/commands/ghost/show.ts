/** `hyperloom ghost show`. */
import type { GhostInfo } from '../../../../clients/typescript/src/index.ts';
import type { AddCommand } from '../../context.ts';
import { gateText, raceText, waitsFor } from '../../output/gate-text.ts';
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
        await output.result(ghostRecord(ghost.info), () => ghostText(ghost.info, output.style));
      }),
    );
};

function ghostText(ghost: GhostInfo, style: Style): string {
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
  const lines = [style.bold(ghost.id)];
  for (const [name, text] of facts) if (text !== '') lines.push(`  ${style.dim(name.padEnd(13))}${text}`);
  for (const standing of ghost.gates)
    lines.push(`  ${style.dim('gate'.padEnd(13))}${gateText(standing, style)}`);
  for (const { name, sequence } of ghost.checkpoints) {
    lines.push(`  ${style.dim('checkpoint'.padEnd(13))}${visible(name)} at #${sequence}`);
  }
  for (const { reason, droppedOperations } of ghost.attempts) {
    const dropped = counted(droppedOperations, 'operation');
    lines.push(`  ${style.dim('reverted'.padEnd(13))}${style.red(oneLine(reason, Infinity))} (${dropped})`);
  }
  return lines.join('\n');
}
