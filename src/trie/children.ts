/**
 * The children of a node, ordered by segment: a B-tree of arrays, one flat chunk while they are few. Every update copies
 * the chunks on its way unless `owner` made them; a million children cost four chunks an update.
 */
import { compareCodeUnits, compareSegments } from './path.ts';
import { Children } from './node.ts';
import type { Owner, TrieNode } from './node.ts';

/** Keys in a chunk at most. With 16 puts and lookups took a third longer, with 64 just as long (a hot session among 200). */
export const chunkKeysMax = 32;
/** A chunk that falls below it is joined with a neighbour. */
const chunkKeysMin = 8;

const noNodes: never[] = [];

/** The child called `segment`. */
export function findChild<E extends object>(children: Children<E>, segment: string): TrieNode<E> | undefined {
  let chunk = children;
  while (chunk.chunks !== null) chunk = chunk.chunks[chunkFor(chunk.keys, segment)] as Children<E>;
  const at = search(chunk.keys, segment);
  return at < 0 ? undefined : chunk.nodes[at];
}

/** Index of the first key that is not before `segment`. */
export function lowerBound(keys: readonly string[], segment: string): number {
  const at = search(keys, segment);
  return at < 0 ? ~at : at;
}

/** Index of the chunk of a branch where `segment` belongs. */
export function chunkFor(keys: readonly string[], segment: string): number {
  const at = search(keys, segment);
  return at >= 0 ? at : at === -1 ? 0 : -at - 2;
}

/**
 * Index of the key that is `segment`, or else the complement (`~`) of the index where it belongs. The order is that of
 * `compareSegments`, written out here because it is where lookups spend their time: keys between two that begin alike
 * begin so too, and what is known to be alike is not compared again (a third less time with keys such as `session_17`).
 */
function search(keys: readonly string[], segment: string): number {
  const { length } = segment;
  let low = 0;
  let high = keys.length;
  let alikeLow = 0;
  let alikeHigh = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = keys[middle] as string;
    const end = key.length < length ? key.length : length;
    let at = alikeLow < alikeHigh ? alikeLow : alikeHigh;
    let order = key.length - length;
    for (; at < end; at += 1) {
      const left = key.charCodeAt(at);
      const right = segment.charCodeAt(at);
      if (left === right) continue;
      order = compareCodeUnits(left, right);
      break;
    }
    if (order < 0) {
      low = middle + 1;
      alikeLow = at;
    } else {
      if (order === 0) return middle;
      high = middle;
      alikeHigh = at;
    }
  }
  return ~low;
}

/** The children of a node that has one child. */
export function onlyChild<E extends object>(segment: string, node: TrieNode<E>, owner: Owner): Children<E> {
  return new Children<E>(owner, [segment], [node], null, 1, node.count, node.height + 1);
}

/**
 * Puts `node` at `segment`, in place of what is there. The chunk of the old node may have been edited in place since, so
 * the caller tells how many entries came with the new one, and whether it is less high than the old one was.
 */
export function putChild<E extends object>(
  children: Children<E>,
  segment: string,
  node: TrieNode<E>,
  countChange: number,
  isLower: boolean,
  owner: Owner,
): Children<E> {
  const top = put(children, segment, node, countChange, isLower, owner);
  if (top.keys.length <= chunkKeysMax) return top;
  const [left, right] = split(top, isAppended(top, segment), owner);
  return branchOf([left.keys[0] as string, right.keys[0] as string], [left, right], owner);
}

/** Takes away the child at `segment`, which is there and has `count` entries. `null` when no child is left. */
export function removeChild<E extends object>(
  children: Children<E>,
  segment: string,
  count: number,
  owner: Owner,
): Children<E> | null {
  let top = take(children, segment, count, owner);
  while (top.chunks !== null && top.chunks.length === 1) top = top.chunks[0] as Children<E>;
  return top.keys.length === 0 ? null : top;
}

