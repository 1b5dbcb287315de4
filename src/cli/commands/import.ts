/** `hyperloom import`: a run from a file, or the threads and sessions of a framework's database, put into a broker. */
import { open } from 'node:fs/promises';

import { nodePath, oneMore } from '../arguments.ts';
import type { AddCommand, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failure.ts';
import { importDatabase } from '../migration/import-database.ts';
import { databaseKind } from '../migration/open-store.ts';
import { counted, visible } from '../output/text.ts';
import { checkPlayed, playFile } from '../run-file/play-file.ts';

interface ImportOptions {
  readonly as?: string;
  readonly dryRun?: boolean;
  readonly only?: readonly string[];
}

export const addImport: AddCommand = (program, run) => {
  program
    .command('import')
    .summary('put a run of "export", or what LangGraph or the OpenAI Agents SDK has stored, into a broker')
    .description(
      'Puts an exported run into another tree, forest or broker: each context diff by its author with its basis, ghosts and what ' +
        'became of them. Then reads the tree back and compares it with what was exported. The tree must not be there yet. ' +
        'Of a database it imports all threads with every checkpoint and pending write (LangGraph, in SQLite or PostgreSQL), or all sessions ' +
        "(OpenAI Agents SDK, in SQLite), so that graphs and agents with Hyperloom's adapters go on where they were; the database is only read. " +
        'Done again, it brings what is new.',
    )
    .argument(
      '<file>',
      'the file: a run (- is standard input) or a SQLite database; or postgresql://…, the URL of a database',
    )
    .option(
      '--as <path>',
      "the tree to put a run into (default: as it was exported); of a database: the adapters' root, below which threads and sessions lie",
      nodePath,
    )
    .option('--only <id>', 'of a database: only this thread or session; can be given several times', oneMore)
    .option('--dry-run', 'of a database: read all of it and tell what would be imported')
    .action((file: string, options: ImportOptions) => run((context) => importInto(context, file, options)));
};

async function importInto(context: Context, file: string, options: ImportOptions): Promise<void> {
  const instead = await forRestore(file);
  if (instead !== undefined)
    throw new UsageError(`${file} is ${instead}: "hyperloom restore" makes a forest of it`);
  const kind = await databaseKind(file);
  if (kind !== undefined) return importDatabase(context, file, kind, options);
  if (options.only !== undefined || options.dryRun === true)
    throw new UsageError(`--only and --dry-run are for databases, and ${file} is none`);
  return importRun(context, file, options);
}

// The line that every backup begins with.
const backupHead = 'hyperloom backup\n';

/** What a file is that another command takes; `undefined`: none that this can tell. */
async function forRestore(path: string): Promise<string | undefined> {
  if (path === '-' || /^\w+:\/\//.test(path)) return undefined;
  await using file = await open(path, 'r');
  if ((await file.stat()).isDirectory()) return 'a folder';
  const first = Buffer.alloc(backupHead.length);
  await file.read(first, 0, first.length, 0);
  return first.toString('latin1') === backupHead ? 'a backup' : undefined;
}

async function importRun(context: Context, file: string, options: ImportOptions): Promise<void> {
  const { output, surroundings } = context;
  const client = await context.openSteadyClient();
  const signal = context.interruption();
  try {
    const played = await playFile(
      {
        client,
        file,
        target: options.as,
        signal,
        speed: undefined,
        progress: context.progress({ label: 'import', unit: 'revision' }),
      },
      surroundings,
    );
    await checkPlayed(client, played);
    const { tree, events, revision, end } = played;
    await output.result(
      { file, tree, events, revision, nodes: end.nodes },
      () =>
        `${visible(tree)}: ${counted(events, 'event')}, up to r${revision}, ${counted(end.nodes, 'value')} as exported`,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    surroundings.setExitCode(exitCodes.interrupted.code);
  }
}
