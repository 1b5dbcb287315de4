/**
 * Goal: a commit that waits for reviewers outlives its callers and the broker, whatever moment that ends at. Method: a forest
 * on a journal in memory, which is cut off where a crash could have cut it.
 */
import { expect, test } from 'vitest';
import { begin, commit, openForest, publish, put } from '../../test/support/forests.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { BeginGhost } from '../state/command.ts';
import { editionOf } from '../state/ghosts/edition.ts';
import { reject } from '../state/outcome.ts';
import type { Outcome } from '../state/outcome.ts';
import type { LiveForest } from './live-forest.ts';

async function gated(forest: LiveForest): Promise<BeginGhost> {
  const begun = begin(forest, { gates: [{ kind: 'review', reviewer: 'ada' }] });
  await forest.propose(begun);
  await forest.propose(publish([put('/a', 'draft')], { ghostId: begun.ghostId }));
  return begun;
}

function approve(forest: LiveForest, ghostId: string) {
  const ghost = forest.ghost(ghostId);
  if ('reason' in ghost) throw new Error(ghost.message);
  const decision = { ghostId, reviewer: 'ada', edition: editionOf(ghost), approved: true, reason: '' };
  return forest.propose({ kind: 'review_ghost', ...decision, author: '', request: null });
}

/** A commit on its way, what it was told, and a promise of the first of it. */
function ask(forest: LiveForest, ghostId: string, id = '') {
  const told: Outcome[] = [];
  const request = id === '' ? null : { id, fingerprint: 1 };
  const first = Promise.withResolvers<Outcome>();
  const wait = forest.commit({ ...commit(ghostId), request }, null, ({ outcome }) => {
    told.push(outcome);
    first.resolve(outcome);
  });
  return { told, wait, first: first.promise };
}

/** The same journal without its newest entries, as a crash leaves it. */
async function cutOff(journal: MemoryJournal, entries: number): Promise<MemoryJournal> {
  const rest = new MemoryJournal();
  for await (const batch of journal.read(1, journal.lastPosition - entries))
    for (const { payload } of batch) rest.append(payload, 'sync');
  await rest.flush();
  return rest;
}

test('is proposed at the start where the broker ended between the last approval and the commit', async () => {
  const journal = new MemoryJournal();
  const forest = await openForest(journal);
  const { ghostId } = await gated(forest);
  const { first } = ask(forest, ghostId, 'request');
  await approve(forest, ghostId);
  expect(await first).toMatchObject({ kind: 'committed', revision: 1 });
  const restarted = await openForest(await cutOff(journal, 1));
  await restarted.durable(restarted.appliedPosition);
  expect(restarted.ghost(ghostId)).toMatchObject({ state: 'committed', committedRevision: 1 });
  expect(await ask(restarted, ghostId, 'request').first).toMatchObject({ kind: 'committed', revision: 1 });

  const earlier = await openForest(await cutOff(journal, 2));
  expect(earlier.reviews.list('ada').map(({ ghost }) => ghost.id)).toEqual([ghostId]);
  const waiting = ask(earlier, ghostId, 'request');
  await approve(earlier, ghostId);
  expect(await waiting.first).toMatchObject({ kind: 'committed', revision: 1 });
});

test('goes on without callers who have gone, and tells each of the others once', async () => {
  const forest = await openForest();
  const { ghostId } = await gated(forest);
  const [gone, stays] = [ask(forest, ghostId), ask(forest, ghostId)];
  gone.wait.giveUp();
  gone.wait.giveUp();
  await approve(forest, ghostId);
  expect(await stays.first).toMatchObject({ kind: 'committed' });
  stays.wait.giveUp();
  expect([gone.told.length, stays.told.length]).toEqual([0, 1]);
});

test('is still asked for when all subscriptions and waits are ended', async () => {
  const forest = await openForest();
  const { ghostId } = await gated(forest);
  const { told } = ask(forest, ghostId);
  await forest.durable(forest.appliedPosition);
  forest.hub.drainAll(reject('NOT_SERVING', 'the broker stops'));
  expect(told).toMatchObject([{ reason: 'NOT_SERVING' }]);
  await approve(forest, ghostId);
  expect(forest.ghost(ghostId)).toMatchObject({ state: 'committed' });
  expect(told).toHaveLength(1);
});

test('shows reviewers nothing before it is durable', async () => {
  const journal = new MemoryJournal();
  const forest = await openForest(journal);
  const { ghostId } = await gated(forest);
  ask(forest, ghostId);
  const atOnce = forest.reviews.list('');
  await forest.durable(forest.appliedPosition);
  expect([atOnce.length, forest.reviews.list('').length]).toEqual([0, 1]);
});
