/** Goal: a walk shows what it is asked for, from any place on. Method: random options against filters of the whole walk. */
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { TrieBuilder } from './build.ts';
import { hashSteps, hashTree } from './hash.ts';
import type { HashEntry } from './hash.ts';
import { checkTree } from './invariants.ts';
import { childrenOf, walk } from './iterate.ts';
import { locate } from './lookup.ts';
import { emptyRoot } from './node.ts';
import type { TrieNode } from './node.ts';
import { comparePaths, formatPath, isWithin } from './path.ts';
import type { Path } from './path.ts';
import { sweep } from './sweep.ts';
import { Transaction } from './transaction.ts';

interface Entry {
  readonly id: number;
}

const names = ['a', 'b', 'ab', 'é', '\ue000', '😀', 'a-'];

function randomPath(random: Random): Path {
  return Array.from({ length: random.below(5) }, (_, level) =>
    level === 1 ? `n${random.below(150)}` : (names[random.below(level === 0 ? 2 : names.length)] ?? 'a'),
  );
}

/** A tree that has been written, copied in and cut for a while. */
function randomRoot(random: Random): TrieNode<Entry> {
  let root = emptyRoot<Entry>();
  for (let stamp = 1; stamp <= 500; stamp += 1) {
    const transaction = new Transaction(root, stamp);
    transaction.set(randomPath(random), { id: stamp });
    transaction.remove(randomPath(random));
    const source = locate(root, randomPath(random).slice(0, 3));
    // Deep down, or it would put an end to all that has grown.
    const target = ['a', `n${random.below(150)}`, ...randomPath(random)];
    if (source !== undefined && source.node.count < 20) transaction.graft(target, source.node);
    root = transaction.commit();
  }
  return root;
}

function told(root: TrieNode<Entry>, within: Path, depth?: number, after?: Path): string[] {
  const lines: string[] = [];
  for (const { path, node, grafted } of walk(root, { within, depth, after })) {
    lines.push(`${formatPath(path)} ${node.entry?.id} ${node.touched} ${grafted}`);
    const located = locate(root, path);
    if (located?.node !== node || located.grafted !== grafted)
      throw new Error(`${formatPath(path)}: not what is there`);
  }
  return lines;
}

test('within a subtree, down to a depth and behind a path there is just what a filter of everything leaves', () => {
  const seed = 31;
  const random = seededRandom(seed);
  for (let round = 0; round < 10; round += 1) {
    const root = randomRoot(random);
    const all = [...walk(root, { within: [] })];
    expect(all.length).toBeGreaterThan(200);
    expect(all.every((one, at) => at === 0 || comparePaths(all[at - 1]?.path ?? [], one.path) < 0)).toBe(
      true,
    );
    for (let options = 0; options < 100; options += 1) {
      const within = randomPath(random).slice(0, random.below(4));
      const depth = random.below(2) === 0 ? undefined : random.below(4);
      const after = random.below(4) === 0 ? undefined : randomPath(random);
      const expected = all
        .filter(({ path }) => isWithin(path, within) && path.length <= within.length + (depth ?? Infinity))
        .filter(({ path }) => after === undefined || comparePaths(path, after) > 0)
        .map(({ path, node, grafted }) => `${formatPath(path)} ${node.entry?.id} ${node.touched} ${grafted}`);
      const name = `seed ${seed}: within ${formatPath(within)}, depth ${depth}, after ${after?.join('/')}`;
      expect([name, ...told(root, within, depth, after)]).toEqual([name, ...expected]);
    }
  }
});

test('pages that go on where the last one ended make up the whole, though nodes come and go between them', () => {
  const random = seededRandom(32);
  const root = randomRoot(random);
  const stable = new Transaction(root, 1_000);
  const pages: string[] = [];
  let after: Path | undefined;
  let current = root;
  for (;;) {
    const page = Array.from(take(walk(current, { within: [], after }), 7), ({ path }) => path);
    pages.push(...page.map(formatPath));
    after = page.at(-1);
    if (after === undefined) break;
    // The very node that the page token names goes away, if others do not hang on it.
    if (locate(current, after)?.node.children === null) stable.remove(after);
    current = stable.commit();
  }
  expect(pages).toEqual(
    Array.from(walk(root, { within: [] }), ({ path }) => formatPath(path)).filter((text) =>
      pages.includes(text),
    ),
  );
  expect(new Set(pages).size).toBe(pages.length);
  const leaves = [...walk(root, { within: [] })].filter(({ node }) => node.children === null);
  expect(pages).toEqual(expect.arrayContaining(leaves.map(({ path }) => formatPath(path))));
});

test('children come in order, and from any segment on', () => {
  const transaction = new Transaction<Entry>(emptyRoot(), 1);
  for (const [id, name] of names.entries()) transaction.set([name], { id });
  const root = transaction.commit();
  const ordered = ['a', 'a-', 'ab', 'b', 'é', '\ue000', '😀'];
  expect(Array.from(childrenOf(root), ({ segment }) => segment)).toEqual(ordered);
  expect(Array.from(childrenOf(root, 'ab'), ({ segment }) => segment)).toEqual(ordered.slice(3));
  expect(Array.from(childrenOf(root, 'aa'), ({ segment }) => segment)).toEqual(ordered.slice(2));
  expect([...childrenOf(root, '😀')]).toEqual([]);
  expect([...childrenOf(emptyRoot<Entry>())]).toEqual([]);
});

test('a walk of nowhere is empty, and of an empty forest its root', () => {
  const empty = emptyRoot<Entry>();
  expect(told(empty, [])).toEqual(['/ undefined 0 0']);
  expect(told(empty, ['a'])).toEqual([]);
  expect(told(empty, [], undefined, [])).toEqual([]);
});

test('what a walk gives makes the same tree again, with the same hash however it is reckoned', () => {
  const random = seededRandom(33);
  const hashEntry: HashEntry<Entry> = (entry, hasher) => hasher.number(entry.id);
  for (let round = 0; round < 20; round += 1) {
    const root = randomRoot(random);
    const builder = new TrieBuilder<Entry>();
    for (const { path, node } of walk(root, { within: [] }))
      builder.add(path, node.entry, node.touched, node.grafted);
    const rebuilt = builder.finish();
    checkTree(rebuilt);
    expect(told(rebuilt, [])).toEqual(told(root, []));
    const steps = hashSteps(rebuilt, hashEntry, 1 + random.below(100));
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    expect(step.value).toBe(hashTree(root, hashEntry));
    expect(hashTree(rebuilt, hashEntry)).toBe(step.value);
  }
});

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

test('a sweep comes to each node once, with the copy that put it there', () => {
  const random = seededRandom(37);
  for (let round = 0; round < 10; round += 1) {
    const root = randomRoot(random);
    const walked = Array.from(walk(root, { within: [] }), ({ node, grafted }) => ({ node, grafted }));
    const swept: typeof walked = [];
    let pauses = 0;
    for (const _ of sweep(root, (node, grafted) => swept.push({ node, grafted }))) pauses += 1;
    const told = (nodes: typeof walked) =>
      nodes.map(({ node, grafted }) => `${node.entry?.id} ${node.touched} ${node.count} ${grafted}`).sort();
    expect(told(swept)).toEqual(told(walked));
    expect(pauses).toBeGreaterThan(walked.length / 200);
  }
  const empty: unknown[] = [];
  for (const _ of sweep(emptyRoot<Entry>(), (node) => empty.push(node)));
  expect(empty).toHaveLength(1);
});
