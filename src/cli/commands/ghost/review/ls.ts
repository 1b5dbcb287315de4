/** `hyperloom ghost review ls`. */
import type { PendingReview } from '../../../../../clients/typescript/src/index.ts';
import { positiveNumber } from '../../../arguments.ts';
import { collect } from '../../../collect.ts';
import type { AddCommand } from '../../../context.ts';
import { reviewRecord } from '../../../output/records.ts';
import type { Column } from '../../../output/table.ts';
import { oneLine, timeText, visible } from '../../../output/text.ts';

interface LsOptions {
  readonly limit: number;
  readonly reviewer?: string;
}

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .alias('list')
    .summary('list the reviews that are asked for, oldest ghost first')
    .option('--reviewer <name>', 'only those of one reviewer')
    .option('--limit <count>', 'how many at most', positiveNumber, 100)
    .action(({ limit, reviewer }: LsOptions) =>
      run(async ({ client, output }) => {
        const { items, isCut } = await collect(client.review(reviewer).list(), limit);
        await output.rows(items, columns, reviewRecord, 'nothing waits for reviewers');
        if (isCut) await output.cut(limit);
      }),
    );
};

const columns: readonly Column<PendingReview>[] = [
  { title: 'GHOST', cell: ({ ghost }) => ghost.id },
  { title: 'EDITION', align: 'right', cell: ({ edition }) => String(edition) },
  { title: 'REVIEWER', cell: ({ reviewer }) => visible(reviewer), cut: 'end' },
  {
    title: 'STAGED',
    align: 'right',
    cell: ({ ghost }) => String(ghost.stagedOperations),
    dispensable: 2,
  },
  { title: 'SINCE', cell: ({ requestTime }) => timeText(requestTime), dispensable: 1 },
  { title: 'AUTHOR', cell: ({ ghost }) => visible(ghost.author), cut: 'end' },
  {
    title: 'LABEL',
    cell: ({ label, ghost }) => oneLine(label === '' ? ghost.label : label, Infinity),
    cut: 'end',
  },
];
