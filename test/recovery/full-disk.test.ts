/**
 * Goal: a full disk is waited out. Writes are refused with the reason, reads and subscriptions go on, writes are taken again by
 * themselves when there is room, and nothing acknowledged is lost, also by those who crash meanwhile. Method: the journal and a
 * forest on the simulated disk with every amount of room; a broker process on a small file system of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { describe, expect, test, vi } from 'vitest';
import { connect, HyperloomError, type Client } from '../../clients/typescript/src/index.ts';
import { roomCheckMs } from '../../src/base/limits.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Health } from '../../src/gen/grpc/health/v1/health_pb.ts';
import { entry, from, hex, readAll } from '../../src/journal/contract.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { createEmbeddedJournal, openEmbeddedJournal } from '../../src/journal/embedded/journal.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import { JournalFailure, type Journal } from '../../src/journal/journal.ts';
import { DiskRoom } from '../../src/sequencer/disk-room.ts';
import { LocalForests } from '../../src/sequencer/local-forests.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { begin, commit, openForest, publish, put } from '../support/forests.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { inCase } from './journal-workload.ts';

interface Started {
  readonly fileSystem: SimulatedFileSystem;
  readonly clock: ManualClock;
  readonly journal: Journal;
}

async function startJournal(): Promise<Started> {
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(3) });
  const clock = new ManualClock();
  const options = { fileSystem, clock, segmentBytes: 4_096, defer: queueMicrotask, waitsForRoom: true };
  await createEmbeddedJournal('/journal', options);
  await fileSystem.syncDirectory('/');
  return { fileSystem, clock, journal: await openEmbeddedJournal('/journal', options) };
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

const count = 60;

describe('a journal that waits for room', () => {
  test('takes up where it was, whenever the disk was full', async () => {
    let waited = 0;
    for (let left = 0; left <= 12 * 1_024; left += 512) {
      await inCase(`${left} bytes left`, async () => {
        const { fileSystem, clock, journal } = await startJournal();
        const failures: JournalFailure[] = [];
        journal.onFailure((failure) => failures.push(failure));
        fileSystem.capacityBytes = fileSystem.storedBytes + left;
        for (let position = 1; position <= count; position += 1) {
          journal.append(entry(position), 'sync');
          if (position % 7 === 0) await settle();
        }
        await settle();
        const told = journal.durablePosition;
        if (told < count) {
          waited += 1;
          expect(journal.lacksRoom).toBe(true);
          clock.advance(5 * roomCheckMs);
          await settle();
          expect(journal.durablePosition).toBe(told);
          expect(await readAll(journal, 1, told)).toHaveLength(told);
        }
        fileSystem.capacityBytes = Infinity;
        clock.advance(roomCheckMs);
        await journal.flush();
        expect(journal.lacksRoom).toBe(false);
        expect(journal.durablePosition).toBe(count);
        expect(failures).toEqual([]);
        await journal.close();
        fileSystem.crash('nothing');
        const again = await openEmbeddedJournal('/journal', { fileSystem });
        const expected = Array.from({ length: count }, (_, index) => hex(entry(index + 1)));
        expect(await readAll(again, 1, count)).toEqual(expected);
        await again.close();
      });
    }
    expect(waited).toBeGreaterThan(5);
  });

  test('loses nothing that was durable when the machine stops while it waits', async () => {
    for (const keeps of ['nothing', 'everything', 'torn'] as const) {
      const { fileSystem, journal } = await startJournal();
      fileSystem.capacityBytes = fileSystem.storedBytes;
      for (let position = 1; position <= count; position += 1) journal.append(entry(position), 'sync');
      await settle();
      const told = journal.durablePosition;
      expect(told).toBeLessThan(count);
      fileSystem.crash(keeps);
      fileSystem.capacityBytes = Infinity;
      const again = await openEmbeddedJournal('/journal', { fileSystem });
      expect(again.lastPosition).toBeGreaterThanOrEqual(told);
      await again.close();
    }
  });

  test('that is closed meanwhile says what it could not take, and keeps the rest', async () => {
    const { fileSystem, journal } = await startJournal();
    fileSystem.capacityBytes = fileSystem.storedBytes;
    for (let position = 1; position <= count; position += 1) journal.append(entry(position), 'sync');
    await settle();
    const told = journal.durablePosition;
    const snapshot = journal.saveSnapshot(count, from([entry(1)]));
    await expect(Promise.all([journal.close(), snapshot])).rejects.toThrow(JournalFailure);
    fileSystem.restartProcess();
    fileSystem.capacityBytes = Infinity;
    const again = await openEmbeddedJournal('/journal', { fileSystem });
    expect(again.lastPosition).toBe(told);
    await again.close();
  });

  test('still fails for good where a write or a sync of records fails', async () => {
    for (const fault of ['EIO', 'ENOSPC', 'short'] as const) {
      const { fileSystem, journal } = await startJournal();
      fileSystem.failAt(1, fault);
      journal.append(entry(1), 'sync');
      await expect(journal.flush()).rejects.toThrow(JournalFailure);
      expect(journal.lacksRoom).toBe(false);
      await journal.close().catch(() => undefined);
    }
  });
});

test('a forest refuses what would grow it, ends what ends, repeats what it knows, and goes on by itself', async () => {
  const { clock, journal } = await startJournal();
  const diskRoom = new DiskRoom();
  const forest = await openForest(journal, Infinity, 1, { clock, diskRoom });
  const first = publish([put('/a', 'x')], { request: { id: 'first', fingerprint: 1 } });
  expect((await forest.propose(first)).outcome.kind).toBe('published');
  const [kept, brief] = [begin(forest), begin(forest, { ttlMs: 5_000 })];
  for (const command of [kept, brief])
    expect((await forest.propose(command)).outcome.kind).toBe('ghost_begun');
  await forest.propose(publish([put('/g', 'y')], { ghostId: kept.ghostId }));

  diskRoom.note({ freeBytes: 10, freeBytesMin: 20 });
  expect(forest.status.diskFullReason).toContain('10 bytes left');
  const refused = [
    publish([put('/b', 'x')]),
    publish([put('/g', 'z')], { ghostId: kept.ghostId }),
    begin(forest),
    commit(kept.ghostId),
  ];
  for (const command of refused)
    expect((await forest.propose(command)).outcome).toMatchObject({
      reason: 'DISK_FULL',
      metadata: { free_bytes: '10', free_bytes_min: '20' },
    });
  expect(await forest.propose(first)).toMatchObject({ outcome: { revision: 1 }, repeated: true });
  expect(forest.view().root.count).toBe(1);
  forest.keepAlive(kept.ghostId);
  clock.advance(6_000);
  forest.keepAlive(kept.ghostId);
  await journal.flush();
  expect([...forest.ghosts()].filter((ghost) => 'staged' in ghost)).toHaveLength(1);
  expect(await forest.compact(0, null)).toMatchObject({ compactedRevision: 1 });

  diskRoom.note({ freeBytes: 20, freeBytesMin: 20 });
  expect(forest.status.diskFullReason).toBe('');
  expect((await forest.propose(commit(kept.ghostId))).outcome).toMatchObject({
    kind: 'committed',
    revision: 2,
  });
  await forest.close();
});

test('forests are not made and not restored on a full disk, and can be deleted', async () => {
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(1) });
  const [clock, random] = [new ManualClock(), seededRandom(2)];
  const diskRoom = new DiskRoom();
  const store = await DataFolder.open('/data', { fileSystem, clock, random, defer: queueMicrotask });
  const onWriteStop = (): void => undefined;
  const forests = await LocalForests.open({
    store,
    clock,
    random,
    snapshotJournalBytes: Infinity,
    onWriteStop,
    diskRoom,
  });
  await forests.create('a', null);
  diskRoom.note({ freeBytes: 0, freeBytesMin: 1 });
  expect((await forests.create('b', null)).outcome).toMatchObject({ reason: 'DISK_FULL' });
  expect((await forests.delete('a', null)).outcome.kind).toBe('forest_deleted');
  diskRoom.note({ freeBytes: 1, freeBytesMin: 1 });
  expect((await forests.create('b', null)).outcome.kind).toBe('forest_created');
  await forests.close();
});

const mebibyte = 1024 * 1024;

/** The reason of a refusal; empty where there was none. */
async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return '';
  } catch (error) {
    if (error instanceof HyperloomError) return error.reason;
    throw error;
  }
}

