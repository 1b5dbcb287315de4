/** A ghost that has read what was taken back is not committed before its owner has looked again; every other one may be. */
import { BasisExtent } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import type { Derivation } from '../derivation.ts';
import type { BasisInit, Dream, DreamCommit } from '../knowledge.ts';
import type { WriteRecord } from '../history.ts';
import { isBelow } from '../model.ts';
import type { Scene } from './scene.ts';

/** A revert, and what had to be read for a ghost to be hit by it. */
interface Blow {
  readonly event: Event;
  readonly write: WriteRecord;
  readonly revisions: ReadonlySet<number>;
  readonly isCascade: boolean;
}

export function checkAwakenings(scene: Scene, derivation: Derivation): void {
  const { forest, story } = scene;
  const blows = story.events.filter(({ revertedRevision }) => revertedRevision !== 0n);
  const writes = new Map(forest.writes.map((write) => [write.requestId, write]));
  const known = blows.flatMap((event): Blow[] => {
    const write = writes.get(event.requestId);
    if (write === undefined) return [];
    const isCascade = forest.knowledge.cascades.some(({ requestId }) => requestId === event.requestId);
    const target = Number(event.revertedRevision);
    // What was made of what a revert alone took back stands on what stays.
    const derived = isCascade ? derivation.downstream(target, Number(event.revision) - 1).keys() : [];
    return [{ event, write, revisions: new Set([target, ...derived]), isCascade }];
  });
  for (const dream of forest.knowledge.dreams)
    for (const commit of dream.commits)
      checkCommit(scene, derivation, dream, commit, writes.get(commit.requestId), known);
}

function checkCommit(
  { story, expect }: Scene,
  derivation: Derivation,
  dream: Dream,
  { requestId, basis }: DreamCommit,
  write: WriteRecord | undefined,
  blows: readonly Blow[],
): void {
  if (write === undefined) return;
  const committed = story.events.find((event) => event.requestId === requestId);
  if (committed !== undefined) {
    for (const blow of blows) {
      const { event } = blow;
      if (!blow.isCascade || event.revision > committed.revision) continue;
      const hit = dream.diffs.find(
        (diff, index) =>
          diff.completedMs < blow.write.invokedMs && isHit(derivation, dream, index, blow, basis),
      );
      const what = (): string =>
        `ghost ${dream.ghostId} was committed as revision ${committed.revision}, though ${event.revision} took back what it had read for diff ${hit?.sequence}`;
      expect(hit === undefined, what);
    }
  } else if (write.refusal === 'BASIS_REVERTED') {
    const isRight = blows.some(
      (blow) =>
        blow.write.invokedMs <= write.completedMs &&
        dream.diffs.some(
          (diff, index) =>
            diff.invokedMs <= blow.write.completedMs && isHit(derivation, dream, index, blow, basis),
        ),
    );
    expect(
      isRight,
      () => `ghost ${dream.ghostId} was refused for what it had read, and nothing of that was taken back`,
    );
  }
}

/** Whether a diff had read what was taken back, and nobody has looked at that again since. */
function isHit(
  derivation: Derivation,
  dream: Dream,
  index: number,
  { event, revisions }: Blow,
  looked: readonly BasisInit[],
): boolean {
  const diff = dream.diffs[index];
  if (diff === undefined) return false;
  const later = [
    ...dream.diffs.slice(index + 1).flatMap(({ looks }) => looks.map(({ basis }) => basis)),
    ...looked,
  ];
  return derivation
    .hits(dream, diff, revisions)
    .some((read) => !later.some((look) => covers(look, read, event.revision)));
}

function covers(look: BasisInit, read: BasisInit, revision: bigint): boolean {
  if (look.revision < revision) return false;
  if (look.extent === BasisExtent.SUBTREE) return isBelow(read.path, look.path);
  return read.extent !== BasisExtent.SUBTREE && look.path === read.path;
}
