/** Goal: the simulated disk loses and keeps what a real one may, no more and no less, and the same from the same seed. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { errorCode, writeFully } from './file-system.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';

const ones = (length: number): Uint8Array => new Uint8Array(length).fill(1);

async function diskWithFile(seed: number): Promise<SimulatedFileSystem> {
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(seed) });
  const file = await fileSystem.open('/file', 'create');
  await writeFully(file, new Uint8Array(4 * 512), 0);
  await file.datasync();
  await fileSystem.syncDirectory('/');
  return fileSystem;
}

test('what was synced survives, what was not may be lost, kept, or torn at sectors', async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 200; seed += 1) {
    const fileSystem = await diskWithFile(seed);
    const file = await fileSystem.open('/file', 'write');
    await writeFully(file, ones(10), 0);
    await file.datasync();
    await writeFully(file, ones(1_034), 502);
    fileSystem.crash('torn');
    const bytes = fileSystem.bytesOf('/file');
    expect([...bytes.subarray(0, 10)]).toEqual([...ones(10)]);
    const parts = [bytes.subarray(502, 512), bytes.subarray(512, 1_024), bytes.subarray(1_024, 1_536)];
    for (const part of parts) expect(new Set(part).size).toBe(1);
    expect(new Set(bytes.subarray(1_536))).toEqual(new Set([0]));
    seen.add(parts.map((part) => String(part[0])).join(''));
  }
  expect([...seen].sort()).toEqual(['000', '001', '010', '011', '100', '101', '110', '111']);
});

test('the same seed tears the same way', async () => {
  const run = async (): Promise<string> => {
    const fileSystem = await diskWithFile(7);
    await writeFully(await fileSystem.open('/file', 'write'), ones(4 * 512), 0);
    fileSystem.crash('torn');
    return Buffer.from(fileSystem.bytesOf('/file')).toString('hex');
  };
  expect(await run()).toBe(await run());
});

test('names come and go with the sync of their folder, a rename whole', async () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 50; seed += 1) {
    const fileSystem = await diskWithFile(seed);
    await fileSystem.rename('/file', '/renamed');
    fileSystem.crash('torn');
    outcomes.add((await fileSystem.readdir('/')).join());
  }
  expect([...outcomes].sort()).toEqual(['file', 'renamed']);
  const fileSystem = await diskWithFile(1);
  await fileSystem.rename('/file', '/renamed');
  await fileSystem.syncDirectory('/');
  fileSystem.crash('nothing');
  expect(await fileSystem.readdir('/')).toEqual(['renamed']);
});

test('the n-th operation fails as asked, and only that one', async () => {
  const fileSystem = await diskWithFile(1);
  const file = await fileSystem.open('/file', 'write');
  fileSystem.failAt(2, 'EIO');
  await writeFully(file, ones(1), 0);
  await expect(file.datasync()).rejects.toSatisfy((error) => errorCode(error) === 'EIO');
  await file.datasync();
  fileSystem.crash('nothing');
  // The sync that failed has lost the write for good: the one after it had nothing left to sync.
  expect(fileSystem.bytesOf('/file')[0]).toBe(0);
});

test('a short write writes a part and says so', async () => {
  const fileSystem = await diskWithFile(3);
  const file = await fileSystem.open('/file', 'write');
  fileSystem.failAt(1, 'short');
  const written = await file.writeAt(ones(2_000), 0);
  expect(written).toBeLessThan(2_000);
  expect(fileSystem.bytesOf('/file').indexOf(0)).toBe(written);
});

test('a full disk takes no more, and what fits still goes', async () => {
  const fileSystem = await diskWithFile(1);
  fileSystem.capacityBytes = 4 * 512 + 100;
  const file = await fileSystem.open('/file', 'write');
  await expect(file.writeAt(ones(101), 4 * 512)).rejects.toSatisfy((error) => errorCode(error) === 'ENOSPC');
  expect(await file.writeAt(ones(100), 4 * 512)).toBe(100);
});

test('after a crash nothing of before works: handles, locks, the operation that it interrupted', async () => {
  const fileSystem = await diskWithFile(1);
  const file = await fileSystem.open('/file', 'write');
  expect(await fileSystem.lock('/lock')).toBeDefined();
  expect(await fileSystem.lock('/lock')).toBeUndefined();
  fileSystem.failAt(1, 'crash');
  await expect(file.writeAt(ones(1), 0)).rejects.toThrow('stopped');
  await expect(fileSystem.readdir('/')).rejects.toThrow('stopped');
  fileSystem.crash('nothing');
  await expect(file.writeAt(ones(1), 0)).rejects.toThrow('stopped');
  expect(await fileSystem.lock('/lock')).toBeDefined();
});
