/** Adds the commands that talk to a running broker. `serve` is `main.ts`'s own. */
import { Option, type Command } from 'commander';

import { addAppend } from './commands/append.ts';
import { addBackup } from './commands/backup.ts';
import { addBench } from './commands/bench.ts';
import { addBlame } from './commands/blame.ts';
import { addCompact } from './commands/compact.ts';
import { addCopy } from './commands/copy.ts';
import { addDelete } from './commands/delete.ts';
import { addDiff } from './commands/diff.ts';
import { addExport } from './commands/export.ts';
import { addForest } from './commands/forest.ts';
import { addGet } from './commands/get.ts';
import { addGhost } from './commands/ghost/register.ts';
import { addImport } from './commands/import.ts';
import { addIncrement } from './commands/increment.ts';
import { addLease } from './commands/lease/register.ts';
import { addLock } from './commands/lock/register.ts';
import { addLog } from './commands/log.ts';
import { addLs } from './commands/ls.ts';
import { addMerge } from './commands/merge.ts';
import { addMeter } from './commands/meter.ts';
import { addCompletion } from './commands/completion/register.ts';
import { addProfile } from './commands/profile/register.ts';
import { addPut } from './commands/put.ts';
import { addRender } from './commands/render.ts';
import { addReplay } from './commands/replay.ts';
import { addRestore } from './commands/restore.ts';
import { addRevert } from './commands/revert.ts';
import { addSchema } from './commands/schema/register.ts';
import { addSearch } from './commands/search.ts';
import { addStatus } from './commands/status.ts';
import { addTop } from './commands/top.ts';
import { addTrace } from './commands/trace.ts';
import { addTree } from './commands/tree.ts';
import { addWatch } from './commands/watch.ts';
import { runner, type AddCommand } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { descriptionOf } from './reference/command-info.ts';
import { minWidthToWrap, showExamples } from './reference/examples.ts';
import { groupsFirst } from './reference/help-order.ts';
import type { Surroundings } from './surroundings.ts';

/** In the order of the help. */
const commands: readonly AddCommand[] = [
  addGet,
  addLs,
  addTree,
  addSearch,
  addPut,
  addAppend,
  addMerge,
  addIncrement,
  addDelete,
  addCopy,
  addWatch,
  addGhost,
  addLock,
  addLease,
  addLog,
  addDiff,
  addBlame,
  addTrace,
  addRender,
  addRevert,
  addExport,
  addImport,
  addReplay,
  addStatus,
  addTop,
  addMeter,
  addForest,
  addSchema,
  addBackup,
  addRestore,
  addCompact,
  addBench,
  addProfile,
  addCompletion,
];

/** Adds the commands and the options that all of them take. Call it before adding others, so that those end alike. */
export function registerCommands(program: Command, surroundings: Surroundings): void {
  const { stdout, stderr } = surroundings;
  program
    .addOption(
      new Option('--address <host:port>', 'the broker').env('HYPERLOOM_ADDRESS').default('127.0.0.1:7400'),
    )
    .addOption(new Option('--forest <name>', 'the forest').env('HYPERLOOM_FOREST').default('default'))
    .addOption(
      new Option('--author <name>', 'whose name is on what is written')
        .env('HYPERLOOM_AUTHOR')
        .default('', 'none'),
    )
    .addOption(
      new Option('--profile <name>', 'the connection profile, see "hyperloom profile"').env(
        'HYPERLOOM_PROFILE',
      ),
    )
    .addOption(
      new Option('--ca-file <file>', 'PEM file of the authorities to trust; chooses TLS').env(
        'HYPERLOOM_CA_FILE',
      ),
    )
    .addOption(
      new Option('--cert-file <file>', "PEM file of this client's certificate; with --key-file").env(
        'HYPERLOOM_CERT_FILE',
      ),
    )
    .addOption(new Option('--key-file <file>', 'PEM file of its private key').env('HYPERLOOM_KEY_FILE'))
    .addOption(
      new Option(
        '--token-file <file>',
        'file that holds a token, read at each call; or HYPERLOOM_TOKEN itself',
      ).env('HYPERLOOM_TOKEN_FILE'),
    )
    .option('--json', 'JSON lines on a terminal too; in a pipe they are what comes anyway')
    .option('--no-json', 'texts for people in a pipe too')
    .addOption(
      new Option('--color <when>', 'auto minds the terminal, NO_COLOR and FORCE_COLOR')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .configureHelp({
      showGlobalOptions: true,
      commandDescription: descriptionOf,
      minWidthToWrap,
      formatHelp: groupsFirst,
    })
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride(({ exitCode }) => surroundings.exit(exitCodes[exitCode === 0 ? 'done' : 'usage'].code));
  const run = runner(program, surroundings);
  const before = new Set(program.commands);
  for (const add of commands) add(program, run);
  for (const command of program.commands) if (!before.has(command)) showExamples(command);
}
