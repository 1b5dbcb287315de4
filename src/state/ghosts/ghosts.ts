/** The life of a ghost: begin, checkpoint, rewind, revert, expire. Committing has a file of its own. */
import { checkpointsPerGhostMax, ghostDepthMax, ghostsPerForestMax } from '../../base/limits.ts';
import { formatPath, isWithin } from '../../trie/path.ts';
import type {
  BeginGhost,
  CheckpointGhost,
  ExpireGhost,
  Proposal,
  RevertGhost,
  RewindGhost,
} from '../command.ts';
import { noEffects } from '../describe.ts';
import { checkEdition, enterRun, toldEdition } from './edition.ts';
import type { ForestState, Past } from '../forest.ts';
import { voidCommit } from './gates.ts';
import { addAttempt, endDescendants, endWithDescendants, liveGhost } from './ghost-table.ts';
import type { Checkpoint, Ghost } from './ghost.ts';
import { checkRevision } from '../values/operate.ts';
import { checkMigration } from '../schemas/migration.ts';
import { reject } from '../outcome.ts';
import { findLease, hangGhost } from '../locks/lease-table.ts';
import type { CheckpointInfo, Rejection } from '../outcome.ts';
import { forgetReads } from '../cascades/reverted-basis.ts';
import { checkRace, countAttempt, joinRace } from './races.ts';
import type { Step } from '../step.ts';

/** Begins a ghost: a pointer to a root that exists already. */
export function applyBegin(
  state: ForestState,
  proposal: Proposal,
  command: BeginGhost,
  past: Past,
): Step | Rejection {
  if (state.ghosts.size >= ghostsPerForestMax) return full('ghostsPerForestMax', ghostsPerForestMax);
  const parent = command.parentId === '' ? null : liveGhost(state, command.parentId);
  if (parent !== null && 'reason' in parent) return parent;
  const refused =
    (parent === null
      ? checkRevision(command.baseRevision, state.revision, state.compactedRevision)
      : (checkEdition(parent, command.parentEdition, proposal.run ?? 0) ?? checkNesting(parent, command))) ??
    checkRace(state, command) ??
    checkMigration(state, command);
  if (refused !== null) return refused;
  const { gates = [], raceId = '', leaseId = '' } = command;
  const lease = leaseId === '' ? null : findLease(state, leaseId);
  if (lease !== null && 'reason' in lease) return lease;
  const base =
    parent?.root ?? (command.baseRevision === state.revision ? state.root : past(command.baseRevision));
  const sequence = parent?.sequence ?? 0;
  state.ghosts.set(command.ghostId, {
    id: command.ghostId,
    scope: command.scope,
    baseRevision: parent?.baseRevision ?? command.baseRevision,
    parentId: command.parentId,
    label: command.label,
    author: command.author,
    ttlMs: command.ttlMs,
    beginPosition: proposal.position,
    beginTimeMs: proposal.timeMs,
    depth: parent === null ? 0 : parent.depth + 1,
    base,
    firstSequence: sequence,
    root: base,
    sequence,
    staged: null,
    checkpoints: [],
    attempts: [],
    attemptsMade: 0,
    run: proposal.run ?? 0,
    earlierEditions: [],
    children: new Set(),
    gates: gates.map((gate) => ({ gate, approval: null })),
    pendingCommit: null,
    raceId,
    leaseId,
    migration: parent?.migration ?? command.migration ?? null,
    revertedBasis: [],
  });
  parent?.children.add(command.ghostId);
  if (lease !== null) hangGhost(lease, command.ghostId);
  joinRace(state, proposal, command);
  return {
    outcome: { kind: 'ghost_begun', ghostId: command.ghostId },
    effects: { ...noEffects, sequence },
    roots: { before: base, after: base },
  };
}

function checkNesting(parent: Ghost, command: BeginGhost): Rejection | null {
  if (parent.depth + 1 >= ghostDepthMax) return full('ghostDepthMax', ghostDepthMax);
  if (isWithin(command.scope, parent.scope)) return null;
  const [path, scope] = [formatPath(command.scope), formatPath(parent.scope)];
  return reject('OUTSIDE_SCOPE', `${path} lies outside ${scope}, the scope of the parent`, { path, scope });
}

function full(limit: string, maximum: number): Rejection {
  return reject('QUOTA_EXCEEDED', `no more ghosts: ${limit} is ${maximum}; end some first`, {
    limit,
    maximum,
  });
}

/** Names a ghost's present state. */
export function applyCheckpoint(
  state: ForestState,
  { run = 0 }: Proposal,
  command: CheckpointGhost,
): Step | Rejection {
  const ghost = liveGhost(state, command.ghostId);
  if ('reason' in ghost) return ghost;
  const lost = checkEdition(ghost, command.edition, run);
  if (lost !== null) return lost;
  const metadata = { ghost_id: ghost.id, checkpoint: command.name };
  if (ghost.checkpoints.some(({ name }) => name === command.name)) {
    return reject(
      'CHECKPOINT_EXISTS',
      `ghost ${ghost.id} has a checkpoint ${command.name} already`,
      metadata,
    );
  }
  if (ghost.checkpoints.length >= checkpointsPerGhostMax) {
    const limit = { limit: 'checkpointsPerGhostMax', maximum: checkpointsPerGhostMax };
    return reject('QUOTA_EXCEEDED', `ghost ${ghost.id} has ${checkpointsPerGhostMax} checkpoints`, limit);
  }
  const { root, staged, sequence } = ghost;
  const checkpoint: Checkpoint = { name: command.name, sequence, root, staged };
  ghost.checkpoints.push(checkpoint);
  return {
    outcome: {
      kind: 'checkpointed',
      ghostId: ghost.id,
      checkpoint: infoOf(checkpoint),
      ...toldEdition(ghost),
    },
    effects: { ...noEffects, sequence },
    roots: null,
  };
}

