/**
 * Goal: a write that needs a root of the past gets it, or waits, or is refused, however far the disk is behind. Method: a forest on
 * a memory journal whose durability is held back by hand.
 */
import { expect, test } from 'vitest';
import { copy, publish, put } from '../../test/support/forests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { settle } from '../../test/support/watcher.ts';
import { recentRootsMax } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import { JournalFailure } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { Outcome } from '../state/outcome.ts';
import { find } from '../trie/lookup.ts';
import { LiveForest } from './live-forest.ts';

async function scene(): Promise<{ readonly forest: LiveForest; readonly journal: MemoryJournal }> {
  const journal = new MemoryJournal({ durability: 'held' });
  const forest = await LiveForest.open({
    name: 'test',
    journal,
    clock: new ManualClock(),
    random: seededRandom(1),
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
  });
  // More than are kept in memory, none of them durable.
  for (let count = 1; count <= recentRootsMax + 100; count += 1) {
    forest.submit(publish([put('/a', String(count))]), () => undefined);
  }
  return { forest, journal };
}

test('a copy from a revision that is no longer in memory and not yet durable waits for the disk', async () => {
  const { forest, journal } = await scene();
  let outcome: Outcome | undefined;
  forest.submit(publish([copy('/a', '/b', 10)]), (settled) => {
    outcome = settled.outcome;
  });
  await settle();
  expect(outcome).toBeUndefined();
  journal.makeDurable(journal.lastPosition);
  await settle();
  journal.makeDurable(journal.lastPosition);
  await settle();
  expect(outcome).toMatchObject({ kind: 'published' });
  expect(find(forest.view().root, ['b'])?.entry?.data).toBe('10');
});

test('and is refused where the disk fails meanwhile', async () => {
  const { forest, journal } = await scene();
  let outcome: Outcome | undefined;
  forest.submit(publish([copy('/a', '/b', 10)]), (settled) => {
    outcome = settled.outcome;
  });
  journal.fail(new JournalFailure('no space left'));
  await settle();
  expect(outcome).toMatchObject({ kind: 'rejected', reason: 'JOURNAL_UNAVAILABLE' });
});
