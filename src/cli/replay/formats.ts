/** Which format a recorded file has, and what is in it. */
import { UsageError } from '../failure.ts';
import { readTauBench, type TauBenchRun } from './tau-bench/recording.ts';
import { readWhoAndWhen, type WhoAndWhenRun } from './who-and-when/recording.ts';

/** What a file holds. */
export type Recorded =
  | { readonly format: 'who_and_when'; readonly run: WhoAndWhenRun }
  | { readonly format: 'tau_bench'; readonly file: string; readonly runs: readonly TauBenchRun[] };

/** Reads a file by what is in it. Throws a {@link UsageError} for what is no recorded run. */
export function readRecorded(file: string, text: string): Recorded {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const run = readWhoAndWhen(file, text);
  if (run !== undefined) return { format: 'who_and_when', run };
  const runs = readTauBench(text);
  if (runs !== undefined) return { format: 'tau_bench', file, runs };
  throw new UsageError(
    `${file} is no recorded run: no file of "export", no object with "history" (Who&When), and no list of objects with "traj" (tau-bench)`,
  );
}
