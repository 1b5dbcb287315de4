/**
 * `SnapshotNode` items → a tree. Nodes come in path order, each before its children, so the tree is built from the bottom
 * up as its branches end, and what it shares with its reference stays shared.
 */
import type { Root } from '../state/ghosts/ghost.ts';
import type { Entry } from '../state/values/value.ts';
import { changeChild, childrenOfSorted, findChild, removeChild } from '../trie/children.ts';
import { nodeOf } from '../trie/node.ts';
import type { Children, Owner } from '../trie/node.ts';
import { compareSegments } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import type { NodeItem } from './node-reader.ts';

/** A node whose children are still coming. Used again for the next node at its depth, since most are leaves. */
class OpenNode {
  segment = '';
  entry: Entry | null = null;
  touched = 0;
  grafted = 0;
  reference: Root | null = null;
  /** Children that came, in order; `null`: removed from the reference. */
  keys: string[] = [];
  nodes: (Root | null)[] = [];
}

export class TreeBuilder {
  readonly #reference: Root | null;
  readonly #owner: Owner = { stamp: 0 };
  readonly #levels: OpenNode[] = [];
  /** How many levels are in use. */
  #depth = 0;

  /** For a tree that is written in full, or as a difference to `reference`. */
  constructor(reference: Root | null) {
    this.#reference = reference;
  }

  /** Takes the next node. */
  add(item: NodeItem): void {
    const { depth, segment } = item;
    if (depth > this.#depth || (depth === 0) !== (this.#depth === 0)) {
      throw new CodecDamage(`a node at depth ${depth} where nodes above it are missing, or a second root`);
    }
    while (this.#depth > Math.max(1, depth)) this.#closeLast();
    const parent = depth === 0 ? null : (this.#levels[depth - 1] as OpenNode);
    const reference = parent === null ? this.#reference : referenceChild(parent, segment);
    if (parent !== null) checkOrder(parent, segment);
    if (item.removed) this.#remove(parent, segment, reference);
    else this.#open(item, reference);
  }

  /** The tree; the reference where no node came. The builder is used up. */
  finish(): Root {
    while (this.#depth > 1) this.#closeLast();
    const root = this.#levels[0];
    if (root !== undefined) return this.#nodeOf(root);
    if (this.#reference === null) throw new CodecDamage('a tree without a root');
    return this.#reference;
  }

  #remove(parent: OpenNode | null, segment: string, reference: Root | null): void {
    if (parent === null || reference === null)
      throw new CodecDamage(`"${segment}" is removed and was not there`);
    parent.keys.push(segment);
    parent.nodes.push(null);
  }

  #open(item: NodeItem, reference: Root | null): void {
    const level = (this.#levels[this.#depth] ??= new OpenNode());
    this.#depth += 1;
    level.segment = item.segment;
    level.entry = item.sameValue ? sameEntry(item.segment, reference) : item.entry;
    level.touched = item.touched;
    level.grafted = item.grafted;
    level.reference = reference;
  }

  #closeLast(): void {
    this.#depth -= 1;
    const done = this.#levels[this.#depth] as OpenNode;
    const parent = this.#levels[this.#depth - 1] as OpenNode;
    const node = this.#nodeOf(done);
    if (node.entry === null && node.children === null) {
      throw new CodecDamage(`"${done.segment}" has neither a value nor children`);
    }
    parent.keys.push(done.segment);
    parent.nodes.push(node);
  }

  #nodeOf(level: OpenNode): Root {
    const old = level.reference?.children ?? null;
    const { keys, nodes } = level;
    if (keys.length > 0) {
      level.keys = [];
      level.nodes = [];
    }
    // Without children in the reference none can have been removed.
    const children =
      old === null
        ? childrenOfSorted(keys, nodes as Root[], this.#owner)
        : edited(old, keys, nodes, this.#owner);
    return nodeOf<Entry>(level.entry, children, level.touched, level.grafted);
  }
}

function referenceChild(parent: OpenNode, segment: string): Root | null {
  const children = parent.reference?.children ?? null;
  return children === null ? null : (findChild(children, segment) ?? null);
}

function checkOrder(parent: OpenNode, segment: string): void {
  const before = parent.keys.at(-1);
  if (segment !== '' && (before === undefined || compareSegments(before, segment) < 0)) return;
  throw new CodecDamage(`"${segment}" is out of order: it comes after "${before ?? ''}"`);
}

function sameEntry(segment: string, reference: Root | null): Entry {
  const entry = reference?.entry ?? null;
  if (entry === null) throw new CodecDamage(`"${segment}" has the value of a node that has none`);
  return entry;
}

/** The reference's children with what differs put into them. */
function edited(
  reference: Children<Entry>,
  keys: readonly string[],
  nodes: readonly (Root | null)[],
  owner: Owner,
): Children<Entry> | null {
  let children: Children<Entry> | null = reference;
  for (const [index, node] of nodes.entries()) {
    const key = keys[index] as string;
    if (node !== null) children = changeChild(children, key, { of: () => node }, owner);
    else if (children !== null) children = removeChild(children, key, owner);
  }
  return children;
}
