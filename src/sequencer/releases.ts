/**
 * What compactions have done to the past. A compaction keeps the journal from some snapshot on. A revision that it promises to keep can still be
 * beyond a replay: what lies between it and the snapshot before it may have been copied from a revision that is gone. Its root may be in
 * memory all the same. So a command that a replay would have to look up such a root for is taken only once it was made anew from what is left.
 *
 * That concerns revisions below the compaction's own snapshot: a start begins with that one, or with a newer one, and has all that comes behind it.
 */
import { rebuiltRootsMax } from '../base/limits.ts';
import type { Root } from '../state/ghosts/ghost.ts';

export class Releases {
  /** Revisions below it are doubtful. */
  #doubtedBelow = 0;
  /** Roots that were made anew since the last release, least recently proven first. */
  readonly #proven = new Map<number, Root>();
  #underWay = 0;
  #round = 0;
  #ended = Promise.withResolvers<void>();

  /** Changes with every release that begins. */
  get round(): number {
    return this.#round;
  }

  /** A snapshot was frozen at `revision`: from now on commands are not in it, and what lies before it is about to go. */
  begin(revision: number): void {
    if (this.#underWay === 0) this.#ended = Promise.withResolvers<void>();
    this.#underWay += 1;
    this.#round += 1;
    this.#doubtedBelow = Math.max(this.#doubtedBelow, revision);
    this.#proven.clear();
  }

  /** What goes is gone, or stays because the disk failed. */
  end(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#ended.resolve();
  }

  /** Resolves when none is under way. */
  async ended(): Promise<void> {
    while (this.#underWay > 0) await this.#ended.promise;
  }

  isDoubtful(revision: number): boolean {
    return revision !== 0 && revision < this.#doubtedBelow && !this.#proven.has(revision);
  }

  /** A root that was made anew since the last release. */
  proven(revision: number): Root | undefined {
    return this.#proven.get(revision);
  }

  /** Notes a root that was made anew from the disk, beginning in a round: worth something if no release has begun since. */
  prove(revision: number, root: Root, round: number): void {
    if (round !== this.#round || this.#underWay > 0) return;
    this.#proven.set(revision, root);
    for (const oldest of this.#proven.keys()) {
      if (this.#proven.size <= rebuiltRootsMax) break;
      this.#proven.delete(oldest);
    }
  }
}
