/**
 * What the page knows of a forest's tree. It holds what was asked for and nothing else: of a node that was never opened it knows the
 * number of children, of a wide one the first children. What always holds:
 *
 * - A node that is known has a known parent, up to the root.
 * - `children` is in the broker's order and complete up to its last member; `childCount` counts those beyond as well.
 * - Where events cannot tell what is there now (a copy, a change below something that was never opened), the node is *stale*, and
 *   stays so until somebody has asked the broker.
 */
import { compareNames, depthOf, isWithin, nameOf, parentOf } from './path.ts';

/** What the broker tells of a node, without its value. */
export interface NodeFacts {
  readonly path: string;
  readonly hasValue: boolean;
  readonly author: string;
  readonly modifiedRevision: number;
  readonly subtreeRevision: number;
  readonly valueBytes: number;
  readonly childCount: number;
  readonly leased: boolean;
}

/** A node of the tree. Replaced, never edited, when something about it changes. */
export interface TreeNode extends NodeFacts {
  /** Names of the known children; `undefined` before the first answer. */
  readonly children: readonly string[] | undefined;
  /** The revision up to which it is known which children there are. */
  readonly childrenRevision: number;
}

/** One change, reduced to what the tree shows. */
export interface TreeChange {
  readonly path: string;
  readonly action: 'set' | 'delete_node' | 'delete_subtree' | 'replace';
  readonly author: string;
  readonly revision: number;
}

/** What became of the picture. */
export interface TreeEffect {
  readonly grown: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const rootFacts: NodeFacts = {
  path: '/',
  hasValue: false,
  author: '',
  modifiedRevision: 0,
  subtreeRevision: 0,
  valueBytes: 0,
  childCount: 0,
  leased: false,
};

export class Tree {
  readonly #nodes = new Map<string, TreeNode>();
  readonly #stale = new Set<string>();

  constructor() {
    this.#nodes.set('/', { ...rootFacts, children: undefined, childrenRevision: 0 });
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(path: string): TreeNode | undefined {
    return this.#nodes.get(path);
  }

  /** The node itself or the nearest one above it that is known. */
  nearest(path: string): TreeNode {
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
      const node = this.#nodes.get(at);
      if (node !== undefined) return node;
    }
    throw new Error('a tree has a root');
  }

  /** Nodes of which events could not tell enough. Asking for them is the caller's business. */
  takeStale(): readonly string[] {
    const paths = [...this.#stale];
    this.#stale.clear();
    return paths;
  }

  /** What is known of a node may be old. */
  doubt(path: string): void {
    this.#stale.add(path);
  }

  /**
   * Takes the children of a node as the broker has told them at a revision: the first ones, or all. `childCount` counts all. An answer that
   * is older than what is known leaves it, and the node is asked for again.
   */
  setChildren(path: string, facts: readonly NodeFacts[], childCount: number, revision: number): void {
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    if (revision < node.childrenRevision) {
      this.#stale.add(path);
      return;
    }
    const names = facts.map((child) => nameOf(child.path)).sort(compareNames);
    const kept = new Set(names);
    for (const name of node.children ?? []) if (!kept.has(name)) this.#drop(join(path, name));
    for (const child of facts) {
      const known = this.#nodes.get(child.path);
      if (known === undefined || known.subtreeRevision <= revision) this.setFacts(child);
      else if (known.childCount !== child.childCount) this.#stale.add(path);
    }
    this.#nodes.set(path, { ...node, children: names, childCount, childrenRevision: revision });
  }

  /** Takes what the broker tells of one node; of what lies below it nothing is said. */
  setFacts(facts: NodeFacts): void {
    const known = this.#nodes.get(facts.path);
    const children = facts.childCount === 0 ? [] : known?.children;
    this.#nodes.set(facts.path, { ...facts, children, childrenRevision: known?.childrenRevision ?? 0 });
  }

  /** Takes a whole listing: every node below the root. */
  setAll(facts: readonly NodeFacts[]): void {
    this.#nodes.clear();
    this.#stale.clear();
    const below = new Map<string, string[]>([['/', []]]);
    for (const node of facts) {
      below.set(node.path, []);
      below.get(parentOf(node.path) ?? '/')?.push(nameOf(node.path));
    }
    const root = below.get('/') ?? [];
    const known = (path: string): Pick<TreeNode, 'children' | 'childrenRevision'> => ({
      children: (below.get(path) ?? []).sort(compareNames),
      childrenRevision: 0,
    });
    this.#nodes.set('/', { ...rootFacts, childCount: root.length, ...known('/') });
    for (const node of facts) this.#nodes.set(node.path, { ...node, ...known(node.path) });
  }

  /** Folds a change in. */
  apply(change: TreeChange): TreeEffect {
    switch (change.action) {
      case 'set':
        return this.#set(change);
      case 'delete_node':
        return this.#clear(change);
      case 'delete_subtree':
        return this.#remove(change);
      case 'replace':
        return this.#replace(change);
    }
  }

  #set(change: TreeChange): TreeEffect {
    const { path, author, revision } = change;
    this.#touch(path, revision);
    const known = this.#nodes.get(path);
    if (known !== undefined) {
      this.#nodes.set(path, { ...known, hasValue: true, author, modifiedRevision: revision, leased: false });
      return { grown: [], changed: [path], removed: [] };
    }
    const grown: string[] = [];
    for (let at = this.nearest(path); at.path !== path; at = this.nearest(path)) {
      const next = stepTo(at.path, path);
      if (!this.#adopt(at, next, revision)) return { grown, changed: [at.path], removed: [] };
      grown.push(next);
    }
    const node = this.#nodes.get(path);
    if (node !== undefined)
      this.#nodes.set(path, { ...node, hasValue: true, author, modifiedRevision: revision });
    return { grown, changed: [], removed: [] };
  }

  /** Adds a child that appeared. False where the node was never opened, or the child is beyond what is known of it. */
  #adopt(node: TreeNode, path: string, revision: number): boolean {
    const { children } = node;
    if (children === undefined) {
      this.#stale.add(parentOf(node.path) ?? '/');
      return false;
    }
    const name = nameOf(path);
    const isComplete = children.length >= node.childCount;
    const at = placeOf(children, name);
    if (at === children.length && !isComplete) {
      this.#stale.add(node.path);
      return false;
    }
    const names = children.toSpliced(at, 0, name);
    const childCount = node.childCount + 1;
    this.#nodes.set(node.path, { ...node, children: names, childCount, childrenRevision: revision });
    const fresh = { path, subtreeRevision: revision, children: [], childrenRevision: revision };
    this.#nodes.set(path, { ...rootFacts, ...fresh });
    return true;
  }

