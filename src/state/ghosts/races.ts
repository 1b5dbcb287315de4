/** Races: joining one, counting its attempts, winning it. */
import { raceAttemptsMax } from '../../base/limits.ts';
import type { BeginGhost, Proposal } from '../command.ts';
import type { ForestState } from '../forest.ts';
import { endWithDescendants, findRace } from './ghost-table.ts';
import type { Ghost } from './ghost.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import type { Race } from './race.ts';

/** Whether a new ghost may take part in the race that it names. */
export function checkRace(
  state: ForestState,
  { raceId = '', attemptsMax, parentId }: BeginGhost,
): Rejection | null {
  const race = raceId === '' ? undefined : findRace(state, raceId);
  if (race === undefined) return null;
  if (race.winnerId !== '') {
    const message = `race ${raceId} is over: ghost ${race.winnerId} was committed`;
    return reject('RACE_OVER', message, { race_id: raceId, winner_ghost_id: race.winnerId });
  }
  if (attemptsMax !== undefined && attemptsMax !== race.attemptsMax) {
    const description = `race ${raceId} was declared with ${race.attemptsMax}; leave it out or repeat it`;
    const violations = [{ field: 'race.attempts_max', description }];
    return reject('INVALID_REQUEST', `race.attempts_max: ${description}`, {}, { violations });
  }
  const [sibling] = race.members;
  if (sibling !== undefined && state.ghosts.get(sibling)?.parentId !== parentId) {
    const description =
      'alternatives are siblings: all of a race are begun in the same ghost, or all on the trunk';
    return reject(
      'INVALID_REQUEST',
      `race: ${description}`,
      {},
      { violations: [{ field: 'race', description }] },
    );
  }
  return checkAttempts(race);
}

/** Lets a ghost that was begun take part. */
export function joinRace(state: ForestState, { position }: Proposal, command: BeginGhost): void {
  const { raceId: id = '', ghostId, attemptsMax = raceAttemptsMax } = command;
  if (id === '') return;
  const race = findRace(state, id) ?? {
    id,
    attemptsMax,
    attempts: 0,
    members: new Set(),
    winnerId: '',
    position,
  };
  state.endedRaces.delete(id);
  state.races.set(id, race);
  race.attempts += 1;
  race.members.add(ghostId);
}

/** Counts a ghost's return to a checkpoint, or refuses it. */
export function countAttempt(state: ForestState, ghost: Ghost): Rejection | null {
  const race = state.races.get(ghost.raceId);
  if (race === undefined) return null;
  const refused = checkAttempts(race);
  if (refused === null) race.attempts += 1;
  return refused;
}

function checkAttempts({ id, attempts, attemptsMax }: Race): Rejection | null {
  if (attempts < attemptsMax) return null;
  const message = `race ${id} has had all of its ${attemptsMax} attempts`;
  return reject('RACE_EXHAUSTED', message, { race_id: id, maximum: attemptsMax });
}

/** A ghost was committed: reverts the other ghosts of its race, if it has one, and returns the ids of what ended. */
export function winRace(state: ForestState, winner: Ghost, author: string): string[] {
  const race = state.races.get(winner.raceId);
  if (race === undefined) return [];
  race.winnerId = winner.id;
  const reason = `ghost ${winner.id} won the race ${race.id}`;
  const endedIds: string[] = [];
  for (const id of [...race.members]) {
    const loser = id === winner.id ? undefined : state.ghosts.get(id);
    if (loser !== undefined) endedIds.push(...endWithDescendants(state, loser, 'reverted', reason, author));
  }
  return endedIds;
}
