/**
 * Goal: the trie is a map of paths, whatever is done to it, and no published root ever changes. Method: random
 * operations, several to a transaction, next to a naive tree that copies everything; lookups at once, whole trees, the
 * inside of the B-trees and pages of lists at commits, trees built anew from their walks, differences between any two
 * roots that were kept, and all kept roots again at the end.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { TrieBuilder } from './build.ts';
import { diff } from './diff.ts';
import { hashTree } from './hash.ts';
import type { Hasher } from './hasher.ts';
import { checkTree } from './invariants.ts';
import { walk } from './iterate.ts';
import { effectiveTouched, find, locate } from './lookup.ts';
import { countOf, heightOf, linesOf, NaiveTree } from './naive-tree.ts';
import type { Line, Mark } from './naive-tree.ts';
import { emptyRoot } from './node.ts';
import type { Stamp, TrieNode } from './node.ts';
import { comparePaths, formatPath, isWithin } from './path.ts';
import type { Path } from './path.ts';
import { Transaction } from './transaction.ts';

interface Version {
  readonly root: TrieNode<Mark>;
  readonly model: NaiveTree;
  readonly lines: readonly Line[];
}

const operations = 10_000;
const versionsKept = 24;
const nodesMax = 500;
const depthMax = 24;
/** Few names that are easily mistaken for one another, in every range of Unicode that orders differently. */
const names = ['a', 'ab', 'a b', 'é', '\uE000', '\uFFFD', '😀', '\u{10FFFF}', '-', 'A', '0', '00'];

test.each([
  ['the trunk', 1, 1],
  ['the trunk', 2, 1],
  ['a ghost', 3, -1],
])('%s equals the model through random operations (seed %i)', (_, seed, direction) => {
  const run = new Run(seededRandom(seed), direction);
  while (run.operations < operations) run.transact();
  run.checkAllVersions();
  expect(run.versions.length).toBe(versionsKept);
});

/** A root and its model, changed alike. */
class Run {
  readonly versions: Version[] = [];
  operations = 0;
  #stamp: Stamp;
  #root: TrieNode<Mark> = emptyRoot<Mark>();
  #model = new NaiveTree();
  #commits = 0;
  #lastPath: Path = [];
  readonly #random: Random;
  readonly #direction: number;

  constructor(random: Random, direction: number) {
    this.#random = random;
    this.#direction = direction;
    this.#stamp = 0;
  }

