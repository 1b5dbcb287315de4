/** `hyperloom restore`: a forest from a backup. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { InvalidArgumentError } from 'commander';

import { wholeNumber } from '../arguments.ts';
import type { AddCommand, Context } from '../context.ts';
import { UsageError } from '../failure.ts';
import { interruptible } from '../interruptible.ts';
import { counting } from '../output/progress.ts';
import { forestRecord, forestText } from '../output/forest-text.ts';

/** As long as a backup may take. */
const restoreMsMax = 24 * 3_600_000;

interface RestoreOptions {
  readonly from?: string;
  readonly atRevision?: number;
  readonly atTime?: number;
}

export const addRestore: AddCommand = (program, run) => {
  program
    .command('restore')
    .summary('create a forest from a backup, or from a data folder')
    .description(
      'Creates the forest named by --forest from a backup, or from the data folder of a broker that is stopped: as it was last, as far as it can ' +
        'be read, or at a point in time. It must not be there yet, or be empty. A restore that is cut short leaves nothing behind.',
    )
    .argument('<path>', 'the file of a backup (- is standard input), or a data folder')
    .option('--from <forest>', 'which forest of the data folder; default: the one of --forest')
    .option(
      '--at-revision <revision>',
      'as it was when that revision was made; from a data folder',
      wholeNumber,
    )
    .option('--at-time <time>', 'as it was then, such as 2026-11-22T09:30:00Z; from a data folder', momentMs)
    .action((path: string, options: RestoreOptions) =>
      run((context) => interruptible(context, (signal) => restore(context, path, options, signal))),
    );
};

async function restore(
  context: Context,
  path: string,
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  const { client, output, surroundings, progress } = context;
  const status = path === '-' ? undefined : await stat(path);
  const isFolder = status?.isDirectory() === true;
  const { from = client.forest, atRevision, atTime } = options;
  if (!isFolder && (options.from ?? atRevision ?? atTime) !== undefined)
    throw new UsageError(
      '--from, --at-revision and --at-time need a data folder: a backup is of one forest and one moment',
    );
  if (atRevision !== undefined && atTime !== undefined)
    throw new UsageError('--at-revision and --at-time exclude one another');
  const backup = (): AsyncIterable<Uint8Array> => {
    if (status === undefined) return surroundings.stdin;
    if (!isFolder) return createReadStream(path);
    return surroundings.backupOfFolder(path, { forest: from, revision: atRevision, timeMs: atTime });
  };
  const total = isFolder ? undefined : status?.size;
  const chunks = counting(backup(), progress({ label: 'restore', unit: 'bytes', total }));
  const forest = await client.forests.restore(client.forest, chunks, { timeoutMs: restoreMsMax, signal });
  await output.result(forestRecord(forest), () => forestText(forest));
}

function momentMs(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It is no time such as 2026-11-22T09:30:00Z.');
  return ms;
}
