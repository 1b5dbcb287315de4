/**
 * Many patterns as one tree, followed along a path all at once: what is *active* at a path are the places in the tree
 * that the path has reached. Patterns that begin alike share their beginning, so a path costs its depth times the
 * places that are active, however many patterns there are.
 */
import { anyDepth, anyOne } from './pattern.ts';
import type { Pattern } from './pattern.ts';

/** A beginning of patterns. */
export class PatternNode<S> {
  readonly isDeep: boolean;
  /** What continues with a plain segment. */
  literals: Map<string, PatternNode<S>> | null = null;
  /** What continues with `*`. */
  one: PatternNode<S> | null = null;
  /** What continues with `**`. */
  deep: PatternNode<S> | null = null;
  /** Whose pattern ends here. */
  subscribers: Set<S> | null = null;
  /** The last step that came here; see {@link PatternTree.step}. */
  visitedIn = 0;

  constructor(isDeep: boolean) {
    this.isDeep = isDeep;
  }

  get isUnused(): boolean {
    return this.subscribers === null && this.literals === null && this.one === null && this.deep === null;
  }
}

/** Places that a path has reached, each once. */
export type Active<S> = readonly PatternNode<S>[];

/** Patterns and who subscribed to them. */
export class PatternTree<S> {
  readonly #root = new PatternNode<S>(false);
  #steps = 0;

  /** False if `subscriber` has that pattern already. */
  add(pattern: Pattern, subscriber: S): boolean {
    let node = this.#root;
    for (const segment of pattern.segments) node = grow(node, segment);
    node.subscribers ??= new Set();
    if (node.subscribers.has(subscriber)) return false;
    node.subscribers.add(subscriber);
    return true;
  }

  /** False if `subscriber` does not have that pattern. */
  remove(pattern: Pattern, subscriber: S): boolean {
    const way = [this.#root];
    for (const segment of pattern.segments) {
      const next = nextOf(way.at(-1), segment);
      if (next === undefined) return false;
      way.push(next);
    }
    const last = way.at(-1);
    if (last === undefined || last.subscribers?.delete(subscriber) !== true) return false;
    if (last.subscribers.size === 0) last.subscribers = null;
    for (let depth = pattern.segments.length; depth > 0 && way[depth]?.isUnused === true; depth -= 1) {
      cut(way[depth - 1] as PatternNode<S>, pattern.segments[depth - 1] as string);
    }
    return true;
  }

  /** What is active at the root. */
  start(): Active<S> {
    return this.#root.deep === null ? [this.#root] : [this.#root, this.#root.deep];
  }

  /** What is active one segment further. */
  step(active: Active<S>, segment: string): Active<S> {
    this.#steps += 1;
    const next: PatternNode<S>[] = [];
    for (const node of active) {
      if (node.isDeep) this.#enter(node, next);
      const literal = node.literals?.get(segment);
      if (literal !== undefined) this.#enter(literal, next);
      if (node.one !== null) this.#enter(node.one, next);
    }
    return next;
  }

  /** `**` stands for no segment too, so what follows it is active at once. */
  #enter(node: PatternNode<S>, next: PatternNode<S>[]): void {
    if (node.visitedIn === this.#steps) return;
    node.visitedIn = this.#steps;
    next.push(node);
    if (node.deep !== null) this.#enter(node.deep, next);
  }
}

function grow<S>(node: PatternNode<S>, segment: string): PatternNode<S> {
  if (segment === anyOne) return (node.one ??= new PatternNode<S>(false));
  if (segment === anyDepth) return (node.deep ??= new PatternNode<S>(true));
  node.literals ??= new Map();
  let next = node.literals.get(segment);
  if (next === undefined) {
    next = new PatternNode<S>(false);
    node.literals.set(segment, next);
  }
  return next;
}

function nextOf<S>(node: PatternNode<S> | undefined, segment: string): PatternNode<S> | undefined {
  if (segment === anyOne) return node?.one ?? undefined;
  if (segment === anyDepth) return node?.deep ?? undefined;
  return node?.literals?.get(segment);
}

function cut<S>(node: PatternNode<S>, segment: string): void {
  if (segment === anyOne) node.one = null;
  else if (segment === anyDepth) node.deep = null;
  else if (node.literals?.delete(segment) === true && node.literals.size === 0) node.literals = null;
}
