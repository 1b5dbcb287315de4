/** Live ghosts out of their items: their views and checkpoints are made again from the base and the staged diffs. */
import type { Ghost, Checkpoint, Root, Staged, StagedDiff } from '../state/ghosts/ghost.ts';
import { stage } from '../state/ghosts/ghost.ts';
import { restage } from '../state/ghosts/rebuild.ts';
import { CodecDamage } from './damage.ts';
import { attemptsMadeOf } from './ghost-reader.ts';
import type { GhostItem } from './ghost-reader.ts';
import { copiesThePast } from './past-copies.ts';

export class GhostBuilder {
  readonly #item: GhostItem;
  readonly #base: Root;
  /** The view after all diffs but the pending ones. */
  #view: Root;
  #pending: StagedDiff[] = [];
  #staged: Staged | null = null;
  readonly #checkpoints: Checkpoint[] = [];

  constructor(item: GhostItem, base: Root) {
    this.#item = item;
    this.#base = base;
    this.#view = base;
  }

  /** The tree that a view is a difference to. */
  get view(): Root {
    return this.#view;
  }

  /** Takes the view after the diffs so far. */
  setView(view: Root): void {
    if (this.#pending.length === 0)
      throw new CodecDamage(`ghost ${this.#item.id} has a view where nothing was staged`);
    this.#view = view;
    this.#pending = [];
  }

  /** Takes the next staged diff. */
  add(diff: StagedDiff, bytes: number): void {
    this.#passCheckpoints();
    this.#staged = stage(this.#staged, diff, bytes);
    this.#pending.push(diff);
  }

  /** The ghost in `parent`, `null` for the trunk. */
  finish(parent: Ghost | null): Ghost {
    this.#passCheckpoints();
    this.#restage();
    const { id, scope, baseRevision, parentId, label, author, ttlMs, beginPosition, beginTimeMs } =
      this.#item;
    const { sequence, firstSequence, attempts, checkpoints, stagedOperations, stagedBytes } = this.#item;
    const { gates, pendingCommit, raceId, leaseId, run, earlierEditions } = this.#item;
    if (this.#checkpoints.length !== checkpoints.length) {
      throw new CodecDamage(
        `ghost ${id} has a checkpoint behind its staged diffs, or checkpoints out of order`,
      );
    }
    if ((this.#staged?.operations ?? 0) !== stagedOperations || (this.#staged?.bytes ?? 0) !== stagedBytes) {
      throw new CodecDamage(`ghost ${id} lacks staged diffs, or has too many`);
    }
    return {
      id,
      scope,
      baseRevision,
      parentId,
      label,
      author,
      ttlMs,
      beginPosition,
      beginTimeMs,
      depth: parent === null ? 0 : parent.depth + 1,
      base: this.#base,
      firstSequence,
      root: this.#view,
      sequence,
      staged: this.#staged,
      checkpoints: this.#checkpoints,
      attempts,
      attemptsMade: attemptsMadeOf(this.#item),
      run,
      earlierEditions,
      children: new Set(),
      gates,
      pendingCommit:
        pendingCommit === null ? null : { ...pendingCommit, requestIds: new Set(), outcome: null },
      raceId,
      leaseId,
      migration: parent?.migration ?? this.#item.migration,
      revertedBasis: this.#item.revertedBasis,
    };
  }

  /** Makes the checkpoints after the diffs so far. */
  #passCheckpoints(): void {
    const diffs = this.#staged?.diffs ?? 0;
    for (;;) {
      const next = this.#item.checkpoints[this.#checkpoints.length];
      if (next === undefined || next.stagedDiffs !== diffs) return;
      this.#restage();
      const { name, sequence } = next;
      this.#checkpoints.push({ name, sequence, root: this.#view, staged: this.#staged });
    }
  }

  #restage(): void {
    if (this.#pending.length === 0) return;
    if (this.#pending.some(copiesThePast)) {
      throw new CodecDamage(
        `ghost ${this.#item.id} copies from a past revision, and the view after that is missing`,
      );
    }
    try {
      this.#view = restage(this.#view, this.#pending);
    } catch (error) {
      const message = `what ghost ${this.#item.id} has staged does not apply to its base: ${String(error)}`;
      throw new CodecDamage(message, { cause: error });
    }
    this.#pending = [];
  }
}
