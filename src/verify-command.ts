/** `hyperloom verify`: whether a data folder, or a backup, is whole. No broker is needed. */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { exitCodes } from './cli/exit-codes.ts';
import { failureOf, UsageError } from './cli/failure.ts';
import { outputFor } from './cli/output/output-for.ts';
import type { Output } from './cli/output/output.ts';
import { Progress } from './cli/output/progress.ts';
import type { JsonRecord } from './cli/output/records.ts';
import { byteSize, counted, grouped, timeText } from './cli/output/text.ts';
import { showExamples } from './cli/reference/examples.ts';
import type { Surroundings } from './cli/surroundings.ts';
import type { JournalReport } from './inspection/report.ts';

export function addVerify(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('verify')
    .summary('check that a data folder or a backup is whole')
    .description(
      'Reads everything in the data folder of a broker that is stopped, or in a backup, and changes nothing: all checksums, and whether each ' +
        'snapshot with what comes behind it leads to the next one and to the same state. Tells of all that is damaged, what is lost with ' +
        'it, and what to do. Exit code 0 where all is whole, 13 where something is damaged.',
    )
    .argument('<path>', 'the data folder, or the file of a backup')
    .action((path: string) => run(program, surroundings, path));
  showExamples(command);
}

async function run(program: Command, surroundings: Surroundings, path: string): Promise<void> {
  const { stderr } = surroundings;
  const output = outputFor(program, surroundings);
  try {
    const isWhole = await verify(path, output, surroundings);
    if (!isWhole) surroundings.setExitCode(exitCodes.damaged.code);
  } catch (error) {
    const { JournalDamage } = await import('./journal/journal.ts');
    const { DataFolderInUse } = await import('./journal/embedded/data-folder.ts');
    if (error instanceof JournalDamage) {
      stderr.write(`damaged: ${error.message}\n`);
      surroundings.setExitCode(exitCodes.damaged.code);
      return;
    }
    const told = error instanceof DataFolderInUse ? new UsageError(error.message) : error;
    const { exitCode, message } = failureOf(told, '');
    if (message !== '') stderr.write(`${message}\n`);
    surroundings.setExitCode(exitCode);
  }
}

/** True where all is whole. */
async function verify(path: string, output: Output, surroundings: Surroundings): Promise<boolean> {
  const { verifyBackup, verifyFolder } = await import('./inspection/report.ts');
  const { nodeFileSystem } = await import('./journal/embedded/node-file-system.ts');
  const status = await stat(path);
  if (!status.isDirectory()) {
    const progress = new Progress(surroundings, { label: 'verify', unit: 'bytes', total: status.size });
    const report = await verifyBackup(nodeFileSystem, path, {
      onBytes: (bytes) => progress.add(bytes),
      onReplayed: () => progress.add(0),
    }).finally(() => progress.end());
    await tell(output, report, path);
    return report.damages.length === 0;
  }
  const { withStoredFolder } = await import('./inspection/stored-folder.ts');
  return withStoredFolder(nodeFileSystem, path, async (folder) => {
    const progress = new Progress(surroundings, {
      label: 'verify',
      unit: 'bytes',
      total: await folder.bytes(),
    });
    let isWhole = true;
    try {
      const reports = verifyFolder(folder, path, {
        onBytes: (bytes) => progress.add(bytes),
        onReplayed: () => progress.add(0),
      });
      for await (const report of reports) {
        progress.end();
        if (report.damages.length > 0) isWhole = false;
        await tell(output, report, report.forest === '' ? 'registry of forests' : report.forest);
      }
    } finally {
      progress.end();
    }
    return isWhole;
  });
}

async function tell(output: Output, report: JournalReport, name: string): Promise<void> {
  if (output.json) await output.record(recordOf(report, name));
  else await output.line(...linesOf(report, name, output));
}

function recordOf(
  { forest: _forest, positions, damages, ...report }: JournalReport,
  name: string,
): JsonRecord {
  const [firstPosition, lastPosition] = positions;
  const told = damages.map(({ path, offset, what, lost, advice }) => ({ path, offset, what, lost, advice }));
  const reached = report.reached === null ? null : { ...report.reached };
  return {
    name,
    whole: damages.length === 0,
    firstPosition,
    lastPosition,
    ...report,
    reached,
    damages: told,
  };
}

function linesOf(
  { files, bytes, reached, replayed, tornBytes, damages }: JournalReport,
  name: string,
  output: Output,
): string[] {
  const { style } = output;
  const verdict = damages.length === 0 ? style.green('whole') : style.red('damaged');
  const read = `${byteSize(bytes)} in ${counted(files, 'file')}`;
  const entries = `${grouped(replayed)} ${replayed === 1 ? 'entry' : 'entries'} replayed`;
  const lines = [`${name}: ${verdict}, ${read}, ${entries}`];
  if (reached !== null)
    lines.push(
      `  r${grouped(reached.revision)} of ${timeText(new Date(reached.timeMs))} at position ${grouped(reached.position)}`,
      `  state ${reached.stateHash}`,
    );
  if (tornBytes > 0)
    lines.push(
      `  an unfinished batch of ${byteSize(tornBytes)} at the end, which a crash left; the next start takes it away`,
    );
  for (const { path, offset, what, lost, advice } of damages) {
    lines.push(`  ${path}${offset === null ? '' : ` at offset ${offset}`}: ${what}`);
    if (lost !== null) lines.push(`    lost: entries ${lost.from} to ${lost.to ?? 'the end'}`);
    lines.push(`    ${advice}`);
  }
  return lines;
}
