/**
 * Goal: after a crash or a failure at any moment, everything that was reported durable is there, a prefix of the rest too,
 * and the journal goes on. Method: a run of appends, syncs, rotations, snapshots and releases on the simulated disk is
 * interrupted at every single disk operation; what was not synced is lost, kept, or torn at sectors as seeds decide.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { SimulatedFileSystem, type Fault } from '../../src/journal/embedded/simulated-file-system.ts';
import type { CrashKeeps } from '../../src/journal/embedded/simulated-file.ts';
import { checkPromises, runWorkload } from './journal-workload.ts';

const tornSeeds = [1, 2, 3, 4, 5, 6];

function disk(seed: number): SimulatedFileSystem {
  return new SimulatedFileSystem({ random: seededRandom(seed) });
}

async function countOperations(): Promise<number> {
  const fileSystem = disk(0);
  const promised = await runWorkload(fileSystem);
  expect(promised.durable).toBe(promised.appended);
  expect(promised.snapshots).toHaveLength(3);
  return fileSystem.operations;
}

async function interrupt(
  at: number,
  fault: Fault,
  seed: number,
  keeps: CrashKeeps | 'process only',
): Promise<void> {
  const label = `${fault} at operation ${at}, seed ${seed}, keeps ${keeps}`;
  const fileSystem = disk(seed);
  fileSystem.failAt(at, fault);
  const promised = await runWorkload(fileSystem);
  if (keeps === 'process only') fileSystem.restartProcess();
  else fileSystem.crash(keeps);
  await checkPromises(fileSystem, promised, label);
}

describe('the machine stops at every disk operation', () => {
  test.each(['nothing', 'everything', 'process only'] as const)(
    'unsynced writes survive: %s',
    async (keeps) => {
      const operations = await countOperations();
      console.log(`${operations} crash points, unsynced writes survive: ${keeps}`);
      for (let at = 1; at <= operations; at += 1) await interrupt(at, 'crash', at, keeps);
    },
  );

  test.each(tornSeeds)('unsynced writes are torn at sectors, seed %i', async (seed) => {
    const operations = await countOperations();
    console.log(`${operations} crash points, seed ${seed}`);
    for (let at = 1; at <= operations; at += 1) await interrupt(at, 'crash', seed * 10_000 + at, 'torn');
  });
});

describe('the machine stops again during recovery', () => {
  test.each(tornSeeds.slice(0, 3))('seed %i', async (seed) => {
    const operations = await countOperations();
    console.log(`${operations} crash points, each with every second one while it recovers, seed ${seed}`);
    for (let at = 1; at <= operations; at += 2) {
      for (let second = 1; second <= 8; second += 1) {
        const label = `crash at operation ${at} and at ${second} of the recovery, seed ${seed}`;
        const fileSystem = disk(seed * 10_000 + at);
        fileSystem.failAt(at, 'crash');
        const promised = await runWorkload(fileSystem);
        fileSystem.crash('torn');
        fileSystem.failAt(second, 'crash');
        // Appends of the interrupted check are beyond what was promised: entries are the same at each position.
        await checkPromises(fileSystem, promised, label).catch((error: unknown) => {
          if (!fileSystem.stopped) throw error;
        });
        fileSystem.crash('torn');
        await checkPromises(fileSystem, { ...promised, appended: promised.appended + 24 }, label);
      }
    }
  });
});

describe('a disk operation fails', () => {
  const faults = ['EIO', 'ENOSPC', 'short'] as const;
  test.each(faults)('%s at every operation, then the process restarts', async (fault) => {
    const operations = await countOperations();
    for (let at = 1; at <= operations; at += 1) await interrupt(at, fault, at, 'process only');
  });

  test.each(faults)('%s at every operation, then the machine stops', async (fault) => {
    const operations = await countOperations();
    for (const seed of tornSeeds.slice(0, 2)) {
      console.log(`${fault} at ${operations} operations, seed ${seed}`);
      for (let at = 1; at <= operations; at += 1) await interrupt(at, fault, seed * 10_000 + at, 'torn');
    }
  });

  test('a sync fails, the broker restarts, and only then the machine stops', async () => {
    // The page cache still shows what the failed sync did not write: recovery must write it again before it counts.
    const operations = await countOperations();
    for (let at = 1; at <= operations; at += 1) {
      const label = `EIO at operation ${at}, restart, crash`;
      const fileSystem = disk(at);
      fileSystem.failAt(at, 'EIO');
      const promised = await runWorkload(fileSystem);
      fileSystem.restartProcess();
      await checkPromises(fileSystem, promised, label);
      fileSystem.crash('nothing');
      await checkPromises(fileSystem, { ...promised, appended: promised.appended + 24 }, label);
    }
  });
});

test('a full disk stops the journal, and with room again nothing acknowledged is missing', async () => {
  for (let capacityBytes = 4_096; capacityBytes <= 24 * 1_024; capacityBytes += 512) {
    const fileSystem = new SimulatedFileSystem({ random: seededRandom(capacityBytes), capacityBytes });
    const promised = await runWorkload(fileSystem);
    fileSystem.capacityBytes = Infinity;
    fileSystem.crash('torn');
    await checkPromises(fileSystem, promised, `capacity ${capacityBytes}`);
  }
});
