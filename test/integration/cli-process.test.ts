/**
 * Goal: a command in a process of its own lives for as long as its work does, and tells where its results could not be written.
 * Method: the command line as users start it; a broker that is killed and comes back; `/dev/full` in place of a full disk.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { connect } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const program = join(import.meta.dirname, '..', '..', 'bin', 'hyperloom.js');

let folder = '';
let broker: BrokerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-cli-process-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  const client = connect(broker.address);
  await client.put('/large', 'x'.repeat(100_000));
  await client.close();
});

afterAll(async () => {
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, '--address', broker.address, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

it('top goes on when its broker is back', async () => {
  const child = start('--json', 'top', '--every', '200ms', '--count', '1000');
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('both are pipes');
  let complaints = '';
  stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).done).toBe(false);
  await broker.stop('SIGKILL');
  await broker.start();
  // More than were on their way.
  for (let line = 0; line < 5; line += 1) expect((await lines.next()).done).toBe(false);
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  await gone;
  expect(complaints).not.toContain('Warning');
});

it.skipIf(!existsSync('/dev/full'))('what cannot be written is told by the exit code', () => {
  const full = openSync('/dev/full', 'w');
  const tokens = join(folder, 'tokens.json');
  try {
    for (const args of [
      ['get', '--raw', '/large'],
      ['ls', '/'],
      ['backup', '-'],
      ['token', '--file', tokens, 'create', 'ann'],
      ['token', '--file', tokens, 'list'],
    ]) {
      const command = [program, '--address', broker.address, ...args];
      const ended = spawnSync(process.execPath, command, {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      expect([args, ended.status, ended.stderr]).toEqual([args, 74, expect.stringContaining('ENOSPC')]);
    }
  } finally {
    closeSync(full);
  }
});
