/**
 * Goal: a read of the past that a compaction overtakes is refused for what it is, and what is left stays readable, whatever was read before.
 * Method: forests on a memory journal whose snapshots are read only when the test lets them be, with more revisions than stay in memory.
 */
import { expect, test } from 'vitest';

import { recentRootsMax } from '../../src/base/limits.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import { standingOf } from '../../src/state/values/standing.ts';
import { openForest, path, publish, put } from '../support/forests.ts';

class HeldSnapshots extends MemoryJournal {
  gate: Promise<void> = Promise.resolve();

  override async *readSnapshot(position: number): AsyncGenerator<Uint8Array> {
    await this.gate;
    yield* super.readSnapshot(position);
  }
}

/** The newest revision. The first few hundred are in snapshots and in the journal only. */
const newest = recentRootsMax + 500;

async function longForest(journal: MemoryJournal): Promise<LiveForest> {
  const forest = await openForest(journal);
  for (let revision = 1; revision <= newest; revision += 1) {
    await forest.propose(publish([put('/n', `v${revision}`)]));
    // Gives nothing up, and writes a snapshot.
    if (revision === 300 || revision === 1_000) await forest.compact(1, null);
  }
  return forest;
}

test('a revision that is compacted while its snapshot is about to be read is refused as compacted', async () => {
  const journal = new HeldSnapshots();
  const forest = await longForest(journal);
  expect(journal.snapshots()).toHaveLength(2);
  const { promise, resolve } = Promise.withResolvers<void>();
  journal.gate = promise;
  const reading = forest.viewAt(400);
  expect(await forest.compact(newest - 5, null)).toMatchObject({ compactedRevision: newest - 5 });
  resolve();
  expect(await reading).toMatchObject({
    reason: 'REVISION_COMPACTED',
    metadata: { revision: '400', oldest_revision: String(newest - 5) },
  });
});

test('what was read before a compaction does not stand in the way of what is left', async () => {
  const forest = await longForest(new MemoryJournal());
  await forest.viewAt(200);
  expect(await forest.compact(350, null)).toMatchObject({ compactedRevision: 350 });
  expect(await forest.positionOf(200)).toMatchObject({ reason: 'REVISION_COMPACTED' });
  for (const revision of [350, 360, 450]) {
    const view = await forest.viewAt(revision);
    if ('reason' in view) throw new Error(view.message);
    expect(standingOf(view.root, path('/n')).entry?.data).toBe(`v${revision}`);
  }
});
