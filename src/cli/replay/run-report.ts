/** What came of replaying, run by run and in all. */

/** How a run ended. */
export type RunOutcome =
  /** Everything is on the trunk. */
  | 'published'
  /** The mistake was reverted, and what came of it: from there on in a ghost, or with what was derived from it. */
  | 'mistake_reverted'
  /** It was in a ghost, which was committed. */
  | 'committed'
  /** It was in a ghost, which was reverted because another run of the same task was chosen. */
  | 'reverted';

/** What replaying has done. */
export interface Tally {
  readonly steps: number;
  readonly diffs: number;
  readonly operations: number;
  readonly reverts: number;
  readonly commits: number;
  readonly conflicts: number;
  /** Bytes published as diffs, and read as diffs by each agent before its turn. */
  readonly movedBytes: number;
  /** Bytes that passing the whole history on at each hop takes. */
  readonly historyBytes: number;
}

/** One run. */
export interface RunReport extends Tally {
  /** Its tree. */
  readonly tree: string;
  /** Which of several runs of the same task. */
  readonly trial?: number;
  readonly outcome: RunOutcome;
}

/** Nothing done yet. */
export const emptyTally: Tally = {
  steps: 0,
  diffs: 0,
  operations: 0,
  reverts: 0,
  commits: 0,
  conflicts: 0,
  movedBytes: 0,
  historyBytes: 0,
};

/** Both together. */
export function addTallies(a: Tally, b: Tally): Tally {
  return {
    steps: a.steps + b.steps,
    diffs: a.diffs + b.diffs,
    operations: a.operations + b.operations,
    reverts: a.reverts + b.reverts,
    commits: a.commits + b.commits,
    conflicts: a.conflicts + b.conflicts,
    movedBytes: a.movedBytes + b.movedBytes,
    historyBytes: a.historyBytes + b.historyBytes,
  };
}
