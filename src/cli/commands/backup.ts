/** `hyperloom backup`: a forest's state in a file. */
import type { Writable } from 'node:stream';

import { InvalidRequestError, RevisionError } from '../../../clients/typescript/src/index.ts';
import type { AddCommand, Context } from '../context.ts';
import { UsageError } from '../failure.ts';
import { interruptible } from '../interruptible.ts';
import { counting } from '../output/progress.ts';
import { byteSize } from '../output/text.ts';
import { completeFile, dropPart, findPart, type PartFile } from '../part-file.ts';
import { extendBackup, tailText } from '../tail-file.ts';
import { isThere, refuseExisting } from '../whole-file.ts';

interface BackupOptions {
  readonly force?: boolean;
  readonly extend?: boolean;
  readonly follow?: boolean;
}

/** A backup of a large forest takes longer than a call usually may. */
const backupMsMax = 24 * 3_600_000;

export const addBackup: AddCommand = (program, run) => {
  program
    .command('backup')
    .summary("write a forest's state to a file")
    .description(
      'Writes the state of the forest at one revision, checksummed, to a file. Writes to it go on meanwhile. It outlives broken ' +
        'connections and restarts of the broker; what Ctrl-C leaves, the same command goes on with, at the same revision. With --extend ' +
        'or --follow the file holds everything since as well, so that "hyperloom restore" leads from it alone to each moment in it.',
    )
    .argument('<file>', 'the file; - is standard output')
    .option('--force', 'replace the file if it is there')
    .option('--extend', 'bring along what came since, if the file is there')
    .option('--follow', 'the same, and go on with what comes until Ctrl-C')
    .action((file: string, options: BackupOptions) =>
      run((context) => interruptible(context, (signal) => backup(context, file, options, signal))),
    );
};

async function backup(
  context: Context,
  file: string,
  options: BackupOptions,
  signal: AbortSignal,
): Promise<void> {
  const { output, progress, surroundings } = context;
  if (file === '-' && surroundings.isTerminal)
    throw new UsageError('a backup is no text for a terminal: name a file, or send it on with | or >');
  const client = await context.openSteadyClient();
  const pieces = (
    part?: PartFile,
    onPosition?: (position: number) => void,
  ): AsyncGenerator<Uint8Array, void, void> => {
    const shown = progress({ label: 'backup', unit: 'bytes' });
    if (part !== undefined) shown.add(part.mark.bytes);
    const resume = part?.mark;
    return counting(
      client.forests.backup(client.forest, { timeoutMs: backupMsMax, signal, resume, onPosition }),
      shown,
    );
  };
  const { follow = false, extend = false, force = false } = options;
  const isExtended = follow || extend;
  if (isExtended && (file === '-' || force))
    throw new UsageError('--extend and --follow go on with a file that is there: name one, without --force');
  if (file === '-') {
    for await (const piece of pieces()) await output.write(piece);
    return;
  }
  if (isExtended) {
    if (!(await isThere(file))) await download(surroundings.stderr, file, pieces);
    const told = await extendBackup(context, client, { file, follow, signal });
    await output.result({ file, forest: client.forest, ...told }, () => `${file}: ${tailText(told)}`);
    return;
  }
  if (!force) await refuseExisting(file);
  const bytes = await download(surroundings.stderr, file, pieces);
  await output.result({ file, forest: client.forest, bytes }, () => `${file}: ${byteSize(bytes)}`);
}

/** Goes on with what an earlier run has left, where that can be. */
async function download(
  stderr: Writable,
  file: string,
  pieces: (part?: PartFile, onPosition?: (position: number) => void) => AsyncIterable<Uint8Array>,
): Promise<number> {
  const part = await findPart(file);
  try {
    return await completeFile(file, part, (onPosition) => pieces(part, onPosition));
  } catch (error) {
    const isOther = error instanceof RevisionError || error instanceof InvalidRequestError;
    if (part !== undefined && isOther) {
      stderr.write(`${part.path} cannot be gone on with (${error.message}); beginning anew\n`);
      await dropPart(part);
      return download(stderr, file, pieces);
    }
    const left = await findPart(file);
    if (left !== undefined)
      stderr.write(
        `${left.path} has the first ${byteSize(left.mark.bytes)}: the same command goes on there\n`,
      );
    throw error;
  }
}
