/** `hyperloom export`: what happened in a tree, in one file. */
import { createHash } from 'node:crypto';

import { InvalidArgumentError } from 'commander';

import type { Hash } from '../../../clients/typescript/src/run-file/digest.ts';
import { RunExport, type Exported } from '../../../clients/typescript/src/run-file/export.ts';
import { RunProblem } from '../../../clients/typescript/src/run-file/problem.ts';
import { nodePath, wholeNumber } from '../arguments.ts';
import type { AddCommand, Context } from '../context.ts';
import { UsageError } from '../failure.ts';
import { interruptible } from '../interruptible.ts';
import { counting } from '../output/progress.ts';
import { byteSize, counted, visible, visibleLines } from '../output/text.ts';
import { fileBytes } from '../run-file/lines.ts';
import { refuseExisting, writeWhole } from '../whole-file.ts';

interface ExportCommandOptions {
  readonly force?: boolean;
  readonly from: number;
  readonly mistake?: ReadonlyMap<number, string>;
}

export const addExport: AddCommand = (program, run) => {
  program
    .command('export')
    .summary('write what happened in a tree to one file')
    .description(
      'Writes a run to one file: every context diff below a node, with its author, time, basis and values, and the ghosts with what ' +
        'became of them. "import" puts it elsewhere, "replay" plays it. JSON lines, gzipped where the name ends in .gz.',
    )
    .argument('<tree>', 'the node, such as /session_1; / is the whole forest', nodePath)
    .argument('<file>', 'the file; - is standard output')
    .option('--from <revision>', 'begin with what was there at this revision', wholeNumber, 0)
    .option(
      '--mistake <revision=reason>',
      'mark a revision as the mistake in the file; can be given several times',
      oneMistake,
    )
    .option('--force', 'replace the file if it is there')
    .action((tree: string, file: string, options: ExportCommandOptions) =>
      run((context) => interruptible(context, () => exportRun(context, tree, file, options))),
    );
};

async function exportRun(
  { client, output, progress, surroundings }: Context,
  tree: string,
  file: string,
  options: ExportCommandOptions,
): Promise<void> {
  const { from, mistake = new Map<number, string>(), force = false } = options;
  if (!tree.startsWith('/')) throw new UsageError(`${tree} is no path: it must begin with /`);
  if (file !== '-' && !force) await refuseExisting(file);
  const sha256 = (): Hash => createHash('sha256');
  const exporting = new RunExport(client, { tree, from, mistakes: mistake, sha256 });
  if (file === '-' && surroundings.isTerminal) {
    // What is shown is progress enough, and a line of it would run into that.
    for await (const line of linesOf(exporting)) await output.write(visibleLines(line));
    return;
  }
  const written = counting(fileBytes(file, linesOf(exporting)), progress({ label: 'export', unit: 'bytes' }));
  if (file === '-') {
    for await (const bytes of written) await output.write(bytes);
    return;
  }
  const bytes = await writeWhole(file, written);
  const { result } = exporting;
  await output.result({ file, bytes, ...result }, () => exportedText(file, bytes, result));
}

/** What cannot be exported as it was asked for was asked for wrongly. */
async function* linesOf(exporting: RunExport): AsyncGenerator<string, void, void> {
  try {
    yield* exporting.lines();
  } catch (error) {
    throw error instanceof RunProblem ? new UsageError(error.message) : error;
  }
}

function exportedText(
  file: string,
  bytes: number,
  { tree, from, until, events, ghosts, nodes }: Exported,
): string {
  const range = from === 0 ? `up to r${until}` : `from r${from} to r${until}`;
  const facts = [counted(events, 'event'), counted(ghosts, 'ghost'), counted(nodes, 'value')].join(', ');
  return `${file}: ${visible(tree)} ${range}, ${facts}, ${byteSize(bytes)}`;
}

function oneMistake(
  text: string,
  before: ReadonlyMap<number, string> = new Map(),
): ReadonlyMap<number, string> {
  const [, revision, reason = ''] = /^(\d+)=(.+)$/s.exec(text) ?? [];
  if (revision === undefined)
    throw new InvalidArgumentError('It must be a revision and why, such as 12=invented.');
  return new Map([...before, [Number(revision), reason]]);
}
