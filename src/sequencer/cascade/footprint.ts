/**
 * Where the undone publishes have written, and what others have done there since. Everything else of a forest is as it would be
 * without them, so nothing else needs to be looked at.
 */
import type { Operation } from '../../state/command.ts';
import type { IndexNode } from '../../state/locks/path-index.ts';
import { PathIndex } from '../../state/locks/path-index.ts';
import { reachesBelow } from '../../subscriptions/filter.ts';
import type { Path } from '../../trie/path.ts';

/** A node that undone publishes have written, or a subtree that they have replaced or removed. */
export interface Place {
  readonly path: Path;
  isSubtree: boolean;
  /** They did nothing here but add integers. */
  isCounter: boolean;
  /** The first and the last of them. */
  first: number;
  last: number;
  /** There was something before the first of them. */
  wasThere: boolean;
  /** A publish that stays has put something else here since the last of them; 0 where none has. */
  overwrittenBy: number;
  /** A publish that stays has added to it in a way that makes no sense without it; 0 where none has. */
  builtUponBy: number;
  /** A schema does not take what was there before. */
  isUnfit: boolean;
}

/** What an undone publish did to a node. */
export interface Mark {
  readonly path: Path;
  readonly isSubtree: boolean;
  readonly isCounter: boolean;
}

/** The mark that an operation leaves. */
export function markOf(operation: Operation): Mark {
  const isCounter = operation.kind === 'increment' && typeof operation.amount === 'bigint';
  return { path: operation.path, isSubtree: reachesBelow(operation), isCounter };
}

const fresh = { isCounter: true, wasThere: false };

export class Footprint {
  readonly #index = new PathIndex<Place>();

  get size(): number {
    return this.#index.size;
  }

  /** Notes what the undone `revision` did. */
  note({ path, isSubtree, isCounter }: Mark, revision: number): void {
    const place = this.#index.get(path) ?? Object.assign(this.add(path, revision), fresh);
    place.isSubtree ||= isSubtree;
    place.isCounter &&= isCounter;
    place.first = Math.min(place.first, revision);
    place.last = Math.max(place.last, revision);
  }

  /** Makes a place of a node that is none, which no undone publish has made. */
  add(path: Path, revision: number): Place {
    const place: Place = {
      path,
      isSubtree: false,
      isCounter: false,
      first: revision,
      last: revision,
      wasThere: true,
      overwrittenBy: 0,
      builtUponBy: 0,
      isUnfit: false,
    };
    this.#index.set(path, place);
    return place;
  }

  at(path: Path): Place | undefined {
    return this.#index.get(path);
  }

  /** Whether an operation changes something here. */
  isTouchedBy(operation: Operation): boolean {
    return this.isTouchedAt(operation.path, reachesBelow(operation));
  }

  /** The same for what changes a node, or all below it. */
  isTouchedAt(path: Path, isSubtree: boolean): boolean {
    const end = this.#follow(path);
    if (end === 'covered') return true;
    return end !== undefined && (end.value !== undefined || isSubtree);
  }

  /** Whether a read of a path, or of all below it, sees something here. */
  isSeenBy(path: Path, isSubtree: boolean, revision: number): boolean {
    const sees = ({ first, overwrittenBy }: Place): boolean =>
      revision >= first && (overwrittenBy === 0 || revision < overwrittenBy);
    for (const place of this.around(path)) {
      const isOver = place.path.length <= path.length;
      const isHit = isOver ? place.isSubtree || place.path.length === path.length : isSubtree;
      if (isHit && sees(place)) return true;
    }
    return false;
  }

  /** Places at, above or below a path. */
  *around(path: Path): Generator<Place> {
    let node: IndexNode<Place> | undefined = this.#index.root;
    for (let depth = 0; depth < path.length && node !== undefined; depth += 1) {
      if (node.value !== undefined) yield node.value;
      node = node.child(path[depth] as string);
    }
    if (node !== undefined) yield* placesIn(node);
  }

  /** Places at a path and below it. */
  *within(path: Path): Generator<Place> {
    const end = this.#find(path);
    if (end !== undefined) yield* placesIn(end);
  }

  /** Places that lie in no other subtree of an undone publish. */
  *outermost(): Generator<Place> {
    yield* outermostIn(this.#index.root);
  }

  #find(path: Path): IndexNode<Place> | undefined {
    let node: IndexNode<Place> | undefined = this.#index.root;
    for (let depth = 0; depth < path.length && node !== undefined; depth += 1)
      node = node.child(path[depth] as string);
    return node;
  }

  /** The index at a path, or that it lies in a subtree of an undone publish. */
  #follow(path: Path): IndexNode<Place> | 'covered' | undefined {
    let node: IndexNode<Place> | undefined = this.#index.root;
    for (let depth = 0; node !== undefined; depth += 1) {
      if (node.value?.isSubtree === true) return 'covered';
      if (depth === path.length) return node;
      node = node.child(path[depth] as string);
    }
    return undefined;
  }
}

function* placesIn(node: IndexNode<Place>): Generator<Place> {
  if (node.value !== undefined) yield node.value;
  for (const child of node.children()) yield* placesIn(child);
}

function* outermostIn(node: IndexNode<Place>): Generator<Place> {
  if (node.value !== undefined) yield node.value;
  if (node.value?.isSubtree === true) return;
  for (const child of node.children()) yield* outermostIn(child);
}
