/** The run that the crash tests interrupt, what it was promised on the way, and the check of what is left of it. */
import { expect } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { entry, from, hex, readAll, readChunks } from '../../src/journal/contract.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import type { EmbeddedJournalOptions } from '../../src/journal/embedded/journal.ts';
import type { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { Journal } from '../../src/journal/journal.ts';

/** What the journal told before it was interrupted. */
export interface Promised {
  isForestMade: boolean;
  appended: number;
  durable: number;
  /** Positions of snapshots whose saving was reported. */
  snapshots: number[];
  /** The newest position that `releaseBefore` was called with. */
  released: number;
}

const folderPath = '/data';
const forest = 'default';

// Timers never fire here: every lazy entry waits for the next sync, as in the worst case.
const stillClock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  setTimer: () => ({ cancel: () => undefined }),
};

export function journalOptions(fileSystem: SimulatedFileSystem): EmbeddedJournalOptions {
  return {
    fileSystem,
    clock: stillClock,
    random: seededRandom(99),
    segmentBytes: 4_096,
    defer: queueMicrotask,
  };
}

/**
 * Makes a forest, appends, syncs, rotates, saves snapshots and releases, always in the same order. Ends early, without
 * throwing, when the disk fails or stops.
 */
export async function runWorkload(fileSystem: SimulatedFileSystem): Promise<Promised> {
  const promised: Promised = { isForestMade: false, appended: 0, durable: 0, snapshots: [], released: 0 };
  try {
    const folder = await DataFolder.open(folderPath, journalOptions(fileSystem));
    await folder.createForest(forest);
    promised.isForestMade = true;
    const journal = await folder.openForest(forest);
    journal.onDurable((position) => (promised.durable = position));
    await work(journal, promised);
    await folder.close();
  } catch {
    // The interruption. What matters is what was promised before.
  }
  return promised;
}

async function work(journal: Journal, promised: Promised): Promise<void> {
  for (let round = 1; round <= 14; round += 1) {
    const count = 1 + ((round * 5) % 7);
    for (let index = 0; index < count; index += 1) {
      const position = promised.appended + 1;
      expect(journal.append(entry(position), index % 2 === 0 ? 'lazy' : 'sync')).toBe(position);
      promised.appended = position;
    }
    await journal.flush();
    if (round % 4 === 0) {
      const position = promised.appended - 2;
      await journal.saveSnapshot(position, from([entry(position), entry(position + 1)]));
      promised.snapshots.push(position);
    }
    if (round === 9 || round === 13) {
      promised.released = promised.appended - 5;
      await journal.releaseBefore(promised.released);
    }
  }
}

/** What `checkPromises` appends. */
export const entriesOfCheck = 12;

/** Opens what is left and holds it against what was promised; then goes on with it, as a broker would; returns the last position. */
export async function checkPromises(fileSystem: SimulatedFileSystem, promised: Promised): Promise<number> {
  const folder = await DataFolder.open(folderPath, journalOptions(fileSystem));
  const forests = await folder.listForests();
  if (promised.isForestMade) expect(forests).toEqual([forest]);
  if (forests.length === 0) await folder.createForest(forest);
  const journal = await folder.openForest(forest);
  expect(journal.lastPosition).toBeGreaterThanOrEqual(promised.durable);
  expect(journal.lastPosition).toBeLessThanOrEqual(promised.appended);
  expect(journal.durablePosition).toBe(journal.lastPosition);
  await checkSnapshots(journal, promised);
  await checkEntries(journal);
  for (let index = 0; index < entriesOfCheck; index += 1)
    journal.append(entry(journal.lastPosition + 1), 'sync');
  const last = journal.lastPosition;
  await folder.close();

  const again = await DataFolder.open(folderPath, journalOptions(fileSystem));
  const reopened = await again.openForest(forest);
  expect(reopened.lastPosition).toBe(last);
  await checkEntries(reopened);
  await again.close();
  return last;
}

async function checkSnapshots(journal: Journal, promised: Promised): Promise<void> {
  const listed = journal.snapshots().map(({ position }) => position);
  const kept = promised.snapshots.findLast((position) => position <= promised.released) ?? 0;
  expect(listed).toEqual(expect.arrayContaining(promised.snapshots.filter((position) => position >= kept)));
  for (const position of listed) {
    expect(await readChunks(journal, position)).toBe(hex(entry(position)) + hex(entry(position + 1)));
  }
  // No snapshot is left behind whose history is gone.
  expect(journal.firstPosition).toBeLessThanOrEqual((listed[0] ?? 0) + 1);
  // Reading is promised from the oldest snapshot that must have stayed, or from the beginning.
  expect(journal.firstPosition).toBeLessThanOrEqual(kept + 1);
}

async function checkEntries(journal: Journal): Promise<void> {
  const { firstPosition, lastPosition } = journal;
  const expected = Array.from({ length: lastPosition - firstPosition + 1 }, (_, index) =>
    hex(entry(firstPosition + index)),
  );
  expect(await readAll(journal, firstPosition, lastPosition)).toEqual(expected);
}

/** Runs one case of a sweep, so that a failure says which it was and can be repeated from its seed. */
export async function inCase(label: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw new Error(`${label}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
