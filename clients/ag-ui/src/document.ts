/**
 * A subtree as a JSON document that follows the broker's events. A node without children is its value, one with children an object of them by
 * name; where it has a value too, that is the member with the empty name, which no node can have. Every change says which steps (RFC 6902) it takes
 * in the document, in the size of the change: an item that was appended to a list is one `add`, however long the list.
 */
import type { Change, Node } from '@hyperloom/client';
import { isObject, type Plain } from '@hyperloom/client/adapters';
import { documentValue, plain } from './json-document.ts';
import { additions, difference, memberPointer, type PatchOperation } from './patch.ts';

interface Branch {
  /** The node's own value; never edited. */
  own: Plain | undefined;
  readonly children: Map<string, Branch>;
}

/** Whether only the broker can tell what a change leaves: of messages and bytes, and in a ghost of copies, which come without what was copied. */
export function isOpaque(change: Change, isGhost: boolean): boolean {
  switch (change.action) {
    case 'append':
      return typeof change.addition !== 'string' && !isList(change.addition);
    case 'merge':
      return change.json === undefined;
    case 'increment':
      return change.field !== '';
    case 'copy':
      return isGhost;
    case 'put':
    case 'delete':
      return false;
  }
}

export class TreeDocument {
  readonly #root: string;
  #branch: Branch = newBranch();

  /** The subtree at `root`, as `nodes` of one revision tell it; others among them are left out. */
  constructor(root: string, nodes: readonly Node[] = []) {
    this.#root = root;
    for (const node of nodes) {
      const segments = this.#segments(node.path);
      const own = documentValue(node);
      if (segments !== undefined && own !== undefined) this.#reach(segments).own = own;
    }
  }

  /** The document. An empty subtree is `{}`. */
  get value(): Plain {
    return render(this.#branch);
  }

  /** The direct children in the broker's order, or the items where the node is a list. */
  entries(): readonly (readonly [name: string, value: Plain])[] {
    const { own, children } = this.#branch;
    if (children.size === 0 && Array.isArray(own))
      return own.map((item: Plain, index): readonly [string, Plain] => [String(index), item]);
    return [...children]
      .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([name, branch]) => [name, render(branch)]);
  }

  /** Follows a change that is not {@link isOpaque}, and says how. */
  apply(change: Change): readonly PatchOperation[] {
    const segments = this.#segments(change.path);
    if (segments === undefined)
      // Something above: it takes all along.
      return this.#isAbove(change) ? this.#remove([]) : [];
    switch (change.action) {
      case 'put':
        return this.#set(segments, documentValue(change));
      case 'delete':
        return change.scope === 'node' ? this.#clear(segments) : this.#remove(segments);
      case 'copy':
        return this.#remove(segments);
      case 'increment':
        return this.#set(segments, plain(change.sum));
      case 'append':
        return this.#append(segments, change.addition);
      case 'merge':
        return this.#merge(segments, plain(change.patch));
    }
  }

