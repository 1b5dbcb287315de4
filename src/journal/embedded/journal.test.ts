/** Goal: the embedded back end keeps the contract, on the real disk and on the simulated one, with small and large segments. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { describeJournal, entry, from, hex, readAll, type JournalFixture } from '../contract.ts';
import { JournalFailure, type Journal } from '../journal.ts';
import { createEmbeddedJournal, openEmbeddedJournal, type EmbeddedJournalOptions } from './journal.ts';
import { FileSystemError } from './file-system.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';

async function startOnDisk(options: EmbeddedJournalOptions): Promise<JournalFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-journal-'));
  const fixture = await startIn(`${folder}/journal`, options);
  return {
    ...fixture,
    dispose: async () => {
      await fixture.dispose();
      await rm(folder, { recursive: true });
    },
  };
}

async function startIn(folder: string, options: EmbeddedJournalOptions): Promise<JournalFixture> {
  await createEmbeddedJournal(folder, options);
  let current = await openEmbeddedJournal(folder, options);
  return {
    journal: current,
    reopen: async () => {
      await current.close();
      current = await openEmbeddedJournal(folder, options);
      return current;
    },
    dispose: async () => await current.close(),
  };
}

describeJournal('embedded, real disk, segments of 16 KiB,', () => startOnDisk({ segmentBytes: 16 * 1024 }));
describeJournal('embedded, simulated disk, segments of 16 KiB,', () => {
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(1) });
  return startIn('/journal', { fileSystem, segmentBytes: 16 * 1024 });
});

describe('group commit', () => {
  async function start(): Promise<{
    journal: Journal;
    syncs: () => number;
    timers: Map<number, () => void>;
  }> {
    let count = 0;
    const fileSystem = new SimulatedFileSystem({
      random: seededRandom(2),
      before: (operation) => void (count += operation.kind === 'datasync' ? 1 : 0),
    });
    const timers = new Map<number, () => void>();
    const clock: Clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      setTimer: (delayMs, callback) => {
        timers.set(delayMs, callback);
        return { cancel: () => void timers.delete(delayMs) };
      },
    };
    const options = { fileSystem, clock };
    await createEmbeddedJournal('/journal', options);
    const journal = await openEmbeddedJournal('/journal', options);
    const syncsBefore = count;
    return { journal, syncs: () => count - syncsBefore, timers };
  }

  test('entries of one turn share one sync', async () => {
    const { journal, syncs } = await start();
    for (let index = 1; index <= 1_000; index += 1) journal.append(entry(index), 'sync');
    await journal.flush();
    expect(syncs()).toBe(1);
    expect(await readAll(journal, 1_000, 1_000)).toEqual([hex(entry(1_000))]);
  });

  test('what is appended while a batch is on its way shares the next sync', async () => {
    const { journal, syncs } = await start();
    let isFirst = true;
    journal.onDurable(() => {
      if (!isFirst) return;
      isFirst = false;
      for (let index = 2; index <= 100; index += 1) journal.append(entry(index), 'sync');
    });
    journal.append(entry(1), 'sync');
    await journal.flush();
    await journal.flush();
    expect(journal.durablePosition).toBe(100);
    expect(syncs()).toBe(2);
  });

  test('lazy entries wait for their timer, or ride along with the next sync', async () => {
    const { journal, syncs, timers } = await start();
    for (let index = 1; index <= 10; index += 1) journal.append(entry(index), 'lazy');
    expect([...timers.keys()]).toEqual([20]);
    expect(syncs()).toBe(0);
    const durable = new Promise<number>((resolve) => journal.onDurable(resolve));
    timers.get(20)?.();
    expect(await durable).toBe(10);
    timers.clear();
    journal.append(entry(11), 'lazy');
    journal.append(entry(12), 'sync');
    expect(timers.size).toBe(0);
    await journal.flush();
    expect(syncs()).toBe(2);
    expect(journal.durablePosition).toBe(12);
  });

  test('batches are as large as what comes while the disk writes the one before, however long it takes', async () => {
    const sizes: number[] = [];
    let release = (): void => undefined;
    let began = (): void => undefined;
    let isHolding = false;
    const fileSystem = new SimulatedFileSystem({
      random: seededRandom(4),
      before: ({ kind }) => {
        if (!isHolding || kind !== 'write') return;
        return new Promise((resolve) => {
          release = resolve;
          began();
        });
      },
    });
    const onCommit = ({ bytes }: { readonly bytes: number }): void => void sizes.push(bytes);
    const options = { fileSystem, onCommit };
    await createEmbeddedJournal('/journal', options);
    const journal = await openEmbeddedJournal('/journal', options);
    isHolding = true;
    const writes = [1, 10, 1_000, 3];
    for (const records of writes) {
      const isUnderWay = new Promise<void>((resolve) => {
        began = resolve;
      });
      // The first ones find the disk at rest; all others come while it is busy with those before them.
      for (let index = 0; index < records; index += 1) journal.append(entry(1), 'sync');
      release();
      await isUnderWay;
    }
    release();
    await journal.flush();
    const [one = 0] = sizes;
    expect(sizes.map((bytes) => bytes / one)).toEqual(writes);
    isHolding = false;
    await journal.close();
  });

  test('records are written only where space was set aside before', async () => {
    const appended: { readonly path: string; readonly before: number }[] = [];
    const sizeOf = async (path: string): Promise<number> => (await fileSystem.stat(path))?.bytes ?? 0;
    const fileSystem: SimulatedFileSystem = new SimulatedFileSystem({
      random: seededRandom(5),
      async before({ kind, path }) {
        if (kind === 'write' && path.endsWith('.segment'))
          appended.push({ path, before: await sizeOf(path) });
      },
    });
    const { journal, dispose } = await startIn('/journal', { fileSystem, segmentBytes: 16 * 1024 });
    for (let index = 1; index <= 200; index += 1) {
      journal.append(entry(index), 'sync');
      await journal.flush();
    }
    const segments = new Set(appended.map(({ path }) => path));
    expect(segments.size).toBeGreaterThan(2);
    for (const { path, before } of appended) expect(await sizeOf(path)).toBe(before);
    await dispose();
  });

  test('an entry larger than a segment gets a segment of its own size', async () => {
    const fileSystem = new SimulatedFileSystem({ random: seededRandom(3) });
    const { journal, reopen, dispose } = await startIn('/journal', { fileSystem, segmentBytes: 4_096 });
    journal.append(entry(1), 'sync');
    journal.append(new Uint8Array(20_000).fill(9), 'sync');
    journal.append(entry(3), 'sync');
    await journal.flush();
    const again = await reopen?.();
    expect(again === undefined ? [] : await readAll(again, 1, 3)).toEqual([
      hex(entry(1)),
      '09'.repeat(20_000),
      hex(entry(3)),
    ]);
    await dispose();
  });
});

describe('a failing disk', () => {
  test('a release that fails anywhere is finished by the next one, without a gap', async () => {
    for (let at = 1; at <= 8; at += 1) {
      // Counts only what a release does: space for the next segment may be prepared meanwhile.
      let operations = -Infinity;
      const fileSystem = new SimulatedFileSystem({
        random: seededRandom(at),
        before: ({ kind, path }) => {
          if (kind === 'unlink' || kind === 'syncDirectory') operations += 1;
          if (operations === at) throw new FileSystemError('EIO', path);
        },
      });
      const fixture = await startIn('/journal', { fileSystem, segmentBytes: 4_096 });
      const { journal } = fixture;
      for (let position = 1; position <= 90; position += 1) journal.append(entry(position), 'sync');
      for (const position of [10, 80]) await journal.saveSnapshot(position, from([entry(position)]));
      await journal.flush();
      operations = 0;
      const first = await journal.releaseBefore(80).then(
        () => 'done',
        () => 'failed',
      );
      operations = -Infinity;
      await journal.releaseBefore(80);
      const again = await fixture.reopen?.();
      expect(first).toBe('failed');
      expect(again?.snapshots().map(({ position }) => position)).toEqual([80]);
      expect(again?.firstPosition).toBe(journal.firstPosition);
      expect(again?.firstPosition).toBeGreaterThan(10);
      await fixture.dispose();
    }
  });

  test.each(['EIO', 'ENOSPC', 'short'] as const)(
    '%s: told once, nothing retried, nothing more taken',
    async (kind) => {
      for (const at of kind === 'EIO' ? [1, 2] : [1]) {
        const fileSystem = new SimulatedFileSystem({ random: seededRandom(4) });
        const options = { fileSystem, segmentBytes: 16 * 1024 };
        await createEmbeddedJournal('/journal', options);
        const journal = await openEmbeddedJournal('/journal', options);
        const failures: JournalFailure[] = [];
        journal.onFailure((failure) => failures.push(failure));
        journal.append(entry(1), 'sync');
        await journal.flush();
        fileSystem.failAt(at, kind);
        journal.append(entry(2), 'sync');
        journal.append(entry(3), 'lazy');
        await expect(journal.flush()).rejects.toThrow(JournalFailure);
        const operations = fileSystem.operations;
        expect(() => journal.append(entry(4), 'sync')).toThrow(JournalFailure);
        await expect(journal.flush()).rejects.toThrow(JournalFailure);
        expect(failures).toHaveLength(1);
        expect(journal.durablePosition).toBe(1);
        expect(await readAll(journal, 1, 1)).toEqual([hex(entry(1))]);
        await expect(journal.close()).rejects.toThrow(JournalFailure);
        expect(fileSystem.operations).toBe(operations);
      }
    },
  );
});
