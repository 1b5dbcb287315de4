/**
 * The children of a node, ordered by segment: a B-tree of arrays, one flat chunk while they are few. Every update copies
 * the chunks on its way unless `owner` made them; a million children cost four chunks an update.
 */
import {
  insertName,
  nameAt,
  nameCount,
  packNames,
  removeName,
  searchNames,
  sliceNames,
  unpackNames,
} from './names.ts';
import type { Names } from './names.ts';
import { Children } from './node.ts';
import type { Owner, TrieNode } from './node.ts';
import { compareSegments } from './path.ts';

/** Names in a chunk at most. With 16 puts and lookups took a third longer, with 64 just as long (a hot session among 200). */
export const chunkNamesMax = 32;
/** A chunk that falls below it is joined with a neighbour. */
const chunkNamesMin = 8;

const noNodes: never[] = [];

/** The child called `segment`. */
export function findChild<E extends object>(children: Children<E>, segment: string): TrieNode<E> | undefined {
  let chunk = children;
  while (chunk.chunks !== null) chunk = chunk.chunks[chunkFor(chunk.names, segment)] as Children<E>;
  const at = searchNames(chunk.names, segment);
  return at < 0 ? undefined : chunk.nodes[at];
}

/** Index of the first name that is not before `segment`. */
export function lowerBound(names: Names, segment: string): number {
  const at = searchNames(names, segment);
  return at < 0 ? ~at : at;
}

/** Index of the chunk of a branch where `segment` belongs. */
export function chunkFor(names: Names, segment: string): number {
  const at = searchNames(names, segment);
  return at >= 0 ? at : at === -1 ? 0 : -at - 2;
}

/** What is to become of a child. An object, since a function for each level of each put would be most of what a put allocates. */
export interface Change<E extends object> {
  /** The node in place of `old`. What is below `old` may have been edited in place when this is back. */
  of(old: TrieNode<E> | undefined): TrieNode<E>;
}

/** Puts what `change` makes of the child at `segment` in its place, going down once: the change goes on from there. */
export function changeChild<E extends object>(
  children: Children<E> | null,
  segment: string,
  change: Change<E>,
  owner: Owner,
): Children<E> {
  if (children === null) {
    const node = change.of(undefined);
    return new Children<E>(owner, packNames([segment]), [node], null, 1, node.count, node.height + 1);
  }
  const top = put(children, segment, change, owner);
  if (nameCount(top.names) <= chunkNamesMax) return top;
  const halves = split(top, isAppended(top, segment), owner);
  return branchOf(namesOf(halves), halves, owner);
}

/** Takes away the child at `segment`, which is there. `null` when no child is left. */
export function removeChild<E extends object>(
  children: Children<E>,
  segment: string,
  owner: Owner,
): Children<E> | null {
  let top = take(children, segment, owner);
  while (top.chunks !== null && top.chunks.length === 1) top = top.chunks[0] as Children<E>;
  return top.size === 0 ? null : top;
}

/** The children of a node from all of their names, ascending, and their nodes. `null` for none. */
export function childrenOfSorted<E extends object>(
  names: readonly string[],
  nodes: readonly TrieNode<E>[],
  owner: Owner,
): Children<E> | null {
  if (names.length === 0) return null;
  let level: Children<E>[] = [];
  for (let at = 0; at < names.length; at += chunkNamesMax) {
    const end = at + chunkNamesMax;
    level.push(leafOf(packNames(names.slice(at, end)), nodes.slice(at, end), owner));
  }
  while (level.length > 1) {
    const above: Children<E>[] = [];
    for (let at = 0; at < level.length; at += chunkNamesMax) {
      const chunks = level.slice(at, at + chunkNamesMax);
      above.push(branchOf(namesOf(chunks), chunks, owner));
    }
    level = above;
  }
  return level[0] as Children<E>;
}

/** As {@link changeChild}, but the result may have a name too many. */
function put<E extends object>(
  chunk: Children<E>,
  segment: string,
  change: Change<E>,
  owner: Owner,
): Children<E> {
  if (chunk.chunks === null) return putIntoLeaf(chunk, segment, change, owner);
  const at = chunkFor(chunk.names, segment);
  const old = chunk.chunks[at] as Children<E>;
  // Before going down: it may be edited in place.
  const { size, count, height } = old;
  const below = put(old, segment, change, owner);
  const edited = own(chunk, owner);
  const chunks = edited.chunks as Children<E>[];
  if (nameCount(below.names) > chunkNamesMax) {
    const [left, right] = split(below, at === chunks.length - 1 && isAppended(below, segment), owner);
    edited.names = insertName(edited.names, at + 1, nameAt(right.names, 0));
    edited.chunks = chunks.toSpliced(at, 1, left, right);
  } else {
    chunks[at] = below;
  }
  if (at === 0 && below.size > size && compareSegments(segment, nameAt(edited.names, 0)) < 0) {
    edited.names = insertName(removeName(edited.names, 0), 0, segment);
  }
  edited.size += below.size - size;
  edited.count += below.count - count;
  if (below.height < height) edited.height = heightOf(edited);
  else if (below.height > edited.height) edited.height = below.height;
  return edited;
}

