/**
 * Goal: guarantees 3, 4 and 9 of design.md over a whole forest. After a crash or a failure of the disk at any moment,
 * everything acknowledged on the trunk is there exactly once, the state is the replay of the journal, and repeating what
 * was not acknowledged gives each exactly once.
 * Method: a seeded run of publishes with request ids, ghosts, commits, snapshots and compactions on the simulated disk is
 * interrupted at every disk operation; what was not synced is lost, kept, or torn at sectors.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { Fault } from '../../src/journal/embedded/simulated-file-system.ts';
import type { CrashKeeps } from '../../src/journal/embedded/simulated-file.ts';
import { checkForest, runWorkload } from './forest-workload.ts';
import type { Ran } from './forest-workload.ts';
import { inCase } from './journal-workload.ts';

/** Every so many operations one is interrupted; all by default. */
const stride = Number(process.env['CRASH_STRIDE'] ?? 1);

async function countOperations(seed: number): Promise<number> {
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(0) });
  const ran = await runWorkload(fileSystem, seed);
  expect(ran.writes.every(({ outcome }) => outcome?.kind === 'published')).toBe(true);
  expect([...ran.commits.values()]).toEqual([true, true, true, true, true, true]);
  const { operations } = fileSystem;
  fileSystem.restartProcess();
  await checkForest(fileSystem, ran);
  return operations;
}

interface Sweep {
  readonly checked: number;
  /** Runs in which some, but not all, was acknowledged. */
  readonly partly: number;
  readonly stopped: readonly Ran[];
}

async function interrupt(fault: Fault, keeps: CrashKeeps | 'process only', seed: number): Promise<Sweep> {
  const operations = await countOperations(seed);
  console.log(
    `${fault} at every ${stride}. of ${operations} operations, seed ${seed}, what was not synced: ${keeps}`,
  );
  let [checked, partly] = [0, 0];
  const stopped: Ran[] = [];
  for (let at = 1 + (seed % stride); at <= operations; at += stride) {
    await inCase(`${fault} at operation ${at}, seed ${seed}, keeps ${keeps}`, async () => {
      const fileSystem = new SimulatedFileSystem({ random: seededRandom(seed * 10_000 + at) });
      fileSystem.failAt(at, fault);
      const ran = await runWorkload(fileSystem, seed);
      if (keeps === 'process only') fileSystem.restartProcess();
      else fileSystem.crash(keeps);
      await checkForest(fileSystem, ran);
      checked += 1;
      const acknowledged = ran.writes.filter(({ outcome }) => outcome?.kind === 'published').length;
      if (acknowledged > 0 && acknowledged < ran.writes.length) partly += 1;
      if (ran.refusals.length > 0) stopped.push(ran);
    });
  }
  return { checked, partly, stopped };
}

describe('the machine stops at any disk operation', () => {
  test.each([
    ['nothing', 1],
    ['everything', 2],
    ['torn', 3],
    ['torn', 4],
    ['torn', 5],
  ] as const)('unsynced writes survive: %s, seed %i', async (keeps, seed) => {
    const { checked, partly } = await interrupt('crash', keeps, seed);
    expect(checked * stride).toBeGreaterThan(90);
    expect(partly * stride).toBeGreaterThan(20);
  });
});

describe('a disk operation fails', () => {
  test.each([
    ['EIO', 'process only', 6],
    ['EIO', 'torn', 7],
    ['ENOSPC', 'torn', 8],
    ['short', 'torn', 9],
  ] as const)(
    '%s, then %s, seed %i: writes stop with the reason, reads go on, and nothing acknowledged is lost',
    async (fault, keeps, seed) => {
      const { checked, stopped } = await interrupt(fault, keeps, seed);
      expect(checked * stride).toBeGreaterThan(90);
      if (fault !== 'short') expect(stopped.length * stride).toBeGreaterThan(20);
      for (const { refusals, readAfterStop } of stopped) {
        expect(refusals).toEqual(['JOURNAL_UNAVAILABLE']);
        expect(readAfterStop).toBe(true);
      }
    },
  );
});

test('a full disk stops writes, reads go on, and with room again nothing acknowledged is missing', async () => {
  let stopped = 0;
  for (let capacityBytes = 6_000; capacityBytes <= 26_000; capacityBytes += 500) {
    await inCase(`capacity ${capacityBytes}`, async () => {
      const fileSystem = new SimulatedFileSystem({ random: seededRandom(capacityBytes), capacityBytes });
      const ran = await runWorkload(fileSystem, 1);
      stopped += ran.refusals.length;
      expect(ran.refusals.every((reason) => reason === 'JOURNAL_UNAVAILABLE')).toBe(true);
      fileSystem.capacityBytes = Infinity;
      fileSystem.crash('torn');
      await checkForest(fileSystem, ran);
    });
  }
  expect(stopped).toBeGreaterThan(5);
});
