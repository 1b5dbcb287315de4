/**
 * What came behind a backup: the entries of the journal, which lead from the backup's moment to each one since. Who asks says what the last
 * entry is that it has, so nothing is kept for those who may come back, and a journal that was begun anew meanwhile is told from its own.
 */
import { decodeRecord } from '../codec/record.ts';
import type { Journal } from '../journal/journal.ts';
import { PositionsReleased } from '../journal/positions-released.ts';
import { oldestNeeded } from '../state/reach.ts';
import { reject, type Rejection } from '../state/outcome.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import { positionReleased } from './backups.ts';
import { loadSnapshot } from './snapshots.ts';

/** The last entry that somebody has. */
export interface TailPlace {
  readonly position: number;
  readonly timeMs: number;
}

export interface TailEntry extends TailPlace {
  /** That it made; 0: none. */
  readonly revision: number;
  /** The oldest revision that applying it needs; `Infinity` where it needs none. */
  readonly oldestNeeded: number;
  /** Only valid until the next batch is asked for. */
  readonly record: Uint8Array;
}

/** Entries behind a backup, as they become durable. */
export interface BackupTail {
  /** Up to a durable position. Throws {@link HistoryGone} where they were released meanwhile. */
  read(from: number, to: number): AsyncIterable<readonly TailEntry[]>;
}

/** Whether the journal goes on where somebody's entries end; a rejection where it does not, and `null` where those are of another journal. */
export async function tailBehind(
  { position, timeMs }: TailPlace,
  journal: Journal,
): Promise<BackupTail | Rejection | null> {
  const { durablePosition, firstPosition } = journal;
  if (position > durablePosition) {
    const message = `the journal ends at position ${durablePosition}, before ${position}`;
    return reject('REVISION_IN_FUTURE', message, { position: durablePosition });
  }
  const isSnapshot = journal.snapshots().some((snapshot) => snapshot.position === position);
  if (position < firstPosition && position > 0 && !(position === firstPosition - 1 && isSnapshot))
    return positionReleased(journal, position);
  try {
    if (position > 0 && (await timeAt(position, journal)) !== timeMs) return null;
  } catch (error) {
    if (error instanceof PositionsReleased) return positionReleased(journal, position);
    throw error;
  }
  return { read: (from, to) => readTail(journal, from, to) };
}

/** Of the entry at a position, or of the snapshot that the journal begins with. */
async function timeAt(position: number, journal: Journal): Promise<number> {
  if (position < journal.firstPosition) return (await loadSnapshot(journal, position)).timeMs;
  for await (const [entry] of journal.read(position, position))
    if (entry !== undefined) return decodeRecord(entry.payload, position).proposal.timeMs;
  throw new PositionsReleased(position, journal.firstPosition);
}

async function* readTail(journal: Journal, from: number, to: number): AsyncGenerator<readonly TailEntry[]> {
  try {
    for await (const batch of journal.read(from, to)) {
      yield batch.map(({ position, payload: record }) => {
        const { proposal, effects } = decodeRecord(record, position);
        const { timeMs, command } = proposal;
        const { revision } = effects;
        return { position, timeMs, revision, oldestNeeded: oldestNeeded(command, effects), record };
      });
    }
  } catch (error) {
    if (error instanceof PositionsReleased) throw new HistoryGone(positionReleased(journal, from));
    throw error;
  }
}

/** Those who wait for what becomes durable. */
export class GrowthWatch {
  readonly #listeners = new Set<(ended: Rejection | null) => void>();

  /** `listener` is told each time, and with a rejection when nothing more comes here. Returns how to stop. */
  watch(listener: (ended: Rejection | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(ended: Rejection | null = null): void {
    for (const listener of [...this.#listeners]) listener(ended);
  }
}
