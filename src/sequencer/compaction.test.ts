/**
 * Goal: what a compaction promises to keep can be made anew from the disk, whatever was copied from the past: reads find it, and a start that
 * has to replay a copy of it. Method: a short history with copies over the edges of two compactions, opened a second time from its journal.
 */
import { expect, test } from 'vitest';
import { copy, publish, put } from '../../test/support/forests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { seededRandom } from '../base/random.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { Operation } from '../state/command.ts';
import { find } from '../trie/lookup.ts';
import { LiveForest } from './live-forest.ts';

function open(journal: MemoryJournal): Promise<LiveForest> {
  return LiveForest.open({
    name: 'test',
    journal,
    clock: new ManualClock(),
    random: seededRandom(1),
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
  });
}

test('a start replays a copy of what only a copy of something older leads to', async () => {
  const journal = new MemoryJournal();
  const forest = await open(journal);
  const write = async (operation: Operation): Promise<void> => {
    expect((await forest.propose(publish([operation]))).outcome).toMatchObject({ kind: 'published' });
  };
  await write(put('/a', 'first'));
  await write(put('/a', 'second'));
  await forest.compact(1, null);
  await write(copy('/a', '/b', 1));
  await write(put('/c', 'later'));
  await write(put('/d', 'latest'));
  await forest.compact(4, null);
  await write(copy('/b', '/e', 4));

  const again = await open(journal);
  expect(find(again.view().root, ['e'])?.entry?.data).toBe('first');
  const past = await again.viewAt(4);
  if ('reason' in past) throw new Error(past.reason);
  expect(find(past.root, ['b'])?.entry?.data).toBe('first');
  expect(await again.viewAt(3)).toMatchObject({ reason: 'REVISION_COMPACTED' });

  // Once the copies themselves are given up, what they were made from goes as well.
  expect(journal.firstPosition).toBe(1);
  await again.compact(6, null);
  expect((await again.propose(publish([put('/f', 'more')]))).outcome).toMatchObject({ kind: 'published' });
  await again.compact(7, null);
  expect(journal.firstPosition).toBeGreaterThan(6);
  expect(find((await open(journal)).view().root, ['e'])?.entry?.data).toBe('first');
});