async function healthOf(broker: BrokerProcess): Promise<number> {
  const transport = createGrpcTransport({ baseUrl: `http://${broker.address}` });
  return (await createClient(Health, transport).check({ service: '' })).status;
}

async function onSmallDisk(
  options: readonly string[],
  check: (disk: SmallDisk, broker: BrokerProcess, client: Client) => Promise<void>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-full-'));
  const disk = await SmallDisk.mount(folder, 24 * mebibyte);
  if (typeof disk === 'string') {
    await rm(folder, { recursive: true });
    return disk;
  }
  const broker = new BrokerProcess(join(folder, 'data'), options, { before: disk.prefix });
  await broker.start();
  const client = connect(broker.address, { author: 'writer' });
  try {
    await check(disk, broker, client);
  } finally {
    await client[Symbol.asyncDispose]();
    await broker.stop('SIGKILL');
    await disk.unmount();
    await rm(folder, { recursive: true });
  }
  return '';
}

const waiting = { timeout: 20_000, interval: 50 };

describe('a broker on a small disk', () => {
  test('refuses writes below the floor, serves the rest, also after a restart, and goes on when there is room', async ({
    skip,
  }) => {
    const options = ['--disk-free-bytes-min', String(4 * mebibyte)];
    const problem = await onSmallDisk(options, async (disk, broker, client) => {
      await client.put('/a', 'x');
      const seen: string[] = [];
      const ended = new AbortController();
      const watching = (async () => {
        for await (const item of client.subscribe('/**', { signal: ended.signal }))
          if (item.kind === 'event') seen.push(...item.event.changes.map(({ path }) => path));
      })().catch(() => undefined);
      for (const moment of ['running', 'started again'] as const) {
        await disk.fill(2 * mebibyte);
        if (moment === 'started again') {
          expect(await broker.stop('SIGTERM')).toBe(0);
          await broker.start();
        }
        await vi.waitFor(
          async () => expect(await reasonOf(client.put('/b', moment))).toBe('DISK_FULL'),
          waiting,
        );
        expect((await client.get('/a')).value).toBe('x');
        expect((await client.status()).writeStopReason).toContain('are kept free');
        expect(await healthOf(broker)).toBe(1);
        expect(broker.errors).toContain('the disk is full');
        await disk.free();
        await vi.waitFor(async () => expect(await reasonOf(client.put('/b', moment))).toBe(''), waiting);
        expect((await client.status()).writeStopReason).toBe('');
      }
      await vi.waitFor(
        () => expect(seen.filter((path) => path === '/b').length).toBeGreaterThanOrEqual(2),
        waiting,
      );
      ended.abort();
      await watching;
    });
    if (problem !== '') skip(`no file system of its own can be mounted here: ${problem}`);
  }, 120_000);

  test('that is full to the last byte keeps what was acknowledged and takes up what waited', async ({
    skip,
  }) => {
    const problem = await onSmallDisk(['--disk-free-bytes-min', '0'], async (disk, broker, client) => {
      await client.put('/a', 'x');
      await disk.fill(256 * 1024);
      const value = 'v'.repeat(50_000);
      const written: Promise<string>[] = [];
      // Sent until one is refused: those before it are acknowledged, or wait.
      await vi.waitFor(async () => {
        const path = `/n/${written.length}`;
        written.push(reasonOf(client.put(path, value)).then((reason) => (reason === '' ? path : '')));
        expect((await client.status()).writeStopReason).toContain('the disk is full');
      }, waiting);
      expect(await reasonOf(client.put('/late', 'x'))).toBe('DISK_FULL');
      expect((await client.get('/a')).value).toBe('x');
      expect(await healthOf(broker)).toBe(1);
      await disk.free();
      const acknowledged = (await Promise.all(written)).filter((path) => path !== '');
      expect(acknowledged.length).toBeGreaterThan(10);
      await vi.waitFor(async () => expect(await reasonOf(client.put('/late', 'x'))).toBe(''), waiting);
      await broker.stop('SIGKILL');
      await broker.start();
      for (const path of acknowledged) expect((await client.get(path)).value).toBe(value);
    });
    if (problem !== '') skip(`no file system of its own can be mounted here: ${problem}`);
  }, 120_000);
});
