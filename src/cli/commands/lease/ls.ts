/** `hyperloom lease ls`. */
import type { LeaseInfo } from '../../../../clients/typescript/src/index.ts';
import { positiveNumber } from '../../arguments.ts';
import { collect } from '../../collect.ts';
import type { AddCommand } from '../../context.ts';
import { leaseRecord } from '../../output/records.ts';
import type { Column } from '../../output/table.ts';
import { oneLine, timeText, visible } from '../../output/text.ts';

interface LsOptions {
  readonly limit: number;
}

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .alias('list')
    .summary('list the leases, oldest first')
    .option('--limit <count>', 'how many at most', positiveNumber, 1_000)
    .action(({ limit }: LsOptions) =>
      run(async ({ client, output }) => {
        const { items, isCut } = await collect(client.leases(), limit);
        await output.rows(items, columns, leaseRecord, 'no leases');
        if (isCut) await output.cut(limit);
      }),
    );
};

const columns: readonly Column<LeaseInfo>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'TTL', align: 'right', cell: ({ ttlMs }) => `${ttlMs / 1_000} s` },
  { title: 'LOCKS', align: 'right', cell: ({ locks }) => String(locks) },
  { title: 'NODES', align: 'right', cell: ({ nodes }) => String(nodes) },
  { title: 'GHOSTS', align: 'right', cell: ({ ghosts }) => String(ghosts) },
  { title: 'GRANTED', cell: ({ grantTime }) => timeText(grantTime), dispensable: 1 },
  { title: 'AUTHOR', cell: ({ author }) => visible(author), cut: 'end' },
  { title: 'LABEL', cell: ({ label }) => oneLine(label, Infinity), cut: 'end' },
];
