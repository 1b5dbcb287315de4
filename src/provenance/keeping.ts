/** Which entries a compaction keeps: those whose work is still there. */
import type { Clock } from '../base/clock.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { walk } from '../trie/iterate.ts';
import { laterStamp } from '../trie/node.ts';
import type { Recorded } from './made.ts';
import type { Retained } from './retained.ts';
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

/** Entries to keep, by position. */
export async function* keptEntries(keeping: Keeping): AsyncGenerator<readonly Recorded[]> {
  const { clock, root, isLiveGhost, retained, entries } = keeping;
  const revisions = await resultInSlices(writersOf(root), clock);
  const isKept = ({ proposal: { command }, effects }: Recorded): boolean => {
    if (effects.rejected) return false;
    if (revisions.has(effects.revision)) return true;
    const ids = 'ghostId' in command ? [command.ghostId, effects.parentId] : [];
    return ids.some((id) => id !== '' && isLiveGhost(id));
  };
  const slices = new Slices(clock);
  let newest = 0;
  for (const source of [retained.all(), entries]) {
    for await (const batch of source) {
      // What was kept before may still be in the journal, where the disk did not let go of it.
      const kept = batch.filter((each) => each.proposal.position > newest && isKept(each));
      newest = Math.max(newest, kept.at(-1)?.proposal.position ?? 0);
      if (kept.length > 0) yield kept;
      await slices.pause();
    }
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
  let looked = 0;
  for (const { node, grafted } of walk(root, { within: [] })) {
    looked += 1;
    if (looked % 1_024 === 0) yield;
    if (node.entry === null) continue;
    revisions.add(laterStamp(node.entry.modified, grafted));
  }
  return revisions;
}
