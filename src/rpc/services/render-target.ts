/** Which states a rendering is about: that with which its layout begins, and that which it shows. */
import type { Clock } from '../../base/clock.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { lastStaged } from '../../state/ghosts/ghost.ts';
import type { Ghost, Root } from '../../state/ghosts/ghost.ts';
import { checkRevision } from '../../state/values/operate.ts';
import { orRefuse, refuse, Refused, violation } from '../errors.ts';
import type { Call } from '../transport.ts';
import type { RenderAsked } from './render-request.ts';
import { viewOf } from './view.ts';

/** See above. */
export interface RenderTarget {
  readonly root: Root;
  /** The trunk revision, or the one that the ghost stands on. */
  readonly revision: number;
  /** `null` on the trunk. */
  readonly ghost: StandingGhost | null;
  /** The trunk at the beginning of the layout. */
  readonly base: { readonly root: Root; readonly revision: number };
  /** How old it may be at most, where the reader is to know; milliseconds. */
  readonly ageMs: number | null;
}

/** A ghost at one moment. */
export interface StandingGhost extends Pick<
  Ghost,
  'id' | 'parentId' | 'base' | 'root' | 'staged' | 'sequence' | 'firstSequence'
> {
  /** The trunk that it stands on, whatever has been compacted since. */
  readonly trunk: Root;
}

/** The states that a request is about. */
export async function renderTarget(
  forest: Forest,
  asked: RenderAsked,
  call: Call,
  clock: Clock,
): Promise<RenderTarget> {
  const view = await viewOf(forest, asked.view, call, clock);
  const { revision, ageMs } = view;
  const ghost = view.ghostId === '' ? null : standingGhost(forest, view.ghostId);
  const { baseRevision, sinceRevision } = asked;
  checkNamed('since_revision', sinceRevision, forest, revision);
  checkNamed('base_revision', baseRevision, forest, revision);
  if (sinceRevision !== 0 && sinceRevision < baseRevision)
    violation('since_revision', `${sinceRevision} is before base_revision, ${baseRevision}`);
  if (ghost !== null) checkStaged(ghost, asked.sinceSequence);
  const root = ghost?.root ?? view.root;
  if (baseRevision === 0 || baseRevision === revision)
    return { root, revision, ghost, base: { root: ghost?.trunk ?? root, revision }, ageMs };
  return { root, revision, ghost, base: orRefuse(await forest.viewAt(baseRevision)), ageMs };
}

/** A revision that a request names beside the one that it wants to see. */
function checkNamed(field: string, named: number, forest: Forest, shown: number): void {
  const refused = checkRevision(named, forest.view().revision, 0);
  if (refused !== null) throw new Refused(refused);
  if (named > shown) violation(field, `${named} is behind what is shown, revision ${shown}`);
}

/** Sequences only grow, so it is not enough that there are later ones: the diff that a text ended with must be staged still. */
function checkStaged(ghost: StandingGhost, sequence: number): void {
  const kept = lastStaged(ghost, sequence);
  if (kept === sequence) return;
  violation('since_sequence', `${sequence}; the ghost has gone back to diff ${kept}: ask for the whole text`);
}

function standingGhost(forest: Forest, ghostId: string): StandingGhost {
  const ghost = liveGhost(forest, ghostId);
  const { id, parentId, base, root, staged, sequence, firstSequence } = ghost;
  let outermost = ghost;
  while (outermost.parentId !== '') outermost = liveGhost(forest, outermost.parentId);
  return { id, parentId, base, root, staged, sequence, firstSequence, trunk: outermost.base };
}

function liveGhost(forest: Forest, ghostId: string): Ghost {
  const ghost = orRefuse(forest.ghost(ghostId));
  if ('root' in ghost) return ghost;
  return refuse('GHOST_OVER', `ghost ${ghostId} is ${ghost.state}`, {
    ghost_id: ghostId,
    state: ghost.state,
  });
}