  /** A transaction of a few operations, seldom of many; some go on after a commit in the middle. */
  transact(): void {
    const before = this.#root;
    this.#stamp += this.#direction;
    const transaction = new Transaction(before, this.#stamp);
    for (let left = 1 + this.#below(this.#below(8) === 0 ? 40 : 6); left > 0; left -= 1) {
      this.#operate(transaction);
      if (this.#below(12) === 0) this.#keep(transaction.commit());
    }
    this.#root = transaction.commit();
    expect(transaction.commit()).toBe(this.#root);
    this.#commits += 1;
    if (this.#commits % 10 === 0) this.#checkWhole();
    if (this.#commits % 20 === 0) {
      this.#keep(this.#root);
      this.#checkDiff();
      this.#checkPage();
    }
  }

  checkAllVersions(): void {
    for (const { root, lines } of this.versions) {
      expect(linesOf(root)).toEqual(lines);
      checkTree(root);
    }
  }

  #operate(transaction: Transaction<Mark>): void {
    this.operations += 1;
    const path = this.#path();
    const isFull = countOf(this.#model.root) > nodesMax;
    const choice = isFull ? 60 + this.#below(40) : this.#below(100);
    if (choice < 60) {
      const entry = { mark: this.operations };
      transaction.set(path, entry);
      this.#model.set(path, entry, this.#stamp);
    } else if (choice < 75) {
      transaction.remove(path);
      this.#model.remove(path, this.#stamp);
    } else if (choice < 90 || isFull) {
      // Large subtrees go seldom, or nothing would ever grow.
      const gone =
        path.length < 2 && this.#below(isFull ? 3 : 30) > 0 ? [...path, this.#name(), this.#name()] : path;
      transaction.removeSubtree(gone);
      this.#model.removeSubtree(gone, this.#stamp);
    } else {
      this.#graft(transaction, path);
    }
    this.#checkAt(transaction, path);
    this.#checkAt(transaction, this.#path());
  }

  /** From a root that was kept, from what the transaction has made so far, or from what it has just published. */
  #graft(transaction: Transaction<Mark>, path: Path): void {
    const source = this.#path();
    const kind = this.#below(3);
    const version = this.versions[this.#below(Math.max(1, this.versions.length))];
    const isOld = kind === 0 && version !== undefined;
    const model = (isOld ? version.model : this.#model).at(source);
    const node = isOld
      ? find(version.root, source)
      : kind === 1
        ? transaction.get(source)?.node
        : find(transaction.commit(), source);
    expect(node?.count).toBe(model === undefined ? undefined : countOf(model));
    if (node === undefined || model === undefined) return;
    if (countOf(model) > nodesMax / 4 || path.length + heightOf(model) > depthMax) return;
    transaction.graft(path, node);
    this.#model.graft(path, model, this.#stamp);
  }

  #checkAt(transaction: Transaction<Mark>, path: Path): void {
    const found = transaction.get(path);
    const model = this.#model.at(path);
    expect(found === undefined, formatPath(path)).toBe(model === undefined);
    if (found === undefined || model === undefined) return;
    expect(found.node.entry).toBe(model.entry);
    expect(found.node.count).toBe(countOf(model));
    expect(found.node.height).toBe(heightOf(model));
    expect(found.grafted).toBe(model.grafted);
    expect(effectiveTouched(found)).toBe(model.touched);
  }

  #checkWhole(): void {
    expect(linesOf(this.#root)).toEqual(this.#model.lines());
    checkTree(this.#root);
    const builder = new TrieBuilder<Mark>();
    for (const { path, node } of walk(this.#root, { within: [] })) {
      builder.add(path, node.entry, node.touched, node.grafted);
    }
    const built = builder.finish();
    checkTree(built);
    expect(hashTree(built, hashMark)).toBe(hashTree(this.#root, hashMark));
  }

  #checkDiff(): void {
    const before = this.versions[this.#below(this.versions.length)] as Version;
    const after = this.versions[this.#below(this.versions.length)] as Version;
    const within = this.#path().slice(0, this.#below(3));
    const seen = this.#below(2) === 0 ? undefined : this.#path();
    const found = Array.from(
      diff(before.root, after.root, { within, after: seen }),
      ({ path, before: old, after: now }) => {
        if (old !== null) expect(old).toEqual(locate(before.root, path));
        if (now !== null) expect(now).toEqual(locate(after.root, path));
        return `${formatPath(path)} ${old?.node.entry?.mark} ${now?.node.entry?.mark}`;
      },
    );
    expect(found).toEqual(naiveDiff(before.model, after.model, within, seen));
  }

  /** A page of a list, as deep as it says and behind any path, there or not. */
  #checkPage(): void {
    const within = this.#path().slice(0, this.#below(3));
    const after = this.#below(2) === 0 ? this.#path() : [...within, ...this.#path()];
    const depth = this.#below(4);
    const found = Array.from(walk(this.#root, { within, depth, after }), ({ path }) => formatPath(path));
    const wanted = this.#model
      .paths()
      .filter((path) => isWithin(path, within) && path.length <= within.length + depth)
      .filter((path) => comparePaths(path, after) > 0);
    expect(found).toEqual(wanted.map(formatPath));
  }

  #keep(root: TrieNode<Mark>): void {
    const version = { root, model: this.#model.copy(), lines: this.#model.lines() };
    if (this.versions.length < versionsKept) this.versions.push(version);
    else this.versions[this.#below(versionsKept)] = version;
  }

  /** Mostly short; the second level is broad enough for several chunks. */
  #path(): Path {
    const depth = this.#below(10) === 0 ? this.#below(8) : 1 + this.#below(3);
    // Often near the last one, so that a transaction comes back to chunks that it owns.
    const near = this.#lastPath.slice(0, this.#below(2) === 0 ? 0 : depth - 1);
    this.#lastPath = Array.from({ length: depth }, (_, level) =>
      level < near.length
        ? (near[level] as string)
        : level === 1 && this.#below(3) > 0
          ? `${this.#name()}${this.#below(120)}`
          : this.#name(),
    );
    return this.#lastPath;
  }

  #name(): string {
    return names[this.#below(names.length)] as string;
  }

  #below(bound: number): number {
    return this.#random.below(bound);
  }
}

function hashMark({ mark }: Mark, hasher: Hasher): void {
  hasher.number(mark);
}

function naiveDiff(before: NaiveTree, after: NaiveTree, within: Path, seen: Path | undefined): Line[] {
  const paths = new Map([...before.paths(), ...after.paths()].map((path) => [formatPath(path), path]));
  return [...paths.values()]
    .filter((path) => isWithin(path, within) && (seen === undefined || comparePaths(path, seen) > 0))
    .sort(comparePaths)
    .map((path) => [path, before.at(path)?.entry ?? null, after.at(path)?.entry ?? null] as const)
    .filter(([, old, now]) => old !== now)
    .map(([path, old, now]) => `${formatPath(path)} ${old?.mark} ${now?.mark}`);
}
