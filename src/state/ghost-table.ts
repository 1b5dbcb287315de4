/** Ghosts by id: finding live ones, and ending them together with those inside. */
import { endedGhostsKeptMax, revertReasonsKeptMax } from '../base/limits.ts';
import type { ForestState } from './forest.ts';
import { ghostInfo } from './ghost.ts';
import type { Ghost, GhostState } from './ghost.ts';
import { reject } from './outcome.ts';
import type { Attempt, Rejection } from './outcome.ts';

/** The live ghost of that id. */
export function liveGhost(state: ForestState, ghostId: string): Ghost | Rejection {
  const ghost = state.ghosts.get(ghostId);
  if (ghost !== undefined) return ghost;
  const over = state.ended.get(ghostId);
  if (over === undefined)
    return reject('GHOST_NOT_FOUND', `there is no ghost ${ghostId}`, { ghost_id: ghostId });
  const why = over.attempts.at(-1)?.reason;
  const message = `ghost ${ghostId} is ${over.state}${why === undefined ? '' : `: ${why}`}; begin a new one`;
  return reject('GHOST_OVER', message, { ghost_id: ghostId, state: over.state });
}

/** Ends a ghost. Those inside must have ended before. */
export function endGhost(state: ForestState, ghost: Ghost, as: GhostState, committedRevision = 0): void {
  state.ghosts.delete(ghost.id);
  state.ghosts.get(ghost.parentId)?.children.delete(ghost.id);
  state.ended.set(ghost.id, ghostInfo(ghost, as, committedRevision));
  if (state.ended.size <= endedGhostsKeptMax) return;
  for (const oldest of state.ended.keys()) {
    state.ended.delete(oldest);
    return;
  }
}

/** Reverts the ghosts inside `ghost` that were begun after `sequence`, innermost first, and returns their ids. */
export function endDescendants(
  state: ForestState,
  ghost: Ghost,
  sequence: number,
  reason: string,
  author: string,
  as: 'reverted' | 'expired' = 'reverted',
): string[] {
  const endedIds: string[] = [];
  for (const id of [...ghost.children]) {
    const child = state.ghosts.get(id);
    if (child === undefined || child.firstSequence <= sequence) continue;
    endedIds.push(...endDescendants(state, child, -1, reason, author, as));
    addAttempt(child, { reason, checkpoint: '', droppedOperations: child.staged?.operations ?? 0, author });
    endGhost(state, child, as);
    endedIds.push(id);
  }
  return endedIds;
}

/** Notes why an attempt was reverted, for the retry to read. */
export function addAttempt(ghost: Ghost, attempt: Attempt): void {
  ghost.attempts = [...ghost.attempts, attempt].slice(-revertReasonsKeptMax);
}
