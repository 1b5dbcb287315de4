/**
 * The trunk as it would be if the undone publishes had never happened, at the places where they have written: a root from before the
 * first of them, and on it all that others have done there since. It is not kept up elsewhere.
 */
import { assert } from '../../base/assert.ts';
import type { Operation } from '../../state/command.ts';
import type { Past } from '../../state/forest.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { operate } from '../../state/values/operate.ts';
import { standingOf } from '../../state/values/standing.ts';
import type { Entry } from '../../state/values/value.ts';
import { write } from '../../state/values/write-entry.ts';
import type { OperationContext } from '../../state/values/write-entry.ts';
import { reachesBelow } from '../../subscriptions/filter.ts';
import { locate } from '../../trie/lookup.ts';
import type { Path } from '../../trie/path.ts';
import { Transaction } from '../../trie/transaction.ts';
import { trunkDiffs } from '../history.ts';
import type { StoredEntry } from '../history.ts';
import type { Footprint, Place } from './footprint.ts';

/** Revisions that this world is without. */
export interface Absence {
  /** Those that are undone now. */
  readonly undone: ReadonlySet<number>;
  /** Those that were undone before, and the reverts that did it: without the one there was no need for the other. */
  readonly before: ReadonlySet<number>;
}

type Copy = Operation & { readonly kind: 'copy' };

export class Counterfactual {
  readonly #footprint: Footprint;
  readonly #absence: Absence;
  #root: Root;

  constructor(base: Root, footprint: Footprint, absence: Absence) {
    this.#root = base;
    this.#footprint = footprint;
    this.#absence = absence;
  }

  get root(): Root {
    return this.#root;
  }

  /** Gives a path the value that it has in the real world, since no other one can be had. */
  concede(path: Path, real: Root, stamp: number): void {
    const { entry } = standingOf(real, path);
    const transaction = new Transaction<Entry>(this.#root, stamp);
    if (entry === null) transaction.remove(path);
    else write(transaction, path, entry, true, contextOf(stamp, entry.author));
    this.#root = transaction.commit();
  }

  /**
   * Real roots that {@link apply} asks for: what is copied by a publish that is not undone was not tainted, or the copy would be
   * derived. So it is as it is in the real world.
   */
  rootsNeeded({ proposal, effects }: StoredEntry): readonly number[] {
    const { revision } = effects;
    if (revision === 0 || this.#isAbsent(revision)) return none;
    const copies = trunkDiffs(proposal, effects).flatMap(({ operations }) =>
      operations.filter((operation) => operation.kind === 'copy'),
    );
    if (!copies.some((copy) => this.#footprint.isTouchedBy(copy))) return none;
    // One of what the diff itself sees is made by doing the diff again up to there, and with it what it copies elsewhere.
    return copies.map(({ sourceRevision }) => (sourceRevision === 0 ? revision - 1 : sourceRevision));
  }

  /** Takes the next entry of the journal. False where it has nothing to do with the places of undone publishes. */
  apply(entry: StoredEntry, past: Past): boolean {
    const { revision } = entry.effects;
    if (revision === 0) return false;
    const diffs = trunkDiffs(entry.proposal, entry.effects);
    if (this.#isAbsent(revision)) {
      if (this.#absence.undone.has(revision)) this.#skip(revision, diffs);
      return true;
    }
    const transaction = new Transaction<Entry>(this.#root, revision);
    let isConcerned = false;
    for (const { author, operations } of diffs) {
      for (const operation of operations) {
        if (!this.#footprint.isTouchedBy(operation)) continue;
        isConcerned = true;
        if (operation.kind === 'copy') this.#copy(transaction, operation, entry, past);
        else this.#operate(transaction, operation, contextOf(revision, author));
      }
    }
    if (isConcerned) this.#root = transaction.commit();
    return isConcerned;
  }

  #isAbsent(revision: number): boolean {
    return this.#absence.undone.has(revision) || this.#absence.before.has(revision);
  }

  /** Notes what an undone publish did. */
  #skip(revision: number, diffs: ReturnType<typeof trunkDiffs>): void {
    for (const { operations } of diffs) {
      for (const operation of operations) {
        const { path } = operation;
        const place = this.#footprint.at(path);
        if (place === undefined || place.last < revision) continue;
        if (place.first === revision) place.wasThere = standingOf(this.#root, path).present;
        const hit = reachesBelow(operation) ? this.#footprint.within(path) : [place];
        for (const each of hit) each.overwrittenBy = 0;
      }
    }
  }

  #operate(transaction: Transaction<Entry>, operation: Operation, context: OperationContext): void {
    const { path } = operation;
    const { stamp } = context;
    if (operation.kind === 'put' || operation.kind === 'delete') {
      this.#overwrite(operation, transaction, stamp);
      operate(transaction, operation, context);
      return;
    }
    const place = this.#footprint.at(path);
    if (place !== undefined && place.builtUponBy !== 0) return;
    if (operate(transaction, operation, context) === null) return;
    // It makes sense only on what was undone: that stays, then.
    const stuck = place ?? this.#footprint.add(path, this.#coverOf(path)?.last ?? stamp);
    stuck.builtUponBy = stamp;
  }

  #overwrite(operation: Operation, transaction: Transaction<Entry>, stamp: number): void {
    const { path } = operation;
    const isWhole = reachesBelow(operation);
    const hit = isWhole ? [...this.#footprint.within(path)] : [this.#footprint.at(path)];
    for (const place of hit) {
      if (place === undefined) continue;
      if (isWhole || !place.isSubtree) place.overwrittenBy = stamp;
      place.builtUponBy = 0;
    }
    if (isWhole || hit[0] !== undefined) return;
    const cover = this.#coverOf(path);
    // Something that an undone publish has removed or replaced, and somebody has put there anew.
    if (cover === undefined || standingOf(transaction.commit(), path).entry === null) return;
    this.#footprint.add(path, cover.last).overwrittenBy = stamp;
  }

  #coverOf(path: Path): Place | undefined {
    for (const place of this.#footprint.around(path))
      if (place.isSubtree && place.path.length < path.length) return place;
    return undefined;
  }

  #copy(transaction: Transaction<Entry>, copy: Copy, entry: StoredEntry, past: Past): void {
    const { path, source, sourceRevision } = copy;
    this.#overwrite(copy, transaction, entry.effects.revision);
    const real = sourceRevision === 0 ? realBefore(copy, entry, past) : past(sourceRevision);
    const node = locate(real, source)?.node;
    if (node === undefined) transaction.removeSubtree(path);
    else transaction.graft(path, node);
  }
}

const none: readonly number[] = [];

/** The real trunk as a copy of what its own diff sees finds it. */
function realBefore(copy: Copy, { proposal, effects }: StoredEntry, past: Past): Root {
  const transaction = new Transaction<Entry>(past(effects.revision - 1), effects.revision);
  for (const { author, operations } of trunkDiffs(proposal, effects)) {
    for (const operation of operations) {
      if (operation === copy) return transaction.commit();
      const rejection = operate(transaction, operation, { ...contextOf(effects.revision, author), past });
      assert(rejection === null, 'an operation of the journal does not apply again');
    }
  }
  return transaction.commit();
}

function contextOf(stamp: number, author: string): OperationContext {
  return { stamp, author, revision: Number.MAX_SAFE_INTEGER, compactedRevision: 0, past: noPast, sums: [] };
}

const noPast: Past = (revision) => {
  assert(false, `the root of revision ${revision} is needed and not at hand`);
};
