/**
 * Goal: an upgrade goes as docs/operation.md tells it, from the oldest data that there is: verified, started, written to, backed up, restored,
 * verified again, and the history from before is still told. Method: a copy of the oldest folder of the corpus, which a released broker left
 * after a crash; broker and commands of this checkout, the broker as a process of its own.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect, type Client } from '../../clients/typescript/src/index.ts';
import { backupOfFolder } from '../../src/inspection/backup-at.ts';
import { verifyBackup, verifyFolder, type JournalReport } from '../../src/inspection/report.ts';
import { withStoredFolder } from '../../src/inspection/stored-folder.ts';
import { nodeFileSystem } from '../../src/journal/embedded/node-file-system.ts';
import { readEntry, type Expected } from '../corpus/entry.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { inTerminal, type Ended } from '../support/cli-terminal.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const oldest = 'format-1';
const silent = { onBytes: () => undefined, onReplayed: () => undefined };

let root = '';
let data = '';
let before = '';
let expected: Expected;
let broker: BrokerProcess;
let client: Client;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hyperloom-upgrade-'));
  data = join(root, 'data');
  before = join(root, 'before');
  expected = readEntry(oldest, data);
  await cp(data, before, { recursive: true });
  broker = new BrokerProcess(data);
});
afterAll(async () => {
  client.destroy();
  await broker.stop('SIGKILL');
  await rm(root, { recursive: true });
});

function run(...args: string[]): Promise<Ended> {
  return inTerminal(args, { address: broker.address });
}

async function verified(): Promise<readonly JournalReport[]> {
  return withStoredFolder(nodeFileSystem, data, async (folder) => {
    const told: JournalReport[] = [];
    for await (const report of verifyFolder(folder, data, silent)) told.push(report);
    return told;
  });
}

/** What a forest has, at a revision of it. */
async function nodesOf(forest: string, atRevision?: number): Promise<readonly unknown[]> {
  const reader = connect(broker.address, { forest });
  const nodes = [];
  for await (const node of reader.list('/', { depth: 64, atRevision, form: 'json' }))
    nodes.push([
      node.path,
      node.kind,
      node.valueBytes,
      node.createdRevision,
      node.modifiedRevision,
      node.author,
    ]);
  await reader.close();
  return nodes;
}

test('old data is verified with its own state hash, and started on', async () => {
  const reports = await verified();
  expect(reports.flatMap(({ damages }) => damages)).toEqual([]);
  const told = reports.find(({ forest }) => forest === 'default')?.reached;
  expect(told?.stateHash).toBe(expected.forests['default']?.observed.stateHash);
  await broker.start();
  client = connect(broker.address, { author: 'upgrader' });
  expect((await client.forests.list()).map(({ name }) => name)).toEqual(Object.keys(expected.forests));
});

test('its history and its past are told as they were, beside what is written now', async () => {
  const { revision: newest = '0', compactedRevision: oldestLeft = '0' } =
    expected.forests['default']?.observed ?? {};
  await client.put('/upgraded', 'yes');
  const revisions: number[] = [];
  for await (const { revision } of client.history({ pageSize: 7 })) revisions.push(revision);
  const told = revisions.filter((revision) => revision <= Number(newest));
  expect(told).toEqual(
    Array.from({ length: Number(newest) - Number(oldestLeft) }, (_, index) => Number(oldestLeft) + 1 + index),
  );
  const middle = Math.floor((Number(oldestLeft) + Number(newest)) / 2);
  for (const revision of [Number(oldestLeft), middle, Number(newest)]) {
    // The same moment, by way of the folder from before.
    const forest = `at-${revision}`;
    await client.forests.restore(forest, backupOfFolder(before, { forest: 'default', revision }));
    const then = await nodesOf('', revision);
    expect(then.length).toBeGreaterThan(0);
    expect(await nodesOf(forest)).toEqual(then);
  }
});

test('it is backed up, gone on with, restored and verified', async () => {
  const file = join(root, 'default.backup');
  expect(await run('backup', file)).toMatchObject({ code: 0 });
  const { forest } = await client.forests.status();
  await client.put('/upgraded', 'again');
  expect(await run('backup', file, '--extend')).toMatchObject({ code: 0 });
  const report = await verifyBackup(nodeFileSystem, file, silent);
  expect(report.damages).toEqual([]);
  expect(report.reached?.stateHash).toBe((await client.forests.status('', { stateHash: true })).stateHash);
  expect(await run('--forest', 'newest', 'restore', file)).toMatchObject({ code: 0 });
  expect(await nodesOf('newest')).toEqual(await nodesOf(''));
  const revision = String(forest.revision);
  expect(await run('--forest', 'then', 'restore', file, '--at-revision', revision)).toMatchObject({
    code: 0,
  });
  expect(await nodesOf('then')).toEqual(await nodesOf('', forest.revision));
});

test('after a kill and a stop the folder is whole', async () => {
  const { stateHash } = await client.forests.status('', { stateHash: true });
  await broker.stop('SIGKILL');
  await broker.start();
  expect((await client.forests.status('', { stateHash: true })).stateHash).toBe(stateHash);
  await broker.stop('SIGTERM');
  const reports = await verified();
  expect(reports.flatMap(({ damages }) => damages)).toEqual([]);
  expect(reports.find((report) => report.forest === 'default')?.reached?.stateHash).toBe(stateHash);
});
