/**
 * The picture as a list: what is visible of a tree and its ghosts, from top to bottom, each with its place. A tree is laid out in one
 * pass: every leaf has a row of its own, and whatever has children stands beside the middle of them, but never more than a few rows
 * below its first child, so that what belongs together fits on a screen however wide it grows. Where a page is narrow it is an
 * outline instead: each node a row, indented by its depth.
 */
import type { GhostBranch, Ghosts, Staged } from './ghosts.ts';
import { comparePaths, type Tree, type TreeNode } from './tree.ts';
import { childOf, depthOf, nameOf } from './path.ts';

/** Distance from column to column and from row to row, and the size of a node, in pixels at full size. */
export const columnWidth = 236;
export const rowHeight = 42;
export const nodeWidth = 196;
export const nodeHeight = 32;
/** In an outline: how far each level is indented, and the distance from row to row. */
export const indentWidth = 20;
const outlineRowHeight = 40;
/** A parent stands at most so many rows below its first child. */
const parentDropRowsMax = 4;
/** Children shown of a node before "more" is asked for. */
export const childrenShown = 12;
/** Nodes in a picture at most: what a person can still look at, and what is bench-marked to stay smooth. */
export const nodesShownMax = 6_000;
/** Ghosts and what is staged in each, at most: beyond, a line says how many more. */
export const ghostsShownMax = 24;
export const stagedShownMax = 60;

/** How a picture is laid out: levels side by side, or as an outline. */
export type Shape = 'columns' | 'outline';

interface Placed {
  readonly key: string;
  readonly path: string;
  readonly label: string;
  readonly parent: string | undefined;
  readonly depth: number;
  readonly x: number;
  readonly y: number;
}

/** A node of the picture. The object is the same as long as nothing about it changes. */
export type GraphNode = Placed &
  (
    | { readonly kind: 'trunk'; readonly node: TreeNode; readonly isOpen: boolean }
    | { readonly kind: 'more'; readonly count: number; readonly ghostId: string }
    | { readonly kind: 'ghost'; readonly branch: GhostBranch }
    | {
        readonly kind: 'staged';
        readonly ghostId: string;
        readonly staged: Staged;
        readonly phase: GhostBranch['phase'];
      }
  );

/** A picture. */
export interface Graph {
  readonly shape: Shape;
  readonly nodes: readonly GraphNode[];
  readonly byKey: ReadonlyMap<string, GraphNode>;
  readonly width: number;
  readonly height: number;
}

export const emptyGraph: Graph = { shape: 'columns', nodes: [], byKey: new Map(), width: 0, height: 0 };

/** What decides on a picture. */
export interface GraphInput {
  readonly tree: Tree;
  readonly ghosts: Ghosts;
  readonly isOpen: (path: string) => boolean;
  /** How many children of a node are shown. */
  readonly shownOf: (path: string) => number;
  readonly shape: Shape;
  /** A child that is shown in any case. */
  readonly soughtIn: (path: string) => string | undefined;
}

type Bare<Node> = Node extends unknown ? Omit<Node, 'x' | 'y'> : never;
interface Draft {
  readonly node: Bare<GraphNode>;
  row: number;
}

/** Draws the picture anew; nodes about which nothing has changed are those of `before`. */
export function drawGraph(input: GraphInput, before: Graph = emptyGraph): Graph {
  const drafts = new Drawing(input).draw();
  const { shape } = input;
  const [across, down] = shape === 'outline' ? [indentWidth, outlineRowHeight] : [columnWidth, rowHeight];
  const nodes: GraphNode[] = [];
  const byKey = new Map<string, GraphNode>();
  let [width, height] = [0, 0];
  const rows = new Map(drafts.map(({ node, row }) => [node.key, row]));
  for (const { node, row } of drafts) {
    // What settles moves to where it is on the trunk now.
    const settled =
      node.kind === 'staged' && node.phase === 'settling' ? rows.get(trunkKey(node.path)) : undefined;
    const depth = settled === undefined ? node.depth : depthOf(node.path);
    const [x, y] = [depth * across, (settled ?? row) * down];
    const known = before.byKey.get(node.key);
    const placed = known !== undefined && isSame(known, node, x, y) ? known : { ...node, x, y };
    nodes.push(placed);
    byKey.set(node.key, placed);
    width = Math.max(width, x + nodeWidth);
    height = Math.max(height, y + nodeHeight);
  }
  return { shape, nodes, byKey, width, height };
}

