/**
 * Whether a forest's journal leads where it should: each snapshot, with what comes behind it, must lead to the next one, and all of
 * them to the same state. A start looks at the newest one only.
 */
import { systemClock } from '../base/clock.ts';
import { CodecDamage } from '../codec/damage.ts';
import { JournalDamage } from '../journal/journal.ts';
import type { ReadOnlyJournal } from '../journal/read-only-journal.ts';
import { History } from '../sequencer/history.ts';
import { replay } from '../sequencer/recovery.ts';
import { loadSnapshot } from '../sequencer/snapshots.ts';
import { emptyForest, type ForestState } from '../state/forest.ts';
import { forestHash } from '../state/state-hash.ts';
import { HistoryGone } from '../subscriptions/source.ts';

/** Where the journal leads. */
export interface Reached {
  readonly position: number;
  readonly revision: number;
  readonly timeMs: number;
  readonly stateHash: string;
}

/** Something in a snapshot or an entry that no checksum tells. */
export interface Contradiction {
  /** The position of the snapshot or of the entry that it is about. */
  readonly position: number;
  readonly what: string;
}

export interface VerifiedForest {
  /** The newest state that can be had; `null` where there is none. */
  readonly reached: Reached | null;
  readonly contradictions: readonly Contradiction[];
  /** Entries that were applied again. */
  readonly replayed: number;
  /** Positions of snapshots behind which entries need history that was given up: no start begins with them any more. */
  readonly unreplayable: readonly number[];
  /** Positions of those entries. */
  readonly obstacles: readonly number[];
}

/** Replays all of it. `onReplayed` is told of how many entries more. */
export async function verifyForest(
  journal: ReadOnlyJournal,
  onReplayed: (entries: number) => void = () => undefined,
): Promise<VerifiedForest> {
  const contradictions: Contradiction[] = [];
  const unreplayable: number[] = [];
  const obstacles: number[] = [];
  let replayed = 0;
  let before: ForestState | null = null;
  const begin = journal.firstPosition === 1 && journal.snapshots()[0]?.position !== 0 ? [null] : [];
  const starts = [...begin, ...journal.snapshots().map(({ position }) => position)];
  for (const [index, start] of starts.entries()) {
    let state: ForestState;
    try {
      state = start === null ? emptyForest() : await loadSnapshot(journal, start);
    } catch (error) {
      contradictions.push({ position: start ?? 0, what: `the snapshot cannot be read: ${messageOf(error)}` });
      continue;
    }
    if (start !== null && state.position !== start)
      contradictions.push({ position: start, what: `the snapshot is of position ${state.position}` });
    if (before !== null && before.position === state.position && forestHash(before) !== forestHash(state))
      contradictions.push({
        position: state.position,
        what: 'the snapshot is not what the journal leads to',
      });
    const goal = starts[index + 1] ?? journal.lastPosition;
    const end = Math.min(goal, journal.wholeUntil(state.position + 1));
    const history = new History(journal, systemClock);
    history.remember(state.revision, state.root, 0);
    try {
      await replay(state, journal, history, end, (entries) => {
        replayed += entries;
        onReplayed(entries);
      });
    } catch (error) {
      if (error instanceof HistoryGone) {
        unreplayable.push(start ?? 0);
        obstacles.push(state.position + 1);
      } else contradictions.push({ position: state.position, what: messageOf(error) });
    }
    before = state;
  }
  const reached = before === null ? null : reachedBy(before);
  return { reached, contradictions, replayed, unreplayable, obstacles };
}

function reachedBy(state: ForestState): Reached {
  const { position, revision, timeMs } = state;
  return { position, revision, timeMs, stateHash: forestHash(state) };
}

/** What bytes say that are wrong. Anything else is a mistake of this program. */
function messageOf(error: unknown): string {
  if (error instanceof JournalDamage || error instanceof CodecDamage) return error.message;
  throw error;
}
