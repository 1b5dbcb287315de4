/**
 * Goal: a snapshot that is released just while somebody opens it counts as released, one that vanishes otherwise as damage. Method: a simulated
 * disk that opens files only when the test lets it.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { from } from '../contract.ts';
import { JournalDamage } from '../journal.ts';
import { PositionsReleased } from '../positions-released.ts';
import type { OpenMode } from './file-system.ts';
import type { JournalId } from './layout.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';
import { Snapshots } from './snapshots.ts';

class HeldOpens extends SimulatedFileSystem {
  gate: Promise<void> = Promise.resolve();

  override async open(path: string, mode: OpenMode): ReturnType<SimulatedFileSystem['open']> {
    await this.gate;
    return await super.open(path, mode);
  }
}

async function start(): Promise<{ readonly disk: HeldOpens; readonly snapshots: Snapshots }> {
  const disk = new HeldOpens({ random: seededRandom(1) });
  await disk.mkdir('/snapshots');
  const snapshots = await Snapshots.open(disk, '/snapshots', 1n as JournalId);
  for (const position of [100, 200]) await snapshots.save(position, from([Uint8Array.of(position)]));
  return { disk, snapshots };
}

async function readAll(snapshots: Snapshots, position: number): Promise<number> {
  let count = 0;
  for await (const _ of snapshots.read(position)) count += 1;
  return count;
}

test('a snapshot that is released while it is being opened was released', async () => {
  const { disk, snapshots } = await start();
  const { promise, resolve } = Promise.withResolvers<void>();
  disk.gate = promise;
  const reading = readAll(snapshots, 100);
  await snapshots.releaseBefore(200);
  resolve();
  await expect(reading).rejects.toThrow(PositionsReleased);
  expect(await readAll(snapshots, 200)).toBeGreaterThan(0);
});

test('a snapshot that vanishes without having been released is damage', async () => {
  const { disk, snapshots } = await start();
  await disk.unlink(`/snapshots/${'100'.padStart(16, '0')}.snapshot`);
  await expect(readAll(snapshots, 100)).rejects.toThrow(JournalDamage);
});
