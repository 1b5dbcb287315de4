/** 5: a ghost reaches the trunk as one revision with all that it kept, in order, past its gates, alone of its race; or not at all. */
import type { Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import { GhostTransitionKind } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import { raceAttemptsMax } from '../agents/racer.ts';
import type { GhostRecord } from '../history.ts';
import { inWords } from './scene.ts';
import type { Scene } from './scene.ts';

export function checkIsolated(scene: Scene): void {
  const where = new Map<string, Event>();
  for (const event of scene.story.events) {
    // What is put back is not brought.
    if (event.revertedRevision !== 0n) continue;
    for (const { action } of event.changes)
      if (action.case === 'put' && action.value.kind.case === 'text')
        where.set(action.value.kind.value, event);
  }
  for (const ghost of scene.forest.ghosts) {
    checkGhost(scene, ghost, where);
    checkGates(scene, ghost);
  }
  checkRaces(scene);
}

function checkGhost({ states, expect }: Scene, ghost: GhostRecord, where: ReadonlyMap<string, Event>): void {
  const { ghostId, baseRevision, kept, dropped, end, commitRequestId } = ghost;
  for (const token of dropped)
    expect(
      !where.has(token),
      () => `${token} was reverted in ghost ${ghostId}, and is in revision ${where.get(token)?.revision}`,
    );
  const reached = kept.filter((token) => where.has(token));
  expect(
    reached.length === 0 || (end !== 'reverted' && commitRequestId !== ''),
    () => `ghost ${ghostId} was not committed, and ${reached[0]} is on the trunk`,
  );
  if (reached.length === 0) return;
  expect(
    reached.length === kept.length,
    () => `ghost ${ghostId} reached the trunk with ${reached.length} of ${kept.length} diffs`,
  );
  const revisions = new Set(reached.map((token) => where.get(token)?.revision));
  expect(
    revisions.size === 1,
    () => `ghost ${ghostId} reached the trunk as revisions ${[...revisions].join(' and ')}`,
  );
  const commit = where.get(reached[0] ?? '');
  if (commit === undefined) return;
  // What others put since the ghost began, and its commit put again without having seen it.
  const [base, before] = [states[baseRevision], states[Number(commit.revision) - 1]];
  const clash = commit.changes.find(({ path }) => inWords(base?.get(path)) !== inWords(before?.get(path)));
  expect(
    clash === undefined,
    () =>
      `ghost ${ghostId} stands on revision ${baseRevision}, and revision ${commit.revision} overwrote ${clash?.path}, which is new since`,
  );
}

/** What a gate names must have happened before the commit: nothing beyond its limit, and the approval of just this content. */
function checkGates(
  { forest, story, expect }: Scene,
  { ghostId, operationsMax, isReviewed }: GhostRecord,
): void {
  if (!isReviewed) return;
  const commit = commitOf(story.events, ghostId);
  if (commit === undefined) return;
  const { changes, revision } = commit;
  expect(
    operationsMax === 0 || changes.length <= operationsMax,
    () => `ghost ${ghostId} brought ${changes.length} operations through a gate of ${operationsMax}`,
  );
  const last = changes.slice(-2).map(({ action }) => {
    const value = action.case === 'put' ? action.value.kind : undefined;
    return value?.case === 'text' ? value.value : '';
  });
  const isApproved = forest.approvals.some(
    (approval) => approval.ghostId === ghostId && approval.seen.join() === last.join(),
  );
  expect(
    isApproved,
    () => `ghost ${ghostId} brought ${last.join()} to the trunk at ${revision}, which no reviewer approved`,
  );
}

function commitOf(events: readonly Event[], ghostId: string): Event | undefined {
  return events.find(
    (event) => event.ghostId === ghostId && event.transition?.kind === GhostTransitionKind.COMMITTED,
  );
}

/** Of the ghosts of a race one is committed at most, and they have no more attempts together than the race. */
function checkRaces({ forest, story, expect }: Scene): void {
  const races = Map.groupBy(
    forest.ghosts.filter((ghost) => ghost.race !== ''),
    (ghost) => ghost.race,
  );
  for (const [race, ghosts] of races) {
    const winners = ghosts.filter(({ ghostId }) => commitOf(story.events, ghostId) !== undefined);
    expect(winners.length <= 1, () => `${winners.length} ghosts of ${race} reached the trunk`);
    // A crash may take the beginning of a ghost, or its return to a checkpoint, and with it the attempt.
    const attempts = story.hasRestarted
      ? ghosts.filter(({ end }) => end !== 'unknown').length
      : ghosts.reduce((sum, { rewinds }) => sum + 1 + rewinds, 0);
    expect(attempts <= raceAttemptsMax, () => `${race} let its ghosts make ${attempts} attempts`);
  }
}
