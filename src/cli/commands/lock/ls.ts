/** `hyperloom lock ls`: who holds what, who waits, and for whom. */
import { nodePath, positiveNumber } from '../../arguments.ts';
import { collect } from '../../collect.ts';
import type { AddCommand } from '../../context.ts';
import { lockLines } from '../../output/lock-lines.ts';
import { lockRecord } from '../../output/records.ts';

interface LsOptions {
  readonly lease?: string;
  readonly limit: number;
  readonly path?: string;
}

/** What a broker gives in one page. */
const pageSizeMax = 1_000;

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .alias('list')
    .summary('show who holds what, and who waits for whom')
    .option('--path <path>', 'only locks here, below, or above', nodePath)
    .option('--lease <id>', "only a lease's")
    .option('--limit <count>', 'how many at most', positiveNumber, 1_000)
    .action(({ lease, limit, path }: LsOptions) =>
      run(async ({ client, output }) => {
        const pageSize = Math.min(limit, pageSizeMax);
        const locks = client.locks({ path, leaseId: lease, pageSize });
        const { items, isCut } = await collect(locks, limit);
        if (output.json) {
          for (const lock of items) await output.record(lockRecord(lock));
        } else if (items.length === 0) await output.line(output.style.dim('no locks'));
        else await output.line(...lockLines(items, output.style, output.columns));
        if (isCut) await output.cut(limit);
      }),
    );
};
