/** Compaction takes just the history that it was asked to take, and who needs that is told where to go on. */
import type { Evidence } from './evidence.ts';

const compacted = 'REVISION_COMPACTED';

/** Old revisions are readable until somebody asks to drop them, and not any more once that was told. */
export function* historyKept({ history, compactions, isShared }: Evidence): Generator<string> {
  for (const { id, callNs, returnNs, outcome, reason, wants } of history.ofType('read')) {
    if (wants.view !== 'at_revision') continue;
    const { revision } = wants;
    const askedBefore = compactions.filter((each) => each.callNs < returnNs);
    const toldBefore = compactions.filter((each) => each.returnNs < callNs);
    if (reason === compacted && !askedBefore.some((each) => each.revision > revision))
      yield `read ${id} was refused revision ${revision}, which nobody had compacted`;
    // A broker shows an old revision that it has; it need not have heard that another one has compacted.
    if (outcome === 'ok' && !isShared && toldBefore.some((each) => each.revision > revision))
      yield `read ${id} shows revision ${revision}, which was compacted before`;
  }
}

/** A subscription is ended for lack of history only where it lacks some, and is told the oldest revision that it can go on behind. */
export function* endedWithTheRest({ history, compactions }: Evidence): Generator<string> {
  for (const { id, after, items, broken, oldest } of history.subscriptions) {
    if (!broken.includes(compacted)) continue;
    const seen = Math.max(after, items.at(-1)?.revision ?? 0);
    if (oldest === undefined) yield `subscription ${id} was ended without a revision to go on from`;
    else if (!compactions.some(({ revision }) => revision === oldest))
      yield `subscription ${id} was told to go on from revision ${oldest}, to which nobody had compacted`;
    else if (oldest <= seen)
      yield `subscription ${id} had seen ${seen} and was ended, though history went back to ${oldest}`;
  }
}
