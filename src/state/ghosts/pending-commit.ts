/** Commits that wait at the gates of their ghost. */
import type { CommitGhost } from '../command.ts';
import type { Outcome } from '../outcome.ts';

/**
 * A commit that waits for reviewers. One object for as long as it waits, whoever asks again: those who wait for it hold on to
 * it, and find its outcome here.
 */
export interface PendingCommit {
  /** As it was asked for last, as a command of its own. */
  command: CommitGhost;
  /** Since when it is asked for. */
  readonly timeMs: number;
  /** Requests that are remembered to wait for its outcome. */
  readonly requestIds: Set<string>;
  /** Set when it waits no more. */
  outcome: Outcome | null;
}

/** A pending commit as it is told and written. */
export type PendingCommitInfo = Readonly<Pick<PendingCommit, 'command' | 'timeMs'>>;
