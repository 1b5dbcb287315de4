/** Ghosts and what becomes of them, as clients see them. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type Conflict as ConflictMessage,
  ConflictKind,
  ConflictSchema,
  type Ghost as GhostMessage,
  type GhostCheckpointSchema,
  GhostSchema,
  GhostState,
  type RevertedAttemptSchema,
} from '../../gen/hyperloom/v1/ghost_pb.ts';
import { editionOf } from '../../state/ghosts/edition.ts';
import { ghostInfo } from '../../state/ghosts/ghost.ts';
import type { Ghost, GhostInfo } from '../../state/ghosts/ghost.ts';
import type { Attempt, CheckpointInfo, Conflict } from '../../state/outcome.ts';
import type { Race } from '../../state/ghosts/race.ts';
import type { Entry } from '../../state/values/value.ts';
import { formatPath } from '../../trie/path.ts';
import { revertedBasisMessage } from './cascade.ts';
import { raceMessage, standingMessages } from './gate.ts';
import { entryMessage } from './node.ts';
import { valueMessage } from './value-message.ts';

const states = {
  live: GhostState.LIVE,
  committed: GhostState.COMMITTED,
  reverted: GhostState.REVERTED,
  expired: GhostState.EXPIRED,
} as const;

const conflictKinds = {
  value: ConflictKind.VALUE,
  subtree: ConflictKind.SUBTREE,
  precondition: ConflictKind.PRECONDITION,
  basis: ConflictKind.BASIS,
  refused: ConflictKind.REFUSED,
} as const;

/** The standing of a ghost, live or over. */
export function infoOf(ghost: Ghost | GhostInfo): GhostInfo {
  return 'root' in ghost ? ghostInfo(ghost, 'live', 0) : ghost;
}

export function ghostMessage(ghost: Ghost | GhostInfo, race?: Race): GhostMessage {
  const info = infoOf(ghost);
  return create(GhostSchema, {
    id: info.id,
    scope: formatPath(info.scope),
    baseRevision: BigInt(info.baseRevision),
    parentGhostId: info.parentId,
    label: info.label,
    author: info.author,
    state: states[info.state],
    stagedOperations: BigInt(info.stagedOperations),
    stagedBytes: BigInt(info.stagedBytes),
    sequence: BigInt(info.sequence),
    ttl: durationFromMs(info.ttlMs),
    checkpoints: info.checkpoints.map(checkpointMessage),
    attempts: info.attempts.map(attemptMessage),
    committedRevision: BigInt(info.committedRevision),
    beginTime: timestampFromMs(info.beginTimeMs),
    edition: BigInt(editionOf(info)),
    gates: standingMessages(info),
    commitPending: info.commitPending,
    leaseId: info.leaseId,
    migrationSchema: info.migration,
    revertedBasis: info.revertedBasis.map(revertedBasisMessage),
    ...(info.raceId === '' ? {} : { race: raceMessage(info.raceId, race) }),
  });
}

export function checkpointMessage(
  checkpoint: CheckpointInfo,
): MessageInitShape<typeof GhostCheckpointSchema> {
  const { name, sequence, stagedOperations } = checkpoint;
  return { name, sequence: BigInt(sequence), stagedOperations: BigInt(stagedOperations) };
}

export function attemptMessage(attempt: Attempt): MessageInitShape<typeof RevertedAttemptSchema> {
  return { ...attempt, droppedOperations: BigInt(attempt.droppedOperations) };
}

/** A conflict, with the values on its sides or only what is known of them. */
export function conflictMessage(conflict: Conflict, withValues: boolean): ConflictMessage {
  const { path, kind, message } = conflict;
  const side = (entry: Entry | null): ReturnType<typeof entryMessage> | undefined =>
    entry === null ? undefined : entryMessage(path, entry, withValues ? valueMessage : null);
  const told = create(ConflictSchema, { path: formatPath(path), kind: conflictKinds[kind], message });
  const [base, trunk, ghost] = [side(conflict.base), side(conflict.trunk), side(conflict.ghost)];
  if (base !== undefined) told.base = base;
  if (trunk !== undefined) told.trunk = trunk;
  if (ghost !== undefined) told.ghost = ghost;
  return told;
}
