/**
 * Goal: what counts against a quota is counted by what there is, after a restart as before it, and no course of writes takes a forest beyond
 * its bounds by a node or a byte. Method: a forest that is opened again on its journal; fifty writers at once, with whatever can add nodes.
 */
import { expect, test } from 'vitest';
import { begin, commit, copy, openForest, publish, put, remove } from '../../test/support/forests.ts';
import { segmentFileBytesMin } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import { createEmbeddedJournal, openEmbeddedJournal } from '../journal/embedded/journal.ts';
import { SimulatedFileSystem } from '../journal/embedded/simulated-file-system.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { Command } from '../state/command.ts';
import { editionOf } from '../state/ghosts/edition.ts';
import type { ForestBounds } from './forest-quota.ts';

test('nodes are bounded over restarts, ghosts are counted by author, and a repetition is answered', async () => {
  const journal = new MemoryJournal();
  let current: ForestBounds = { nodes: 3, bytes: Infinity };
  const bounds = (): ForestBounds => current;
  const first = await openForest(journal, Infinity, 1, { bounds });
  const known = publish([put('/a', 'x'), put('/b', 'x'), put('/c', 'x')], {
    request: { id: 'known', fingerprint: 1 },
  });
  expect((await first.propose(known)).outcome.kind).toBe('published');
  for (const author of ['ann', 'ann', 'bob']) await first.propose(begin(first, { author }));
  await journal.flush();

  const again = await openForest(journal, Infinity, 2, { bounds });
  expect(['ann', 'bob', 'cid'].map((author) => again.ghostsOf(author))).toEqual([2, 1, 0]);
  const beyond = { reason: 'QUOTA_EXCEEDED', metadata: { limit: 'nodes', maximum: '3', actual: '3' } };
  expect((await again.propose(publish([put('/d', 'x')]))).outcome).toMatchObject(beyond);
  expect(await again.propose(known)).toMatchObject({ outcome: { revision: 1 }, repeated: true });
  expect((await again.propose(publish([put('/a', 'y')]))).outcome.kind).toBe('published');

  const ghost = begin(again, { author: 'cid' });
  await again.propose(ghost);
  expect((await again.propose(publish([put('/d', 'x')], { ghostId: ghost.ghostId }))).outcome.kind).toBe(
    'published',
  );
  expect((await again.propose(commit(ghost.ghostId))).outcome).toMatchObject(beyond);
  await again.propose(publish([remove('/b')]));
  expect((await again.propose(commit(ghost.ghostId))).outcome.kind).toBe('committed');
  expect((await again.propose(publish([copy('/a', '/e')]))).outcome).toMatchObject(beyond);

  current = { nodes: Infinity, bytes: 1 };
  expect((await again.propose(publish([put('/a', 'z')]))).outcome).toMatchObject({
    reason: 'QUOTA_EXCEEDED',
    metadata: { limit: 'bytes', maximum: '1' },
  });
  expect((await again.propose(publish([remove('/a')]))).outcome.kind).toBe('published');
});

test('fifty writers at once fill a forest to its last node, and never beyond', async () => {
  const journal = new MemoryJournal();
  const nodes = 100;
  const forest = await openForest(journal, Infinity, 1, { bounds: () => ({ nodes, bytes: Infinity }) });
  await forest.propose(publish([put('/old/a', 'x'), put('/old/b', 'x'), put('/old/c', 'x')]));
  await forest.propose(publish([remove('/old/b')]));
  let most = 0;
  const write = async (command: Command): Promise<string> => {
    const { outcome } = await forest.propose(command);
    most = Math.max(most, forest.status.nodes);
    return outcome.kind;
  };
  const writers = Array.from({ length: 50 }, async (_, writer) => {
    const kinds = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const path = `/w${writer}/${turn}`;
      const ghost = begin(forest, { author: `w${writer}` });
      await forest.propose(ghost);
      // A commit of what is gone on the trunk by then counts by what it leaves there, not by what it did in the ghost.
      const staged = [put(path, 'g'), remove('/old/a')];
      await forest.propose(publish(staged, { ghostId: ghost.ghostId }));
      kinds.push(
        await write(publish([put(path, 'x'), put(`${path}/b`, 'y'), put(path, 'again')])),
        await write(publish([copy('/old', `${path}/then`, 1)])),
        await write(commit(ghost.ghostId)),
        await write(publish([remove(`${path}/b`)])),
      );
    }
    return kinds;
  });
  const kinds = new Set((await Promise.all(writers)).flat());
  expect(kinds).toEqual(new Set(['published', 'committed', 'rejected']));
  expect(most).toBe(nodes);
  expect(forest.status.nodes).toBeLessThanOrEqual(nodes);
  // Nothing of the refusals is in the journal: it is replayed without bounds.
  await journal.flush();
  const { hash } = await forest.stateHash();
  expect((await (await openForest(journal, Infinity, 2)).stateHash()).hash).toBe(hash);
});