function putIntoLeaf<E extends object>(
  chunk: Children<E>,
  segment: string,
  change: Change<E>,
  owner: Owner,
): Children<E> {
  const at = searchNames(chunk.names, segment);
  if (at < 0) {
    const node = change.of(undefined);
    const nodes = chunk.nodes.toSpliced(~at, 0, node);
    return new Children<E>(
      owner,
      insertName(chunk.names, ~at, segment),
      nodes,
      null,
      nodes.length,
      chunk.count + node.count,
      Math.max(node.height + 1, chunk.height),
    );
  }
  const old = chunk.nodes[at] as TrieNode<E>;
  const { count, height } = old;
  const node = change.of(old);
  const edited = own(chunk, owner);
  edited.nodes[at] = node;
  edited.count += node.count - count;
  if (node.height < height) edited.height = heightOf(edited);
  else if (node.height >= edited.height) edited.height = node.height + 1;
  return edited;
}

/** As {@link removeChild}, but the result may have too few names, or none. */
function take<E extends object>(chunk: Children<E>, segment: string, owner: Owner): Children<E> {
  if (chunk.chunks === null) {
    const at = lowerBound(chunk.names, segment);
    return leafOf(removeName(chunk.names, at), chunk.nodes.toSpliced(at, 1), owner);
  }
  const at = chunkFor(chunk.names, segment);
  const old = chunk.chunks[at] as Children<E>;
  const { count } = old;
  const below = take(old, segment, owner);
  const edited = own(chunk, owner);
  const chunks = edited.chunks as Children<E>[];
  chunks[at] = below;
  if (below.size === 0) {
    edited.names = removeName(edited.names, at);
    edited.chunks = chunks.toSpliced(at, 1);
  } else if (nameCount(below.names) < chunkNamesMin && chunks.length > 1) {
    level(edited, chunks, at === 0 ? 0 : at - 1, owner);
  }
  edited.size -= 1;
  edited.count += below.count - count;
  edited.height = heightOf(edited);
  return edited;
}

/** Joins the chunks `at` and `at + 1` of an edited branch, or shares their names evenly where one cannot hold them. */
function level<E extends object>(branch: Children<E>, chunks: Children<E>[], at: number, owner: Owner): void {
  const left = chunks[at] as Children<E>;
  const right = chunks[at + 1] as Children<E>;
  const names = packNames([...unpackNames(left.names), ...unpackNames(right.names)]);
  const joined =
    left.chunks === null || right.chunks === null
      ? leafOf(names, [...left.nodes, ...right.nodes], owner)
      : branchOf(names, [...left.chunks, ...right.chunks], owner);
  const parts = nameCount(names) > chunkNamesMax ? split(joined, false, owner) : [joined];
  const bounds = parts.map((part, index) => (index === 0 ? nameAt(branch.names, at) : nameAt(part.names, 0)));
  branch.names = packNames(unpackNames(branch.names).toSpliced(at, 2, ...bounds));
  branch.chunks = chunks.toSpliced(at, 2, ...parts);
}

/**
 * Halves a chunk. One that grows at its end is cut there instead, so that ascending names (times, counters) leave full
 * chunks behind and not half-empty ones.
 */
function split<E extends object>(
  chunk: Children<E>,
  appended: boolean,
  owner: Owner,
): [Children<E>, Children<E>] {
  const { names, nodes, chunks } = chunk;
  const count = nameCount(names);
  const at = appended ? count - 1 : count >>> 1;
  const [left, right] = [sliceNames(names, 0, at), sliceNames(names, at, count)];
  return chunks === null
    ? [leafOf(left, nodes.slice(0, at), owner), leafOf(right, nodes.slice(at), owner)]
    : [branchOf(left, chunks.slice(0, at), owner), branchOf(right, chunks.slice(at), owner)];
}

/** The chunk has grown at its very end, by `segment`. */
function isAppended<E extends object>(chunk: Children<E>, segment: string): boolean {
  const last = chunk.chunks?.at(-1);
  if (last !== undefined) return nameCount(last.names) === 1;
  return nameAt(chunk.names, nameCount(chunk.names) - 1) === segment;
}

/** The chunk itself if `owner` made it, or else a copy that may be edited. */
function own<E extends object>(chunk: Children<E>, owner: Owner): Children<E> {
  if (chunk.owner === owner) {
    chunk.hash = null;
    return chunk;
  }
  const { names, nodes, chunks, size, count, height } = chunk;
  return chunks === null
    ? new Children<E>(owner, names, nodes.slice(), null, size, count, height)
    : new Children<E>(owner, names, noNodes, chunks.slice(), size, count, height);
}

/** The bounds of chunks: the first name in each. */
function namesOf<E extends object>(chunks: readonly Children<E>[]): Names {
  return packNames(chunks.map((chunk) => nameAt(chunk.names, 0)));
}

function leafOf<E extends object>(names: Names, nodes: TrieNode<E>[], owner: Owner): Children<E> {
  let count = 0;
  let height = 0;
  for (const node of nodes) {
    count += node.count;
    height = Math.max(height, node.height + 1);
  }
  return new Children<E>(owner, names, nodes, null, nodes.length, count, height);
}

function branchOf<E extends object>(names: Names, chunks: Children<E>[], owner: Owner): Children<E> {
  let size = 0;
  let count = 0;
  let height = 0;
  for (const chunk of chunks) {
    size += chunk.size;
    count += chunk.count;
    height = Math.max(height, chunk.height);
  }
  return new Children<E>(owner, names, noNodes, chunks, size, count, height);
}

function heightOf<E extends object>(chunk: Children<E>): number {
  let height = 0;
  if (chunk.chunks === null) for (const node of chunk.nodes) height = Math.max(height, node.height + 1);
  else for (const below of chunk.chunks) height = Math.max(height, below.height);
  return height;
}
