/**
 * Asks the broker for as much of a tree as is shown: all of it in one answer where it is small, and otherwise the children of each node
 * that is open.
 */
import { NotFoundError, type Client } from '../../../typescript/src/browser.ts';
import type { Openness } from '../model/openness.ts';
import { childOf, lineOf } from '../model/path.ts';
import type { Tree, TreeNode } from '../model/tree.ts';
import { factsOf } from './facts.ts';

/** Trees of up to so many nodes are asked for whole: fewer round trips, and every count is known. */
const wholeNodesMax = 2_000;
/** Calls at once: a browser has six connections to a broker, and the stream takes one. */
const callsAtOnceMax = 4;
/** Children asked for at once, at most: what one page of the broker may hold. */
const pageSizeMax = 10_000;

/** Where a listing stands. */
export interface Moment {
  /** A trunk revision; `undefined`: the newest. */
  readonly atRevision?: number;
  readonly signal?: AbortSignal;
}

/** Fills `tree` and tells the revision that it shows. */
export async function loadTree(
  client: Client,
  tree: Tree,
  openness: Openness,
  moment: Moment,
): Promise<number> {
  const whole = client.list('/', { depth: 0, keysOnly: true, pageSize: wholeNodesMax, ...moment }).pages();
  const { value: page } = await whole.next();
  if (page === undefined) return 0;
  if (page.nextPageToken === '') {
    tree.setAll(page.items.map(factsOf));
    return page.revision;
  }
  const then = { ...moment, atRevision: page.revision };
  await loadLevels(client, tree, openness, then, ['/']);
  if (openness.sought !== '') await loadSought(client, tree, openness, then);
  return page.revision;
}

/** Asks for the children of `paths`, and of what is open below them, level by level. */
export async function loadLevels(
  client: Client,
  tree: Tree,
  openness: Openness,
  moment: Moment,
  paths: readonly string[],
): Promise<void> {
  let level = paths;
  while (level.length > 0) {
    for (let at = 0; at < level.length; at += callsAtOnceMax) {
      const some = level.slice(at, at + callsAtOnceMax);
      await Promise.all(some.map((path) => loadChildren(client, tree, openness, moment, path)));
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
  client: Client,
  tree: Tree,
  openness: Openness,
  moment: Moment,
  path: string,
): Promise<void> {
  const pageSize = Math.min(openness.shownOf(path), pageSizeMax);
  const pages = client.list(path, { depth: 1, keysOnly: true, pageSize, ...moment }).pages();
  const { value: page } = await pages.next();
  if (page === undefined) return;
  const isAll = page.nextPageToken === '';
  const count = isAll ? page.items.length : await countOf(client, tree, moment, path);
  tree.setChildren(path, page.items.map(factsOf), Math.max(count, page.items.length + (isAll ? 0 : 1)));
}

/** Asks for what the reader has asked for last, where listings of the first children have left it out, and for what is open on the way. */
export async function loadSought(
  client: Client,
  tree: Tree,
  openness: Openness,
  moment: Moment,
): Promise<void> {
  for (const path of lineOf(openness.sought).slice(1)) {
    const node = tree.get(path) ?? (await loadNode(client, tree, moment, path));
    if (node === undefined) return;
    const isDue = openness.isOpen(path) && node.children === undefined && node.childCount > 0;
    if (isDue) await loadLevels(client, tree, openness, moment, [path]);
  }
}

async function loadNode(
  client: Client,
  tree: Tree,
  moment: Moment,
  path: string,
): Promise<TreeNode | undefined> {
  try {
    // Blame tells a node without its value, which may be large, and says nothing of nodes that have none.
    const { value: page } = await client
      .blame(path, { pageSize: 1, ...moment })
      .pages()
      .next();
    const node = page?.items[0]?.node ?? (await client.get(path, moment));
    tree.setFacts(factsOf(node));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return tree.get(path);
}

/** A listing tells the children's own counts, so only the root has to be asked how many it has. */
async function countOf(client: Client, tree: Tree, moment: Moment, path: string): Promise<number> {
  if (path !== '/') return tree.get(path)?.childCount ?? 0;
  const root = await client.find('/', moment);
  return root?.childCount ?? 0;
}
