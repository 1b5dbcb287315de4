/**
 * Goal: a folder whose forests are made anew at each start syncs none of them, loses nothing when the process ends, and can be begun with whatever a crash of the
 * machine leaves. Method: a simulated disk that crashes behind some operation, from seeds.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { entry, hex, readAll } from '../contract.ts';
import type { Journal } from '../journal.ts';
import { DataFolder } from './data-folder.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';
import type { DiskOperation } from './simulated-file-system.ts';
import { unsyncedBelow } from './unsynced.ts';

const path = '/replica';

function opened(disk: SimulatedFileSystem): Promise<DataFolder> {
  return DataFolder.open(path, { fileSystem: unsyncedBelow(`${path}/forests`, disk) });
}

/** As a broker does it that shares its journal. */
async function begun(disk: SimulatedFileSystem): Promise<Journal> {
  const folder = await opened(disk);
  for (const name of await folder.listForests()) await folder.deleteForest(name);
  await folder.createForest('default');
  return folder.openForest('default');
}

async function worked(journal: Journal): Promise<void> {
  for (let position = 1; position <= 20; position += 1) journal.append(entry(position), 'sync');
  await journal.flush();
  await journal.saveSnapshot(10, chunks());
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1, 2, 3);
}

test('nothing is synced, and a process that ends loses nothing', async () => {
  const done: DiskOperation[] = [];
  const disk = new SimulatedFileSystem({ random: seededRandom(1), before: (each) => void done.push(each) });
  await worked(await begun(disk));
  const below = done.filter((each) => each.path.startsWith(`${path}/forests`));
  expect(new Set(below.map(({ kind }) => kind))).toContain('write');
  expect(below.filter(({ kind }) => kind === 'datasync' || kind === 'syncDirectory')).toEqual([]);
  disk.restartProcess();
  const journal = await (await opened(disk)).openForest('default');
  expect(await readAll(journal, 1, 20)).toEqual(
    Array.from({ length: 20 }, (_, index) => hex(entry(index + 1))),
  );
});

test('whatever a crash of the machine leaves, the next start begins with nothing', async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seededRandom(seed);
    const disk = new SimulatedFileSystem({ random });
    for (let round = 0; round < 3; round += 1) {
      disk.failAt(1 + random.below(60), 'crash');
      await begun(disk)
        .then(worked)
        .catch((error: unknown) => {
          if (!disk.stopped) throw error;
        });
      disk.crash(random.below(2) === 0 ? 'nothing' : 'torn');
    }
    const journal = await begun(disk);
    expect(journal.lastPosition, `seed ${seed}`).toBe(0);
    await worked(journal);
    expect(await readAll(journal, 1, 1), `seed ${seed}`).toEqual([hex(entry(1))]);
    await journal.close();
  }
});
