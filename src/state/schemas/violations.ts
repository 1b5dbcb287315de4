/** What becomes of a ghost with a schema gate when values in it do not fit. */
import { toldEdition } from '../ghosts/edition.ts';
import type { ForestState } from '../forest.ts';
import { settleCommit } from '../ghosts/gates.ts';
import type { Ghost } from '../ghosts/ghost.ts';
import { takeBack } from '../ghosts/ghosts.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import type { Step } from '../step.ts';
import { violationReason } from './violation-reason.ts';

/** What a ghost wants to become of values that do not fit. Its own gate decides, not those of ghosts around it. */
export function onViolation({ gates }: Pick<Ghost, 'gates'>): 'refuse' | 'revert' | 'collect' {
  for (const { gate } of gates) if (gate.kind === 'schema') return gate.onViolation;
  return 'refuse';
}

/** It was begun with a schema gate. */
export function hasSchemaGate(ghost: Pick<Ghost, 'gates'>): boolean {
  return onViolation(ghost) !== 'refuse';
}

/** Some objections are about the values, others about a broker or a schema that cannot judge them. */
export function isViolation({ reason }: Rejection): boolean {
  return reason === 'SCHEMA_VIOLATION' || reason === 'UNBOUND_PATH';
}

/**
 * Takes a ghost back to its newest checkpoint because of what a judge has said; or ends it, where its race has no attempt left
 * to try again with. Whoever caused it, and whoever waits for its commit, is told.
 */
export function revertAtViolation(
  state: ForestState,
  ghost: Ghost,
  run: number,
  refusal: Rejection,
  author: string,
): Step {
  // Those who wait are told of the violation, not that the ghost was changed meanwhile.
  const { pendingCommit } = ghost;
  ghost.pendingCommit = null;
  const target = ghost.checkpoints.at(-1);
  const { effects, roots } = takeBack(state, ghost, run, violationReason(refusal), author);
  const outcome = told(ghost, state.ghosts.has(ghost.id), target?.name ?? '', refusal);
  ghost.pendingCommit = pendingCommit;
  settleCommit(state, ghost, outcome);
  return { outcome, effects: { ...effects, refusal }, roots };
}

function told(ghost: Ghost, isLive: boolean, checkpoint: string, refusal: Rejection): Rejection {
  const { path = '', schema = '', violations = String(refusal.violations.length) } = refusal.metadata;
  const where = isLive ? (checkpoint === '' ? 'its beginning' : `its checkpoint ${checkpoint}`) : '';
  const what = isLive
    ? `was reverted to ${where}`
    : 'was reverted as a whole, for its race has no attempt left';
  const { edition } = toldEdition(ghost);
  return reject(
    'GATE_REVERTED',
    `ghost ${ghost.id} ${what}: ${refusal.message}`,
    {
      ghost_id: ghost.id,
      state: isLive ? 'live' : 'reverted',
      checkpoint: isLive ? checkpoint : '',
      ...(isLive && edition !== undefined ? { edition } : {}),
      violations,
      path,
      ...(schema === '' ? {} : { schema }),
    },
    { violations: refusal.violations },
  );
}