/** The children of a node from all of its keys, ascending, and their nodes. `null` for none. */
export function childrenOfSorted<E extends object>(
  keys: readonly string[],
  nodes: readonly TrieNode<E>[],
  owner: Owner,
): Children<E> | null {
  if (keys.length === 0) return null;
  let level: Children<E>[] = [];
  for (let at = 0; at < keys.length; at += chunkKeysMax) {
    level.push(leafOf(keys.slice(at, at + chunkKeysMax), nodes.slice(at, at + chunkKeysMax), owner));
  }
  while (level.length > 1) {
    const above: Children<E>[] = [];
    for (let at = 0; at < level.length; at += chunkKeysMax) {
      const chunks = level.slice(at, at + chunkKeysMax);
      above.push(
        branchOf(
          chunks.map((chunk) => chunk.keys[0] as string),
          chunks,
          owner,
        ),
      );
    }
    level = above;
  }
  return level[0] as Children<E>;
}

/** As {@link putChild}, but the result may have a key too many. */
function put<E extends object>(
  chunk: Children<E>,
  segment: string,
  node: TrieNode<E>,
  countChange: number,
  isLower: boolean,
  owner: Owner,
): Children<E> {
  if (chunk.chunks === null) return putIntoLeaf(chunk, segment, node, countChange, isLower, owner);
  const at = chunkFor(chunk.keys, segment);
  const old = chunk.chunks[at] as Children<E>;
  const oldSize = old.size;
  const below = put(old, segment, node, countChange, isLower, owner);
  const edited = own(chunk, owner);
  const chunks = edited.chunks as Children<E>[];
  if (below.keys.length > chunkKeysMax) {
    const [left, right] = split(below, at === chunks.length - 1 && isAppended(below, segment), owner);
    edited.keys = edited.keys.toSpliced(at + 1, 0, right.keys[0] as string);
    edited.chunks = chunks.toSpliced(at, 1, left, right);
  } else {
    chunks[at] = below;
  }
  if (at === 0 && below.size > oldSize && compareSegments(segment, edited.keys[0] as string) < 0) {
    edited.keys = edited.keys.with(0, segment);
  }
  edited.size += below.size - oldSize;
  edited.count += countChange;
  if (isLower) edited.height = heightOf(edited);
  else if (below.height > edited.height) edited.height = below.height;
  return edited;
}

function putIntoLeaf<E extends object>(
  chunk: Children<E>,
  segment: string,
  node: TrieNode<E>,
  countChange: number,
  isLower: boolean,
  owner: Owner,
): Children<E> {
  const at = search(chunk.keys, segment);
  const height = node.height + 1;
  if (at < 0) {
    const keys = chunk.keys.toSpliced(~at, 0, segment);
    const nodes = chunk.nodes.toSpliced(~at, 0, node);
    return new Children<E>(
      owner,
      keys,
      nodes,
      null,
      keys.length,
      chunk.count + countChange,
      Math.max(height, chunk.height),
    );
  }
  const edited = own(chunk, owner);
  edited.nodes[at] = node;
  edited.count += countChange;
  if (isLower) edited.height = heightOf(edited);
  else if (height > edited.height) edited.height = height;
  return edited;
}

/** As {@link removeChild}, but the result may have too few keys, or none. */
function take<E extends object>(
  chunk: Children<E>,
  segment: string,
  count: number,
  owner: Owner,
): Children<E> {
  if (chunk.chunks === null) {
    const at = lowerBound(chunk.keys, segment);
    return leafOf(chunk.keys.toSpliced(at, 1), chunk.nodes.toSpliced(at, 1), owner);
  }
  const at = chunkFor(chunk.keys, segment);
  const below = take(chunk.chunks[at] as Children<E>, segment, count, owner);
  const edited = own(chunk, owner);
  const chunks = edited.chunks as Children<E>[];
  chunks[at] = below;
  if (below.keys.length === 0) {
    edited.keys = edited.keys.toSpliced(at, 1);
    edited.chunks = chunks.toSpliced(at, 1);
  } else if (below.keys.length < chunkKeysMin && chunks.length > 1) {
    level(edited, chunks, at === 0 ? 0 : at - 1, owner);
  }
  edited.size -= 1;
  edited.count -= count;
  edited.height = heightOf(edited);
  return edited;
}

