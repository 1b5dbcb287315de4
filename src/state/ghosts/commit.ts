/** Committing a ghost: its operations are replayed onto the newest trunk, or onto its parent. */
import { Transaction } from '../../trie/transaction.ts';
import { bindAll, findUnbindable } from '../locks/bindings.ts';
import type { CommitGhost, Proposal } from '../command.ts';
import { noEffects } from '../describe.ts';
import { checkFences } from '../locks/fencing.ts';
import type { ForestState, Past } from '../forest.ts';
import { areOpen, checkStagingGates, settleCommit, voidCommit } from './gates.ts';
import { endGhost, liveGhost } from './ghost-table.ts';
import { checkEdition, editionOf, enterRun, toldEdition } from './edition.ts';
import { operationsIn, stage, stagedDiffs } from './ghost.ts';
import type { Ghost, Root, StagedDiff } from './ghost.ts';
import { isOutOfRoom } from '../schemas/judge.ts';
import type { Judge } from '../schemas/judge.ts';
import { bringsVersion, broughtBy, schemasIn, versionOf } from '../schemas/migration.ts';
import { operate, operationBytes } from '../values/operate.ts';
import { reject } from '../outcome.ts';
import type { Conflict, Rejection } from '../outcome.ts';
import { rejectConflicts } from '../publish.ts';
import { winRace } from './races.ts';
import { conflictsOf, describe } from './rebase.ts';
import type { RebaseViews } from './rebase.ts';
import { readJudge } from './reads.ts';
import { afterCommit, checkRevertedBasis, notLookedAt } from '../cascades/reverted-basis.ts';
import type { Step } from '../step.ts';
import type { Entry } from '../values/value.ts';
import { hasSchemaGate, isViolation, onViolation, revertAtViolation } from '../schemas/violations.ts';

/**
 * Commits a ghost as one revision; or notes that it is to be committed once its reviewers have approved; or reports every
 * conflict and changes nothing.
 */
export function applyCommit(
  state: ForestState,
  proposal: Proposal,
  command: CommitGhost,
  past: Past,
  judge: Judge,
): Step | Rejection {
  const ghost = liveGhost(state, command.ghostId);
  if ('reason' in ghost) return ghost;
  const outdated = checkApproved(ghost, command) ?? checkKnown(ghost, proposal, command);
  if (outdated !== null) return outdated;
  const step = commitOrAsk(state, ghost, proposal, command, past, judge);
  // A commit that was approved is tried once: those who wait for it are told why it did not pass. That there was no room is in no journal, so it may
  // change nothing: it is tried again.
  const isTried = 'reason' in step && command.approvedEdition !== undefined && !isOutOfRoom(step);
  if (isTried) settleCommit(state, ghost, step);
  return step;
}

/** What was approved must be what is committed, should there have been writes since. */
function checkApproved(ghost: Ghost, { approvedEdition }: CommitGhost): Rejection | null {
  const edition = editionOf(ghost);
  const stands = approvedEdition === edition && ghost.pendingCommit !== null && areOpen(ghost);
  if (approvedEdition === undefined || stands) return null;
  const message = `ghost ${ghost.id} has edition ${edition} by now, not ${approvedEdition}, which was approved`;
  return reject('REVIEW_OUTDATED', message, { ghost_id: ghost.id, edition });
}

/** A commit of the broker itself is of what was approved. */
function checkKnown(ghost: Ghost, { run = 0 }: Proposal, command: CommitGhost): Rejection | null {
  return command.approvedEdition === undefined ? checkEdition(ghost, command.edition, run) : null;
}

