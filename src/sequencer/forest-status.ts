/** What is told of how a forest is. */
import type { Journal } from '../journal/journal.ts';
import type { ForestState } from '../state/forest.ts';
import type { ForestStatus } from './forest.ts';
import type { WritePath } from './write-path.ts';

export function statusOf(
  name: string,
  journal: Journal,
  state: ForestState,
  writes: WritePath,
): ForestStatus {
  return {
    name,
    revision: writes.view.revision,
    compactedRevision: state.compactedRevision,
    nodes: writes.view.root.count,
    ghosts: state.ghosts.size,
    storedBytes: journal.storedBytes,
    position: state.position,
    durablePosition: journal.durablePosition,
    snapshotPosition: journal.snapshots().at(-1)?.position ?? 0,
    requestIds: state.requests.size,
    leases: state.leases.size,
    locksHeld: state.locks.held,
    locksWaiting: state.locks.waiting,
    ...writes.pending,
    writeStopReason: writes.stopReason,
    bounds: writes.bounds,
    diskFullReason: writes.diskRefusal?.message ?? '',
  };
}
