/**
 * Goal: `Trace` finds exactly what was derived: everything that had seen a write, through any number of agents, ghosts, copies and
 * commits, and nothing else; and upstream the same way back.
 * Method: random agents read random views and publish with what they had read; the naive model compares every read with every write.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import { openForest } from '../support/forests.ts';
import { ProvenanceRun } from './provenance-run.ts';

test.each(Array.from({ length: 16 }, (_, index) => index + 1))(
  'traces of seed %i are those of the model',
  async (seed) => {
    const random = seededRandom(seed);
    const run = new ProvenanceRun(random, await openForest());
    for (let step = 0; step < 100; step += 1) await run.step();
    expect(await run.compare()).toBeGreaterThan(15);
  },
);

test.each([101, 102])('after a restart they are the same: seed %i', async (seed) => {
  const random = seededRandom(seed);
  const journal = new MemoryJournal();
  const run = new ProvenanceRun(random, await openForest(journal));
  for (let step = 0; step < 90; step += 1) await run.step();
  // Ids of ghosts must not come again.
  run.reopened(await openForest(journal, Infinity, 2));
  for (let step = 0; step < 60; step += 1) await run.step();
  expect(await run.compare()).toBeGreaterThan(15);
});