/** Joins the chunks `at` and `at + 1` of an edited branch, or shares their keys evenly where one cannot hold them. */
function level<E extends object>(branch: Children<E>, chunks: Children<E>[], at: number, owner: Owner): void {
  const left = chunks[at] as Children<E>;
  const right = chunks[at + 1] as Children<E>;
  const keys = [...left.keys, ...right.keys];
  const joined =
    left.chunks === null || right.chunks === null
      ? leafOf(keys, [...left.nodes, ...right.nodes], owner)
      : branchOf(keys, [...left.chunks, ...right.chunks], owner);
  const parts = joined.keys.length > chunkKeysMax ? split(joined, false, owner) : [joined];
  const bounds = parts.map((part, index) =>
    index === 0 ? (branch.keys[at] as string) : (part.keys[0] as string),
  );
  branch.keys = branch.keys.toSpliced(at, 2, ...bounds);
  branch.chunks = chunks.toSpliced(at, 2, ...parts);
}

/**
 * Halves a chunk. One that grows at its end is cut there instead, so that ascending keys (times, counters) leave full
 * chunks behind and not half-empty ones.
 */
function split<E extends object>(
  chunk: Children<E>,
  appended: boolean,
  owner: Owner,
): [Children<E>, Children<E>] {
  const { keys, nodes, chunks } = chunk;
  const at = appended ? keys.length - 1 : keys.length >>> 1;
  if (chunks === null) {
    return [
      leafOf(keys.slice(0, at), nodes.slice(0, at), owner),
      leafOf(keys.slice(at), nodes.slice(at), owner),
    ];
  }
  return [
    branchOf(keys.slice(0, at), chunks.slice(0, at), owner),
    branchOf(keys.slice(at), chunks.slice(at), owner),
  ];
}

/** The chunk has grown at its very end, by `segment`. */
function isAppended<E extends object>(chunk: Children<E>, segment: string): boolean {
  const last = chunk.chunks?.at(-1);
  return last === undefined ? chunk.keys.at(-1) === segment : last.keys.length === 1;
}

/** The chunk itself if `owner` made it, or else a copy that may be edited. */
function own<E extends object>(chunk: Children<E>, owner: Owner): Children<E> {
  if (chunk.owner === owner) {
    chunk.hash = null;
    return chunk;
  }
  const { keys, nodes, chunks, size, count, height } = chunk;
  return chunks === null
    ? new Children<E>(owner, keys, nodes.slice(), null, size, count, height)
    : new Children<E>(owner, keys, noNodes, chunks.slice(), size, count, height);
}

function leafOf<E extends object>(keys: readonly string[], nodes: TrieNode<E>[], owner: Owner): Children<E> {
  let count = 0;
  let height = 0;
  for (const node of nodes) {
    count += node.count;
    height = Math.max(height, node.height + 1);
  }
  return new Children<E>(owner, keys, nodes, null, keys.length, count, height);
}

function branchOf<E extends object>(
  keys: readonly string[],
  chunks: Children<E>[],
  owner: Owner,
): Children<E> {
  let size = 0;
  let count = 0;
  let height = 0;
  for (const chunk of chunks) {
    size += chunk.size;
    count += chunk.count;
    height = Math.max(height, chunk.height);
  }
  return new Children<E>(owner, keys, noNodes, chunks, size, count, height);
}

function heightOf<E extends object>(chunk: Children<E>): number {
  let height = 0;
  if (chunk.chunks === null) for (const node of chunk.nodes) height = Math.max(height, node.height + 1);
  else for (const below of chunk.chunks) height = Math.max(height, below.height);
  return height;
}
