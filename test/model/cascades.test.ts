/**
 * Goal: a cascade leaves the trunk as it would be if what it undoes had never happened. Method: random histories with reads, copies of
 * the past and ghosts; a revision of each is taken back, by a forest of the broker, and the trunk compared with what a naive tree makes of
 * all other publishes. Where one of those made sense only on what is undone, the trunk must be as it was there.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import type { CascadeSettled } from '../../src/sequencer/cascade/cascades.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { BasisEntry } from '../../src/state/command.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { jsonText } from '../../src/state/values/value.ts';
import { walk } from '../../src/trie/iterate.ts';
import { formatPath } from '../../src/trie/path.ts';
import { begin, commit, openForest, path, publish } from '../support/forests.ts';
import { realOperation } from './naive-and-real.ts';
import { isBelow, NaiveTree } from './naive-forest.ts';
import type { NaiveOperation } from './naive-forest.ts';
import { RandomOperations } from './random-operations.ts';

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

/** What made each revision, in order. */
type History = Map<number, readonly NaiveOperation[]>;

/** What the histories had in them, so that it is known that they had it. */
const seen = { derived: 0, stuck: 0, again: 0 };

describe.each(seeds)('seed %i', (seed) => {
  test('all but what was undone is as if that had never happened', async () => {
    const random = seededRandom(seed);
    const journal = new MemoryJournal();
    const forest = await openForest(journal);
    const history: History = new Map();
    const operations = new RandomOperations(random, false);
    const gone = new Set<number>();
    let firstEnd = 0;
    for (let round = 0; round < 2; round += 1) {
      for (let count = 25; count > 0; count -= 1) await step(forest, random, operations, history);
      const revisions = [...history.keys()].filter((revision) => !gone.has(revision));
      const wrong = revisions[random.below(Math.ceil(revisions.length / 2))] ?? 1;
      const before = valuesOf(forest.view().root);
      const undone = await undo(forest, wrong);
      if (round > 0) seen.again += 1;
      seen.derived += undone.size - 1;
      for (const revision of undone) gone.add(revision);
      // What was copied after an earlier cascade from before it shows what that took back: it was there at the time.
      const shadow = without(history, undone, []).trees;
      const { trees, stuck } = without(history, gone, shadow, firstEnd);
      const tree = trees.at(-1) ?? new NaiveTree();
      seen.stuck += stuck.size;
      const expected = new Map(Array.from(tree.nodes, ([at, node]) => [at, `${node.kind} ${node.json}`]));
      for (const at of stuck) {
        const real = before.get(at);
        if (real === undefined) expected.delete(at);
        else expected.set(at, real);
      }
      expect(valuesOf(forest.view().root)).toEqual(expected);
      if (stuck.size > 0) break;
      firstEnd = forest.view().revision;
    }
    // A restart replays what the cascades were journaled as.
    const hash = await forest.stateHash();
    await forest.close();
    const restarted = await openForest(journal);
    expect(await restarted.stateHash()).toEqual(hash);
    await restarted.close();
  });
});

test('the histories had everything in them', () => {
  expect(seen.derived).toBeGreaterThan(100);
  expect(seen.stuck).toBeGreaterThan(2);
  expect(seen.again).toBeGreaterThan(20);
});

/** Looks, then does it. */
async function undo(forest: LiveForest, revision: number): Promise<Set<number>> {
  const before = valuesOf(forest.view().root);
  const { report } = await forest.reverts.report(revision);
  expect(valuesOf(forest.view().root)).toEqual(before);
  const revert = { revision, reason: 'wrong', author: 'judge', request: null };
  const settled = await forest.reverts.cascade(revert, null);
  expect(settled.outcome).toMatchObject({ kind: 'revision_reverted' });
  expect(settled.report).toEqual(report);
  const undone = new Set(undoneOf(settled));
  expect(undone.has(revision)).toBe(true);
  return undone;
}

/** A publish, or the work of a ghost that is committed at once. */
async function step(
  forest: LiveForest,
  random: Random,
  operations: RandomOperations,
  history: History,
): Promise<void> {
  const { revision } = forest.view();
  const diffs = Array.from({ length: 1 + random.below(3) }, () => operations.operation(revision));
  const basis = Array.from({ length: random.below(2) }, () => read(random, revision, operations));
  const diff = { ...publish(diffs.map(realOperation)), basis };
  if (random.below(5) > 0) {
    const { outcome } = await forest.propose(diff);
    if (outcome.kind === 'published') history.set(outcome.revision, diffs);
    return;
  }
  const ghost = begin(forest);
  await forest.propose(ghost);
  await forest.propose({ ...diff, ghostId: ghost.ghostId });
  const { outcome } = await forest.propose(commit(ghost.ghostId));
  if (outcome.kind === 'committed' && outcome.revision > 0) history.set(outcome.revision, diffs);
}

function read(random: Random, revision: number, operations: RandomOperations): BasisEntry {
  const at = path(operations.operation(0).path);
  const seen = Math.max(0, revision - random.below(3));
  return { path: at, revision: seen, extent: random.below(3) === 0 ? 'subtree' : 'node' };
}

function undoneOf({ report }: CascadeSettled): number[] {
  return (report?.undone ?? []).map(({ revision }) => revision);
}

/**
 * All other publishes, and the paths at which one of them could not be done again. Those after the revision `end` copy the past before it
 * from `shadow`.
 */
function without(
  history: History,
  undone: ReadonlySet<number>,
  shadow: readonly NaiveTree[],
  end = 0,
): { trees: NaiveTree[]; stuck: Set<string> } {
  const stuck = new Set<string>();
  const trees = [new NaiveTree()];
  for (const [revision, operations] of history) {
    const before = trees.at(-1);
    // A revert before it has left what is there without it.
    while (trees.length < revision) trees.push(new NaiveTree(before));
    const tree = new NaiveTree(before);
    const past = (at: number): NaiveTree =>
      (revision > end && at < end ? shadow[at] : trees[at]) ?? new NaiveTree();
    if (!undone.has(revision))
      for (const operation of operations) apply(tree, operation, revision, past, stuck);
    trees.push(tree);
  }
  return { trees, stuck };
}

function apply(
  tree: NaiveTree,
  operation: NaiveOperation,
  revision: number,
  past: (revision: number) => NaiveTree,
  stuck: Set<string>,
): void {
  const { kind, path: at } = operation;
  const isWhole = kind === 'copy' || (kind === 'delete' && operation.scope === 'subtree');
  if (kind === 'put' || kind === 'delete' || kind === 'copy')
    for (const other of [...stuck]) if (isWhole ? isBelow(other, at) : other === at) stuck.delete(other);
  if (stuck.has(at)) return;
  const refused = tree.operate(operation, revision, 'agent', past);
  if (refused === 'WRONG_TYPE') stuck.add(at);
}

function valuesOf(root: Root): Map<string, string> {
  const values = new Map<string, string>();
  for (const { path: at, node } of walk(root, { within: [] })) {
    if (node.entry === null) continue;
    const isText = node.entry.kind === 'text';
    values.set(formatPath(at), isText ? `text ${node.entry.data}` : `json ${jsonText(node.entry)}`);
  }
  return values;
}
