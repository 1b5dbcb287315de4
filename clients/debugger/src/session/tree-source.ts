/**
 * Asks for as much of a tree as is shown: all of it in one answer where it is small, and otherwise the children of each node that is
 * open.
 */
import type { Openness } from '../model/openness.ts';
import { childOf, lineOf } from '../model/path.ts';
import type { Tree, TreeNode } from '../model/tree.ts';
import type { Moment, TreeReader } from './tree-reader.ts';

/** Calls at once: a browser has six connections to a broker, and the stream takes one. */
const callsAtOnceMax = 4;
/** Children asked for at once, at most: what one page of the broker may hold. */
const pageSizeMax = 10_000;

/** Fills `tree` and tells the revision that it shows. */
export async function loadTree(
  reader: TreeReader,
  tree: Tree,
  openness: Openness,
  moment: Moment,
): Promise<number> {
  const { facts, isAll, revision } = await reader.below('/', 0, reader.wholeNodesMax, moment);
  if (isAll) {
    tree.setAll(facts);
    return revision;
  }
  const then = { ...moment, atRevision: revision };
  await loadLevels(reader, tree, openness, then, ['/']);
  if (openness.sought !== '') await loadSought(reader, tree, openness, then);
  return revision;
}

/** Asks for the children of `paths`, and of what is open below them, level by level. */
export async function loadLevels(
  reader: TreeReader,
  tree: Tree,
  openness: Openness,
  moment: Moment,
  paths: readonly string[],
): Promise<void> {
  let level = paths;
  while (level.length > 0) {
    for (let at = 0; at < level.length; at += callsAtOnceMax) {
      const some = level.slice(at, at + callsAtOnceMax);
      await Promise.all(some.map((path) => loadChildren(reader, tree, openness, moment, path)));
    }
    level = level.flatMap((path) => openBelow(tree, openness, path));
  }
}

function openBelow(tree: Tree, openness: Openness, path: string): readonly string[] {
  const shown = (tree.get(path)?.children ?? []).slice(0, openness.shownOf(path));
  return shown
    .map((name) => childOf(path, name))
    .filter((child) => openness.isOpen(child) && (tree.get(child)?.childCount ?? 0) > 0);
}

async function loadChildren(
  reader: TreeReader,
  tree: Tree,
  openness: Openness,
  moment: Moment,
  path: string,
): Promise<void> {
  const pageSize = Math.min(openness.shownOf(path), pageSizeMax);
  const { facts, isAll, revision } = await reader.below(path, 1, pageSize, moment);
  const count = isAll ? facts.length : await countOf(reader, { ...moment, atRevision: revision }, path);
  tree.setChildren(path, facts, Math.max(count, facts.length + (isAll ? 0 : 1)), revision);
}

/** Asks for what the reader has asked for last, where listings of the first children have left it out, and for what is open on the way. */
export async function loadSought(
  reader: TreeReader,
  tree: Tree,
  openness: Openness,
  moment: Moment,
): Promise<void> {
  for (const path of lineOf(openness.sought).slice(1)) {
    const node = tree.get(path) ?? (await loadNode(reader, tree, moment, path));
    if (node === undefined) return;
    const isDue = openness.isOpen(path) && node.children === undefined && node.childCount > 0;
    if (isDue) await loadLevels(reader, tree, openness, moment, [path]);
  }
}

async function loadNode(
  reader: TreeReader,
  tree: Tree,
  moment: Moment,
  path: string,
): Promise<TreeNode | undefined> {
  const facts = await reader.node(path, moment);
  if (facts !== undefined) tree.setFacts(facts);
  return tree.get(path);
}

/** How many children a node has: a listing of the first ones does not tell. */
async function countOf(reader: TreeReader, moment: Moment, path: string): Promise<number> {
  return (await reader.node(path, moment))?.childCount ?? 0;
}
