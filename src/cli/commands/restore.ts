/** `hyperloom restore`: a forest from a backup. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import type { AddCommand, Context } from '../context.ts';
import { interruptible } from '../interruptible.ts';
import { counting } from '../output/progress.ts';
import { forestRecord, forestText } from '../output/forest-text.ts';

/** As long as a backup may take. */
const restoreMsMax = 24 * 3_600_000;

export const addRestore: AddCommand = (program, run) => {
  program
    .command('restore')
    .summary('create a forest from a backup')
    .description('Creates the forest named by --forest from a backup. It must not be there yet, or be empty.')
    .argument('<file>', 'the backup; - is standard input')
    .action((file: string) =>
      run((context) => interruptible(context, (signal) => restore(context, file, signal))),
    );
};

async function restore(
  { client, output, surroundings, progress }: Context,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const total = file === '-' ? undefined : (await stat(file)).size;
  const source = file === '-' ? surroundings.stdin : createReadStream(file);
  const chunks = counting(source, progress({ label: 'restore', unit: 'bytes', total }));
  const forest = await client.forests.restore(client.forest, chunks, { timeoutMs: restoreMsMax, signal });
  await output.result(forestRecord(forest), () => forestText(forest));
}
