/**
 * Goal: Ctrl-C in the middle of long work ends it, with an exit code that says so and nothing half done left behind; and whoever watches a broker with
 * `top` sees it go away and come back. Method: forests that take many messages, interrupted at the first progress that is shown; a broker process that is
 * killed, and one that stands still.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { connect, type Client } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { inTerminal, type Ended, type TerminalOptions } from '../support/cli-terminal.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

// More than a connection holds on its way.
const values = 12;
const valueBytes = 2 * 1024 * 1024 - 100;
const clearLine = '\r\u001B[2K';

let folder = '';
let broker: BrokerProcess;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-interrupts-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  client = connect(broker.address);
  for (let index = 0; index < values; index += 1)
    await client.put(`/large/${index}`, Buffer.alloc(valueBytes, index));
});

afterAll(async () => {
  await client.close();
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

function run(args: readonly string[], options: Partial<TerminalOptions> = {}): Promise<Ended> {
  return inTerminal(args, { address: broker.address, isErrorTerminal: true, ...options });
}

/** Presses Ctrl-C when the first progress is drawn. */
const atProgress: Partial<TerminalOptions> = { onErrorOutput: (_text, interrupt) => interrupt() };

// What `backup` leaves, and goes on with, is in `backup-resume.test.ts`.
it('export leaves no part of a file', async () => {
  const place = await mkdtemp(join(folder, 'export-'));
  const ended = await run(['export', '/large', join(place, 'file')], atProgress);
  expect(ended).toMatchObject({ code: 130, stdout: '' });
  expect(ended.stderr.startsWith(`${clearLine}export `)).toBe(true);
  expect(ended.stderr.endsWith(clearLine)).toBe(true);
  expect(await readdir(place)).toEqual([]);
});

it('backup to a pipe ends in the middle', async () => {
  const ended = await run(['backup', '-'], {
    isTerminal: false,
    isErrorTerminal: false,
    onOutput: (_text, interrupt) => interrupt(),
  });
  expect(ended).toMatchObject({ code: 130, stderr: '' });
});

it('restore leaves no part of a forest', async () => {
  const file = join(folder, 'whole.backup');
  expect(await run(['backup', file])).toMatchObject({ code: 0 });
  const ended = await run(['--forest', 'restored', 'restore', file], atProgress);
  expect(ended).toMatchObject({ code: 130, stdout: '' });
  expect(ended.stderr.endsWith(clearLine)).toBe(true);
  await vi.waitFor(
    async () => expect((await client.forests.list()).map(({ name }) => name)).toEqual(['default']),
    { timeout: 30_000 },
  );
  // It can be done again.
  expect(await run(['--forest', 'restored', 'restore', file])).toMatchObject({ code: 0 });
});

it('top ends at once where the broker stands still', async () => {
  let isStopped = false;
  try {
    const ended = await run(['top', '--every', '100ms'], {
      onOutput(text, interrupt) {
        if (isStopped || !text.includes('REVISION')) return;
        isStopped = true;
        process.kill(broker.pid, 'SIGSTOP');
        // In the pause before the next look, or in that, which is not answered: both have to end, whenever it is pressed.
        setTimeout(interrupt, 300);
      },
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  } finally {
    process.kill(broker.pid, 'SIGCONT');
  }
});

it('top tells that the broker is away, and goes on when it is back', async () => {
  const seen: string[] = [];
  let restarted: Promise<void> | undefined;
  const ended = await run(['top', '--every', '100ms'], {
    onOutput(text, interrupt) {
      const newest = text.slice(text.lastIndexOf('\u001B[H'));
      const now = newest.includes('no answer') ? 'away' : newest.includes('REVISION') ? 'there' : '';
      if (now === '' || seen.at(-1) === now) return;
      seen.push(now);
      if (seen.length === 1) void broker.stop('SIGKILL');
      if (seen.length === 2) restarted = broker.start();
      if (seen.length === 3) interrupt();
    },
  });
  await restarted;
  expect(seen).toEqual(['there', 'away', 'there']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
});
