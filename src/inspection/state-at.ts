/** The state that a forest had: at a revision or a moment, from the nearest snapshot and what the journal holds behind it. */
import { systemClock } from '../base/clock.ts';
import { decodeRecord } from '../codec/record.ts';
import type { ReadOnlyJournal } from '../journal/read-only-journal.ts';
import { History } from '../sequencer/history.ts';
import { replay } from '../sequencer/recovery.ts';
import { loadSnapshot } from '../sequencer/snapshots.ts';
import { emptyForest, type ForestState } from '../state/forest.ts';
import { HistoryGone } from '../subscriptions/source.ts';

/** The newest state that can be had, also out of a damaged journal; when a revision had just been made; or what there was at a time. */
export type Moment =
  | { readonly kind: 'newest' }
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'time'; readonly timeMs: number };

/** What is asked for cannot be had from the journal; the message says what can. */
export class MomentGone extends Error {
  override readonly name = 'MomentGone';
}

/** Throws {@link MomentGone}, and `JournalDamage` where what leads there is damaged. */
export async function stateAt(journal: ReadOnlyJournal, moment: Moment): Promise<ForestState> {
  const position = await positionOf(journal, moment);
  const start = journal.snapshots().findLast((snapshot) => snapshot.position <= position);
  if (start === undefined && journal.firstPosition > 1) throw gone(journal, `position ${position}`);
  const state = start === undefined ? emptyForest() : await loadSnapshot(journal, start.position);
  const history = new History(journal, systemClock);
  history.remember(state.revision, state.root, 0);
  try {
    await replay(state, journal, history, position);
  } catch (error) {
    if (error instanceof HistoryGone) throw gone(journal, `position ${position}`);
    throw error;
  }
  if (moment.kind === 'revision' && state.revision !== moment.revision)
    throw gone(journal, `revision ${moment.revision}`);
  // Before the first entry there is what the journal begins with, which may have been later.
  if (moment.kind === 'time' && state.timeMs > moment.timeMs)
    throw gone(journal, new Date(moment.timeMs).toISOString());
  return state;
}

async function positionOf(journal: ReadOnlyJournal, moment: Moment): Promise<number> {
  const oldest = journal.firstPosition === 1 ? 0 : (journal.snapshots()[0]?.position ?? 0);
  switch (moment.kind) {
    case 'newest':
      return journal.wholeUntil((journal.snapshots().at(-1)?.position ?? 0) + 1);
    case 'revision': {
      if (moment.revision === 0) return oldest;
      // An entry's revision is 0 where it made none: the last one before the first that is too new.
      const first = await firstWhere(journal, ({ revision }) => revision >= moment.revision);
      return first?.revision === moment.revision ? first.position : oldest;
    }
    case 'time': {
      const first = await firstWhere(journal, ({ timeMs }) => timeMs > moment.timeMs);
      const position = first === undefined ? journal.lastPosition : first.position - 1;
      if (position < oldest) throw gone(journal, new Date(moment.timeMs).toISOString());
      return position;
    }
  }
}

interface Told {
  readonly position: number;
  readonly revision: number;
  readonly timeMs: number;
}

/** The first entry that can be read for which something holds. Its revision is 0 where it made none. */
async function firstWhere(
  journal: ReadOnlyJournal,
  holds: (told: Told) => boolean,
): Promise<Told | undefined> {
  for (const { from, to } of journal.wholeRanges) {
    for await (const batch of journal.read(from, to)) {
      for (const { position, payload } of batch) {
        const { proposal, effects } = decodeRecord(payload, position);
        const told = { position, revision: effects.revision, timeMs: proposal.timeMs };
        if (holds(told)) return told;
      }
    }
  }
  return undefined;
}

function gone({ firstPosition, lastPosition }: ReadOnlyJournal, what: string): MomentGone {
  const from = firstPosition > 1 ? `, which begins at position ${firstPosition}` : '';
  return new MomentGone(`the journal does not lead to ${what}${from} and ends at position ${lastPosition}`);
}
