/** Whether a ghost may take an operation, and whether it may be committed. */
import { unreachable } from '../../base/assert.ts';
import { formatPath } from '../../trie/path.ts';
import { anyDepth, matches } from '../../trie/pattern.ts';
import type { Pattern } from '../../trie/pattern.ts';
import type { CommitGhost, Operation } from '../command.ts';
import type { ForestState } from '../forest.ts';
import type { Gate, GateStanding } from './gate.ts';
import { editionOf } from './edition.ts';
import type { Ghost, GhostInfo } from './ghost.ts';
import { reject } from '../outcome.ts';
import type { Outcome, Rejection } from '../outcome.ts';

/** What is about to be staged. */
export interface Staging {
  readonly operations: Iterable<Operation>;
  readonly count: number;
  readonly bytes: number;
}

/** Whether the gates of a ghost let it stage something. */
export function checkStagingGates(ghost: Ghost, staging: Staging): Rejection | null {
  for (const { gate } of ghost.gates) {
    const refused = checkGate(ghost, gate, staging);
    if (refused !== null) return refused;
  }
  return null;
}

function checkGate(ghost: Ghost, gate: Gate, staging: Staging): Rejection | null {
  switch (gate.kind) {
    case 'limit':
      return (
        checkPatterns(ghost, gate.patterns, staging.operations) ??
        checkAmount(
          ghost,
          'operations_max',
          gate.operationsMax,
          (ghost.staged?.operations ?? 0) + staging.count,
        ) ??
        checkAmount(ghost, 'bytes_max', gate.bytesMax, (ghost.staged?.bytes ?? 0) + staging.bytes)
      );
    case 'review':
    case 'schema':
      return null;
    default:
      return unreachable(gate);
  }
}

function checkPatterns(
  ghost: Ghost,
  patterns: readonly Pattern[],
  operations: Iterable<Operation>,
): Rejection | null {
  if (patterns.length === 0) return null;
  for (const operation of operations) {
    if (patterns.some((pattern) => allows(pattern, operation))) continue;
    const path = formatPath(operation.path);
    const what = reachesBelow(operation) ? `${path} with all below it` : path;
    const message = `a gate of ghost ${ghost.id} does not let it touch ${what}`;
    return reject('GATE_LIMIT', message, { ghost_id: ghost.id, path });
  }
  return null;
}

/** What replaces or removes a subtree must be allowed everything that may be in it. */
function allows(pattern: Pattern, operation: Operation): boolean {
  if (reachesBelow(operation) && pattern.segments.at(-1) !== anyDepth) return false;
  return matches(pattern, operation.path);
}

function reachesBelow(operation: Operation): boolean {
  return operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
}

function checkAmount(ghost: Ghost, limit: string, maximum: number, actual: number): Rejection | null {
  if (maximum === 0 || actual <= maximum) return null;
  const message = `a gate of ghost ${ghost.id} does not let it stage ${actual}: ${limit} is ${maximum}`;
  return reject('GATE_LIMIT', message, { ghost_id: ghost.id, limit, maximum, actual });
}

/** Whether a gate lets the ghost as it is pass. */
export function isOpen({ gate, approval }: GateStanding, ghost: Ghost | GhostInfo): boolean {
  switch (gate.kind) {
    case 'limit':
    // What counts is what values would be on the newest state, so the commit itself looks.
    case 'schema':
      return true;
    case 'review':
      return approval !== null && approval.edition === editionOf(ghost);
    default:
      return unreachable(gate);
  }
}

/** Whether all gates let the ghost as it is pass. */
export function areOpen(ghost: Ghost): boolean {
  return ghost.gates.every((standing) => isOpen(standing, ghost));
}

/** The commit to be proposed now that all reviewers have approved; `null` where none waits, or one is missing. */
export function approvedCommit(ghost: Ghost): CommitGhost | null {
  if (ghost.pendingCommit === null || !areOpen(ghost)) return null;
  return { ...ghost.pendingCommit.command, approvedEdition: editionOf(ghost) };
}

/** Reviewers who have not decided on the ghost as it is. */
export function missingReviewers(ghost: Ghost): string[] {
  return ghost.gates.flatMap((standing) =>
    standing.gate.kind === 'review' && !isOpen(standing, ghost) ? [standing.gate.reviewer] : [],
  );
}

/** The ghost was changed, so what reviewers were asked about is not there any more. Call it after the change. */
export function voidCommit(state: ForestState, ghost: Ghost): void {
  if (ghost.pendingCommit === null) return;
  const edition = editionOf(ghost);
  const message = `ghost ${ghost.id} was changed while its commit waited for reviewers; commit it again`;
  settleCommit(state, ghost, reject('REVIEW_OUTDATED', message, { ghost_id: ghost.id, edition }));
}

/** Ends the wait of a commit: for those who wait now, and for those who will ask again under their request's id. */
export function settleCommit(state: ForestState, ghost: Ghost, outcome: Outcome): void {
  const { pendingCommit } = ghost;
  if (pendingCommit === null) return;
  ghost.pendingCommit = null;
  pendingCommit.outcome = outcome;
  const remembered = outcome.kind === 'rejected' ? { ...outcome, conflicts: [] } : outcome;
  for (const id of pendingCommit.requestIds) state.requests.settle(id, remembered);
}
