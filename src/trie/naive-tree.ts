/**
 * The trie again, as simple as can be, for tests: everything is copied and every node says outright what the real one
 * finds out from the stamps on the way to it. Its order comes from UTF-8 bytes.
 */
import { laterStamp } from './node.ts';
import type { Stamp, TrieNode } from './node.ts';
import { formatPath } from './path.ts';
import type { Path } from './path.ts';
import { walk } from './iterate.ts';

/** An entry that says which operation made it. */
export interface Mark {
  readonly mark: number;
}

/** A node with everything spelled out. */
interface NaiveNode {
  entry: Mark | null;
  /** Last change at or below it, or copy that it came with. */
  touched: Stamp;
  /** Last copy that it came with. */
  grafted: Stamp;
  children: Map<string, NaiveNode>;
}

/** A path and what is there, as one line of text. */
export type Line = string;

export class NaiveTree {
  root: NaiveNode;

  constructor(root: NaiveNode = newNode(0)) {
    this.root = root;
  }

  copy(): NaiveTree {
    return new NaiveTree(deepCopy(this.root));
  }

  at(path: Path): NaiveNode | undefined {
    let node: NaiveNode | undefined = this.root;
    for (const segment of path) node = node?.children.get(segment);
    return node;
  }

  set(path: Path, entry: Mark, stamp: Stamp): void {
    this.#grow(path, stamp).entry = entry;
  }

  remove(path: Path, stamp: Stamp): void {
    const node = this.at(path);
    if (node === undefined || node.entry === null) return;
    node.entry = null;
    this.#touch(path, stamp);
    this.#prune(path, stamp);
  }

  removeSubtree(path: Path, stamp: Stamp): void {
    const node = this.at(path);
    if (node === undefined || countOf(node) === 0) return;
    node.entry = null;
    node.children.clear();
    this.#touch(path, stamp);
    this.#prune(path, stamp);
  }

  graft(path: Path, source: NaiveNode, stamp: Stamp): void {
    if (countOf(source) === 0) {
      this.removeSubtree(path, stamp);
      return;
    }
    const copy = deepCopy(source);
    restamp(copy, stamp);
    const target = this.#grow(path, stamp);
    Object.assign(target, copy);
  }

  /** Every node in order. */
  lines(): Line[] {
    const lines: Line[] = [];
    collect(this.root, [], lines);
    return lines;
  }

  /** Paths of all nodes. */
  paths(): Path[] {
    const paths: Path[] = [];
    collectPaths(this.root, [], paths);
    return paths;
  }

  #grow(path: Path, stamp: Stamp): NaiveNode {
    let node = this.root;
    node.touched = stamp;
    for (const segment of path) {
      let next = node.children.get(segment);
      if (next === undefined) {
        next = newNode(node.grafted);
        node.children.set(segment, next);
      }
      node = next;
      node.touched = stamp;
    }
    return node;
  }

  #touch(path: Path, stamp: Stamp): void {
    for (let depth = 0; depth <= path.length; depth += 1) {
      const node = this.at(path.slice(0, depth));
      if (node !== undefined) node.touched = stamp;
    }
  }

  #prune(path: Path, stamp: Stamp): void {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = this.at(path.slice(0, depth));
      if (node !== undefined && (node.entry !== null || node.children.size > 0)) return;
      this.at(path.slice(0, depth - 1))?.children.delete(path[depth - 1] as string);
    }
    // An emptied forest begins anew.
    if (countOf(this.root) === 0) this.root = { ...newNode(0), touched: stamp };
  }
}

/** The same lines from the real tree, as its walk gives them. */
export function linesOf(root: TrieNode<Mark>): Line[] {
  return Array.from(walk(root, { within: [] }), ({ path, node, grafted }) =>
    lineOf(path, node.entry, laterStamp(node.touched, grafted), grafted),
  );
}

/** Entries in a naive subtree. */
export function countOf(node: NaiveNode): number {
  let count = node.entry === null ? 0 : 1;
  for (const child of node.children.values()) count += countOf(child);
  return count;
}

/** Levels below a naive node. */
export function heightOf(node: NaiveNode): number {
  let height = 0;
  for (const child of node.children.values()) height = Math.max(height, 1 + heightOf(child));
  return height;
}

function lineOf(path: Path, entry: Mark | null, touched: Stamp, grafted: Stamp): Line {
  return `${formatPath(path)} ${entry?.mark ?? '-'} touched ${touched} grafted ${grafted}`;
}

function newNode(grafted: Stamp): NaiveNode {
  return { entry: null, touched: 0, grafted, children: new Map() };
}

function deepCopy(node: NaiveNode): NaiveNode {
  const children = new Map(
    Array.from(node.children, ([segment, child]) => [segment, deepCopy(child)] as const),
  );
  return { ...node, children };
}

function restamp(node: NaiveNode, stamp: Stamp): void {
  node.touched = stamp;
  node.grafted = stamp;
  for (const child of node.children.values()) restamp(child, stamp);
}

function collect(node: NaiveNode, path: Path, lines: Line[]): void {
  lines.push(lineOf(path, node.entry, node.touched, node.grafted));
  for (const segment of sorted(node))
    collect(node.children.get(segment) as NaiveNode, [...path, segment], lines);
}

function collectPaths(node: NaiveNode, path: Path, paths: Path[]): void {
  paths.push(path);
  for (const segment of sorted(node)) {
    collectPaths(node.children.get(segment) as NaiveNode, [...path, segment], paths);
  }
}

function sorted(node: NaiveNode): string[] {
  return [...node.children.keys()].sort(byBytes);
}

/** The order of UTF-8 bytes, by way of the bytes themselves. */
export function byBytes(a: string, b: string): number {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const encoder = new TextEncoder();
