/**
 * Goal: the file of a backup that is gone on with leads, alone, to each moment since, whoever was killed meanwhile; what a crash has cut off
 * is made good, what is damaged is named, and nothing of another forest gets in. Method: the command as a process that follows a broker,
 * both killed with SIGKILL; state hashes of the live broker noted at revisions, compared with those that the file leads to.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect, operation, type Client } from '../../clients/typescript/src/index.ts';
import { inspectBackup, type InspectedBackup } from '../../src/inspection/backup-file.ts';
import { backupOfFile, endOfBackup } from '../../src/inspection/backup-at.ts';
import { verifyBackup, type JournalReport } from '../../src/inspection/report.ts';
import { nodeFileSystem } from '../../src/journal/embedded/node-file-system.ts';
import { readBackup } from '../../src/rpc/backup-format.ts';
import { decodeChunks } from '../../src/sequencer/snapshots.ts';
import { forestHash } from '../../src/state/state-hash.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { inTerminal, type Ended } from '../support/cli-terminal.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

let folder = '';
let file = '';
let broker: BrokerProcess;
let client: Client;
/** State hashes by revision. */
const hashes = new Map<number, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-tail-'));
  file = join(folder, 'default.backup');
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  client = connect(broker.address, { author: 'keeper' });
});

