/** Context diffs: to the trunk, into a ghost, and the inverse of one. */
import {
  conflictsReportedMax,
  ghostBytesMax,
  ghostOperationsMax,
  nodesPerForestMax,
} from '../base/limits.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import { Transaction } from '../trie/transaction.ts';
import type { Operation, Proposal, Publish, RevertCascade, RevertRevision } from './command.ts';
import { bindAll, checkBindings } from './locks/bindings.ts';
import { noEffects } from './describe.ts';
import { checkFences } from './locks/fencing.ts';
import { checkEdition, enterRun, toldEdition } from './ghosts/edition.ts';
import type { ForestState, Past } from './forest.ts';
import { checkStagingGates, voidCommit } from './ghosts/gates.ts';
import { liveGhost } from './ghosts/ghost-table.ts';
import { stage } from './ghosts/ghost.ts';
import type { Ghost, Root } from './ghosts/ghost.ts';
import type { Judge } from './schemas/judge.ts';
import { checkRevision, operate, operationBytes } from './values/operate.ts';
import { schemasIn } from './schemas/migration.ts';
import { reject } from './outcome.ts';
import type { Conflict, Rejection } from './outcome.ts';
import { checkPreconditions } from './preconditions.ts';
import { notLookedAt } from './cascades/reverted-basis.ts';
import { standingOf } from './values/standing.ts';
import type { Step } from './step.ts';
import type { Entry } from './values/value.ts';
import { isViolation, onViolation, revertAtViolation } from './schemas/violations.ts';

/** Applies a diff to the trunk, or stages it. */
export function applyPublish(
  state: ForestState,
  proposal: Proposal,
  command: Publish,
  past: Past,
  judge: Judge,
): Step | Rejection {
  if (command.ghostId !== '') return stagePublish(state, proposal, command, past, judge);
  const failed =
    checkFences(state, command, command.operations) ??
    checkBindings(state, command.operations, command) ??
    checkPreconditions(state.root, command.preconditions);
  if (failed !== null) return failed;
  return writeTrunk(state, command, past, judge, (revision) => ({
    kind: 'published',
    revision,
    sequence: 0,
  }));
}

/** Applies the inverse of a revision, unless somebody has built on it. */
export function applyRevertRevision(
  state: ForestState,
  command: RevertRevision | RevertCascade,
  past: Past,
  judge: Judge,
): Step | Rejection {
  const range = checkRevision(command.revision, state.revision, state.compactedRevision);
  if (range !== null) return range;
  const fenced = checkFences(state, command, command.operations);
  if (fenced !== null) return fenced;
  const conflicts: Conflict[] = [];
  for (const precondition of command.preconditions) {
    if (checkPreconditions(state.root, [precondition]) === null) continue;
    const { path } = precondition;
    const trunk = standingOf(state.root, path).entry;
    conflicts.push({
      path,
      kind: 'value',
      base: null,
      trunk,
      ghost: null,
      message: 'it was changed again since',
    });
  }
  if (conflicts.length > 0) {
    const message = `revision ${command.revision} cannot be reverted: ${conflicts.length} of its paths were changed since`;
    return rejectConflicts(message, conflicts);
  }
  // A cascade is told to those who had read what it was about, also where nothing of that is left.
  if (command.kind === 'revert_revision' && command.operations.length === 0) {
    const message = `revision ${command.revision} changed no node, so there is nothing to take back`;
    return reject('INVALID_REQUEST', message, { revision: command.revision });
  }
  return writeTrunk(state, command, past, judge, (revision) => ({
    kind: 'revision_reverted',
    revision,
  }));
}

/** A refusal that carries a bounded report of conflicts. */
export function rejectConflicts(message: string, conflicts: readonly Conflict[]): Rejection {
  const told = conflicts.slice(0, conflictsReportedMax);
  return reject('CONFLICT', message, { conflicts: conflicts.length }, { conflicts: told });
}

function writeTrunk(
  state: ForestState,
  { kind, operations, author }: Publish | RevertRevision | RevertCascade,
  past: Past,
  judge: Judge,
  outcome: (revision: number) => Step['outcome'],
): Step | Rejection {
  const { root: before, schemas } = state;
  const revision = state.revision + 1;
  const sums: string[] = [];
  const after = operateAll(state, before, operations, revision, author, past, sums);
  if ('reason' in after) return after;
  if (!schemas.isIdle) {
    const told = kind === 'publish' ? 'diff' : 'nodes';
    const unfit = judge.values({ schemas, after, operations, told, isTrunk: true });
    if (unfit !== null) return unfit;
  }
  const full = judge.room?.(before, after) ?? null;
  if (full !== null) return full;
  state.root = after;
  state.revision = revision;
  if (state.leases.size > 0) bindAll(state, operations, revision);
  return { outcome: outcome(revision), effects: { ...noEffects, revision, sums }, roots: { before, after } };
}