function commitOrAsk(
  state: ForestState,
  ghost: Ghost,
  proposal: Proposal,
  command: CommitGhost,
  past: Past,
  judge: Judge,
): Step | Rejection {
  if (ghost.children.size > 0) {
    const metadata = { ghost_id: ghost.id, children: [...ghost.children].slice(0, 100).join(',') };
    const message = `${ghost.children.size} ghosts in ${ghost.id} are still live; commit or revert them first`;
    return reject('GHOST_HAS_CHILDREN', message, metadata);
  }
  const parent = state.ghosts.get(ghost.parentId) ?? null;
  const diffs = stagedDiffs(ghost.staged);
  const misled = checkRevertedBasis(ghost, parent, diffs, command);
  if (misled !== null) return misled;
  const isGated = !areOpen(ghost);
  // A commit that waits for reviewers has no place among those who wait for locks: they count when it is approved.
  const refused =
    (parent === null ? null : checkParent(parent, ghost, diffs)) ??
    (isGated ? null : checkFences(state, command, operationsIn(diffs)));
  if (refused !== null) return refused;
  const target = parent?.root ?? state.root;
  const views = { base: ghost.base, target, ghost: ghost.root };
  const conflicts = conflictsOf(views, diffs, readJudge(views, ghost, diffs, command));
  if (conflicts.length > 0) return refuse(ghost, conflicts);
  // What a schema gate has let be staged, and what a migration leads to, must fit before reviewers look at it.
  const isLooked = bringsVersion(ghost) || (hasSchemaGate(ghost) && diffs.length > 0);
  if (isGated && !isLooked) return askReviewers(state, ghost, proposal, command);
  if (diffs.length === 0 && !isLooked) return endEmpty(state, ghost, command);
  const unbindable = isGated ? null : findUnbindable(state, operationsIn(diffs), command);
  if (unbindable !== null)
    return refuse(ghost, [describe(views, unbindable.path, 'refused', unbindable.rejection.message)]);
  const stamp = parent === null ? state.revision + 1 : -(parent.sequence + 1);
  const replayed = replay(state, views, diffs, stamp, past);
  if ('conflicts' in replayed) return refuse(ghost, replayed.conflicts);
  const unfit = judgeCommit(state, ghost, parent, diffs, replayed.root, judge);
  if (unfit !== null) {
    const isReverted = onViolation(ghost) === 'revert' && isViolation(unfit);
    return isReverted ? revertAtViolation(state, ghost, proposal.run ?? 0, unfit, command.author) : unfit;
  }
  const { author } = command;
  const version = versionOf(state, ghost, proposal.timeMs, author, replayed.root, operationsIn(diffs), judge);
  if (version !== null && 'reason' in version) return version;
  if (isGated) return askReviewers(state, ghost, proposal, command);
  const isKnown = version === null || version === state.schemas.newest(version.name);
  if (diffs.length === 0 && isKnown) return endEmpty(state, ghost, command);
  const full = parent === null ? (judge.room?.(state.root, replayed.root) ?? null) : null;
  if (full !== null) return full;
  if (version !== null && !isKnown) state.schemas.add(version);
  return land(state, ghost, proposal, command, parent, diffs, replayed);
}

/** The target becomes what the ghost has made of it. */
function land(
  state: ForestState,
  ghost: Ghost,
  proposal: Proposal,
  { author, basis = [] }: CommitGhost,
  parent: Ghost | null,
  diffs: readonly StagedDiff[],
  replayed: Replayed,
): Step {
  const before = parent?.root ?? state.root;
  const stamp = state.revision + 1;
  if (parent === null) {
    state.root = replayed.root;
    state.revision = stamp;
    if (state.leases.size > 0) for (const diff of diffs) bindAll(state, diff.operations, stamp);
  } else {
    enterRun(parent, proposal.run ?? 0);
    parent.revertedBasis = afterCommit(parent, diffs, basis);
    intoParent(state, parent, replayed);
  }
  const revision = parent === null ? stamp : 0;
  const operations = ghost.staged?.operations ?? 0;
  const parentEdition = parent === null ? undefined : toldEdition(parent).edition;
  const endedGhostIds = winRace(state, ghost, author);
  endGhost(state, ghost, 'committed', revision);
  return {
    outcome: {
      kind: 'committed',
      ghostId: ghost.id,
      revision,
      operations,
      ...(parentEdition === undefined ? {} : { parentEdition }),
      ...broughtBy(state, ghost),
    },
    effects: {
      ...noEffects,
      revision,
      sequence: ghost.sequence,
      committed: replayed.diffs,
      endedGhostIds,
      parentId: parent?.id ?? '',
    },
    roots: { before, after: replayed.root },
  };
}