afterAll(async () => {
  client.destroy();
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Notes what the state is, which a revision has just made. */
async function note(): Promise<void> {
  const { forest, stateHash } = await client.forests.status('', { stateHash: true });
  hashes.set(forest.revision, stateHash);
}

async function put(path: string, value: string | Uint8Array): Promise<void> {
  await client.put(path, value);
  await note();
}

/** A command that follows the broker, in a process of its own. */
function follow(): ChildProcess {
  const args = [main, '--address', broker.address, 'backup', file, '--follow'];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function ended(process: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(process, 'exit');
  process.kill(signal);
  await exit;
  return process.exitCode;
}

/** Waits until the file has all that the broker has. */
async function isLevel(): Promise<void> {
  const { position } = await client.forests.status();
  await vi.waitFor(async () => expect((await endOfBackup(file)).position).toBe(position), {
    timeout: 60_000,
    interval: 100,
  });
}

async function hashAt(revision?: number): Promise<string> {
  return forestHash(await decodeChunks(readBackup(backupOfFile(file, { revision }))));
}

function verified(path: string): Promise<JournalReport> {
  return verifyBackup(nodeFileSystem, path, { onBytes: () => undefined, onReplayed: () => undefined });
}

function run(...args: string[]): Promise<Ended> {
  return inTerminal(args, { address: broker.address });
}

test('the file leads to every moment since, over kills of the command and of the broker', async () => {
  for (const value of ['first', 'second', 'third']) await put('/a', value);
  const first = follow();
  await isLevel();
  await put('/b', 'followed');
  const ghost = await client.ghost({ scope: '/g' });
  await ghost.put('/g/x', 'staged');
  await ghost.commit();
  await note();
  // Larger than a piece, and more than one in a piece.
  await put('/large', Buffer.alloc(300_000, 'x'));
  for (let index = 0; index < 20; index += 1) await put(`/many/${index}`, `value ${index}`);
  // What the file's own beginning does not lead to.
  await client.publish([operation.copy('/a', '/then', 1)]);
  await note();
  await put('/b', 'behind the copy');
  await isLevel();
  await ended(first, 'SIGKILL');

  await put('/b', 'while nobody followed');
  await client.lock('/b/locked');
  await put('/c', 'still not');
  await broker.stop('SIGKILL');
  await broker.start();
  const second = follow();
  await put('/c', 'while both are back');
  await isLevel();
  await broker.stop('SIGKILL');
  await broker.start();
  await put('/c', 'after the broker alone was killed');
  await isLevel();
  expect(await ended(second, 'SIGINT')).toBe(130);

  for (const [revision, hash] of hashes)
    if (revision >= 3) expect([revision, await hashAt(revision)]).toEqual([revision, hash]);
  expect(await hashAt()).toBe([...hashes.values()].at(-1));
  const report = await verified(file);
  expect(report.damages).toEqual([]);
  expect(report.reached?.stateHash).toBe([...hashes.values()].at(-1));
});

test('restore brings a moment of it into a forest, and says which it does not lead to', async () => {
  expect(await run('--forest', 'then', 'restore', file, '--at-revision', '9')).toMatchObject({ code: 0 });
  const then = connect(broker.address, { forest: 'then' });
  expect((await then.forests.status('then')).forest.revision).toBe(9);
  const many: string[] = [];
  for await (const { path } of then.list('/many')) many.push(path);
  expect(many).toEqual(['/many/0', '/many/1', '/many/2']);
  await then.close();
  expect(await run('--forest', 'newest', 'restore', file)).toMatchObject({ code: 0 });
  const newest = connect(broker.address, { forest: 'newest' });
  expect((await newest.get('/c')).value).toBe('after the broker alone was killed');
  expect((await newest.get('/then')).value).toBe('first');
  await newest.close();
  for (const moment of [
    ['--at-revision', '1'],
    ['--at-revision', '1000'],
    ['--at-time', '2020-01-01T00:00:00Z'],
  ]) {
    const refused = await run('--forest', 'none', 'restore', file, ...moment);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('does not lead to');
  }
});

test('wherever a crash has cut it off, the same command makes it whole again, byte for byte', async () => {
  const whole = await readFile(file);
  const firstBytes = (await inspected()).states[0]?.end ?? 0;
  const part = join(folder, 'part.backup');
  for (const cut of [
    firstBytes,
    firstBytes + 1,
    firstBytes + 500,
    whole.length - 300_000,
    whole.length - 1,
  ]) {
    await copyFile(file, part);
    await truncate(part, cut);
    const { damages, tornBytes } = await verified(part);
    expect([damages, tornBytes < whole.length]).toEqual([[], true]);
    expect(await run('backup', part, '--extend')).toMatchObject({ code: 0 });
    expect((await readFile(part)).equals(whole)).toBe(true);
  }
  // What a machine had set aside and not written.
  await writeFile(part, Buffer.concat([whole.subarray(0, -100), Buffer.alloc(8_192)]));
  expect(await run('backup', part, '--extend')).toMatchObject({ code: 0 });
  expect((await readFile(part)).equals(whole)).toBe(true);
});

async function inspected(): Promise<InspectedBackup> {
  const { bytes = 0 } = (await nodeFileSystem.stat(file)) ?? {};
  const opened = await nodeFileSystem.open(file, 'read');
  try {
    return await inspectBackup(opened, bytes);
  } finally {
    await opened.close();
  }
}

test('a byte that is another one is found wherever it is, and the file is not gone on with', async () => {
  const whole = await readFile(file);
  const damaged = join(folder, 'damaged.backup');
  for (let at = 30; at < whole.length - 50; at += Math.floor(whole.length / 40)) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    await writeFile(damaged, bytes);
    const { damages } = await verified(damaged);
    expect([at, damages.length]).toEqual([at, 1]);
    expect(damages[0]?.path).toBe(damaged);
  }
  const refused = await run('backup', damaged, '--extend');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('is damaged')]);
});

test("nothing is added of another forest, nor where the journal's part between was given up", async () => {
  await client.forests.create('other');
  const other = connect(broker.address, { forest: 'other', author: 'keeper' });
  for (let index = 0; index < 100; index += 1) await other.put('/a', index);
  const foreign = join(folder, 'foreign.backup');
  await copyFile(file, foreign);
  expect((await run('--forest', 'other', 'backup', foreign, '--extend')).stderr).toContain('another time');
  expect((await readFile(foreign)).equals(await readFile(file))).toBe(true);

  const early = join(folder, 'early.backup');
  expect(await run('--forest', 'other', 'backup', early, '--extend')).toMatchObject({ code: 0 });
  // The file that is written to stays; those before it go once a snapshot covers them.
  for (let index = 0; index < 3; index += 1) {
    await other.put('/a', Buffer.alloc(500_000, index));
    await other.forests.compact('other');
  }
  const refused = await run('--forest', 'other', 'backup', early, '--extend');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('begin a new backup');
  await other.close();
});
