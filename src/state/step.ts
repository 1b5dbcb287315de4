/** What one command did to the state, before it is known whether it is to be recorded. */
import type { EventRoots } from './event.ts';
import type { Deadlock, Effects } from './forest.ts';
import type { Outcome } from './outcome.ts';

/** A command that took effect. One whose outcome is a refusal had another one: a gate has reverted its ghost. */
export interface Step {
  readonly outcome: Outcome;
  readonly effects: Effects;
  readonly roots: EventRoots | null;
  /** Absent: none. */
  readonly deadlocks?: readonly Deadlock[];
}
