/** `hyperloom replay`: plays recorded runs of several agents into the broker. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { PreconditionFailedError } from '../../../clients/typescript/src/index.ts';
import { positiveNumber, speedFactor } from '../arguments.ts';
import type { AddCommand, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failure.ts';
import { eachAtOnce } from '../replay/each.ts';
import { readRecorded, type Recorded } from '../replay/formats.ts';
import { playRunFile } from '../replay/run-file.ts';
import type { Stage } from '../replay/stage.ts';
import { ReplaySummary } from '../replay/summary.ts';
import { airlineFolderOf, loadAirline } from '../replay/tau-bench/airline.ts';
import { playTauBench } from '../replay/tau-bench/play.ts';
import { playWhoAndWhen } from '../replay/who-and-when/play.ts';
import { isRunFile } from '../run-file/play-file.ts';

interface ReplayOptions {
  readonly airline?: string;
  readonly atOnce: number;
  readonly limit: number;
  readonly revertMistakes?: boolean;
  readonly speed?: number;
}

/** Files by what they are: runs of our own format are read as they are played. */
interface Files {
  readonly runs: readonly string[];
  readonly recorded: readonly Recorded[];
}

export const addReplay: AddCommand = (program, run) => {
  program
    .command('replay')
    .summary('play recorded runs of several agents')
    .description(
      'Plays recorded runs of several agents: files of "export", as they happened; Who&When files, a tree a run and a context diff a step; tau-bench ' +
        'trajectories, each run in a ghost on the loaded airline, failed calls reverted, one trial of each task committed.',
    )
    .argument('<file...>', 'recorded runs')
    .option(
      '--revert-mistakes',
      'work in a ghost from the step on that people marked as the mistake, and revert it; in a file of "export": play all of it, then take ' +
        'the mistake back with all that was derived from it',
    )
    .option(
      '--speed <factor>',
      'a file of "export" in real time (1) or so many times as fast; default: at once',
      speedFactor,
    )
    .option('--limit <count>', 'how many runs at most', positiveNumber, Infinity)
    .option('--at-once <count>', 'how many Who&When runs at the same time', positiveNumber, 8)
    .option('--airline <folder>', "tau-bench's airline state; default: ../airline-db beside the file")
    .action((files: string[], options: ReplayOptions) => run((context) => replay(context, files, options)));
};

async function replay(context: Context, files: readonly string[], options: ReplayOptions): Promise<void> {
  const { runs, recorded } = await sorted(files);
  const chosen = runs.slice(0, options.limit);
  const kept = keepFirst(recorded, options.limit - chosen.length);
  const client = await context.openSteadyClient();
  const { output, surroundings } = context;
  const summary = new ReplaySummary(
    output,
    surroundings.clock,
    context.progress({ label: 'replay', unit: 'run', total: chosen.length + countRuns(kept) }),
  );
  const signal = context.interruption();
  const { atOnce, revertMistakes = false } = options;
  const stage: Stage = { client, signal, atOnce, revertMistakes, onRun: (report) => summary.run(report) };
  try {
    for (const file of chosen) {
      const progress = context.progress({ label: basename(file), unit: 'revision' });
      await stage.onRun(await playRunFile(file, options.speed, stage, progress, surroundings));
    }
    await play(kept, options, stage, summary);
  } catch (error) {
    if (!signal.aborted) throw explained(error);
    surroundings.setExitCode(exitCodes.interrupted.code);
  }
  if (!output.closed.aborted) await summary.finish();
}

async function sorted(files: readonly string[]): Promise<Files> {
  const runs: string[] = [];
  const recorded: Recorded[] = [];
  for (const file of files) {
    if (await isRunFile(file)) runs.push(file);
    else recorded.push(readRecorded(file, await readFile(file, 'utf8')));
  }
  return { runs, recorded };
}

async function play(
  recorded: readonly Recorded[],
  options: ReplayOptions,
  stage: Stage,
  summary: ReplaySummary,
): Promise<void> {
  const single = recorded.filter((item) => item.format === 'who_and_when');
  await eachAtOnce(single, stage.atOnce, async ({ run }) => stage.onRun(await playWhoAndWhen(run, stage)));
  for (const item of recorded) {
    if (item.format !== 'tau_bench') continue;
    const loaded = await loadAirline(stage.client, options.airline ?? airlineFolderOf(item.file));
    summary.add(loaded.tally);
    await playTauBench(item.runs, loaded.revision, stage);
  }
}

/** The first `limit` runs, over all files. */
function keepFirst(recorded: readonly Recorded[], limit: number): readonly Recorded[] {
  const kept: Recorded[] = [];
  let left = limit;
  for (const item of recorded) {
    if (left <= 0) break;
    const runs = item.format === 'tau_bench' ? item.runs.slice(0, left) : [];
    kept.push(item.format === 'tau_bench' ? { ...item, runs } : item);
    left -= item.format === 'tau_bench' ? runs.length : 1;
  }
  return kept;
}

function countRuns(recorded: readonly Recorded[]): number {
  return recorded.reduce((sum, item) => sum + (item.format === 'tau_bench' ? item.runs.length : 1), 0);
}

/** A tree that is there already is the one precondition that a replay sets. */
function explained(error: unknown): unknown {
  if (!(error instanceof PreconditionFailedError)) return error;
  return new UsageError(
    `${error.message}: it was replayed before. Choose another --forest (see "hyperloom forest create"), or delete it first`,
  );
}