  #clear({ path, revision }: TreeChange): TreeEffect {
    this.#touch(path, revision);
    const known = this.#nodes.get(path);
    if (known === undefined) return this.#unseen(path);
    if (known.childCount > 0) {
      this.#nodes.set(path, { ...known, hasValue: false, valueBytes: 0 });
      return { grown: [], changed: [path], removed: [] };
    }
    return this.#remove({ path, revision, author: '', action: 'delete_subtree' });
  }

  #remove({ path, revision }: TreeChange): TreeEffect {
    this.#touch(path, revision);
    if (!this.#nodes.has(path)) return this.#unseen(path);
    const removed = this.#drop(path);
    // What has neither value nor children is no node any more.
    for (let at = path; at !== '/';) {
      const above = parentOf(at) ?? '/';
      const node = this.#nodes.get(above);
      if (node === undefined) break;
      const children = (node.children ?? []).filter((name) => name !== nameOf(at));
      const childCount = Math.max(0, node.childCount - 1);
      this.#nodes.set(above, { ...node, children, childCount, childrenRevision: revision });
      if (above === '/' || node.hasValue || childCount > 0) break;
      this.#nodes.delete(above);
      removed.push(above);
      at = above;
    }
    return { grown: [], changed: [], removed };
  }

  #replace(change: TreeChange): TreeEffect {
    const { removed } = this.#nodes.has(change.path)
      ? this.#remove(change)
      : { removed: [] as readonly string[] };
    const { grown, changed } = this.#set(change);
    const node = this.#nodes.get(change.path);
    if (node !== undefined) {
      // What came along with the copy is for the broker to tell.
      this.#nodes.set(change.path, {
        ...node,
        children: undefined,
        childrenRevision: change.revision,
        childCount: Math.max(1, node.childCount),
      });
      this.#stale.add(parentOf(change.path) ?? '/');
      this.#stale.add(change.path);
    }
    return { grown, changed, removed };
  }

  /** Something went that was never seen: only the count of a node above can have changed. */
  #unseen(path: string): TreeEffect {
    const above = this.nearest(path);
    this.#stale.add(above.children === undefined ? (parentOf(above.path) ?? '/') : above.path);
    return { grown: [], changed: [above.path], removed: [] };
  }

  #drop(path: string): string[] {
    const removed: string[] = [];
    for (const known of this.#nodes.get(path)?.children ?? []) removed.push(...this.#drop(join(path, known)));
    if (this.#nodes.delete(path)) removed.push(path);
    return removed;
  }

  /** Everything above has changed with it. */
  #touch(path: string, revision: number): void {
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
      const node = this.#nodes.get(at);
      if (node !== undefined && node.subtreeRevision < revision)
        this.#nodes.set(at, { ...node, subtreeRevision: revision });
    }
  }
}

function join(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}

/** Where a name belongs among others in order: by halves, since a wide node has thousands. */
function placeOf(names: readonly string[], name: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(names[middle] ?? '', name) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The path one segment below `from` on the way to `to`. */
function stepTo(from: string, to: string): string {
  const start = from === '/' ? 1 : from.length + 1;
  const end = to.indexOf('/', start);
  return end < 0 ? to : to.slice(0, end);
}

/** Order of a picture: parents before what is below them, siblings in the broker's order. */
export function comparePaths(left: string, right: string): number {
  if (left === right) return 0;
  if (isWithin(right, left)) return -1;
  if (isWithin(left, right)) return 1;
  const [a, b] = [left.split('/'), right.split('/')];
  const at = a.findIndex((segment, index) => segment !== b[index]);
  return compareNames(a[at] ?? '', b[at] ?? '') || depthOf(left) - depthOf(right);
}
