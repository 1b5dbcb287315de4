/** The return of a revision with what was derived from it, as a command. */
import type { RevertCascade } from '../command.ts';
import type { ForestState, Past } from '../forest.ts';
import type { Judge } from '../schemas/judge.ts';
import type { Rejection } from '../outcome.ts';
import { applyRevertRevision } from '../publish.ts';
import { markGhosts } from './reverted-basis.ts';
import type { Step } from '../step.ts';

/** Undoes what it says, unless somebody has changed it since that was worked out, and marks the ghosts that had read it. */
export function applyRevertCascade(
  state: ForestState,
  command: RevertCascade,
  past: Past,
  judge: Judge,
): Step | Rejection {
  const step = applyRevertRevision(state, command, past, judge);
  if (!('reason' in step)) markGhosts(state, command.ghosts, state.revision);
  return step;
}
