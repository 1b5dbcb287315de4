/**
 * Backups of a forest: its state at one position of its journal. State is a function of the journal, so a backup that broke off is made
 * once more, byte for byte, out of the nearest snapshot and what comes behind it; nothing is kept for those who may come back.
 */
import type { Clock } from '../base/clock.ts';
import { Slices } from '../base/slices.ts';
import type { Journal } from '../journal/journal.ts';
import { PositionsReleased } from '../journal/positions-released.ts';
import { emptyForest, type ForestState } from '../state/forest.ts';
import { reject, type Rejection } from '../state/outcome.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import { History } from './history.ts';
import { replay } from './recovery.ts';
import { encodeInSlices, loadSnapshot } from './snapshots.ts';

export interface BackupSource {
  readonly revision: number;
  readonly position: number;
  /** Of the entry at that position; 0 where there is none. */
  readonly timeMs: number;
  /** Of a snapshot. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Of a state as it is now, whatever happens to it meanwhile. */
function backupOf(state: ForestState, clock: Clock): BackupSource {
  const { revision, position, timeMs } = state;
  return { revision, position, timeMs, chunks: encodeInSlices(state, clock) };
}

/** Of the state that a forest had at `position`; a rejection where its journal does not lead there. */
export async function backupAt(
  position: number,
  state: ForestState,
  journal: Journal,
  clock: Clock,
): Promise<BackupSource | Rejection> {
  if (position === state.position) return backupOf(state, clock);
  if (position > state.position)
    return reject(
      'REVISION_IN_FUTURE',
      `the journal ends at position ${state.position}, before ${position}`,
      {
        position: state.position,
      },
    );
  const start = journal.snapshots().findLast((snapshot) => snapshot.position <= position);
  if (start === undefined && journal.firstPosition > 1) return positionReleased(journal, position);
  try {
    const then = start === undefined ? emptyForest() : await loadSnapshot(journal, start.position);
    const history = new History(journal, clock);
    history.remember(then.revision, then.root, 0);
    await replay(then, journal, history, position, () => undefined, new Slices(clock));
    return backupOf(then, clock);
  } catch (error) {
    if (error instanceof HistoryGone || error instanceof PositionsReleased)
      return positionReleased(journal, position);
    throw error;
  }
}

/** Why a state, or what came behind it, cannot be had. */
export function positionReleased({ firstPosition }: Journal, position: number): Rejection {
  const message = `the journal, which begins at position ${firstPosition}, does not lead to the state at position ${position}: begin a new backup`;
  return reject('REVISION_COMPACTED', message, { oldest_position: firstPosition });
}
