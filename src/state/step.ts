/** What one command did to the state, before it is known whether it is to be recorded. */
import type { EventRoots } from './event.ts';
import type { Deadlock, Effects } from './forest.ts';
import type { Success } from './outcome.ts';

/** A command that took effect. */
export interface Step {
  readonly outcome: Success;
  readonly effects: Effects;
  readonly roots: EventRoots | null;
  /** Absent: none. */
  readonly deadlocks?: readonly Deadlock[];
}
