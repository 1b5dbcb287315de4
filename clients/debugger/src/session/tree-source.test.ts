/**
 * Goal: the numbers of children that a page tells are the broker's, however much of a tree it knows and whatever comes and goes. Method: a
 * made-up forest that answers at any revision, late if it likes; its changes are folded in and what is stale is asked for, as sessions do.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Openness } from '../model/openness.ts';
import { childOf, parentOf } from '../model/path.ts';
import { Tree, comparePaths, type NodeFacts, type TreeChange } from '../model/tree.ts';
import type { TreeReader } from './tree-reader.ts';
import { loadTree } from './tree-source.ts';
import { Unfolding } from './unfolding.ts';

/** Every revision of a forest of values. */
class MadeUpForest {
  readonly #revisions: ReadonlySet<string>[] = [new Set()];
  readonly changes: TreeChange[] = [];

  get revision(): number {
    return this.changes.length;
  }

  apply(path: string, action: 'set' | 'delete_subtree'): void {
    const values = new Set(this.#revisions.at(-1));
    if (action === 'set') values.add(path);
    else for (const each of values) if (each === path || each.startsWith(`${path}/`)) values.delete(each);
    this.#revisions.push(values);
    this.changes.push({ path, action, author: 'a', revision: this.revision + 1 });
  }

  /** All nodes but the root, in the broker's order, with the root's count. */
  nodesAt(revision: number): { readonly nodes: readonly NodeFacts[]; readonly rootCount: number } {
    const values = this.#revisions[revision] ?? new Set<string>();
    const counts = new Map([['/', 0]]);
    const add = (path: string): void => {
      if (counts.has(path)) return;
      counts.set(path, 0);
      const above = parentOf(path) ?? '/';
      add(above);
      counts.set(above, (counts.get(above) ?? 0) + 1);
    };
    for (const path of values) add(path);
    const paths = [...counts.keys()].filter((path) => path !== '/').sort(comparePaths);
    const nodes = paths.map((path) => factsOf(path, counts.get(path) ?? 0, values.has(path), revision));
    return { nodes, rootCount: counts.get('/') ?? 0 };
  }

  reader(answered: () => Promise<void> = () => Promise.resolve()): TreeReader {
    return {
      wholeNodesMax: 0,
      below: async (path, depth, count, { atRevision = this.revision }) => {
        const { nodes } = this.nodesAt(atRevision);
        const below = nodes.filter((node) =>
          depth === 1 ? parentOf(node.path) === path : path === '/' || node.path.startsWith(`${path}/`),
        );
        await answered();
        return { facts: below.slice(0, count), isAll: below.length <= count, revision: atRevision };
      },
      node: async (path, { atRevision = this.revision }) => {
        const { nodes, rootCount } = this.nodesAt(atRevision);
        await answered();
        if (path === '/') return factsOf('/', rootCount, false, atRevision);
        return nodes.find((node) => node.path === path);
      },
    };
  }
}

function factsOf(path: string, childCount: number, hasValue: boolean, revision: number): NodeFacts {
  const revisions = { modifiedRevision: revision, subtreeRevision: revision };
  return { path, hasValue, author: 'a', ...revisions, valueBytes: 1, childCount, leased: false };
}

/** A page that follows a forest: it folds when it is told to, and asks for what is stale then. */
class Page {
  readonly #forest: MadeUpForest;
  readonly tree = new Tree();
  readonly unfolding: Unfolding;
  readonly #openness = new Openness();
  readonly #reader: TreeReader;
  #revision = 0;

