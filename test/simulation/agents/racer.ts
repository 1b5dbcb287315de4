/** Alternatives: several begin ghosts in the same race, with few attempts for all of them, and the first commit wins. */
import type { Client } from '../client.ts';
import { workInGhosts } from './ghost-worker.ts';

/** How many attempts a race has. */
export const raceAttemptsMax = 3;

/** A race goes on for so long before the next one begins. */
const roundMs = 100;

export function race(client: Client): Promise<void> {
  return workInGhosts(client, (racer) => {
    const round = Math.floor(racer.nowMs / (roundMs * racer.surroundings.pace));
    return { race: { id: `race ${round}`, attemptsMax: raceAttemptsMax } };
  });
}
