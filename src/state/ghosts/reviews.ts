/** What reviewers decide. */
import type { Proposal, ReviewGhost } from '../command.ts';
import { noEffects } from '../describe.ts';
import type { ForestState } from '../forest.ts';
import { settleCommit } from './gates.ts';
import { liveGhost } from './ghost-table.ts';
import { editionOf } from './edition.ts';
import type { Ghost } from './ghost.ts';
import { takeBack } from './ghosts.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import type { Step } from '../step.ts';

/** Approves one edition of a ghost, or rejects it. */
export function applyReview(state: ForestState, proposal: Proposal, command: ReviewGhost): Step | Rejection {
  const ghost = liveGhost(state, command.ghostId);
  if ('reason' in ghost) return ghost;
  const { reviewer } = command;
  const isNamed = ghost.gates.some(({ gate }) => gate.kind === 'review' && gate.reviewer === reviewer);
  if (!isNamed) {
    const message = `no gate of ghost ${ghost.id} names the reviewer ${reviewer}`;
    return reject('REVIEWER_NOT_FOUND', message, { ghost_id: ghost.id, reviewer });
  }
  const outdated = checkReviewed(ghost, command.edition);
  if (outdated !== null) return outdated;
  return command.approved ? approve(ghost, proposal, command) : rejectGhost(state, ghost, proposal, command);
}

/** Refuses who has looked at another edition of a ghost. */
export function checkReviewed(ghost: Ghost, looked: number): Rejection | null {
  const edition = editionOf(ghost);
  if (looked === edition) return null;
  const message = `ghost ${ghost.id} has edition ${edition} by now, not ${looked}; look at it again`;
  return reject('REVIEW_OUTDATED', message, { ghost_id: ghost.id, edition });
}

function approve(ghost: Ghost, { timeMs }: Proposal, command: ReviewGhost): Step {
  const { author, reason, edition, reviewer } = command;
  const approval = { edition, author: author === '' ? reviewer : author, reason, timeMs };
  ghost.gates = ghost.gates.map((standing) =>
    standing.gate.kind === 'review' && standing.gate.reviewer === reviewer
      ? { ...standing, approval }
      : standing,
  );
  return {
    outcome: { kind: 'reviewed', ghostId: ghost.id, approved: true },
    effects: { ...noEffects, sequence: ghost.sequence },
    roots: null,
  };
}

/** Takes the ghost back; or ends it, where its race has no attempt left to try again with. */
function rejectGhost(state: ForestState, ghost: Ghost, { run = 0 }: Proposal, command: ReviewGhost): Step {
  const { reviewer, reason } = command;
  const author = command.author === '' ? reviewer : command.author;
  const metadata = { ghost_id: ghost.id, reviewer, review_reason: reason };
  settleCommit(
    state,
    ghost,
    reject('REVIEW_REJECTED', `${reviewer} rejected ghost ${ghost.id}: ${reason}`, metadata),
  );
  const outcome = { kind: 'reviewed', ghostId: ghost.id, approved: false } as const;
  const { effects, roots } = takeBack(state, ghost, run, reason, author);
  return { outcome, effects, roots };
}
