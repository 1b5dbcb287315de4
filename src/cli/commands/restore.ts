/** `hyperloom restore`: a forest from a backup. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { InvalidArgumentError } from 'commander';

import { wholeNumber } from '../arguments.ts';
import type { AddCommand, Context } from '../context.ts';
import { UsageError } from '../failure.ts';
import { interruptible } from '../interruptible.ts';
import { counting } from '../output/progress.ts';
import { forestRecord, forestText } from '../output/forest-text.ts';
import { writeWhole } from '../whole-file.ts';

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
        'be read, or at a point in time that the folder, or the tail of the backup, leads to. It must not be there yet, or be empty. A restore that is cut short leaves nothing behind.',
    )
    .argument('<path>', 'the file of a backup (- is standard input), or a data folder')
    .option('--from <forest>', 'which forest of the data folder; default: the one of --forest')
    .option('--at-revision <revision>', 'as it was when that revision was made', wholeNumber)
    .option('--at-time <time>', 'as it was then, such as 2026-11-22T09:30:00Z', momentMs)
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
  if (!isFolder && options.from !== undefined)
    throw new UsageError('--from needs a data folder: a backup is of one forest');
  if (atRevision !== undefined && atTime !== undefined)
    throw new UsageError('--at-revision and --at-time exclude one another');
  const past = { revision: atRevision, timeMs: atTime };
  const isMoment = (atRevision ?? atTime) !== undefined;
  const { backups, stdin } = surroundings;
  const backup = (): AsyncIterable<Uint8Array> => {
    if (status === undefined) return isMoment ? spooled(stdin, (file) => backups.ofFile(file, past)) : stdin;
    return isFolder ? backups.ofFolder(path, { forest: from, ...past }) : backups.ofFile(path, past);
  };
  const total = isFolder || isMoment ? undefined : status?.size;
  const chunks = counting(backup(), progress({ label: 'restore', unit: 'bytes', total }));
  const forest = await client.forests.restore(client.forest, chunks, { timeoutMs: restoreMsMax, signal });
  await output.result(forestRecord(forest), () => forestText(forest));
}

/** What is looked into from more than one side has to be in a file. */
async function* spooled(
  pieces: AsyncIterable<Uint8Array>,
  use: (file: string) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-restore-'));
  try {
    const file = join(folder, 'backup');
    await writeWhole(file, pieces);
    yield* use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function momentMs(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It is no time such as 2026-11-22T09:30:00Z.');
  return ms;
}
