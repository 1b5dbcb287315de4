/** `hyperloom compact`: drops history. */
import { wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { byteSize } from '../output/text.ts';

export const addCompact: AddCommand = (program, run) => {
  program
    .command('compact')
    .summary('drop history below a revision; the state stays')
    .argument('[revision]', 'the oldest revision to stay readable; default: the newest', wholeNumber)
    .action((revision: number | undefined) =>
      run(async ({ client, output }) => {
        const compacted = await client.forests.compact(client.forest, revision ?? 0);
        await output.result(
          { ...compacted },
          () => `history begins at r${compacted.compactedRevision}; ${byteSize(compacted.freedBytes)} freed`,
        );
      }),
    );
};