/** The key of a trunk node. */
export function trunkKey(path: string): string {
  return path;
}

/** The key of a ghost's node, or of something staged in it. */
export function ghostKey(ghostId: string, path?: string): string {
  return path === undefined ? `ghost:${ghostId}` : `ghost:${ghostId}:${path}`;
}

class Drawing {
  readonly #input: GraphInput;
  readonly #drafts: Draft[] = [];
  /** Ghosts by the visible path that they grow out of. */
  readonly #branches = new Map<string, GhostBranch[]>();
  #row = 0;

  constructor(input: GraphInput) {
    this.#input = input;
  }

  draw(): readonly Draft[] {
    const all = this.#input.ghosts.all();
    for (const branch of all.slice(0, ghostsShownMax)) {
      const parent = this.#input.ghosts.get(branch.parentId);
      if (parent !== undefined) continue;
      const at = this.#visible(branch.scope);
      this.#branches.set(at, [...(this.#branches.get(at) ?? []), branch]);
    }
    this.#trunk('/', undefined, 0);
    return this.#drafts;
  }

  /** The path, or the nearest above it that the picture shows. */
  #visible(path: string): string {
    const { tree, isOpen } = this.#input;
    let shown = '/';
    const segments = path === '/' ? [] : path.slice(1).split('/');
    for (const name of segments) {
      const next = childOf(shown, name);
      if (!isOpen(shown) || tree.get(next) === undefined) break;
      const rank = tree.get(shown)?.children?.indexOf(name) ?? -1;
      const isSought = this.#input.soughtIn(shown) === name;
      if (!isSought && (rank < 0 || rank >= this.#input.shownOf(shown))) break;
      shown = next;
    }
    return shown;
  }

  #trunk(path: string, parent: string | undefined, depth: number): void {
    const { tree, isOpen, shownOf } = this.#input;
    const node = tree.get(path);
    if (node === undefined || this.#drafts.length >= nodesShownMax) return;
    const isNodeOpen = isOpen(path) && node.childCount > 0;
    const key = trunkKey(path);
    const label = path === '/' ? 'root' : nameOf(path);
    const draft = this.#add({ kind: 'trunk', key, path, label, parent, depth, node, isOpen: isNodeOpen });
    const first = this.#rowBelow();
    if (isNodeOpen) {
      const shown = (node.children ?? []).slice(0, shownOf(path));
      for (const name of shown) this.#trunk(childOf(path, name), key, depth + 1);
      const sought = this.#sought(path, shown);
      this.#more(key, path, depth + 1, node.childCount - shown.length - sought.length, '');
      for (const name of sought) this.#trunk(childOf(path, name), key, depth + 1);
    }
    for (const branch of this.#branches.get(path) ?? []) this.#ghost(branch, key, depth + 1);
    this.#place(draft, first);
  }

  /** The child that is shown in any case, where it is not among those that are shown anyway. */
  #sought(path: string, shown: readonly string[]): readonly string[] {
    const name = this.#input.soughtIn(path);
    if (name === undefined || shown.includes(name)) return [];
    return this.#input.tree.get(childOf(path, name)) === undefined ? [] : [name];
  }

  #ghost(branch: GhostBranch, parent: string, depth: number): void {
    const key = ghostKey(branch.id);
    const label = branch.label === '' ? 'ghost' : branch.label;
    const path = branch.scope;
    const draft = this.#add({ kind: 'ghost', key, path, label, parent, depth, branch });
    const first = this.#rowBelow();
    const all = [...branch.staged.values(), ...branch.fallen.values()];
    const staged = all.sort((a, b) => comparePaths(a.path, b.path)).slice(0, stagedShownMax);
    for (const each of staged) this.#staged(branch, each, key, depth + 1);
    this.#more(key, branch.scope, depth + 1, all.length - staged.length, branch.id);
    for (const inner of this.#input.ghosts.all())
      if (inner.parentId === branch.id) this.#ghost(inner, key, depth + 1);
    this.#place(draft, first);
  }

  #staged(branch: GhostBranch, staged: Staged, parent: string, depth: number): void {
    const phase = branch.fallen.has(staged.path) ? 'falling' : branch.phase;
    const { path } = staged;
    const key = ghostKey(branch.id, path);
    const label = relativeTo(path, branch.scope);
    const draft = this.#add({
      kind: 'staged',
      key,
      path,
      label,
      parent,
      depth,
      ghostId: branch.id,
      staged,
      phase,
    });
    this.#place(draft, this.#row);
  }

  #more(parent: string, path: string, depth: number, count: number, ghostId: string): void {
    if (count <= 0) return;
    const key = `more:${parent}`;
    const label = `${count.toLocaleString('en')} more`;
    this.#place(this.#add({ kind: 'more', key, path, label, parent, depth, count, ghostId }), this.#row);
  }

  #add(node: Bare<GraphNode>): Draft {
    const draft = { node, row: this.#row };
    this.#drafts.push(draft);
    return draft;
  }

  /** The first row for what is below a node: in an outline the node has one before it. */
  #rowBelow(): number {
    if (this.#input.shape === 'outline') this.#row += 1;
    return this.#row;
  }

  /** Gives a node its row, now that everything below it has one. */
  #place(draft: Draft, first: number): void {
    if (this.#input.shape === 'outline') {
      if (draft.row === this.#row) this.#row += 1;
      return;
    }
    if (this.#row === first) {
      this.#row += 1;
      return;
    }
    draft.row = first + Math.min((this.#row - 1 - first) / 2, parentDropRowsMax);
  }
}

function relativeTo(path: string, scope: string): string {
  if (path === scope) return nameOf(path);
  return path.slice(scope === '/' ? 1 : scope.length + 1);
}

function isSame(known: GraphNode, node: Bare<GraphNode>, x: number, y: number): boolean {
  if (known.x !== x || known.y !== y || known.kind !== node.kind || known.label !== node.label) return false;
  switch (node.kind) {
    case 'trunk':
      return known.kind === 'trunk' && known.node === node.node && known.isOpen === node.isOpen;
    case 'more':
      return known.kind === 'more' && known.count === node.count;
    case 'ghost':
      return known.kind === 'ghost' && known.branch === node.branch;
    case 'staged':
      return known.kind === 'staged' && known.phase === node.phase && known.staged === node.staged;
  }
}

/** The nodes that a window shows, with a margin around it. */
export function within(
  graph: Graph,
  left: number,
  top: number,
  right: number,
  bottom: number,
): readonly GraphNode[] {
  return graph.nodes.filter(
    ({ x, y }) => x + nodeWidth >= left && x <= right && y + nodeHeight >= top && y <= bottom,
  );
}

/** Where an arrow key leads from a node. */
export function neighbour(graph: Graph, key: string, way: 'up' | 'down' | 'left' | 'right'): string {
  const at = graph.nodes.findIndex((node) => node.key === key);
  const node = graph.nodes[at];
  if (node === undefined) return graph.nodes[0]?.key ?? '/';
  switch (way) {
    case 'up':
      return graph.nodes[Math.max(0, at - 1)]?.key ?? key;
    case 'down':
      return graph.nodes[Math.min(graph.nodes.length - 1, at + 1)]?.key ?? key;
    case 'left':
      return node.parent ?? key;
    case 'right': {
      const next = graph.nodes[at + 1];
      return next?.parent === key ? next.key : key;
    }
  }
}
