/** What was asked for, and what came of it. */
import type { RevertRevision } from '../state/command.ts';
import type { Outcome, Rejection } from '../state/outcome.ts';

/** What came of a proposal, told when it may be told: when it is durable, or at once for what happens inside ghosts. */
export interface Settled {
  readonly outcome: Outcome;
  readonly repeated: boolean;
}

/** Called once, with what came of it. */
export type Settle = (settled: Settled) => void;

/** Why a command may not be applied as the state is now, or `null`. It is asked where nothing can come between that and the command. */
export type Objection = () => Rejection | null;

/** One that objects where either of two does. */
export function eitherOf(one: Objection | null, other: Objection | null): Objection | null {
  if (one === null || other === null) return one ?? other;
  return () => one() ?? other();
}

/** A trunk revision to be taken back. */
export type RevisionRevert = Omit<RevertRevision, 'kind' | 'operations' | 'preconditions'>;
