/** Which entries a compaction keeps: those whose work is still there. */
import type { Clock } from '../base/clock.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { laterStamp } from '../trie/node.ts';
import { sweep } from '../trie/sweep.ts';
import type { Recorded } from './made.ts';
import { frameOf, recordedIn } from './retained.ts';
import type { Frame, Retained } from './retained.ts';
import { resultInSlices, Slices } from '../base/slices.ts';

const revisionParts = 256;

export interface Keeping {
  readonly clock: Clock;
  /** The trunk at the revision that history is given up below. */
  readonly root: Root;
  readonly isLiveGhost: (ghostId: string) => boolean;
  /** What earlier compactions have kept. */
  readonly retained: Retained;
  /** What the journal still holds of the history that is given up. */
  readonly entries: AsyncIterable<readonly Recorded[]>;
}

/** Frames of the entries to keep, by position. What was kept before is handed on as it is: only what goes now, or is a ghost's, is decoded. */
export async function* keptFrames(keeping: Keeping): AsyncGenerator<readonly Frame[]> {
  const { clock, root, isLiveGhost, retained, entries } = keeping;
  const revisions = await resultInSlices(writersOf(root), clock);
  const isOfLiveGhost = ({ proposal: { command }, effects }: Recorded): boolean => {
    const ids = 'ghostId' in command ? [command.ghostId, effects.parentId] : [];
    return ids.some((id) => id !== '' && isLiveGhost(id));
  };
  const slices = new Slices(clock);
  let newest = 0;
  for await (const batch of retained.all()) {
    const kept: Frame[] = [];
    for (const frame of batch) {
      if (revisions.has(frame.revision) || isOfLiveGhost(recordedIn(frame))) kept.push(frame);
      if (slices.isOver) await slices.pause();
    }
    newest = batch.at(-1)?.position ?? newest;
    if (kept.length > 0) yield kept;
  }
  for await (const batch of entries) {
    const kept = batch.filter(
      // What was kept before may still be in the journal, where the disk did not let go of it.
      (each) =>
        each.proposal.position > newest &&
        !each.effects.rejected &&
        (revisions.has(each.effects.revision) || isOfLiveGhost(each)),
    );
    if (kept.length > 0) yield kept.map(frameOf);
    await slices.pause();
  }
}

/** Revisions, in many small sets: one large one stops everything for a tenth of a second whenever it outgrows its table. */
class Revisions {
  readonly #parts = Array.from({ length: revisionParts }, () => new Set<number>());

  add(revision: number): void {
    this.#partOf(revision)?.add(revision);
  }

  has(revision: number): boolean {
    return this.#partOf(revision)?.has(revision) ?? false;
  }

  #partOf(revision: number): Set<number> | undefined {
    return this.#parts[revision % revisionParts];
  }
}

/** Revisions that made something which is there, values as well as copies. */
function* writersOf(root: Root): Generator<void, Revisions> {
  const revisions = new Revisions();
  yield* sweep(root, ({ entry }, grafted) => {
    if (entry !== null) revisions.add(laterStamp(entry.modified, grafted));
  });
  return revisions;
}
