/** What a replica keeps of its own records, once history was given up in the state that all share. */
import type { Journal } from '../../journal/journal.ts';
import { copiedRevisions } from '../../state/reach.ts';
import { trunkDiffs } from '../history.ts';
import type { History } from '../history.ts';

/**
 * The newest snapshot up to a position from which every later root can be made again: a revision that any replica may be asked for must be had by all
 * of them, and what lies behind a snapshot may have been copied from before it. 0 where there is none.
 */
export async function releasable(journal: Journal, history: History, position: number): Promise<number> {
  const candidates = journal
    .snapshots()
    .filter((info) => info.position > 0 && info.position <= position)
    .map((info) => ({ position: info.position, revision: -1, isShort: false }));
  const [oldest] = candidates;
  if (oldest === undefined) return 0;
  for await (const entries of history.entries(oldest.position + 1, journal.lastPosition)) {
    for (const { proposal, effects } of entries) {
      if (effects.revision === 0) continue;
      let copied = Infinity;
      for (const { operations } of trunkDiffs(proposal, effects))
        for (const revision of copiedRevisions(operations)) copied = Math.min(copied, revision);
      for (const candidate of candidates) {
        if (proposal.position <= candidate.position) continue;
        // Revisions have no gaps, so the first one behind it tells which is in it.
        if (candidate.revision < 0) candidate.revision = effects.revision - 1;
        if (copied < candidate.revision) candidate.isShort = true;
      }
    }
  }
  return candidates.findLast(({ isShort }) => !isShort)?.position ?? 0;
}
