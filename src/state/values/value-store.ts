/**
 * Where the values of a forest's trunk lie: in slabs outside the engine's heap (`base/slab.ts`), in the order in which they were written.
 * What is overwritten or deleted stays in its slab until nothing in it is referred to. So that a slab does not outlive its
 * content for the sake of a few values, these are moved out of it now and then (`sweepSteps`), into newer slabs. Whoever holds
 * an entry sees the same value before and after; roots that are not the trunk's keep their slabs alive, and nothing depends on counts
 * being right but the memory that is taken.
 */
import { slabBytesMax, slabBytesMin, slabTextBytesMax, sweptBytesMin } from '../../base/limits.ts';
import { Slab, slabWordBytes } from '../../base/slab.ts';
import type { Children, TrieNode } from '../../trie/node.ts';
import type { ContentStore, Entry, Value } from './value.ts';

/** Values looked at between two pauses of a sweep. */
const usualBudget = 1_000;
/**
 * A sweep is due when as much was written since as the last one left, and at least `sweptBytesMin`; with half of that, sweeps cost random writes
 * 3.6 µs each and not 1.5;
 */
const writtenShareMin = 1;
/** and when this part of the values written or there before is gone, as far as numbers of nodes tell. */
const goneShareMin = 0.25;
/** A slab is emptied where less of it than this is in use. */
const usedShareMin = 2 / 3;

/** Sizes in bytes. */
export interface StoreSizes {
  readonly slabMin: number;
  readonly slabMax: number;
  /** Less than this, written since the last sweep, is not worth another. */
  readonly sweptMin: number;
}

const usualSizes: StoreSizes = { slabMin: slabBytesMin, slabMax: slabBytesMax, sweptMin: sweptBytesMin };

export class ValueStore implements ContentStore {
  readonly #sizes: StoreSizes;
  #slab: Slab | null = null;
  #nextSize: number;
  at = 0;
  /** Bytes and values added since the last sweep. */
  #writtenBytes = 0;
  #written = 0;
  /** What the last sweep found. */
  #reachedBytes = 0;
  #reached = 0;
  #round = 0;

  /** Smaller sizes than usual are for tests. */
  constructor(sizes: StoreSizes = usualSizes) {
    this.#sizes = sizes;
    this.#nextSize = sizes.slabMin;
  }

  add({ kind, data, bytes }: Value): Slab | null {
    // What is being appended to is a rope, so that an append costs the same whatever the length.
    if (kind === 'items' || bytes > slabTextBytesMax) return null;
    // Half a character of two has no UTF-8 that would bring it back.
    if (bytes !== data.length && !data.isWellFormed()) return null;
    const slab = this.#slabFor(bytes);
    this.at = slab.add(data, bytes);
    this.#note(bytes);
    return slab;
  }

  /** A sweep of the tree with so many entries would give back memory that is worth its time. */
  isSweepDue(count: number): boolean {
    if (this.#writtenBytes < Math.max(this.#sizes.sweptMin, writtenShareMin * this.#reachedBytes))
      return false;
    const all = this.#reached + this.#written;
    return all - count > goneShareMin * all;
  }

  /** Moves what is left of sparse slabs, in steps with pauses between. What is written meanwhile is left alone. */
  *sweepSteps(root: TrieNode<Entry>, budget = usualBudget): Generator<void, void, undefined> {
    this.#round += 1;
    this.#writtenBytes = 0;
    this.#written = 0;
    this.#slab = null;
    const round = this.#round;
    let reachedBytes = 0;
    let reached = 0;
    for (const entry of entriesOf(root)) {
      reached += 1;
      if (reached % budget === 0) yield;
      const { content } = entry;
      if (!(content instanceof Slab)) continue;
      if (content.round !== round) {
        content.round = round;
        content.reached = 0;
      }
      const bytes = entry.bytes + slabWordBytes;
      content.reached += bytes;
      reachedBytes += bytes;
    }
    this.#reachedBytes = reachedBytes;
    this.#reached = reached;
    let looked = 0;
    for (const entry of entriesOf(root)) {
      looked += 1;
      if (looked % budget === 0) yield;
      const { content } = entry;
      if (!(content instanceof Slab) || content.round !== round) continue;
      if (content.reached >= usedShareMin * content.size) continue;
      this.#move(entry, content);
    }
  }

  #note(bytes: number): void {
    this.#writtenBytes += bytes + slabWordBytes;
    this.#written += 1;
  }

  #move(entry: Entry, from: Slab): void {
    const slab = this.#slabFor(entry.bytes);
    const at = slab.addFrom(from, entry.at);
    entry.content = slab;
    entry.at = at;
  }

  #slabFor(bytes: number): Slab {
    const all = bytes + slabWordBytes;
    if (this.#slab !== null && this.#slab.hasRoom(all)) return this.#slab;
    // Small forests take little, and a large one has slabs by the hundred.
    this.#slab = new Slab(Math.max(all, this.#nextSize));
    this.#nextSize = Math.min(this.#sizes.slabMax, 2 * this.#nextSize);
    return this.#slab;
  }
}

function* entriesOf(root: TrieNode<Entry>): Generator<Entry, void, undefined> {
  if (root.entry !== null) yield root.entry;
  const pending: Children<Entry>[] = root.children === null ? [] : [root.children];
  for (let chunk = pending.pop(); chunk !== undefined; chunk = pending.pop()) {
    if (chunk.chunks !== null) pending.push(...chunk.chunks);
    for (const { entry, children } of chunk.nodes) {
      if (entry !== null) yield entry;
      if (children !== null) pending.push(children);
    }
  }
}
