/**
 * Speculation that lives through crashes of the broker. What is staged in a ghost is told before it is on the disk, so a crash can take the newest of
 * it, or a ghost that has just begun: for a program that holds the ghost, an error; for work that is known from its beginning, a reason to begin anew.
 */
import { GhostInterruptedError, NotFoundError } from '../errors.ts';
import type { Speculation } from '../ghost.ts';
import type { Speculated } from '../speculate.ts';
import type { BrokerVerbs } from './broker.ts';

// Each is a crash of the broker during one piece of work: more in a row are no accident.
const crashesMax = 3;

/** The same as `broker.speculate(speculation)`, whose work may be done again from the beginning where a crash has taken it: nothing of that was ever seen. */
export async function speculateAnew<Result>(
  broker: BrokerVerbs,
  speculation: Speculation<Result>,
): Promise<Speculated<Result>> {
  for (let crashes = 0; ; crashes += 1) {
    try {
      return await broker.speculate(speculation);
    } catch (error) {
      if (!isTaken(error) || crashes === crashesMax) throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  if (error instanceof NotFoundError) return error.reason === 'GHOST_NOT_FOUND';
  return error instanceof GhostInterruptedError;
}