/** What counts is what the values would be on the newest state. A ghost that collects takes them as they are. */
function judgeCommit(
  state: ForestState,
  ghost: Ghost,
  parent: Ghost | null,
  diffs: readonly StagedDiff[],
  after: Root,
  judge: Judge,
): Rejection | null {
  const schemas = schemasIn(state, ghost);
  if (schemas.isIdle || (parent !== null && onViolation(parent) === 'collect')) return null;
  const isTrunk = parent === null;
  return judge.values({ schemas, after, operations: operationsIn(diffs), told: 'nodes', isTrunk });
}

/** A child's work must pass the gates of the ghost that it goes into. */
function checkParent(parent: Ghost, { staged }: Ghost, diffs: readonly StagedDiff[]): Rejection | null {
  if (parent.gates.length === 0 || staged === null) return null;
  const { operations: count, bytes } = staged;
  return checkStagingGates(parent, { operations: operationsIn(diffs), count, bytes });
}

/** Notes that the ghost is to be committed as soon as its reviewers have approved. Who asks again says how. */
function askReviewers(state: ForestState, ghost: Ghost, { timeMs }: Proposal, command: CommitGhost): Step {
  // What commits it later is no part of the call that asked.
  const { traceParent: _, ...rest } = command;
  const asked = { ...rest, request: null };
  ghost.pendingCommit ??= { command: asked, timeMs, requestIds: new Set(), outcome: null };
  ghost.pendingCommit.command = asked;
  const { requestIds } = ghost.pendingCommit;
  // Requests are forgotten in the order in which they came.
  for (const id of requestIds) {
    if (state.requests.find(id) !== undefined) break;
    requestIds.delete(id);
  }
  if (command.request !== null) requestIds.add(command.request.id);
  ghost.revertedBasis = notLookedAt(ghost.revertedBasis, command.basis ?? []);
  return {
    outcome: { kind: 'commit_pending', ghostId: ghost.id },
    effects: { ...noEffects, sequence: ghost.sequence, commitPending: true },
    roots: null,
  };
}

function endEmpty(state: ForestState, ghost: Ghost, { author }: CommitGhost): Step {
  const endedGhostIds = winRace(state, ghost, author);
  endGhost(state, ghost, 'committed');
  const ended = { kind: 'committed', ghostId: ghost.id, revision: 0, operations: 0 } as const;
  const outcome = { ...ended, ...broughtBy(state, ghost) };
  return { outcome, effects: { ...noEffects, sequence: ghost.sequence, endedGhostIds }, roots: null };
}

function refuse(ghost: Ghost, conflicts: readonly Conflict[]): Rejection {
  const message = `ghost ${ghost.id} conflicts with newer changes on ${conflicts.length} paths; revert it and try again on the newest state`;
  return rejectConflicts(message, conflicts);
}

interface Replayed {
  readonly root: Root;
  readonly diffs: StagedDiff[];
}

/** Replays all operations; what is refused on the newer state (a wrong type, a limit) is a conflict as well. */
function replay(
  state: ForestState,
  views: RebaseViews,
  diffs: readonly StagedDiff[],
  stamp: number,
  past: Past,
): Replayed | { readonly conflicts: Conflict[] } {
  const transaction = new Transaction<Entry>(views.target, stamp);
  const { revision, compactedRevision } = state;
  const replayed: StagedDiff[] = [];
  for (const diff of diffs) {
    const sums: string[] = [];
    const context = { stamp, author: diff.author, revision, compactedRevision, past, sums };
    for (const operation of diff.operations) {
      const rejection = operate(transaction, operation, context);
      if (rejection !== null)
        return { conflicts: [describe(views, operation.path, 'refused', rejection.message)] };
    }
    // In a parent they carry its own next number.
    replayed.push({ ...diff, sequence: stamp < 0 ? -stamp : diff.sequence, sums });
  }
  return { root: transaction.commit(), diffs: replayed };
}

/** The parent stages the child's diffs as its own next one. */
function intoParent(
  state: ForestState,
  parent: Ghost,
  { root, diffs }: { readonly root: Root; readonly diffs: readonly StagedDiff[] },
): void {
  parent.root = root;
  parent.sequence += 1;
  for (const diff of diffs) {
    const bytes = diff.operations.reduce((sum, operation) => sum + operationBytes(operation), 0);
    parent.staged = stage(parent.staged, { ...diff, sums: [] }, bytes);
  }
  voidCommit(state, parent);
}
