/**
 * Goal: `hyperloom verify` says that something is damaged exactly where a start would stop or reads would be refused, names what is lost,
 * and changes nothing; what it calls whole leads to the states that were. Method: bits turned over all through a small journal on the
 * simulated disk, files taken away; a forest whose state hash was noted at each revision; the commands themselves on real folders.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../clients/typescript/src/index.ts';
import { seededRandom } from '../../src/base/random.ts';
import { encodeSnapshot } from '../../src/codec/snapshot-encoder.ts';
import { freezeForest } from '../../src/codec/snapshot-source.ts';
import { backupOfFolder } from '../../src/inspection/backup-at.ts';
import { stateAt } from '../../src/inspection/state-at.ts';
import { withStoredFolder } from '../../src/inspection/stored-folder.ts';
import { verifyFolder, type JournalReport } from '../../src/inspection/report.ts';
import { entry, from, readAll, readChunks } from '../../src/journal/contract.ts';
import { inspectJournal, type InspectedJournal } from '../../src/journal/embedded/inspection.ts';
import { createEmbeddedJournal, openEmbeddedJournal } from '../../src/journal/embedded/journal.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import { JournalDamage, type Journal } from '../../src/journal/journal.ts';
import { readBackup } from '../../src/rpc/backup-format.ts';
import { decodeChunks } from '../../src/sequencer/snapshots.ts';
import { emptyForest } from '../../src/state/forest.ts';
import { forestHash } from '../../src/state/state-hash.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { begin, commit, copy, publish, put, remove } from '../support/forests.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { openForestOn } from './forest-workload.ts';
import { inCase } from './journal-workload.ts';

const seed = 20_261_122;
const last = 48;
const snapshotPosition = 12;

describe('a journal', () => {
  const options = { segmentBytes: 4_096, random: seededRandom(seed) };
  let fileSystem: SimulatedFileSystem;
  let paths: string[];

  beforeEach(async () => {
    fileSystem = new SimulatedFileSystem({ random: seededRandom(seed) });
    await createEmbeddedJournal('/journal', { ...options, fileSystem });
    const journal = await openEmbeddedJournal('/journal', { ...options, fileSystem });
    for (let position = 1; position <= last; position += 1) {
      journal.append(entry(position), 'sync');
      if (position % 3 === 0) await journal.flush();
      if (position === 15) await journal.saveSnapshot(snapshotPosition, from([entry(100), entry(101)]));
    }
    await journal.close();
    paths = [];
    for (const folder of ['segments', 'snapshots'])
      for (const name of await fileSystem.readdir(`/journal/${folder}`))
        paths.push(`/journal/${folder}/${name}`);
  });

  /** Whether a broker could go on with it: opened and read from end to end. */
  async function isReadable(): Promise<boolean> {
    let journal: Journal | undefined;
    try {
      journal = await openEmbeddedJournal('/journal', { ...options, fileSystem });
      await readAll(journal, 1, journal.lastPosition);
      if (journal.snapshots().length > 0) await readChunks(journal, snapshotPosition);
      return true;
    } catch (error) {
      if (error instanceof JournalDamage) return false;
      throw error;
    } finally {
      await journal?.close();
    }
  }

  /** What is said of it, with every file as it was before. */
  async function inspected(): Promise<InspectedJournal> {
    const before = paths.map((path) => bytesAt(path));
    const { operations } = fileSystem;
    const found = await inspectJournal('/journal', { fileSystem });
    expect(fileSystem.operations).toBe(operations);
    expect(paths.map((path) => bytesAt(path))).toEqual(before);
    return found;
  }

  function bytesAt(path: string): string {
    try {
      return Buffer.from(fileSystem.bytesOf(path)).toString('latin1');
    } catch {
      return '';
    }
  }

  test('that is whole is called whole', async () => {
    expect(await inspected()).toMatchObject({
      damages: [],
      tornBytes: 0,
      snapshots: [{ position: snapshotPosition }],
    });
  });

  test('is called damaged for a bit anywhere exactly where a broker would stop', async () => {
    let [damaged, harmless, named] = [0, 0, 0];
    for (const path of paths) {
      const { length } = fileSystem.bytesOf(path);
      // Every byte of where something is written, and some of the room behind it.
      for (let offset = 0; offset < length; offset += offset < 3_700 ? 3 : 41) {
        await inCase(`${path} at ${offset}`, async () => {
          const was = fileSystem.bytesOf(path).slice();
          fileSystem.flipBit(path, offset, (offset * 5) % 8);
          const { damages } = await inspected();
          const isWhole = await isReadable();
          expect(damages.length === 0, JSON.stringify(damages)).toBe(isWhole);
          if (isWhole) harmless += 1;
          else damaged += 1;
          expect(damages.every((damage) => damage.path === path || damage.path.startsWith('/journal'))).toBe(
            true,
          );
          for (const { lost } of damages) {
            if (lost === null) continue;
            named += 1;
            expect(lost.from).toBeGreaterThanOrEqual(1);
            // Behind a record that is damaged the next one is found again.
            if (lost.to !== null) expect(lost.to - lost.from).toBeLessThan(last);
          }
          fileSystem.overwrite(path, was, 0);
        });
      }
    }
    console.log(`bits turned over: ${damaged} damaged something, ${harmless} nothing that is read`);
    expect(damaged).toBeGreaterThan(500);
    expect(harmless).toBeGreaterThan(50);
    expect(named).toBeGreaterThan(300);
  });

  test('names exactly the entry that is gone, and reads on behind it', async () => {
    const path = paths[0] ?? '';
    const before = await inspected();
    const [first] = before.runs;
    const mark = first?.seek(5);
    expect(mark).toBeDefined();
    // In the payload of the first record.
    fileSystem.flipBit(path, 512 + 30, 1);
    const { damages, runs } = await inspected();
    expect(damages).toEqual([expect.objectContaining({ path, offset: 512, lost: { from: 1, to: 1 } })]);
    expect(runs.map(({ firstPosition, lastPosition }) => [firstPosition, lastPosition]).slice(0, 2)).toEqual([
      [1, 0],
      [2, first?.lastPosition],
    ]);
  });

  test('is called damaged where a file is missing exactly where a broker would stop', async () => {
    for (const path of paths) {
      await inCase(`without ${path}`, async () => {
        const was = fileSystem.bytesOf(path);
        await fileSystem.unlink(path);
        const { damages } = await inspectJournal('/journal', { fileSystem });
        expect(damages.length === 0, JSON.stringify(damages)).toBe(await isReadable());
        await (await fileSystem.open(path, 'create')).close();
        fileSystem.overwrite(path, was, 0);
      });
    }
  });
});

