/** Which subscribers a change concerns. The cost depends on the path and on who is concerned, not on who else is there. */
import type { Pattern } from './pattern.ts';
import { PatternTree } from './pattern-tree.ts';
import type { Active, PatternNode } from './pattern-tree.ts';
import type { Path } from './path.ts';

/** Subscribers by their patterns. Neither `match` nor `overlapping` may be left to add or remove meanwhile. */
export class PatternIndex<S> {
  readonly #tree = new PatternTree<S>();
  #size = 0;

  /** Pairs of a pattern and a subscriber. */
  get size(): number {
    return this.#size;
  }

  /** Subscribes to a pattern. Adding the same again changes nothing and answers false. */
  add(pattern: Pattern, subscriber: S): boolean {
    const isNew = this.#tree.add(pattern, subscriber);
    if (isNew) this.#size += 1;
    return isNew;
  }

  /** Ends what `add` began. False if there was no such pair. */
  remove(pattern: Pattern, subscriber: S): boolean {
    const wasThere = this.#tree.remove(pattern, subscriber);
    if (wasThere) this.#size -= 1;
    return wasThere;
  }

  /** Visits everyone with a pattern that matches `path`, each once. */
  match(path: Path, visit: (subscriber: S) => void): void {
    visitAll(
      this.#activeAt(path).filter((node) => node.subscribers !== null),
      visit,
    );
  }

  /** Visits everyone with a pattern that may match `path` or something below it, each once: for changes of subtrees. */
  overlapping(path: Path, visit: (subscriber: S) => void): void {
    const found = new Set<PatternNode<S>>(this.#activeAt(path));
    // A set may grow while it is gone through, and then the new ones come too.
    for (const node of found) {
      if (node.one !== null) found.add(node.one);
      if (node.deep !== null) found.add(node.deep);
      if (node.literals !== null) for (const next of node.literals.values()) found.add(next);
    }
    visitAll(
      [...found].filter((node) => node.subscribers !== null),
      visit,
    );
  }

  #activeAt(path: Path): Active<S> {
    let active = this.#tree.start();
    for (const segment of path) {
      if (active.length === 0) break;
      active = this.#tree.step(active, segment);
    }
    return active;
  }
}

/** Who has several patterns is visited once; with one place found, as is usual, nobody can come twice. */
function visitAll<S>(nodes: Active<S>, visit: (subscriber: S) => void): void {
  const [first] = nodes;
  if (first === undefined || first.subscribers === null) return;
  if (nodes.length === 1) {
    for (const subscriber of first.subscribers) visit(subscriber);
    return;
  }
  const visited = new Set<S>();
  for (const node of nodes) {
    for (const subscriber of node.subscribers ?? []) {
      if (visited.has(subscriber)) continue;
      visited.add(subscriber);
      visit(subscriber);
    }
  }
}
