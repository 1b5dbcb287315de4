/**
 * Goal: a start finds all that it has to replay, whatever was copied from the past and given up since. Method: short histories with copies
 * over the edges of compactions, opened a second time from their journals.
 */
import { expect, test, vi } from 'vitest';
import { begin, copy, publish, put } from '../../test/support/forests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { recentRootsMax } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import { JournalDamage, JournalFailure } from '../journal/journal.ts';
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

/** A forest in which revision 3 is a copy of what a second compaction gives up, and from which the root of 4 can only be had in memory. */
async function compactedTwice(journal: MemoryJournal): Promise<LiveForest> {
  const forest = await open(journal);
  for (const operation of [put('/a', 'first'), put('/a', 'second')]) await write(forest, operation);
  await forest.compact(1, null);
  await write(forest, copy('/a', '/b', 1));
  await write(forest, put('/c', 'later'));
  await write(forest, put('/d', 'latest'));
  await forest.compact(4, null);
  return forest;
}

async function write(forest: LiveForest, operation: Operation): Promise<void> {
  expect((await forest.propose(publish([operation]))).outcome).toMatchObject({ kind: 'published' });
}

test('a copy of what no replay could find again is refused, so that every start finds all it needs', async () => {
  const journal = new MemoryJournal();
  const forest = await compactedTwice(journal);
  const { outcome } = await forest.propose(publish([copy('/b', '/e', 4)]));
  expect(outcome).toMatchObject({ kind: 'rejected', reason: 'REVISION_COMPACTED' });
  // From the compaction's own snapshot on, all can be found again.
  await write(forest, copy('/b', '/e', 5));
  await write(forest, copy('/b', '/f', 6));
  const again = await open(journal);
  expect(find(again.view().root, ['e'])?.entry?.data).toBe('first');
  await write(again, copy('/e', '/g', 6));
  expect(find((await open(journal)).view().root, ['g'])?.entry?.data).toBe('first');
});

test('and so is a ghost on it', async () => {
  const forest = await compactedTwice(new MemoryJournal());
  const { outcome } = await forest.propose(begin(forest, { baseRevision: 4 }));
  expect(outcome).toMatchObject({ kind: 'rejected', reason: 'REVISION_COMPACTED' });
  const { outcome: begun } = await forest.propose(begin(forest, { baseRevision: 5 }));
  expect(begun).toMatchObject({ kind: 'ghost_begun' });
});

test('what is left can be copied, once it was made anew from the disk', async () => {
  const journal = new MemoryJournal();
  const forest = await open(journal);
  for (const text of ['one', 'two', 'three', 'four']) await write(forest, put('/a', text));
  await forest.compact(2, null);
  await write(forest, copy('/a', '/b', 3));
  const again = await open(journal);
  expect(find(again.view().root, ['b'])?.entry?.data).toBe('three');
});

test('whoever goes on behind the oldest revision left while it is being compacted begins there, and not at the beginning', async () => {
  const forest = await open(new MemoryJournal());
  for (const text of ['one', 'two', 'three', 'four']) await write(forest, put('/a', text));
  const position = await forest.positionOf(2);
  const compacting = forest.compact(2, null);
  expect(await forest.positionOf(1)).toMatchObject({ reason: 'REVISION_COMPACTED' });
  expect(await forest.positionOf(2)).toBe(position);
  await compacting;
  expect(await forest.positionOf(2)).toBe(position);
});

/** Reads only when it is let. */
class HeldJournal extends MemoryJournal {
  gate: Promise<void> = Promise.resolve();

  override async *read(from: number, to: number): ReturnType<MemoryJournal['read']> {
    await this.gate;
    yield* super.read(from, to);
  }
}

test('a compaction that a stop comes into is refused, and writes no state that the journal has not taken', async () => {
  const journal = new HeldJournal();
  const forest = await open(journal);
  for (const text of ['one', 'two', 'three']) await write(forest, put('/a', text));
  const { promise, resolve } = Promise.withResolvers<void>();
  journal.gate = promise;
  const compacting = forest.compact(2, null);
  await forest.durable(4);
  await journal.close();
  expect((await forest.propose(publish([put('/a', 'late')]))).outcome).toMatchObject({
    reason: 'JOURNAL_UNAVAILABLE',
  });
  resolve();
  expect(await compacting).toMatchObject({ reason: 'JOURNAL_UNAVAILABLE' });
  expect(journal.snapshots()).toEqual([]);
});

/** Its disk shows what it is like when something is to be released. */
class FailingJournal extends MemoryJournal {
  readonly #failure: Error;

  constructor(failure: Error) {
    super();
    this.#failure = failure;
  }

  override releaseBefore(): Promise<void> {
    return Promise.reject(this.#failure);
  }
}

test('a disk that fails can be tried again; one that is damaged ends the broker', async () => {
  const compact = async (failure: Error) => {
    const forest = await open(new FailingJournal(failure));
    for (const text of ['one', 'two', 'three']) await write(forest, put('/a', text));
    return forest.compact(2, null);
  };
  expect(await compact(new JournalFailure('full'))).toMatchObject({ reason: 'JOURNAL_UNAVAILABLE' });
  await expect(compact(new JournalDamage('damaged'))).rejects.toThrow(JournalDamage);
});

test('the root that is compacted at is not made anew when writes outrun the snapshot', async () => {
  const journal = new MemoryJournal();
  const forest = await open(journal);
  await write(forest, put('/a', 'first'));
  const save = journal.saveSnapshot.bind(journal);
  const read = vi.spyOn(journal, 'readSnapshot');
  vi.spyOn(journal, 'saveSnapshot').mockImplementation(async (position, chunks) => {
    for (let turn = 0; turn <= recentRootsMax; turn += 1) await write(forest, put('/a', `${turn}`));
    return await save(position, chunks);
  });
  expect(await forest.compact(0, null)).toMatchObject({ compactedRevision: 1 });
  expect(read).not.toHaveBeenCalled();
});
