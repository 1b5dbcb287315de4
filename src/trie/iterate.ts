/** Going through a tree in order, lazily, and from any place on: what pages of a list are made of. */
import { ChildCursor } from './cursor.ts';
import { locate } from './lookup.ts';
import type { Located } from './lookup.ts';
import { laterStamp } from './node.ts';
import type { Stamp, TrieNode } from './node.ts';
import { comparePaths, isWithin } from './path.ts';
import type { Path } from './path.ts';

/** A node that a walk has come to, with or without an entry. */
export interface Visited<E extends object> extends Located<E> {
  readonly path: Path;
}

/** Where to walk. */
export interface WalkOptions {
  /** The subtree to walk. */
  readonly within: Path;
  /** Levels below `within` to go to; 0 for that node alone. All without it. */
  readonly depth?: number | undefined;
  /** The last path that was seen: the walk goes on behind it, whether it is still there or not. */
  readonly after?: Path | undefined;
  /** Whether to go on below a node. Below all without it. */
  readonly enters?: ((path: Path) => boolean) | undefined;
}

/** All nodes of a subtree, each before its children, in the order of paths. */
export function* walk<E extends object>(
  root: TrieNode<E>,
  options: WalkOptions,
): Generator<Visited<E>, void, undefined> {
  const { within, after, enters, depth = Infinity } = options;
  const start = locate(root, within);
  if (start === undefined) return;
  const isInside = after !== undefined && isWithin(after, within);
  if (after !== undefined && !isInside && comparePaths(after, within) > 0) return;
  if (!isInside) yield { path: within, node: start.node, grafted: start.grafted };
  const levels = openLevels(start, within, depth, isInside ? after : within);
  const path = [...within, ...levels.slice(1).map((level) => level.segment)];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const { segment, node } = level.cursor;
    if (segment === undefined || node === undefined) {
      levels.pop();
      if (levels.length > 0) path.pop();
      continue;
    }
    level.cursor.advance();
    const grafted = node.grafted === 0 ? level.grafted : laterStamp(level.grafted, node.grafted);
    const visited = { path: [...path, segment], node, grafted };
    yield visited;
    if (node.children === null || levels.length >= depth || enters?.(visited.path) === false) continue;
    levels.push({ segment, grafted, cursor: new ChildCursor(node.children) });
    path.push(segment);
  }
}

/** A child and its segment. */
export interface NamedChild<E extends object> {
  readonly segment: string;
  readonly node: TrieNode<E>;
}

/** The children of a node in order; those behind the segment `after`, where one is given. */
export function* childrenOf<E extends object>(
  node: TrieNode<E>,
  after?: string,
): Generator<NamedChild<E>, void, undefined> {
  const cursor = new ChildCursor(node.children, after);
  if (after !== undefined && cursor.segment === after) cursor.advance();
  for (;;) {
    const { segment, node: child } = cursor;
    if (segment === undefined || child === undefined) return;
    yield { segment, node: child };
    cursor.advance();
  }
}

/** A node whose children are being walked. */
interface Level<E extends object> {
  readonly segment: string;
  readonly grafted: Stamp;
  readonly cursor: ChildCursor<E>;
}

/** The cursors of all levels from `start` down to `after`, standing behind it. */
function openLevels<E extends object>(
  start: Located<E>,
  within: Path,
  depth: number,
  after: Path,
): Level<E>[] {
  if (depth <= 0) return [];
  let { node, grafted } = start;
  const levels: Level<E>[] = [];
  for (let at = within.length; ; at += 1) {
    const next = after[at];
    const cursor = new ChildCursor(node.children, next);
    levels.push({ segment: after[at - 1] ?? '', grafted, cursor });
    if (next === undefined || cursor.segment !== next || cursor.node === undefined) return levels;
    node = cursor.node;
    cursor.advance();
    if (levels.length >= depth) return levels;
    grafted = laterStamp(grafted, node.grafted);
  }
}
