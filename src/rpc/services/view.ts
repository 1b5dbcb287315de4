/** Which state a read sees. */
import type { Clock } from '../../base/clock.ts';
import type { ReadView } from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { checkRevision } from '../../state/values/operate.ts';
import { knownEdition, toNumber } from '../checks.ts';
import { orRefuse, violation } from '../errors.ts';
import { RpcError } from '../transport.ts';
import type { Call } from '../transport.ts';

/** A state to read: a trunk revision, or a ghost on one. */
export interface View {
  readonly root: Root;
  /** The trunk revision, or the one that the ghost stands on. */
  readonly revision: number;
  /** Empty on the trunk. */
  readonly ghostId: string;
  /** It is the newest trunk. */
  readonly isNewest: boolean;
  /** How old it may be at most, where the reader is to know; milliseconds. */
  readonly ageMs: number | null;
}

/** How often a read looks whether the revision that it waits for has become durable. */
const waitMs = 2;

/**
 * The state that `asked` names. On one broker every acknowledged write is in the view, so linearizable and stale reads
 * are the same; a replica will tell them apart.
 */
export async function viewOf(
  forest: Forest,
  asked: ReadView | undefined,
  call: Call,
  clock: Clock,
): Promise<View> {
  if (asked === undefined) return trunkNow(forest, null);
  const { ghostId, consistency } = asked;
  const revision = toNumber(asked.atRevision);
  if (ghostId !== '' && revision !== 0) violation('view', 'at_revision and ghost_id exclude one another');
  if (ghostId === '' && asked.edition !== 0n) violation('view.edition', 'only ghosts have editions');
  if (consistency.case === 'atLeastRevision') await waitFor(forest, toNumber(consistency.value), call, clock);
  if (ghostId !== '') {
    const { root, baseRevision } = orRefuse(forest.ghostRoot(ghostId, knownEdition(asked.edition).edition));
    return { root, revision: baseRevision, ghostId, isNewest: false, ageMs: null };
  }
  const waits = consistency.case === 'linearizable' || consistency.case === undefined;
  if (revision === 0) return trunkNow(forest, waits ? null : forest.ageMs());
  const view = orRefuse(await forest.viewAt(revision));
  const isNewest = view.revision === forest.view().revision;
  return { root: view.root, revision: view.revision, ghostId: '', isNewest, ageMs: null };
}

function trunkNow(forest: Forest, ageMs: number | null): View {
  const { root, revision } = forest.view();
  return { root, revision, ghostId: '', isNewest: true, ageMs };
}

/** Waits until `revision` is durable. What nothing on its way can make is in the future. */
async function waitFor(forest: Forest, revision: number, call: Call, clock: Clock): Promise<void> {
  const { appliedPosition } = forest;
  for (;;) {
    const view = forest.view();
    if (view.revision >= revision) return;
    const isAllSeen = view.position >= appliedPosition || forest.status.writeStopReason !== '';
    const inFuture = isAllSeen ? checkRevision(revision, view.revision, 0) : null;
    if (inFuture !== null) orRefuse(inFuture);
    if (call.cancelled) throw new RpcError('CANCELLED', 'nobody waits any more');
    await new Promise<void>((resolve) => {
      clock.setTimer(waitMs, resolve);
    });
  }
}
