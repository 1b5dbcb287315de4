/** What of a forest's past is promised to readers: durable, and not compacted. */
import type { Journal } from '../journal/journal.ts';
import type { ForestEvent } from '../state/event.ts';
import type { ForestState } from '../state/forest.ts';
import { checkRevision } from '../state/values/operate.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import type { History } from './history.ts';

export class RetainedHistory {
  readonly #history: History;
  readonly #journal: Journal;
  readonly #state: ForestState;
  readonly #view: () => TrunkView;
  #oldestPosition = 0;
  /** The compaction that {@link oldestPosition} was found out for. One that was just decided is ahead of it. */
  #oldestOf = 0;

  /** `view` gives the newest durable state. */
  constructor(history: History, journal: Journal, state: ForestState, view: () => TrunkView) {
    this.#history = history;
    this.#journal = journal;
    this.#state = state;
    this.#view = view;
  }

  /** Events after this position are promised. */
  get oldestPosition(): number {
    return this.#oldestPosition;
  }

  /** Finds out where the promise begins: at the start, and after each compaction. */
  async findOldestPosition(): Promise<void> {
    const { compactedRevision } = this.#state;
    this.#oldestPosition = await this.positionOfOldest(compactedRevision);
    this.#oldestOf = compactedRevision;
  }

  /** Where the promise begins behind a compaction: the entry of the revision itself may have been released with those before it. */
  async positionOfOldest(compactedRevision: number): Promise<number> {
    if (compactedRevision === this.#oldestOf && compactedRevision > 0) return this.#oldestPosition;
    const floor = this.#journal.firstPosition - 1;
    if (compactedRevision === 0) return floor;
    try {
      return Math.max(floor, await this.#history.positionOf(compactedRevision));
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error;
      return this.#journal.firstPosition - 1;
    }
  }

  async viewAt(revision: number): Promise<TrunkView | Rejection> {
    const view = this.#view();
    if (revision === 0 || revision === view.revision) return view;
    const refused = checkRevision(revision, view.revision, this.#state.compactedRevision);
    if (refused !== null) return refused;
    try {
      return { root: await this.#history.rootAt(revision), revision, position: 0 };
    } catch (error) {
      // Compacted while it was being read.
      if (error instanceof HistoryGone) return historyGivenUp(this.#state, revision);
      throw error;
    }
  }

  readEvents(afterPosition: number, untilPosition: number): AsyncIterable<readonly ForestEvent[]> {
    if (afterPosition < this.#oldestPosition) throw new HistoryGone(historyGivenUp(this.#state, 0));
    return this.#history.events(afterPosition, Math.min(untilPosition, this.#journal.durablePosition));
  }

  async positionOf(revision: number): Promise<number | Rejection> {
    const refused = checkRevision(revision, this.#view().revision, 0);
    if (refused !== null) return refused;
    const { compactedRevision } = this.#state;
    if (revision < compactedRevision) return historyGivenUp(this.#state, revision);
    if (revision === 0) return 0;
    if (revision === compactedRevision) return this.positionOfOldest(revision);
    try {
      return await this.#history.positionOf(revision);
    } catch (error) {
      if (error instanceof HistoryGone) return historyGivenUp(this.#state, revision);
      throw error;
    }
  }
}

/** Why a revision cannot be had any more. */
export function historyGivenUp({ compactedRevision }: ForestState, revision: number): Rejection {
  const message = `history before revision ${compactedRevision} was given up; start anew from there, or from a snapshot`;
  return reject('REVISION_COMPACTED', message, { revision, oldest_revision: compactedRevision });
}