describe('a forest', () => {
  let fileSystem: SimulatedFileSystem;
  /** State hashes by revision. */
  let hashes: Map<number, string>;
  /** The newest one. */
  let newest: { readonly hash: string; readonly position: number };

  beforeAll(async () => {
    fileSystem = new SimulatedFileSystem({ random: seededRandom(seed) });
    hashes = new Map();
    const clock = new ManualClock();
    const { forest, folder } = await openForestOn(fileSystem, clock);
    const random = seededRandom(seed);
    const note = async (): Promise<void> =>
      void hashes.set(forest.view().revision, (await forest.stateHash()).hash);
    for (let round = 0; round < 60; round += 1) {
      clock.advance(10);
      const operations = [put(`/s/${random.below(9)}`, `v${round}`)];
      if (round % 7 === 6)
        operations.push(copy('/s', `/kept/${round}`, forest.view().revision - random.below(5)));
      if (round % 11 === 10) operations.push(remove('/s/1'));
      await forest.propose(publish(operations, { request: { id: `r${round}`, fingerprint: 1 } }));
      await note();
      if (round % 9 !== 4) continue;
      const begun = begin(forest);
      await forest.propose(begun);
      await forest.propose(publish([put('/g', `${round}`)], { ghostId: begun.ghostId }));
      if (round % 2 === 0) {
        await forest.propose(commit(begun.ghostId));
        await note();
      }
    }
    newest = await forest.stateHash();
    await forest.close();
    await folder.close();
  });

  async function reports(on = fileSystem): Promise<JournalReport[]> {
    const told: JournalReport[] = [];
    const silent = { onBytes: () => undefined, onReplayed: () => undefined };
    await withStoredFolder(on, '/data', async (folder) => {
      for await (const report of verifyFolder(folder, '/data', silent)) told.push(report);
    });
    return told;
  }

  test('that is whole leads from each snapshot to the next, and to the state that was', async () => {
    const [report, ...others] = await reports();
    expect(report).toMatchObject({
      forest: 'default',
      damages: [],
      positions: [1, newest.position],
      replayed: newest.position,
      reached: { position: newest.position, stateHash: newest.hash },
    });
    expect(others).toEqual([]);
    await withStoredFolder(fileSystem, '/data', async (folder) => {
      const { inspected } = await folder.forest('default');
      expect(inspected.snapshots.length).toBeGreaterThan(1);
    });
  });

  test('comes back as it was at each revision', async () => {
    expect(hashes.size).toBeGreaterThan(60);
    await withStoredFolder(fileSystem, '/data', async (folder) => {
      const { journal } = await folder.forest('default');
      for (const [revision, hash] of hashes) {
        const state = await stateAt(journal, { kind: 'revision', revision });
        expect([state.revision, forestHash(state)], `revision ${revision}`).toEqual([revision, hash]);
        const { timeMs } = state;
        expect((await stateAt(journal, { kind: 'time', timeMs })).revision).toBeGreaterThanOrEqual(revision);
        const before = await stateAt(journal, { kind: 'time', timeMs: timeMs - 1 });
        expect(before.revision).toBeLessThan(revision);
      }
      await expect(stateAt(journal, { kind: 'revision', revision: hashes.size + 100 })).rejects.toThrow(
        'does not lead',
      );
    });
    const half = await decodeChunks(
      readBackup(backupOfFolder('/data', { forest: 'default', revision: 30 }, fileSystem)),
    );
    expect(forestHash(half)).toBe(hashes.get(30));
  });

  test('whose snapshot is not what the journal leads to is called damaged, though all checksums hold', async () => {
    const { forest, journal, folder } = await openForestOn(fileSystem);
    const { position } = forest.status;
    const lie = emptyForest();
    lie.position = position;
    await journal.saveSnapshot(position, from([...encodeSnapshot(freezeForest(lie))]));
    await forest.close();
    await folder.close();
    const [report] = await reports();
    expect(report?.damages).toEqual([
      expect.objectContaining({
        what: `at position ${position}: the snapshot is not what the journal leads to`,
      }),
    ]);
  });
});

