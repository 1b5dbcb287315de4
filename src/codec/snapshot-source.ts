/** A frozen copy of what a state refers to, so that a snapshot can be encoded little by little while the state moves on. */
import type { ForestState } from '../state/forest.ts';
import type { Ghost, GhostInfo, Root } from '../state/ghosts/ghost.ts';
import type { Lease, Lock } from '../state/locks/lock.ts';
import type { PendingCommitInfo } from '../state/ghosts/pending-commit.ts';
import type { Race } from '../state/ghosts/race.ts';
import type { RememberedRequest } from '../state/requests.ts';
import type { SchemaVersion, UnboundRule } from '../state/schemas/schema.ts';

/** What of a live ghost is written; the rest follows from it. */
export type FrozenGhost = Readonly<Omit<Ghost, 'children' | 'depth' | 'checkpoints' | 'pendingCommit'>> &
  Readonly<{
    checkpoints: readonly Ghost['checkpoints'][number][];
    pendingCommit: PendingCommitInfo | null;
  }>;

/** What of a lease is written; what else hangs on it says so itself. */
export type FrozenLease = Readonly<Omit<Lease, 'locks' | 'ghostIds' | 'nodes'>> & {
  readonly nodes: readonly (readonly [string, number])[];
};

/** A state at one position. Nothing in it is ever edited. */
export interface SnapshotSource {
  readonly position: number;
  readonly timeMs: number;
  readonly revision: number;
  readonly compactedRevision: number;
  readonly root: Root;
  /** Oldest first. */
  readonly ghosts: readonly FrozenGhost[];
  readonly ended: readonly GhostInfo[];
  readonly requests: readonly RememberedRequest[];
  readonly fencingToken: number;
  /** Oldest first. */
  readonly leases: readonly FrozenLease[];
  /** In the order of their requests. */
  readonly locks: readonly Readonly<Lock>[];
  /** Those that are over, then those that are not. */
  readonly races: readonly Readonly<Omit<Race, 'members'>>[];
  /** In the order of their registrations. */
  readonly schemas: readonly SchemaVersion[];
  /** Oldest first. */
  readonly unboundRules: readonly UnboundRule[];
}

/** Freezes a state. Copies tables, but no trees: about a millisecond with full tables. */
export function freezeForest(state: ForestState): SnapshotSource {
  const { position, timeMs, revision, compactedRevision, root } = state;
  return {
    position,
    timeMs,
    revision,
    compactedRevision,
    root,
    ghosts: Array.from(state.ghosts.values(), (ghost) => ({
      ...ghost,
      checkpoints: [...ghost.checkpoints],
      pendingCommit: ghost.pendingCommit === null ? null : { ...ghost.pendingCommit },
    })),
    ended: [...state.ended.values()],
    requests: state.requests.list(),
    fencingToken: state.fencingToken,
    leases: Array.from(state.leases.values(), (lease) => ({ ...lease, nodes: [...lease.nodes] })),
    locks: Array.from(state.locks.list(), (lock) => ({ ...lock })),
    races: [...state.endedRaces.values(), ...state.races.values()].map((race) => ({ ...race })),
    schemas: [...state.schemas.versions],
    unboundRules: [...state.schemas.rules],
  };
}