/** Takes a ghost back to a checkpoint: pointers are set, nothing is undone. */
export function applyRewind(
  state: ForestState,
  { run = 0 }: Proposal,
  command: RewindGhost,
): Step | Rejection {
  const ghost = liveGhost(state, command.ghostId);
  if ('reason' in ghost) return ghost;
  const index =
    command.checkpoint === ''
      ? ghost.checkpoints.length - 1
      : ghost.checkpoints.findIndex(({ name }) => name === command.checkpoint);
  if (index < 0 && command.checkpoint !== '') {
    const metadata = { ghost_id: ghost.id, checkpoint: command.checkpoint };
    return reject(
      'CHECKPOINT_NOT_FOUND',
      `ghost ${ghost.id} has no checkpoint ${command.checkpoint}`,
      metadata,
    );
  }
  const refused = countAttempt(state, ghost);
  if (refused !== null) return refused;
  return rewind(state, ghost, run, ghost.checkpoints[index], command.reason, command.author);
}

/** Takes a ghost back to one of its checkpoints, or to its beginning. */
export function rewind(
  state: ForestState,
  ghost: Ghost,
  run: number,
  target: Checkpoint | undefined,
  reason: string,
  author: string,
): Step {
  enterRun(ghost, run);
  const before = ghost.root;
  const since = target?.sequence ?? ghost.firstSequence;
  const endedGhostIds = endDescendants(state, ghost, since, reason, author);
  const droppedOperations = (ghost.staged?.operations ?? 0) - (target?.staged?.operations ?? 0);
  ghost.root = target?.root ?? ghost.base;
  ghost.staged = target?.staged ?? null;
  forgetReads(ghost, since);
  ghost.checkpoints.length = target === undefined ? 0 : ghost.checkpoints.indexOf(target) + 1;
  const checkpoint = target?.name ?? '';
  addAttempt(ghost, { reason, checkpoint, droppedOperations, author });
  voidCommit(state, ghost);
  return {
    outcome: {
      kind: 'ghost_reverted',
      ghostId: ghost.id,
      checkpoint: target === undefined ? null : infoOf(target),
      attempts: ghost.attempts,
      droppedOperations,
      ...toldEdition(ghost),
    },
    effects: { ...noEffects, sequence: ghost.sequence, endedGhostIds, droppedOperations, checkpoint },
    roots: { before, after: ghost.root },
  };
}

/** Takes a ghost back to its newest checkpoint; or ends it, where its race has no attempt left to try again with. */
export function takeBack(
  state: ForestState,
  ghost: Ghost,
  run: number,
  reason: string,
  author: string,
): Pick<Step, 'effects' | 'roots'> {
  if (countAttempt(state, ghost) === null)
    return rewind(state, ghost, run, ghost.checkpoints.at(-1), reason, author);
  const { root, base, sequence, staged } = ghost;
  const endedGhostIds = endWithDescendants(state, ghost, 'reverted', reason, author);
  const droppedOperations = staged?.operations ?? 0;
  return {
    effects: { ...noEffects, sequence, endedGhostIds, droppedOperations },
    roots: { before: root, after: base },
  };
}

/** Drops a ghost and those inside it, because its owner says so or gives no sign of life. */
export function applyRevert(state: ForestState, command: RevertGhost | ExpireGhost): Step | Rejection {
  const ghost = liveGhost(state, command.ghostId);
  if ('reason' in ghost) return ghost;
  const expired = command.kind === 'expire_ghost';
  const reason = expired ? 'its ttl passed without a sign of its owner' : command.reason;
  const droppedOperations = ghost.staged?.operations ?? 0;
  const checkpoint = ghost.checkpoints.at(-1);
  const endedIds = endDescendants(state, ghost, -1, reason, command.author);
  endWithDescendants(state, ghost, expired ? 'expired' : 'reverted', reason, command.author);
  return {
    outcome: {
      kind: 'ghost_reverted',
      ghostId: ghost.id,
      checkpoint: checkpoint === undefined ? null : infoOf(checkpoint),
      attempts: ghost.attempts,
      droppedOperations,
    },
    effects: { ...noEffects, sequence: ghost.sequence, endedGhostIds: endedIds, droppedOperations },
    roots: { before: ghost.root, after: ghost.base },
  };
}

function infoOf({ name, sequence, staged }: Checkpoint): CheckpointInfo {
  return { name, sequence, stagedOperations: staged?.operations ?? 0 };
}
