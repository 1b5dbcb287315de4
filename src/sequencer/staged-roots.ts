/**
 * The roots on both sides of what is staged in live ghosts, for those who read of it in the journal, which has none. They are made again from the
 * ghost's base, or its checkpoints, by what is staged. Events mostly come in order, so the last few are kept to go on from.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { stagedRootsMax } from '../base/limits.ts';
import { Slices } from '../base/slices.ts';
import type { EventRoots, ForestEvent } from '../state/event.ts';
import type { ForestState } from '../state/forest.ts';
import { stagedDiffs } from '../state/ghosts/ghost.ts';
import type { Ghost, Root, StagedDiff } from '../state/ghosts/ghost.ts';
import { restage } from '../state/ghosts/rebuild.ts';
import { copiedRevisions } from '../state/reach.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import type { History } from './history.ts';

/** A ghost's root behind some of its diffs. */
interface Made {
  readonly ghost: Ghost;
  readonly staged: Ghost['staged'];
  readonly diffs: readonly StagedDiff[];
  readonly count: number;
  readonly root: Root;
}

export class StagedRoots {
  readonly #state: ForestState;
  readonly #history: History;
  readonly #clock: Clock;
  /** Oldest first. */
  #made: Made[] = [];

  constructor(state: ForestState, history: History, clock: Clock) {
    this.#state = state;
    this.#history = history;
    this.#clock = clock;
  }

  /** `null` where they cannot be had: the ghost is over, or what was staged was taken back since. */
  async of({ ghostId, transition }: ForestEvent): Promise<EventRoots | null> {
    this.#made = this.#made.filter(({ ghost }) => this.#state.ghosts.get(ghost.id) === ghost);
    const ghost = this.#state.ghosts.get(ghostId);
    if (ghost === undefined || transition?.kind !== 'staged') return null;
    const { staged } = ghost;
    const diffs = this.#made.findLast((made) => made.staged === staged)?.diffs ?? stagedDiffs(staged);
    // What a ghost inside it brought has one number for all of its diffs.
    const first = firstOf(diffs, transition.sequence);
    let end = first;
    while (diffs[end]?.sequence === transition.sequence) end += 1;
    if (end === first) return null;
    const start = this.#nearest(ghost, diffs, first);
    try {
      const before = await this.#restage(start.root, diffs.slice(start.count, first));
      const after = await this.#restage(before, diffs.slice(first, end));
      const kept = this.#made.filter((made) => made !== start);
      this.#made = [...kept, { ghost, staged, diffs, count: end, root: after }].slice(-stagedRootsMax);
      return { before, after };
    } catch (error) {
      // What they copy from was compacted meanwhile.
      if (error instanceof HistoryGone) return null;
      throw error;
    }
  }

  /** What is known of the first `most` diffs, or of as many of them as can be. */
  #nearest(ghost: Ghost, diffs: readonly StagedDiff[], most: number): Pick<Made, 'count' | 'root'> {
    let best: Pick<Made, 'count' | 'root'> = { count: 0, root: ghost.base };
    const consider = (known: Pick<Made, 'count' | 'root'>): void => {
      if (known.count <= most && known.count >= best.count) best = known;
    };
    for (const { staged, root } of ghost.checkpoints) consider({ count: staged?.diffs ?? 0, root });
    // Where the ghost went back since, others were staged in place of those.
    for (const made of this.#made)
      if (made.ghost === ghost && made.diffs[made.count - 1] === diffs[made.count - 1]) consider(made);
    return best;
  }

  async #restage(base: Root, diffs: readonly StagedDiff[]): Promise<Root> {
    const slices = new Slices(this.#clock);
    let root = base;
    for (const diff of diffs) {
      if (slices.isOver) await slices.pause();
      const past = new Map<number, Root>();
      for (const revision of copiedRevisions(diff.operations))
        past.set(revision, await this.#history.rootAt(revision));
      root = restage(root, [diff], (revision) => {
        const known = past.get(revision);
        assert(known !== undefined, `the root of revision ${revision} was not loaded`);
        return known;
      });
    }
    return root;
  }
}

/** Where the diffs of a sequence number begin, or would. */
function firstOf(diffs: readonly StagedDiff[], sequence: number): number {
  let [low, high] = [0, diffs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((diffs[middle]?.sequence ?? Infinity) < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