  #append(
    segments: readonly string[],
    addition: Extract<Change, { action: 'append' }>['addition'],
  ): readonly PatchOperation[] {
    const own = this.#find(segments)?.own;
    if (typeof addition === 'string')
      return this.#set(segments, (typeof own === 'string' ? own : '') + addition);
    if (!isList(addition)) return [];
    const items = addition.map(plain);
    if (!Array.isArray(own)) return this.#set(segments, items);
    const branch = this.#reach(segments);
    branch.own = [...(own as readonly Plain[]), ...items];
    return additions(ownPointer(segments, branch), items);
  }

  #merge(segments: readonly string[], patch: Plain): readonly PatchOperation[] {
    const own = this.#find(segments)?.own;
    const after = merged(own, patch);
    if (own === undefined) return this.#set(segments, after);
    const branch = this.#reach(segments);
    branch.own = after;
    return difference(ownPointer(segments, branch), own, after);
  }

  #set(segments: readonly string[], own: Plain | undefined): readonly PatchOperation[] {
    if (own === undefined) return this.#clear(segments);
    const there = this.#find(segments);
    if (there !== undefined) {
      const op = there.own === undefined && there.children.size > 0 ? 'add' : 'replace';
      there.own = own;
      return [{ op, path: ownPointer(segments, there), value: own }];
    }
    const depth = this.#depthOf(segments);
    const above = this.#reach(segments.slice(0, depth));
    const wasObject = above.children.size > 0 || above.own === undefined;
    this.#reach(segments).own = own;
    if (!wasObject)
      return [{ op: 'replace', path: pointerOf(segments.slice(0, depth)), value: render(above) }];
    const grown = segments.slice(0, depth + 1);
    return [{ op: 'add', path: pointerOf(grown), value: render(this.#reach(grown)) }];
  }

  /** Takes a node's own value away. */
  #clear(segments: readonly string[]): readonly PatchOperation[] {
    const there = this.#find(segments);
    if (there === undefined || there.children.size === 0) return this.#remove(segments);
    if (there.own === undefined) return [];
    const path = ownPointer(segments, there);
    there.own = undefined;
    return [{ op: 'remove', path }];
  }

  /** Takes a node away, with all below it, and what is nothing without it. */
  #remove(segments: readonly string[]): readonly PatchOperation[] {
    const branch = this.#find(segments);
    if (branch === undefined || isEmpty(branch)) return [];
    for (let depth = segments.length; depth > 0; depth -= 1) {
      const name = segments[depth - 1] ?? '';
      const parent = this.#reach(segments.slice(0, depth - 1));
      parent.children.delete(name);
      if (!isEmpty(parent)) {
        const path = pointerOf(segments.slice(0, depth - 1));
        return parent.children.size === 0
          ? [{ op: 'replace', path, value: render(parent) }]
          : [{ op: 'remove', path: memberPointer(path, name) }];
      }
    }
    this.#branch = newBranch();
    return [{ op: 'replace', path: '', value: {} }];
  }

  /** Names on the way from the document's root to a path; `undefined` where it is not in the subtree. */
  #segments(path: string): readonly string[] | undefined {
    if (path === this.#root) return [];
    const prefix = this.#root === '/' ? '/' : `${this.#root}/`;
    return path.startsWith(prefix) ? path.slice(prefix.length).split('/') : undefined;
  }

  #isAbove({ action, path }: Change): boolean {
    const isDeep = action === 'delete' || action === 'copy';
    return isDeep && (path === '/' || this.#root.startsWith(`${path}/`));
  }

  #find(segments: readonly string[]): Branch | undefined {
    let branch: Branch | undefined = this.#branch;
    for (const name of segments) branch = branch?.children.get(name);
    return branch;
  }

  /** The branch at a place, made where there is none. */
  #reach(segments: readonly string[]): Branch {
    let branch = this.#branch;
    for (const name of segments) {
      let next = branch.children.get(name);
      if (next === undefined) {
        next = newBranch();
        branch.children.set(name, next);
      }
      branch = next;
    }
    return branch;
  }

  /** How many segments of a path are there already. */
  #depthOf(segments: readonly string[]): number {
    let branch = this.#branch;
    for (const [depth, name] of segments.entries()) {
      const next = branch.children.get(name);
      if (next === undefined) return depth;
      branch = next;
    }
    return segments.length;
  }
}

function newBranch(): Branch {
  return { own: undefined, children: new Map() };
}

function isEmpty({ own, children }: Branch): boolean {
  return own === undefined && children.size === 0;
}

function render({ own, children }: Branch): Plain {
  if (children.size === 0) return own === undefined ? {} : own;
  const members = [...children].map(([name, branch]): [string, Plain] => [name, render(branch)]);
  return Object.fromEntries(own === undefined ? members : [['', own], ...members]);
}

function pointerOf(segments: readonly string[]): string {
  return segments.reduce(memberPointer, '');
}

/** Where a node's own value is. */
function ownPointer(segments: readonly string[], { children }: Branch): string {
  const pointer = pointerOf(segments);
  return children.size === 0 ? pointer : memberPointer(pointer, '');
}

type Addition = Extract<Change, { action: 'append' }>['addition'];

function isList(addition: Addition): addition is Extract<Addition, readonly unknown[]> {
  return Array.isArray(addition);
}

/** RFC 7396. */
function merged(before: Plain | undefined, patch: Plain): Plain {
  if (!isObject(patch)) return patch;
  const members = new Map(isObject(before) ? Object.entries(before) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, merged(members.get(name), value));
  }
  return Object.fromEntries(members);
}
