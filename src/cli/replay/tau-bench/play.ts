/**
 * Plays recorded runs on the loaded airline. The trials of a task are alternatives on the same base: all are played in
 * ghosts, one is committed (the first that did the task, else the last), and the others are reverted. Tasks were recorded each on
 * the untouched airline, so their ghosts stand on the revision that loaded it; where a commit then meets what an earlier task
 * has changed, the run is played once more on the newest trunk, as an agent that hears of a conflict would do it.
 */
import { ConflictError, type Ghost } from '../../../../clients/typescript/src/index.ts';
import { RunMeter } from '../meter.ts';
import type { RunOutcome } from '../run-report.ts';
import type { Stage } from '../stage.ts';
import type { TauBenchRun } from './recording.ts';
import { beginRun, playRun, taskTree } from './run.ts';

interface Trial {
  readonly run: TauBenchRun;
  readonly ghost: Ghost;
  readonly meter: RunMeter;
}

/** Plays the runs of all tasks, one task after the other. */
export async function playTauBench(
  runs: readonly TauBenchRun[],
  baseRevision: number,
  stage: Stage,
): Promise<void> {
  for (const [, trials] of Map.groupBy(runs, ({ taskId }) => taskId)) {
    stage.signal.throwIfAborted();
    await playTask(trials, baseRevision, stage);
  }
}

async function playTask(runs: readonly TauBenchRun[], baseRevision: number, stage: Stage): Promise<void> {
  await using ghosts = new AsyncDisposableStack();
  const trials = await Promise.all(
    runs.map(async (run): Promise<Trial> => {
      const ghost = ghosts.use(await beginRun(stage.client, run, baseRevision));
      return { run, ghost, meter: new RunMeter() };
    }),
  );
  await allOrThrow(trials.map(({ run, ghost, meter }) => playRun(run, ghost, meter, stage)));
  const chosen = choose(trials);
  if (chosen === undefined) return;
  await commit(chosen, stage);
  for (const trial of trials) {
    if (trial !== chosen) {
      await trial.ghost.revert(`trial ${chosen.run.trial} of the task was committed`);
      trial.meter.count('reverts');
    }
    await report(trial, trial === chosen ? 'committed' : 'reverted', stage);
  }
}

/** Waits for all before it throws, so that no ghost is used any more when the stack reverts it. */
async function allOrThrow(works: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(works);
  for (const work of settled) if (work.status === 'rejected') throw work.reason;
}

function choose(trials: readonly Trial[]): Trial | undefined {
  return trials.find(({ run }) => run.reward === 1) ?? trials.at(-1);
}

async function commit({ run, ghost, meter }: Trial, stage: Stage): Promise<void> {
  const label = `task ${run.taskId}, trial ${run.trial}`;
  try {
    await ghost.commit({ label });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    meter.count('conflicts');
    await ghost.revert(error.message);
    meter.count('reverts');
    await using again = await beginRun(stage.client, run, 0);
    await playRun(run, again, meter, stage);
    await again.commit({ label });
  }
  meter.count('commits');
}

function report({ run, meter }: Trial, outcome: RunOutcome, stage: Stage): Promise<void> {
  return stage.onRun({ tree: taskTree(run.taskId), trial: run.trial, outcome, ...meter.tally });
}
