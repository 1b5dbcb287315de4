/** What a forest's provenance stands on. */
import type { Clock } from '../base/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { IndexSizes } from '../provenance/index-runs.ts';
import { Provenance } from '../provenance/provenance.ts';
import type { ForestState } from '../state/forest.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import type { History } from './history.ts';
import type { RetainedHistory } from './retained-history.ts';

export interface ForestProvenanceOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly history: History;
  readonly state: ForestState;
  readonly view: () => TrunkView;
  readonly retained: RetainedHistory;
  readonly indexSizes: IndexSizes | undefined;
}

function nullWhereGone(error: unknown): null {
  if (error instanceof HistoryGone) return null;
  throw error;
}

export function provenanceOf(options: ForestProvenanceOptions): Provenance {
  const { clock, journal, history, state, view, retained, indexSizes } = options;
  return new Provenance({
    clock,
    source: history,
    firstPosition: () => journal.firstPosition,
    positionOfOldest: (revision) => retained.positionOfOldest(revision),
    beside: journal.beside,
    indexSizes,
    isLiveGhost: (ghostId) => state.ghosts.has(ghostId),
    view,
    // What was given up may still be in memory: it is told as gone, as it will be after a restart.
    rootAt: async (revision) => {
      if (revision < state.compactedRevision) throw history.gone(journal.firstPosition);
      return history.rootAt(revision);
    },
    positionOf: (revision) => retained.positionOf(revision),
    journaledPositionOf: (revision) => history.positionOf(revision).catch(nullWhereGone),
    baseOf: (ghostId) => (state.ghosts.get(ghostId) ?? state.ended.get(ghostId))?.baseRevision,
  });
}
