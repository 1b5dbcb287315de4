/**
 * The state machine. `apply` has no clock, no randomness and no I/O: the state is a function of the journaled commands
 * alone, so a restart and a replica reach the same one.
 */
import { unreachable } from '../base/assert.ts';
import type { Proposal } from './command.ts';
import { applyCommit } from './ghosts/commit.ts';
import { noEffects } from './describe.ts';
import type { Applied, Deadlock, ForestState, Past } from './forest.ts';
import { applyBegin, applyCheckpoint, applyRevert, applyRewind } from './ghosts/ghosts.ts';
import { applyEndLease, applyGrantLease } from './locks/leases.ts';
import { applyAcquire, applyEndDelay, applyRelease } from './locks/locks.ts';
import { isOutOfRoom, judgedReasons, trustingJudge } from './schemas/judge.ts';
import type { Judge } from './schemas/judge.ts';
import { checkRevision } from './values/operate.ts';
import type { Outcome, Rejection } from './outcome.ts';
import { applyPublish, applyRevertRevision } from './publish.ts';
import { reusedId } from './requests.ts';
import { applyRevertCascade } from './cascades/revert-cascade.ts';
import { applyReview } from './ghosts/reviews.ts';
import { applyRegisterSchema, applySetUnboundPaths } from './schemas/schemas.ts';
import type { Step } from './step.ts';

/**
 * Applies one command to `state`, which it consumes: tables are edited in place, roots are replaced. A command that is
 * refused changes nothing but the table of requests; unless a schema gate reverts its ghost, which is an effect.
 *
 * `past` must find the root of every trunk revision for which `revisionsNeeded` (reach.ts) asks. `judge` says what values
 * fit their schemas; without one all that comes is known to.
 */
export function apply(
  state: ForestState,
  proposal: Proposal,
  past: Past,
  judge: Judge = trustingJudge,
): Applied {
  const { request } = proposal.command;
  const known = request === null ? undefined : state.requests.find(request.id);
  if (request !== null && known !== undefined) {
    return unrecorded(known.fingerprint === request.fingerprint ? known.outcome : reusedId(request.id), true);
  }
  const step = dispatch(state, proposal, past, judge);
  const rejected = 'reason' in step;
  const outcome = rejected ? step : step.outcome;
  const isKept = request !== null || (rejected && endsWait(step, proposal));
  if (rejected && (!isKept || isOutOfRoom(step))) return unrecorded(outcome, false);
  state.position = proposal.position;
  state.timeMs = proposal.timeMs;
  if (request !== null) {
    const remembered = outcome.kind === 'rejected' ? withoutDetail(outcome) : outcome;
    state.requests.remember({ ...request, timeMs: proposal.timeMs, outcome: remembered });
  }
  const effects = rejected ? { ...noEffects, rejected, refusal: judgedOf(step) } : step.effects;
  const roots = rejected ? null : step.roots;
  const deadlocks = (rejected ? undefined : step.deadlocks) ?? none;
  return { outcome, effects, recorded: true, repeated: false, roots, deadlocks };
}

/** What a judge said, which a replay must take as it is. */
function judgedOf(rejection: Rejection): Rejection | null {
  return judgedReasons.has(rejection.reason) ? rejection : null;
}

/** The refusal of an approved commit is recorded: it ends the wait for that commit. */
function endsWait({ reason }: Rejection, { command }: Proposal): boolean {
  if (command.kind !== 'commit_ghost' || command.approvedEdition === undefined) return false;
  return reason !== 'REVIEW_OUTDATED' && reason !== 'GHOST_OVER' && reason !== 'GHOST_NOT_FOUND';
}

const none: readonly Deadlock[] = [];

/** A refusal as it is remembered: reports of any length are told once only. */
function withoutDetail({ circle: _circle, ...rejection }: Rejection): Rejection {
  return { ...rejection, conflicts: [] };
}

function dispatch(state: ForestState, proposal: Proposal, past: Past, judge: Judge): Step | Rejection {
  const { command } = proposal;
  switch (command.kind) {
    case 'publish':
      return applyPublish(state, proposal, command, past, judge);
    case 'begin_ghost':
      return applyBegin(state, proposal, command, past);
    case 'checkpoint_ghost':
      return applyCheckpoint(state, proposal, command);
    case 'commit_ghost':
      return applyCommit(state, proposal, command, past, judge);
    case 'rewind_ghost':
      return applyRewind(state, proposal, command);
    case 'revert_ghost':
    case 'expire_ghost':
      return applyRevert(state, command);
    case 'review_ghost':
      return applyReview(state, proposal, command);
    case 'revert_revision':
      return applyRevertRevision(state, command, past, judge);
    case 'revert_cascade':
      return applyRevertCascade(state, command, past, judge);
    case 'compact':
      return applyCompact(state, command.revision);
    case 'grant_lease':
      return applyGrantLease(state, proposal, command);
    case 'end_lease':
    case 'expire_lease':
      return applyEndLease(state, proposal, command);
    case 'acquire_lock':
      return applyAcquire(state, proposal, command);
    case 'release_lock':
      return applyRelease(state, proposal, command);
    case 'end_lock_delay':
      return applyEndDelay(state, proposal, command);
    case 'register_schema':
      return applyRegisterSchema(state, proposal, command, judge);
    case 'set_unbound_paths':
      return applySetUnboundPaths(state, command, judge);
    default:
      return unreachable(command);
  }
}

function applyCompact(state: ForestState, revision: number): Step | Rejection {
  const range = checkRevision(revision, state.revision, 0);
  if (range !== null) return range;
  state.compactedRevision = Math.max(state.compactedRevision, revision);
  return {
    outcome: { kind: 'compacted', revision: state.compactedRevision },
    effects: noEffects,
    roots: null,
  };
}

function unrecorded(outcome: Outcome, repeated: boolean): Applied {
  const effects = { ...noEffects, rejected: outcome.kind === 'rejected' };
  return { outcome, effects, recorded: false, repeated, roots: null, deadlocks: none };
}
