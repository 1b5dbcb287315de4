/** What always holds in a published tree. For tests and for the simulator: it visits every node. */
import { assert } from '../base/assert.ts';
import { chunkNamesMax } from './children.ts';
import { packNames, unpackNames } from './names.ts';
import type { Children, TrieNode } from './node.ts';
import { compareSegments } from './path.ts';

/** Throws unless the tree under `root` is in order. */
export function checkTree<E extends object>(root: TrieNode<E>): void {
  assert(
    root.children !== null || root.count === (root.entry === null ? 0 : 1),
    'the count of a leaf is its own',
  );
  if (root.children !== null) checkChildren(root.children);
}

/** Throws unless these children, their B-tree and everything below them are in order. */
export function checkChildren<E extends object>(children: Children<E>): void {
  assert(
    children.chunks === null || children.chunks.length > 1,
    'a top chunk with one chunk is one too many',
  );
  checkChunk(children, undefined, undefined);
}

/** All segments of a chunk are in [from, before). Returns the levels of the B-tree. */
function checkChunk<E extends object>(
  chunk: Children<E>,
  from: string | undefined,
  before: string | undefined,
): number {
  const { chunks } = chunk;
  const names = unpackNames(chunk.names);
  assert(names.length > 0 && names.length <= chunkNamesMax, `a chunk has ${names.length} names`);
  for (let at = 1; at < names.length; at += 1) {
    assert(
      compareSegments(names[at - 1] as string, names[at] as string) < 0,
      `"${names[at]}" is out of order`,
    );
  }
  assert(packNames(names) === chunk.names, 'names are packed in one way only');
  return chunks === null
    ? checkLeaf(chunk, names, from, before)
    : checkBranch(chunk, names, chunks, from, before);
}

function checkLeaf<E extends object>(
  chunk: Children<E>,
  names: readonly string[],
  from: string | undefined,
  before: string | undefined,
): number {
  const { nodes, size, count, height } = chunk;
  const [first, last] = [names[0] as string, names.at(-1) as string];
  assert(from === undefined || compareSegments(from, first) <= 0, `"${first}" is before its chunk`);
  assert(before === undefined || compareSegments(last, before) < 0, `"${last}" is behind its chunk`);
  assert(nodes.length === names.length && size === names.length, 'a leaf chunk has a node for each name');
  let entries = 0;
  let levels = 0;
  for (const node of nodes) {
    assert(node.entry !== null || node.children !== null, 'a node without entry and children is left');
    if (node.children !== null) checkChildren(node.children);
    entries += node.count;
    levels = Math.max(levels, node.height + 1);
  }
  assert(count === entries, `a leaf chunk counts ${count} entries of ${entries}`);
  assert(height === levels, `a leaf chunk is ${height} levels high, not ${levels}`);
  return 1;
}

function checkBranch<E extends object>(
  chunk: Children<E>,
  names: readonly string[],
  chunks: readonly Children<E>[],
  from: string | undefined,
  before: string | undefined,
): number {
  assert(
    chunks.length === names.length && chunk.nodes.length === 0,
    'a branch has a chunk for each name, and no nodes',
  );
  // The first bound may be too high, so it binds nobody.
  const levels = chunks.map((below, at) =>
    checkChunk(below, at === 0 ? from : names[at], names[at + 1] ?? before),
  );
  assert(new Set(levels).size === 1, 'the chunks of a branch are equally high');
  const sum = { size: 0, count: 0, height: 0 };
  for (const below of chunks) {
    sum.size += below.size;
    sum.count += below.count;
    sum.height = Math.max(sum.height, below.height);
  }
  assert(chunk.size === sum.size, `a branch has ${chunk.size} children, not ${sum.size}`);
  assert(chunk.count === sum.count, `a branch counts ${chunk.count} entries of ${sum.count}`);
  assert(chunk.height === sum.height, `a branch is ${chunk.height} levels high, not ${sum.height}`);
  return 1 + (levels[0] ?? 0);
}
