/** Ghosts by id: finding live ones, and ending them together with those inside. */
import { endedGhostsKeptMax, racesKeptMax, revertReasonsKeptMax } from '../../base/limits.ts';
import type { ForestState } from '../forest.ts';
import { settleCommit } from './gates.ts';
import { ghostInfo } from './ghost.ts';
import type { Ghost, GhostInfo, GhostState } from './ghost.ts';
import { letGhostGo } from '../locks/lease-table.ts';
import { broughtBy } from '../schemas/migration.ts';
import { reject } from '../outcome.ts';
import type { Attempt, Outcome, Rejection } from '../outcome.ts';
import type { Race } from './race.ts';

/** The live ghost of that id. */
export function liveGhost(state: ForestState, ghostId: string): Ghost | Rejection {
  const ghost = state.ghosts.get(ghostId);
  if (ghost !== undefined) return ghost;
  const over = state.ended.get(ghostId);
  if (over === undefined)
    return reject('GHOST_NOT_FOUND', `there is no ghost ${ghostId}`, { ghost_id: ghostId });
  return ghostOver(state, over);
}

/** Why nothing can be done with a ghost any more. Of one that lost a race it names who won. */
function ghostOver(state: ForestState, { id, state: as, attempts, raceId }: GhostInfo): Rejection {
  const why = as === 'committed' ? undefined : attempts.at(-1)?.reason;
  const message = `ghost ${id} is ${as}${why === undefined ? '' : `: ${why}`}; begin a new one`;
  const winner = raceId === '' ? '' : (findRace(state, raceId)?.winnerId ?? '');
  const race = winner === '' || winner === id ? {} : { race_id: raceId, winner_ghost_id: winner };
  return reject('GHOST_OVER', message, { ghost_id: id, state: as, ...race });
}

/** The race of that id, as far as it is remembered. */
export function findRace(state: ForestState, raceId: string): Race | undefined {
  return state.races.get(raceId) ?? state.endedRaces.get(raceId);
}

/** Ends a ghost. Those inside must have ended before. */
export function endGhost(state: ForestState, ghost: Ghost, as: GhostState, committedRevision = 0): void {
  state.ghosts.delete(ghost.id);
  state.ghosts.get(ghost.parentId)?.children.delete(ghost.id);
  const lease = ghost.leaseId === '' ? undefined : state.leases.get(ghost.leaseId);
  if (lease !== undefined) letGhostGo(lease, ghost.id);
  const over = { ...ghostInfo(ghost, as, committedRevision), commitPending: false };
  if (ghost.pendingCommit !== null) settleCommit(state, ghost, answerToCommit(state, ghost, over));
  leaveRace(state, ghost);
  state.ended.set(ghost.id, over);
  if (state.ended.size > endedGhostsKeptMax) forgetOldest(state.ended);
}

/** What whoever waits for the commit of a ghost that is over is told. */
function answerToCommit(state: ForestState, ghost: Ghost, over: GhostInfo): Outcome {
  if (over.state !== 'committed') return ghostOver(state, over);
  const { id: ghostId, committedRevision: revision, stagedOperations: operations } = over;
  return { kind: 'committed', ghostId, revision, operations, ...broughtBy(state, ghost) };
}

/** A race without a live ghost is over, whether it was won or not; it goes on should a new one take part. */
function leaveRace(state: ForestState, ghost: Ghost): void {
  const race = state.races.get(ghost.raceId);
  if (race === undefined) return;
  race.members.delete(ghost.id);
  if (race.members.size > 0) return;
  state.races.delete(race.id);
  state.endedRaces.set(race.id, race);
  if (state.endedRaces.size > racesKeptMax) forgetOldest(state.endedRaces);
}

function forgetOldest(table: Map<string, unknown>): void {
  for (const oldest of table.keys()) {
    table.delete(oldest);
    return;
  }
}

/** Ends a ghost without a commit, and those inside it first. Returns the ids of all of them. */
export function endWithDescendants(
  state: ForestState,
  ghost: Ghost,
  as: 'reverted' | 'expired',
  reason: string,
  author: string,
): string[] {
  const endedIds = endDescendants(state, ghost, -1, reason, author, as);
  addAttempt(ghost, { reason, checkpoint: '', droppedOperations: ghost.staged?.operations ?? 0, author });
  endGhost(state, ghost, as);
  return [...endedIds, ghost.id];
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
    endedIds.push(...endWithDescendants(state, child, as, reason, author));
  }
  return endedIds;
}

/** Notes why an attempt was reverted, for the retry to read. */
export function addAttempt(ghost: Ghost, attempt: Attempt): void {
  ghost.attempts = [...ghost.attempts, attempt].slice(-revertReasonsKeptMax);
  ghost.attemptsMade += 1;
}