function stagePublish(
  state: ForestState,
  proposal: Proposal,
  command: Publish,
  past: Past,
  judge: Judge,
): Step | Rejection {
  const ghost = liveGhost(state, command.ghostId);
  if ('reason' in ghost) return ghost;
  const refused =
    checkEdition(ghost, command.edition, proposal.run ?? 0) ??
    checkStaging(ghost, command) ??
    checkFences(state, command, command.operations) ??
    checkBindings(state, command.operations, command) ??
    checkPreconditions(ghost.root, command.preconditions);
  if (refused !== null) return refused;
  const before = ghost.root;
  const sequence = ghost.sequence + 1;
  const sums: string[] = [];
  const after = operateAll(state, before, command.operations, -sequence, command.author, past, sums);
  if ('reason' in after) return after;
  const unfit = judgeStaged(state, ghost, command.operations, after, judge);
  if (unfit !== null) {
    const isReverted = onViolation(ghost) === 'revert' && isViolation(unfit);
    return isReverted ? revertAtViolation(state, ghost, proposal.run ?? 0, unfit, command.author) : unfit;
  }
  const { author, label, operations, preconditions, basis } = command;
  const diff = {
    sequence,
    timeMs: proposal.timeMs,
    author,
    label,
    operations,
    preconditions,
    basis,
    sums: [],
  };
  enterRun(ghost, proposal.run ?? 0);
  ghost.root = after;
  ghost.sequence = sequence;
  ghost.staged = stage(ghost.staged, diff, diffBytes(operations));
  ghost.revertedBasis = notLookedAt(ghost.revertedBasis, basis);
  voidCommit(state, ghost);
  return {
    outcome: { kind: 'published', revision: 0, sequence, ...toldEdition(ghost) },
    effects: { ...noEffects, sequence, sums },
    roots: { before, after },
  };
}

/** What a ghost collects is looked at when it is committed. */
function judgeStaged(
  state: ForestState,
  ghost: Ghost,
  operations: readonly Operation[],
  after: Root,
  judge: Judge,
): Rejection | null {
  const schemas = schemasIn(state, ghost);
  const wanted = onViolation(ghost);
  if (schemas.isIdle || wanted === 'collect') return null;
  // A retry reads of nodes: the diff is gone by then.
  const told = wanted === 'revert' ? 'nodes' : 'diff';
  return judge.values({ schemas, after, operations, told, isTrunk: false });
}

function checkStaging(ghost: Ghost, command: Publish): Rejection | null {
  for (const { path } of command.operations) {
    if (isWithin(path, ghost.scope)) continue;
    const [text, scope] = [formatPath(path), formatPath(ghost.scope)];
    return reject('OUTSIDE_SCOPE', `${text} lies outside ${scope}, the scope of the ghost`, {
      path: text,
      scope,
    });
  }
  const operations = (ghost.staged?.operations ?? 0) + command.operations.length;
  if (operations > ghostOperationsMax)
    return stagingFull('ghostOperationsMax', ghostOperationsMax, operations);
  const bytes = (ghost.staged?.bytes ?? 0) + diffBytes(command.operations);
  if (bytes > ghostBytesMax) return stagingFull('ghostBytesMax', ghostBytesMax, bytes);
  if (ghost.gates.length === 0) return null;
  const count = command.operations.length;
  return checkStagingGates(ghost, {
    operations: command.operations,
    count,
    bytes: diffBytes(command.operations),
  });
}

function stagingFull(limit: string, maximum: number, actual: number): Rejection {
  return reject(
    'QUOTA_EXCEEDED',
    `the ghost is full: ${actual} exceeds ${limit} = ${maximum}; commit or revert it`,
    {
      limit,
      maximum,
      actual,
    },
  );
}

function diffBytes(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) bytes += operationBytes(operation);
  return bytes;
}

function operateAll(
  state: ForestState,
  root: Root,
  operations: readonly Operation[],
  stamp: number,
  author: string,
  past: Past,
  sums: string[],
): Root | Rejection {
  const transaction = new Transaction<Entry>(root, stamp);
  const { revision, compactedRevision } = state;
  const context = { stamp, author, revision, compactedRevision, past, sums };
  for (const operation of operations) {
    const rejection = operate(transaction, operation, context);
    if (rejection !== null) return rejection;
  }
  const after = transaction.commit();
  if (after.count > nodesPerForestMax) {
    const metadata = { limit: 'nodesPerForestMax', maximum: nodesPerForestMax };
    return reject('QUOTA_EXCEEDED', `a forest may have ${nodesPerForestMax} nodes`, metadata);
  }
  return after;
}
