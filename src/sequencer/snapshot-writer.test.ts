/**
 * Goal: a start never replays much more than the bound on the journal's growth allows, however often the broker is restarted.
 * Method: forests on the simulated disk, opened again and again.
 */
import { expect, test, vi } from 'vitest';
import { snapshotAtRestBytesMin, snapshotAtRestMs } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import { DataFolder } from '../journal/embedded/data-folder.ts';
import { SimulatedFileSystem } from '../journal/embedded/simulated-file-system.ts';
import { openForest, publish, put } from '../../test/support/forests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';

const journalBytes = 4_000;
const patience = { timeout: 30_000 };
const nodeText = 'x'.repeat(500);

test('growth that earlier runs left behind counts: short lives in a row make a snapshot as one long one does', async () => {
  const disk = new SimulatedFileSystem({ random: seededRandom(1) });
  for (let life = 0; life < 12; life += 1) {
    const folder = await DataFolder.open('/data', { fileSystem: disk });
    if (life === 0) await folder.createForest('f');
    const forest = await openForest(await folder.openForest('f'), journalBytes);
    await forest.propose(publish([put(`/life_${life}`, nodeText)]));
    await forest.close();
    await folder.close();
  }
  const folder = await DataFolder.open('/data', { fileSystem: disk });
  const forest = await openForest(await folder.openForest('f'), journalBytes);
  expect(forest.status.snapshotPosition).toBeGreaterThan(0);
  await forest.close();
  await folder.close();
});

test('a large forest is written anew when the journal has grown by half of its snapshot', async () => {
  const folder = await DataFolder.open('/data', {
    fileSystem: new SimulatedFileSystem({ random: seededRandom(1) }),
  });
  await folder.createForest('f');
  const forest = await openForest(await folder.openForest('f'), journalBytes);
  for (let node = 0; node < 200; node += 1) await forest.propose(publish([put(`/${node}`, nodeText)]));
  await forest.compact(0, null);
  const first = forest.status.snapshotPosition;
  // About 120,000 bytes are in it: 40 more puts are a sixth of that, 150 more than half.
  for (let turn = 0; turn < 40; turn += 1) await forest.propose(publish([put('/0', nodeText)]));
  expect(forest.status.snapshotPosition).toBe(first);
  for (let turn = 0; turn < 150; turn += 1) await forest.propose(publish([put('/0', nodeText)]));
  await vi.waitFor(() => expect(forest.status.snapshotPosition).toBeGreaterThan(first), patience);
  await forest.close();
  await folder.close();
});

test('a forest at rest gets a snapshot of what a start would replay for long, and none as long as it works', async () => {
  const clock = new ManualClock();
  const folder = await DataFolder.open('/data', {
    fileSystem: new SimulatedFileSystem({ random: seededRandom(1) }),
  });
  await folder.createForest('f');
  const forest = await openForest(await folder.openForest('f'), 2 * snapshotAtRestBytesMin, 1, { clock });
  const putMegabytes = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1)
      await forest.propose(publish([put(`/${index}`, 'x'.repeat(1024 * 1024))]));
  };
  await putMegabytes(7);
  clock.advance(2 * snapshotAtRestMs);
  expect(forest.status.snapshotPosition).toBe(0);

  await putMegabytes(2);
  for (let turn = 0; turn < 4; turn += 1) {
    clock.advance(0.9 * snapshotAtRestMs);
    await forest.propose(publish([put('/0', 'again')]));
  }
  expect(forest.status.snapshotPosition).toBe(0);
  clock.advance(2 * snapshotAtRestMs);
  await vi.waitFor(() => expect(forest.status.snapshotPosition).toBe(forest.status.position), patience);

  clock.advance(10 * snapshotAtRestMs);
  await forest.propose(publish([put('/0', 'once more')]));
  clock.advance(10 * snapshotAtRestMs);
  expect(forest.status.snapshotPosition).toBe(forest.status.position - 1);
  await forest.close();
  await folder.close();
});
