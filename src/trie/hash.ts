/**
 * The hash of a whole tree: equal for trees with the same paths, entries and stamps, in whatever order and process they
 * were made. A node's hash takes the *sum* of its children's, modulo 2^32 in each lane: sums do not depend on how the
 * B-tree happens to be cut into chunks, so each chunk can keep its own, and after a write only the chunks on its way
 * have to be summed again.
 */
import { Hasher, hexOf } from './hasher.ts';
import { nameAt } from './names.ts';
import type { Children, HashLanes, TrieNode } from './node.ts';

/** Feeds everything that makes an entry what it is to the hasher, in a fixed order. */
export type HashEntry<E extends object> = (entry: E, hasher: Hasher) => void;

/** Sums of fewer entries than this are made again rather than kept: a kept one takes 56 bytes, so 7 an entry at most. */
const keptEntriesMin = 8;
/** Subtrees up to this size are hashed without asking whether it is time to pause. */
const atOnceEntriesMax = 256;

const nothing: HashLanes = { a: 0, b: 0, c: 0, d: 0 };

/**
 * The hash as 32 hexadecimal digits. A forest is always hashed with the same `hashEntry`, since sums are kept in the
 * tree itself.
 */
export function hashTree<E extends object>(root: TrieNode<E>, hashEntry: HashEntry<E>): string {
  const hashing = new Hashing(hashEntry, Infinity);
  return hexOf(hashing.node('', root, hashing.children(root.children)));
}

/**
 * The same in steps: pauses (yields) after about `budget` nodes each time, so that a large tree does not hold up
 * everything else. What is hashed must be published; then it cannot change in between.
 */
export function* hashSteps<E extends object>(
  root: TrieNode<E>,
  hashEntry: HashEntry<E>,
  budget: number,
): Generator<void, string, void> {
  const hashing = new Hashing(hashEntry, budget);
  const sum = root.children === null ? nothing : yield* hashing.childrenInSteps(root.children);
  return hexOf(hashing.node('', root, sum));
}

class Hashing<E extends object> {
  readonly #hashEntry: HashEntry<E>;
  readonly #hasher = new Hasher();
  readonly #budget: number;
  #spent = 0;

  constructor(hashEntry: HashEntry<E>, budget: number) {
    this.#hashEntry = hashEntry;
    this.#budget = budget;
  }

  /** The hash of a child; its children's sum is made before, since there is but one hasher. */
  node(segment: string, node: TrieNode<E>, children: HashLanes): HashLanes {
    const hasher = this.#hasher;
    this.#spent += 1;
    hasher.reset();
    hasher.text(segment);
    hasher.number(node.touched);
    hasher.number(node.grafted);
    hasher.word(node.children?.size ?? 0);
    if (node.children !== null) hasher.lanes(children);
    hasher.word(node.entry === null ? 0 : 1);
    if (node.entry !== null) this.#hashEntry(node.entry, hasher);
    return hasher.finish();
  }

  children(children: Children<E> | null): HashLanes {
    if (children === null) return nothing;
    if (children.hash !== null) return children.hash;
    let sum = nothing;
    if (children.chunks === null) {
      for (const [at, node] of children.nodes.entries()) {
        sum = add(sum, this.node(nameAt(children.names, at), node, this.children(node.children)));
      }
    } else {
      for (const chunk of children.chunks) sum = add(sum, this.children(chunk));
    }
    return keep(children, sum);
  }

  *childrenInSteps(children: Children<E>): Generator<void, HashLanes, void> {
    if (children.hash !== null) return children.hash;
    if (children.count <= atOnceEntriesMax) {
      const sum = this.children(children);
      if (this.#spent >= this.#budget) {
        this.#spent = 0;
        yield;
      }
      return sum;
    }
    let sum = nothing;
    if (children.chunks === null) {
      for (const [at, node] of children.nodes.entries()) {
        const below = node.children === null ? nothing : yield* this.childrenInSteps(node.children);
        sum = add(sum, this.node(nameAt(children.names, at), node, below));
      }
    } else {
      for (const chunk of children.chunks) sum = add(sum, yield* this.childrenInSteps(chunk));
    }
    return keep(children, sum);
  }
}

function keep<E extends object>(children: Children<E>, sum: HashLanes): HashLanes {
  if (children.count >= keptEntriesMin) children.hash = sum;
  return sum;
}

function add(sum: HashLanes, hash: HashLanes): HashLanes {
  return {
    a: (sum.a + hash.a) | 0,
    b: (sum.b + hash.b) | 0,
    c: (sum.c + hash.c) | 0,
    d: (sum.d + hash.d) | 0,
  };
}
