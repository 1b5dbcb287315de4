/** What replaying works with, whichever format it plays. */
import type { Client } from '../../../clients/typescript/src/index.ts';
import type { RunReport } from './run-report.ts';

export interface Stage {
  readonly client: Client;
  /** Aborts when the replay is to end early; ghosts in use are reverted then. */
  readonly signal: AbortSignal;
  /** Works in a ghost from the step on that people have marked as the mistake, and reverts it. */
  readonly revertMistakes: boolean;
  /** Runs at the same time at most. */
  readonly atOnce: number;
  /** Takes each run when it is over. */
  onRun(report: RunReport): Promise<void>;
}
