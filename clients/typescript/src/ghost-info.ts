/** What the broker tells of ghosts. */
import { durationMs, timestampDate } from '@bufbuild/protobuf/wkt';
import { readRevertedBasis, type RevertedBasis } from './cascade.ts';
import { readGateStanding, readRaceStanding, type GateStanding, type RaceStanding } from './gate.ts';
import type * as wire from './gen/hyperloom/v1/ghost_pb.ts';
import { GhostState as WireState } from './gen/hyperloom/v1/ghost_pb.ts';

/** Where a ghost stands. */
export type GhostState = 'live' | 'committed' | 'reverted' | 'expired';

/** A named point inside a ghost to go back to. */
export interface GhostCheckpoint {
  readonly name: string;
  /** The ghost's newest diff at that point. */
  readonly sequence: number;
  readonly stagedOperations: number;
}

/** An attempt that was reverted, and why. */
export interface RevertedAttempt {
  readonly reason: string;
  /** The checkpoint gone back to. Empty: the ghost's beginning, or it was dropped. */
  readonly checkpoint: string;
  readonly droppedOperations: number;
  readonly author: string;
}

/** A ghost's standing. */
export interface GhostInfo {
  readonly id: string;
  /** The only subtree it may write to. */
  readonly scope: string;
  readonly baseRevision: number;
  /** Empty for ghosts that stand on the trunk. */
  readonly parentGhostId: string;
  /** @deprecated The older name of {@link parentGhostId}. */
  readonly parentId: string;
  readonly label: string;
  readonly author: string;
  readonly state: GhostState;
  readonly stagedOperations: number;
  readonly stagedBytes: number;
  /** Number of the newest diff staged in it. */
  readonly sequence: number;
  readonly ttlMs: number;
  /** Oldest first. */
  readonly checkpoints: readonly GhostCheckpoint[];
  /** Oldest first. */
  readonly attempts: readonly RevertedAttempt[];
  /** 0 if its commit made none. */
  readonly committedRevision: number;
  readonly beginTime: Date;
  /** Which state of what is staged this is: an approval is for one of these. */
  readonly edition: number;
  /** What must be fulfilled before it can be committed, and how far that is. */
  readonly gates: readonly GateStanding[];
  /** A commit was asked for and waits for reviewers. */
  readonly commitPending: boolean;
  /** Its place among alternatives, where it has one. */
  readonly race: RaceStanding | undefined;
  /** The lease that it lives with. Empty: its own ttl decides. */
  readonly leaseId: string;
  /** The schema of which its commit puts a version into force. Empty: none. */
  readonly migrationSchema: string;
  /**
   * What was read for what is staged in it, and was reverted since: it is not committed before all of that was looked at again
   * ({@link BasisRevertedError}). At most 100.
   */
  readonly revertedBasis: readonly RevertedBasis[];
}

/** Reads a ghost from its message. */
export function readGhost(ghost: wire.Ghost): GhostInfo {
  return {
    id: ghost.id,
    scope: ghost.scope,
    baseRevision: Number(ghost.baseRevision),
    parentGhostId: ghost.parentGhostId,
    parentId: ghost.parentGhostId,
    label: ghost.label,
    author: ghost.author,
    state: stateNames[ghost.state] ?? 'live',
    stagedOperations: Number(ghost.stagedOperations),
    stagedBytes: Number(ghost.stagedBytes),
    sequence: Number(ghost.sequence),
    ttlMs: ghost.ttl === undefined ? 0 : durationMs(ghost.ttl),
    checkpoints: ghost.checkpoints.map(readCheckpoint),
    attempts: ghost.attempts.map(readAttempt),
    committedRevision: Number(ghost.committedRevision),
    beginTime: ghost.beginTime === undefined ? new Date(0) : timestampDate(ghost.beginTime),
    edition: Number(ghost.edition),
    gates: ghost.gates.flatMap((standing) => readGateStanding(standing) ?? []),
    commitPending: ghost.commitPending,
    race: ghost.race === undefined ? undefined : readRaceStanding(ghost.race),
    leaseId: ghost.leaseId,
    migrationSchema: ghost.migrationSchema,
    revertedBasis: ghost.revertedBasis.flatMap((each) => readRevertedBasis(each) ?? []),
  };
}

/** Reads a checkpoint from its message. */
export function readCheckpoint(checkpoint: wire.GhostCheckpoint): GhostCheckpoint {
  return {
    name: checkpoint.name,
    sequence: Number(checkpoint.sequence),
    stagedOperations: Number(checkpoint.stagedOperations),
  };
}

/** Reads an attempt from its message. */
export function readAttempt(attempt: wire.RevertedAttempt): RevertedAttempt {
  return {
    reason: attempt.reason,
    checkpoint: attempt.checkpoint,
    droppedOperations: Number(attempt.droppedOperations),
    author: attempt.author,
  };
}

const stateNames: Readonly<Record<number, GhostState>> = {
  [WireState.LIVE]: 'live',
  [WireState.COMMITTED]: 'committed',
  [WireState.REVERTED]: 'reverted',
  [WireState.EXPIRED]: 'expired',
};

/** The state's number on the wire. */
export function wireGhostState(state: GhostState): WireState {
  return stateNumbers[state];
}

const stateNumbers: Readonly<Record<GhostState, WireState>> = {
  live: WireState.LIVE,
  committed: WireState.COMMITTED,
  reverted: WireState.REVERTED,
  expired: WireState.EXPIRED,
};