  constructor(forest: MadeUpForest, answered?: () => Promise<void>) {
    this.#forest = forest;
    this.#reader = forest.reader(answered);
    this.unfolding = new Unfolding({
      reader: this.#reader,
      picture: { tree: this.tree, openness: this.#openness },
      moment: () => ({ atRevision: this.#revision }),
      draw: () => undefined,
      onFailure: (error) => {
        throw error;
      },
    });
  }

  async open(): Promise<void> {
    this.#openness.choose('/wide', true);
    this.#revision = await loadTree(this.#forest.reader(), this.tree, this.#openness, {});
  }

  fold(count = Infinity): Promise<void> {
    const changes = this.#forest.changes.slice(this.#revision, this.#revision + count);
    for (const change of changes) this.tree.apply(change);
    this.#revision += changes.length;
    return this.unfolding.refresh();
  }

  /** What is told of nodes that can be seen, where it is not what the forest has. */
  wrong(): readonly string[] {
    const { nodes, rootCount } = this.#forest.nodesAt(this.#forest.revision);
    const counts = new Map(nodes.map(({ path, childCount }) => [path, childCount]));
    counts.set('/', rootCount);
    const wrong: string[] = [];
    const look = (path: string): void => {
      const node = this.tree.get(path);
      if (node?.childCount !== counts.get(path))
        wrong.push(`${path}: ${node?.childCount}, not ${counts.get(path)}`);
      for (const each of node?.children ?? []) look(childOf(path, each));
    };
    look('/');
    return wrong;
  }
}

const name = (at: number): string => `n${String(at).padStart(3, '0')}`;

test('the count of a wide node follows what comes and goes beyond its known children', async () => {
  const forest = new MadeUpForest();
  for (let at = 0; at < 40; at += 1) forest.apply(`/wide/${name(at)}`, 'set');
  const page = new Page(forest);
  await page.open();
  expect(page.tree.get('/wide')).toMatchObject({ childCount: 40 });
  forest.apply(`/wide/${name(90)}`, 'set');
  await page.fold();
  expect(page.tree.get('/wide')).toMatchObject({ childCount: 41 });
  forest.apply(`/wide/${name(39)}`, 'delete_subtree');
  forest.apply(`/wide/${name(38)}`, 'delete_subtree');
  await page.fold();
  expect(page.tree.get('/wide')).toMatchObject({ childCount: 39 });
  forest.apply(`/wide/${name(37)}/below`, 'set');
  await page.fold();
  expect(page.wrong()).toEqual([]);
});

const place = fc.nat(29).map(name);
const path = fc.oneof(
  place.map((each) => `/wide/${each}`),
  place.map((each) => `/${each}`),
  fc.tuple(fc.nat(2).map(name), place).map(([above, each]) => `/wide/${above}/${each}`),
);
type Step = (forest: MadeUpForest, page: Page, answer: (which: number) => void) => void;
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: path.map(
      (at): Step =>
        (forest) =>
          forest.apply(at, 'set'),
    ),
  },
  {
    weight: 4,
    arbitrary: path.map(
      (at): Step =>
        (forest) =>
          forest.apply(at, 'delete_subtree'),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.nat(4).map(
      (count): Step =>
        (_, page) =>
          void page.fold(count),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.nat(9).map(
      (which): Step =>
        (_, _page, answer) =>
          answer(which),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(2).map(name), fc.boolean()).map(
      ([at, isOpen]): Step =>
        (_, page) =>
          void page.unfolding.toggle(`/wide/${at}`, isOpen),
    ),
  },
);

test('in the end all counts are right, in whatever order changes are told and questions are answered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const forest = new MadeUpForest();
      for (let at = 0; at < 30; at += 2) forest.apply(`/wide/${name(at)}`, 'set');
      for (let at = 0; at < 30; at += 3) forest.apply(`/wide/${name(1)}/${name(at)}`, 'set');
      const waiting: (() => void)[] = [];
      const page = new Page(forest, () => new Promise((resolve) => waiting.push(resolve)));
      await page.open();
      const answer = (which: number): void => waiting.splice(which % Math.max(1, waiting.length), 1)[0]?.();
      for (const each of steps) {
        each(forest, page, answer);
        await settled();
      }
      void page.fold();
      for (await settled(); waiting.length > 0; await settled()) answer(0);
      expect(page.wrong()).toEqual([]);
    }),
    { seed: 3, numRuns: 1_000 },
  );
});

/** All that is due by itself has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
