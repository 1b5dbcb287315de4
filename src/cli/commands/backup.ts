/** `hyperloom backup`: a forest's state in a file. */
import type { AddCommand, Context } from '../context.ts';
import { interruptible } from '../interruptible.ts';
import { counting } from '../output/progress.ts';
import { byteSize } from '../output/text.ts';
import { refuseExisting, writeWhole } from '../whole-file.ts';

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
    .action((file: string, options: BackupOptions) =>
      run((context) => interruptible(context, () => backup(context, file, options))),
    );
};

async function backup(context: Context, file: string, options: BackupOptions): Promise<void> {
  const { client, output, progress } = context;
  const chunks = counting(
    client.forests.backup(client.forest, { timeoutMs: backupMsMax }),
    progress({ label: 'backup', unit: 'bytes' }),
  );
  if (file === '-') {
    for await (const chunk of chunks) await output.write(chunk);
    return;
  }
  if (options.force !== true) await refuseExisting(file);
  const bytes = await writeWhole(file, chunks);
  await output.result({ file, forest: client.forest, bytes }, () => `${file}: ${byteSize(bytes)}`);
}
