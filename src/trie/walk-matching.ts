/** The nodes that match any of several patterns, in the order of paths: the snapshot that a subscription begins with. */
import { findChild } from './children.ts';
import { ChildCursor } from './cursor.ts';
import type { NamedChild, Visited } from './iterate.ts';
import { laterStamp } from './node.ts';
import type { Stamp, TrieNode } from './node.ts';
import { compareSegments } from './path.ts';
import type { Path } from './path.ts';
import type { Pattern } from './pattern.ts';
import { PatternTree } from './pattern-tree.ts';
import type { Active } from './pattern-tree.ts';

/**
 * Every node that matches, once, those behind the path `after` where one is given. Subtrees where nothing can match are
 * not entered, and where only plain segments can, these are looked up rather than searched for.
 */
export function* walkMatching<E extends object>(
  root: TrieNode<E>,
  patterns: readonly Pattern[],
  after?: Path,
): Generator<Visited<E>, void, undefined> {
  const tree = new PatternTree<true>();
  for (const pattern of patterns) tree.add(pattern, true);
  const start = tree.start();
  if (after === undefined && isMatch(start)) yield { path: [], node: root, grafted: root.grafted };
  const path: string[] = [];
  const levels = [openLevel(root, root.grafted, start, after, 0)];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const child = level.next();
    if (child === undefined) {
      levels.pop();
      path.pop();
      continue;
    }
    const { segment, node } = child;
    const active = tree.step(level.active, segment);
    if (active.length === 0) continue;
    const grafted = node.grafted === 0 ? level.grafted : laterStamp(level.grafted, node.grafted);
    const seen = segment === level.seen?.[levels.length - 1] ? level.seen : undefined;
    if (seen === undefined && isMatch(active)) yield { path: [...path, segment], node, grafted };
    if (node.children === null) continue;
    path.push(segment);
    levels.push(openLevel(node, grafted, active, seen, levels.length));
  }
}

/** A node whose children are being walked. */
interface Level<E extends object> {
  readonly grafted: Stamp;
  readonly active: Active<true>;
  /** Set while the level lies on the way to the last path that was seen. */
  readonly seen: Path | undefined;
  readonly next: () => NamedChild<E> | undefined;
}

function openLevel<E extends object>(
  node: TrieNode<E>,
  grafted: Stamp,
  active: Active<true>,
  seen: Path | undefined,
  depth: number,
): Level<E> {
  const from = seen?.[depth];
  const isOpen = active.some((place) => place.isDeep || place.one !== null);
  return {
    grafted,
    active,
    seen,
    next: isOpen ? allChildren(node, from) : namedChildren(node, active, from),
  };
}

function allChildren<E extends object>(
  node: TrieNode<E>,
  from: string | undefined,
): () => NamedChild<E> | undefined {
  const cursor = new ChildCursor(node.children, from);
  return () => {
    const { segment, node: child } = cursor;
    if (segment === undefined || child === undefined) return undefined;
    cursor.advance();
    return { segment, node: child };
  };
}

/** The children that plain segments name. */
function namedChildren<E extends object>(
  node: TrieNode<E>,
  active: Active<true>,
  from: string | undefined,
): () => NamedChild<E> | undefined {
  const named = new Set(active.flatMap((place) => [...(place.literals?.keys() ?? [])]));
  const segments = [...named]
    .filter((segment) => from === undefined || compareSegments(segment, from) >= 0)
    .sort(compareSegments);
  let at = 0;
  return () => {
    while (node.children !== null && at < segments.length) {
      const segment = segments[at] as string;
      at += 1;
      const child = findChild(node.children, segment);
      if (child !== undefined) return { segment, node: child };
    }
    return undefined;
  };
}

function isMatch(active: Active<true>): boolean {
  return active.some((place) => place.subscribers !== null);
}
