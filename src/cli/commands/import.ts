/** `hyperloom import`: a run from a file, put into a broker. */
import type { AddCommand, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { counted, visible } from '../output/text.ts';
import { checkPlayed, playFile } from '../run-file/play-file.ts';

interface ImportOptions {
  readonly as?: string;
}

export const addImport: AddCommand = (program, run) => {
  program
    .command('import')
    .summary('put a run from a file of "export" into a broker')
    .description(
      'Puts an exported run into another tree, forest or broker: each context diff by its author with its basis, ghosts and what ' +
        'became of them. Then reads the tree back and compares it with what was exported. The tree must not be there yet.',
    )
    .argument('<file>', 'the file; - is standard input')
    .option('--as <path>', 'the tree to put it into (default: as it was exported)')
    .action((file: string, options: ImportOptions) => run((context) => importRun(context, file, options)));
};

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
