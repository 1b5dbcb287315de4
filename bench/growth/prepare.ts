/** Journals of any length: of 10,000,000 publishes it takes some 3 GB. */
import { setImmediate } from 'node:timers/promises';

import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import { publishOf, putText } from '../harness/forest.ts';
import { noteText, pathOf, untilDurable } from '../harness/plant.ts';

/** Nodes that are worked on, in the first sessions. */
export const workingNodes = 1_000;
/** Entries that wait for the disk together: far below what a forest lets wait. */
const entriesPerBatch = 10_000;

/** Makes the journal `entries` long. */
export async function lengthenJournal(forest: LiveForest, entries: number): Promise<void> {
  while (forest.appliedPosition < entries) {
    const count = Math.min(entriesPerBatch, entries - forest.appliedPosition);
    await publishMany(forest, count);
  }
}

/** Publishes, one node each, going round those that are worked on; resolves when all of them are durable. */
export async function publishMany(forest: LiveForest, count: number): Promise<void> {
  let refused = '';
  for (let index = 0; index < count; index += 1) {
    const put = putText(pathOf(forest.appliedPosition % workingNodes), noteText);
    forest.submit(publishOf([put]), ({ outcome }) => {
      if (outcome.kind === 'rejected') refused = outcome.message;
    });
    // A turn now and then, in which the journal takes its next batch to the disk.
    if (index % 100 === 99) await setImmediate();
  }
  await untilDurable(forest);
  if (refused !== '') throw new Error(refused);
}