const main = fileURLToPath(new URL('../../bin/hyperloom.js', import.meta.url));

interface Ran {
  readonly code: number;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly errors: string;
}

function hyperloom(...words: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], (error, stdout, stderr) => {
      const records = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), records, errors: stderr });
    });
  });
}

describe('the commands', () => {
  let root: string;
  let broker: BrokerProcess;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hyperloom-verify-'));
    broker = new BrokerProcess(join(root, 'data'));
    await broker.start();
    const client = connect(broker.address, { author: 'writer' });
    for (let value = 1; value <= 20; value += 1) await client.put('/a', value);
    await client[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await broker.stop('SIGKILL');
    await rm(root, { recursive: true });
  });

  test(
    'tell of folders and backups by exit codes and JSON lines, and bring back any revision',
    { timeout: 120_000 },
    async () => {
      const [data, backup] = [join(root, 'data'), join(root, 'default.backup')];
      const address = ['--address', broker.address];
      const busy = await hyperloom('verify', data);
      expect([busy.code, busy.errors]).toEqual([2, expect.stringContaining('a broker works on')]);
      expect((await hyperloom(...address, 'backup', backup)).code).toBe(0);
      await broker.stop('SIGTERM');

      const whole = await hyperloom('verify', data);
      expect([whole.code, whole.errors]).toEqual([0, '']);
      expect(whole.records[0]).toMatchObject({
        name: 'default',
        whole: true,
        damages: [],
        reached: { revision: 20 },
      });
      const fromBackup = await hyperloom('verify', backup);
      expect(fromBackup).toMatchObject({
        code: 0,
        records: [{ name: backup, whole: true, reached: { revision: 20 } }],
      });
      expect(fromBackup.records[0]?.['reached']).toEqual(whole.records[0]?.['reached']);
      expect((await hyperloom('verify', root)).code).toBe(13);

      await cp(data, join(root, 'old'), { recursive: true });
      await broker.start();
      const restored = await hyperloom(
        ...address,
        '--forest',
        'then',
        'restore',
        join(root, 'old'),
        '--from',
        'default',
        '--at-revision',
        '7',
      );
      expect(restored).toMatchObject({ code: 0, records: [{ name: 'then', revision: 7 }] });
      const late = await hyperloom(
        ...address,
        '--forest',
        'never',
        'restore',
        join(root, 'old'),
        '--from',
        'default',
        '--at-revision',
        '70',
      );
      expect([late.code, late.errors]).toEqual([2, expect.stringContaining('does not lead to revision 70')]);
      const client = connect(broker.address, { forest: 'then' });
      expect((await client.get('/a')).value).toBe(7);
      await client[Symbol.asyncDispose]();

      const segments = join(root, 'old', 'forests', 'default', 'segments');
      const segment = join(segments, (await readdir(segments))[0] ?? '');
      const bytes = await readFile(segment);
      const at = bytes.lastIndexOf('LOOM') - 8;
      bytes[at] = (bytes[at] ?? 0) ^ 4;
      await writeFile(segment, bytes);
      const damaged = await hyperloom('verify', join(root, 'old'));
      expect(damaged.code).toBe(13);
      expect(damaged.records[0]).toMatchObject({
        whole: false,
        damages: [
          { path: segment, lost: { from: expect.any(Number) }, advice: expect.stringContaining('restore') },
        ],
      });
      // What is before the damage is still to be had.
      const rescued = await hyperloom(
        ...address,
        '--forest',
        'rescued',
        'restore',
        join(root, 'old'),
        '--from',
        'default',
      );
      expect(rescued).toMatchObject({ code: 0, records: [{ name: 'rescued', revision: 18 }] });
      const cut = await readFile(backup);
      await writeFile(backup, cut.subarray(0, cut.length - 10));
      expect(await hyperloom('verify', backup)).toMatchObject({ code: 13, records: [{ whole: false }] });
    },
  );
});
