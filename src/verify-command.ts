/** `hyperloom verify`: whether a data folder, a backup, or what brokers share on NATS is whole. No broker is needed. */
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
import type { StreamReport } from './inspection/verify-streams.ts';

export function addVerify(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('verify')
    .summary('check that a data folder, a backup or a stream is whole')
    .description(
      'Reads everything in the data folder of a broker that is stopped, in a backup, or in the streams and snapshots of brokers that share their ' +
        'journal on NATS and may go on meanwhile, and changes nothing: all checksums, and whether each ' +
        'snapshot with what comes behind it leads to the next one and to the same state. Tells of all that is damaged, what is lost with ' +
        'it, and what to do. Exit code 0 where all is whole, 13 where something is damaged.',
    )
    .argument('<path>', 'the data folder, the file of a backup, or nats://HOST…, as for serve --journal')
    .action((path: string) => run(program, surroundings, path));
  showExamples(command);
}

async function run(program: Command, surroundings: Surroundings, path: string): Promise<void> {
  const { stderr } = surroundings;
  const output = outputFor(program, surroundings);
  try {
    const isWhole = await verify(path, output, surroundings);
    if (isWhole) await output.finish();
    else surroundings.setExitCode(exitCodes.damaged.code);
  } catch (error) {
    const { JournalDamage, JournalFailure } = await import('./journal/journal.ts');
    const { CodecDamage } = await import('./codec/damage.ts');
    const { DataFolderInUse } = await import('./journal/embedded/data-folder.ts');
    if (error instanceof JournalDamage || error instanceof CodecDamage) {
      stderr.write(`damaged: ${error.message}\n`);
      surroundings.setExitCode(exitCodes.damaged.code);
      return;
    }
    const isExpected = error instanceof DataFolderInUse || error instanceof JournalFailure;
    const told = isExpected ? new UsageError(error.message) : error;
    const { exitCode, message } = failureOf(told, '');
    if (message !== '') stderr.write(`${message}\n`);
    surroundings.setExitCode(exitCode);
  }
}

/** True where all is whole. */
async function verify(path: string, output: Output, surroundings: Surroundings): Promise<boolean> {
  if (/^(nats|tls):\/\//.test(path)) return verifyShared(path, output, surroundings);
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

/** The same of what brokers share. */
async function verifyShared(address: string, output: Output, surroundings: Surroundings): Promise<boolean> {
  const { verifyShared } = await import('./inspection/shared-address.ts');
  const progress = new Progress(surroundings, { label: 'verify', unit: 'message' });
  let isWhole = true;
  try {
    for await (const report of verifyShared(address, (entries) => progress.add(entries))) {
      progress.end();
      if (report.damages.length > 0) isWhole = false;
      if (output.json) await output.record(sharedRecord(report));
      else await output.line(...sharedLines(report, output));
    }
  } finally {
    progress.end();
  }
  return isWhole;
}

function sharedRecord({ forest: name, sequences, damages, ...report }: StreamReport): JsonRecord {
  const [firstSequence, lastSequence] = sequences;
  const reached = report.reached === null ? null : { ...report.reached };
  const told = damages.map(({ what, advice }) => ({ what, advice }));
  return {
    name,
    whole: damages.length === 0,
    firstSequence,
    lastSequence,
    ...report,
    reached,
    damages: told,
  };
}

function sharedLines(report: StreamReport, { style }: Output): string[] {
  const { forest, sequences, bytes, snapshots, replayed, reached, damages } = report;
  const [first, last] = sequences;
  const verdict = damages.length === 0 ? style.green('whole') : style.red('damaged');
  const entries = `${grouped(replayed)} ${replayed === 1 ? 'entry' : 'entries'} replayed`;
  const read = `${byteSize(bytes)} in entries ${grouped(first)} to ${grouped(last)} of its stream`;
  const lines = [`${forest}: ${verdict}, ${read}, ${counted(snapshots, 'snapshot')}, ${entries}`];
  if (reached !== null)
    lines.push(
      `  r${grouped(reached.revision)} at position ${grouped(reached.position)}`,
      `  state ${reached.stateHash}`,
    );
  for (const { what, advice } of damages) lines.push(`  ${what}`, `    ${advice}`);
  return lines;
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
