/** What was asked for, and what came of it. */
import type { RevertRevision } from '../state/command.ts';
import type { Outcome } from '../state/outcome.ts';

/** What came of a proposal, told when it may be told: when it is durable, or at once for what happens inside ghosts. */
export interface Settled {
  readonly outcome: Outcome;
  readonly repeated: boolean;
}

/** A trunk revision to be taken back. */
export type RevisionRevert = Omit<RevertRevision, 'kind' | 'operations' | 'preconditions'>;