test('an author has so many ghosts and locks as its command says, also where all are asked for in one turn', async () => {
  const forest = await openForest(new MemoryJournal(), Infinity, 1);
  const kinds = async (commands: readonly Command[]): Promise<Record<string, number>> => {
    const settled = await Promise.all(commands.map((command) => forest.propose(command)));
    const counts: Record<string, number> = {};
    for (const { outcome } of settled) counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
    return counts;
  };
  const ghosts = Array.from({ length: 50 }, () => ({
    ...begin(forest, { author: 'ann' }),
    authorGhostsMax: 20,
  }));
  expect(await kinds(ghosts)).toEqual({ ghost_begun: 20, rejected: 30 });
  expect(forest.ghostsOf('ann')).toBe(20);
  const others = Array.from({ length: 5 }, () => ({
    ...begin(forest, { author: 'bob' }),
    authorGhostsMax: 5,
  }));
  expect(await kinds(others)).toEqual({ ghost_begun: 5 });
});

test('a request that found no room is done under the same id when there is room', async () => {
  const forest = await openForest(new MemoryJournal(), Infinity, 1, {
    bounds: () => ({ nodes: 1, bytes: Infinity }),
  });
  const request = { id: 'again', fingerprint: 7 };
  await forest.propose(publish([put('/a', 'x')]));
  expect((await forest.propose(publish([put('/b', 'x')], { request }))).outcome).toMatchObject({
    reason: 'QUOTA_EXCEEDED',
  });
  await forest.propose(publish([remove('/a')]));
  expect((await forest.propose(publish([put('/b', 'x')], { request }))).outcome.kind).toBe('published');
});

test('an approved commit that finds no room changes nothing, so a restart comes to the same', async () => {
  const journal = new MemoryJournal();
  const bounds = (): ForestBounds => ({ nodes: 1, bytes: Infinity });
  const forest = await openForest(journal, Infinity, 1, { bounds });
  await forest.propose(publish([put('/full', 'x')]));
  const ghost = begin(forest, { gates: [{ kind: 'review', reviewer: 'ada' }] });
  const { ghostId } = ghost;
  await forest.propose(ghost);
  await forest.propose(publish([put('/a', 'x')], { ghostId }));
  expect((await forest.propose(commit(ghostId))).outcome.kind).toBe('commit_pending');
  const standing = forest.ghost(ghostId);
  if ('reason' in standing) throw new Error(standing.message);
  const decision = { reviewer: 'ada', edition: editionOf(standing), approved: true, reason: '' };
  await forest.propose({ kind: 'review_ghost', ghostId, ...decision, author: '', request: null });
  await forest.durable(forest.appliedPosition);
  const { hash } = await forest.stateHash();
  expect(forest.ghost(ghostId)).toHaveProperty('pendingCommit.outcome', null);
  const again = await openForest(journal, Infinity, 2, { bounds });
  expect((await again.stateHash()).hash).toBe(hash);
  await forest.close();
  await again.close();
});

test('fifty writers at once never make the files of a forest larger than they may be', async () => {
  const bytes = 40_000;
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(1) });
  // So that files follow one another quickly.
  const options = { fileSystem, segmentBytes: segmentFileBytesMin };
  await createEmbeddedJournal('/journal', options);
  const journal = await openEmbeddedJournal('/journal', options);
  const forest = await openForest(journal, Infinity, 1, { bounds: () => ({ nodes: Infinity, bytes }) });
  let [most, published] = [0, 0];
  const write = async (writer: number): Promise<void> => {
    for (let turn = 0; turn < 40; turn += 1) {
      const value = 'x'.repeat((writer * 37 + turn * 101) % 900);
      const { outcome } = await forest.propose(publish([put(`/w${writer}`, value)]));
      if (outcome.kind === 'published') published += 1;
      most = Math.max(most, journal.storedBytes);
    }
  };
  await Promise.all(Array.from({ length: 50 }, (_, writer) => write(writer)));
  expect(most).toBeLessThanOrEqual(bytes);
  expect(published).toBeGreaterThan(10);
  // Ends and deletes still have their place.
  expect((await forest.propose(publish([remove('/w1')]))).outcome.kind).toBe('published');
  await forest.close();
});
