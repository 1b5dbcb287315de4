/** `hyperloom ghost list`. */
import { Option } from 'commander';

import type { GhostInfo, GhostState } from '../../../../clients/typescript/src/index.ts';
import { positiveNumber } from '../../arguments.ts';
import { collect } from '../../collect.ts';
import type { AddCommand } from '../../context.ts';
import { ghostRecord } from '../../output/records.ts';
import type { Column } from '../../output/table.ts';
import { byteSize, oneLine, timeText, visible } from '../../output/text.ts';

interface ListOptions {
  readonly limit: number;
  readonly state: GhostState;
}

export const addList: AddCommand = (program, run) => {
  const states = ['live', 'committed', 'reverted', 'expired'];
  program
    .command('list')
    .alias('ls')
    .summary('list ghosts, newest first')
    .addOption(new Option('--state <state>', 'how they stand').choices(states).default('live'))
    .option('--limit <count>', 'how many at most', positiveNumber, 100)
    .action(({ limit, state }: ListOptions) =>
      run(async ({ client, output }) => {
        const { items, isCut } = await collect(client.ghosts(state), limit);
        await output.rows(items, columns, ghostRecord, `no ${state} ghosts`);
        if (isCut) await output.cut(limit);
      }),
    );
};

const columns: readonly Column<GhostInfo>[] = [
  { title: 'ID', cell: ({ id }) => id },
  // All of a list are in the same.
  { title: 'STATE', cell: ({ state }) => state, dispensable: 1 },
  { title: 'BASE', align: 'right', cell: ({ baseRevision }) => `r${baseRevision}` },
  { title: 'STAGED', align: 'right', cell: ({ stagedOperations }) => String(stagedOperations) },
  { title: 'SIZE', align: 'right', cell: ({ stagedBytes }) => byteSize(stagedBytes), dispensable: 2 },
  { title: 'BEGUN', cell: ({ beginTime }) => timeText(beginTime), dispensable: 3 },
  { title: 'AUTHOR', cell: ({ author }) => visible(author), cut: 'end' },
  { title: 'LABEL', cell: ({ label }) => oneLine(label, Infinity), cut: 'end' },
];
