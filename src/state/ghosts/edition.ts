/**
 * Which state of a ghost is meant. What happens in a ghost is told before it is durable, so a crash of the broker can take what a
 * client was told of: its newest diffs, or a return to a checkpoint. The same numbers would then be given to other changes. So
 * an edition names the run of the broker, by a random number, beside the number of the change, and who names an edition that
 * has not survived is refused instead of building on what is gone.
 */
import { ghostRunsKeptMax } from '../../base/limits.ts';
import type { Ghost, GhostInfo } from './ghost.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';

/** Runs are below this, so that an edition is an exact number: changes take the lower 32 bits. */
export const runsMax = 2 ** 20;
const changesMax = 2 ** 32;

type Changed = Pick<GhostInfo, 'run' | 'sequence' | 'attemptsMade'>;

/**
 * Changes of what is staged, and one. It follows from what grows with every change, so that none can be forgotten: each diff
 * and each child's commit has a new sequence, and each way back is an attempt.
 */
export function changesOf({ sequence, attemptsMade }: Pick<Changed, 'sequence' | 'attemptsMade'>): number {
  return 1 + sequence + attemptsMade;
}

/** The edition of a ghost as it is. */
export function editionOf(ghost: Changed): number {
  return ghost.run * changesMax + changesOf(ghost);
}

/** The edition as outcomes tell it; not in what was written before there were runs. */
export function toldEdition(ghost: Changed): { readonly edition?: number } {
  return ghost.run === 0 ? {} : { edition: editionOf(ghost) };
}

/** Notes in which run of the broker a ghost changes. Call it before the change. */
export function enterRun(ghost: Ghost, run: number): void {
  if (ghost.run === run) return;
  ghost.earlierEditions = [...ghost.earlierEditions, editionOf(ghost)].slice(-ghostRunsKeptMax);
  ghost.run = run;
}

/**
 * Refuses who builds on what a crash has taken. `known` is the edition that the caller knows the ghost by; without one it is
 * refused as soon as there may be something that it does not know.
 */
export function checkEdition(ghost: Ghost, known: number | undefined, run: number): Rejection | null {
  if (known === undefined) {
    const isUnbroken = ghost.run === run && ghost.earlierEditions.length === 0;
    return isUnbroken ? null : interrupted(ghost, 'say up to which edition you know it');
  }
  return checkKnownEdition(ghost, known);
}

/** Refuses who knows the ghost by an edition that a crash has taken. */
export function checkKnownEdition(ghost: Ghost, known: number): Rejection | null {
  const newest = [...ghost.earlierEditions, editionOf(ghost)].find((each) => isSameRun(each, known));
  if (newest !== undefined && known <= newest) return null;
  return interrupted(ghost, `what led to edition ${known} is lost`);
}

function isSameRun(one: number, other: number): boolean {
  return Math.floor(one / changesMax) === Math.floor(other / changesMax);
}

function interrupted(ghost: Ghost, why: string): Rejection {
  const edition = editionOf(ghost);
  const message =
    `the broker was restarted since ghost ${ghost.id} was begun: ${why}. It has edition ${edition} now; look at it, then go on from ` +
    `there, go back to a checkpoint, or revert it`;
  return reject('GHOST_INTERRUPTED', message, { ghost_id: ghost.id, edition });
}
