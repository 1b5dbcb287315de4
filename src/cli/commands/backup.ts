/** `hyperloom backup`: a forest's state in a file. */
import { open, rename, rm } from 'node:fs/promises';

import type { AddCommand, Context } from '../context.ts';
import { UsageError } from '../failure.ts';
import { byteSize } from '../output/text.ts';

interface BackupOptions {
  readonly force?: boolean;
}

/** A backup of a large forest takes longer than a call usually may. */
const backupMsMax = 24 * 3_600_000;

export const addBackup: AddCommand = (program, run) => {
  program
    .command('backup')
    .summary("write a forest's state to a file")
    .description(
      'Writes the state of the forest at one revision, checksummed, to a file. Writes to it go on meanwhile.',
    )
    .argument('<file>', 'the file; - is standard output')
    .option('--force', 'replace the file if it is there')
    .action((file: string, options: BackupOptions) => run((context) => backup(context, file, options)));
};

async function backup(context: Context, file: string, options: BackupOptions): Promise<void> {
  const { client, output } = context;
  const chunks = client.forests.backup(client.forest, { timeoutMs: backupMsMax });
  if (file === '-') {
    for await (const chunk of chunks) await output.write(chunk);
    return;
  }
  if (options.force !== true) await refuseExisting(file);
  const bytes = await writeWhole(file, chunks);
  await output.result({ file, forest: client.forest, bytes }, () => `${file}: ${byteSize(bytes)}`);
}

async function refuseExisting(file: string): Promise<void> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return;
  await handle.close();
  throw new UsageError(`${file} is there already: choose another name, or replace it with --force`);
}

/** The file has its name only once it is complete and on the disk, so that half a backup is never taken for a whole one. */
async function writeWhole(file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w');
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      await handle.appendFile(chunk);
      bytes += chunk.length;
    }
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    return bytes;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}
