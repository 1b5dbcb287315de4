/**
 * Goal: a backup that breaks off goes on where it was: the same bytes as if it had not, of the moment when it was begun, whatever is written
 * meanwhile; and where that cannot be, it says so and nothing is mixed. Method: a broker process with ghosts, locks, copies and requests in
 * its state, killed in the middle of backups and started again.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  connect,
  InvalidRequestError,
  operation,
  RevisionError,
  type BackupMark,
  type Client,
} from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { inTerminal, type Ended, type TerminalOptions } from '../support/cli-terminal.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// More than connections hold on their way, so that there is something left when one breaks.
const values = 8;
const valueBytes = 2 * 1024 * 1024 - 100;

let folder = '';
let broker: BrokerProcess;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-resume-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  client = connect(broker.address, { author: 'keeper' });
  for (let index = 0; index < values; index += 1)
    await client.put(`/large/${index}`, Buffer.alloc(valueBytes, index + 1));
  await client.publish([operation.copy('/large', '/copied', 2), operation.put('/small', 'x')]);
  const ghost = await client.ghost({ scope: '/small' });
  await ghost.put('/small/staged', 'y');
  await ghost.checkpoint('first');
  await client.lock('/small/locked');
});

afterAll(async () => {
  client.destroy();
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

async function wholeBackup(forest = ''): Promise<{ readonly bytes: Buffer; readonly position: number }> {
  const pieces: Uint8Array[] = [];
  let position = 0;
  for await (const piece of client.forests.backup(forest, { onPosition: (at) => (position = at) }))
    pieces.push(piece);
  return { bytes: Buffer.concat(pieces), position };
}

function markOf({ bytes, position }: { bytes: Buffer; position: number }, length: number): BackupMark {
  return { position, bytes: length, checksum: crc32(bytes.subarray(0, length)) };
}

async function rest(resume: BackupMark, forest = ''): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of client.forests.backup(forest, { resume })) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('a download outlives a broker that is killed, and is of the moment when it was begun', async () => {
  const before = await wholeBackup();
  const pieces: Uint8Array[] = [];
  let isKilled = false;
  const positions: number[] = [];
  for await (const piece of client.forests.backup('', { onPosition: (at) => positions.push(at) })) {
    pieces.push(piece);
    if (isKilled) continue;
    isKilled = true;
    await client.put('/small', 'changed since');
    await client.delete('/large/3');
    await broker.stop('SIGKILL');
    await broker.start();
  }
  expect(positions).toEqual([before.position]);
  const bytes = Buffer.concat(pieces);
  expect(bytes.length).toBe(before.bytes.length);
  expect(bytes.equals(before.bytes)).toBe(true);
  const restored = await client.forests.restore('then', [bytes]);
  // What revision 2 had, copied, and one beside.
  expect(restored.nodes).toBe(values + 3);
});

test('it goes on behind any byte, and with nothing where all has come', async () => {
  const team = connect(broker.address, { forest: 'team' });
  await client.forests.create('team');
  await team.put('/a', Buffer.alloc(150_000, 'a'));
  const whole = await wholeBackup('team');
  const { length } = whole.bytes;
  await team.put('/a', 'changed since');
  for (const cut of [0, 1, 26, 27, 30, 70_000, length - 8, length - 1, length])
    expect([cut, (await rest(markOf(whole, cut), 'team')).equals(whole.bytes.subarray(cut))]).toEqual([
      cut,
      true,
    ]);
  await team.close();
});

test('it is refused where the backup begins otherwise, is shorter, or lies in the future or in a past that was given up', async () => {
  await client.forests.create('given-up');
  const team = connect(broker.address, { forest: 'given-up' });
  for (let index = 0; index < 3; index += 1) await team.put('/a', index);
  const early = await wholeBackup('given-up');
  const { length } = early.bytes;
  const refused = (mark: BackupMark): Promise<Buffer> => rest(mark, 'given-up');
  await expect(refused({ ...markOf(early, 100), checksum: 1 })).rejects.toThrow(InvalidRequestError);
  await expect(refused({ ...markOf(early, length), bytes: length + 1 })).rejects.toThrow(InvalidRequestError);
  await expect(refused({ ...markOf(early, 9), position: early.position + 1 })).rejects.toThrow(RevisionError);
  // The file that is written to stays; those before it go once a snapshot covers them.
  for (let index = 0; index < 3; index += 1) {
    await team.put('/a', Buffer.alloc(500_000, index));
    await team.forests.compact('given-up');
  }
  const refusal = refused(markOf(early, 10));
  await expect(refusal).rejects.toThrow(RevisionError);
  await expect(refusal).rejects.toMatchObject({ reason: 'REVISION_COMPACTED' });
  await team.close();
});

function run(args: readonly string[], options: Partial<TerminalOptions> = {}): Promise<Ended> {
  return inTerminal(args, { address: broker.address, isErrorTerminal: true, ...options });
}

test('the same command goes on with what Ctrl-C has left, and says so', async () => {
  const place = await mkdtemp(join(folder, 'cli-'));
  const file = join(place, 'default.backup');
  const whole = await wholeBackup();
  const ended = await run(['backup', file], { onErrorOutput: (_text, interrupt) => interrupt() });
  expect(ended.code).toBe(130);
  const [name = '', ...others] = await readdir(place);
  expect([name, others]).toEqual([`default.backup.${whole.position}.partial`, []]);
  expect(ended.stderr).toContain(`${name} has the first `);
  const part = await readFile(join(place, name));
  expect(part.equals(whole.bytes.subarray(0, part.length))).toBe(true);
  expect(part.length).toBeLessThan(whole.bytes.length);
  await client.put('/small', 'changed meanwhile');
  expect(await run(['backup', file])).toMatchObject({ code: 0 });
  expect(await readdir(place)).toEqual(['default.backup']);
  expect((await readFile(file)).equals(whole.bytes)).toBe(true);
});

test('a part that a crash of the machine has damaged is given up for a new backup', async () => {
  const place = await mkdtemp(join(folder, 'torn-'));
  const file = join(place, 'default.backup');
  const whole = await wholeBackup();
  const torn = Buffer.concat([whole.bytes.subarray(0, 5_000), Buffer.alloc(5_000)]);
  await writeFile(`${file}.${whole.position}.partial`, torn);
  const ended = await run(['backup', file]);
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('beginning anew');
  expect(await readdir(place)).toEqual(['default.backup']);
  expect((await readFile(file)).equals(whole.bytes)).toBe(true);
});
