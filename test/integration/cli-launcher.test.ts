/**
 * Goal: every command runs through the launcher as users start it, with real pipes, signals and exit codes. Method: a broker and
 * each command are processes of their own; what the commands do in detail is tested in `cli.test.ts`.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { BrokerProcess } from '../support/broker-process.ts';
import { inPipe, records, start, type Running } from '../support/cli-pipe.ts';
import { inTerminal, type Ended } from '../support/cli-terminal.ts';

let folder = '';
let broker: BrokerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-launcher-'));
  broker = new BrokerProcess(folder);
  await broker.start();
});

afterAll(async () => {
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

/** What has to happen meanwhile, in this process. */
async function only(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const ended: Ended = await inTerminal(args, { address: broker.address, isTerminal: false });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return records(ended)[0] ?? {};
}

describe('the launcher', () => {
  const script: readonly (readonly [string, Readonly<Record<string, unknown>> | undefined])[] = [
    ['put /launched/a first --author someone', { sequence: 0, repeated: false }],
    ['append /launched/a +second', { sequence: 0 }],
    ['put /launched/b {"a":1} --json-value', { sequence: 0 }],
    ['merge /launched/b {"b":2}', { sequence: 0 }],
    ['increment /launched/c 2', { sequence: 0 }],
    ['copy /launched/b /launched/d', { sequence: 0 }],
    ['delete /launched/d', { sequence: 0 }],
    ['get /launched/b', { value: { a: 1, b: 2 } }],
    ['ls /launched', { path: '/launched/a', value: 'first+second' }],
    ['tree /launched', { path: '/launched/a' }],
    ['log --limit 1', { changes: [{ action: 'delete', path: '/launched/d' }] }],
    ['diff 0 --path /launched', { path: '/launched/a' }],
    ['blame /launched/a', { node: { path: '/launched/a' } }],
    ['ghost begin --label launched', { label: 'launched', state: 'live' }],
    ['ghost list', { label: 'launched' }],
    ['lease grant --label launched', { label: 'launched' }],
    ['lease ls', { label: 'launched' }],
    ['lock acquire /launched -- true', undefined],
    ['lock ls', undefined],
    ['ghost review ls', undefined],
    ['forest list', { name: 'default' }],
    ['status', { journal: 'embedded' }],
    ['ls /launched/a', undefined],
  ];

  it.each(script)('runs %s', async (command, first) => {
    const ended = await inPipe(command.split(' '), broker.address);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    if (first === undefined) expect(ended.stdout).toBe('');
    else expect(records(ended)[0]).toMatchObject(first);
  });

  it.each([
    [4, ['get', '/nothing'], 'NODE_NOT_FOUND'],
    [2, ['get'], 'path'],
    [2, ['serve', '--nonsense'], 'unknown option'],
    [3, ['--address', '127.0.0.1:1', 'get', '/a'], 'hyperloom serve'],
  ])('ends with %i after %j', async (code, args, hint) => {
    const ended = await inPipe(args, broker.address);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(hint);
  });

  it('names every command in its help', async () => {
    const { code, stdout } = await inPipe(['--help'], broker.address);
    expect(code).toBe(0);
    const commands =
      'serve get ls tree put append watch ghost lock lease log diff blame replay backup restore status';
    for (const command of commands.split(' ')) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });
});

describe('what a broker compiled', () => {
  it('is kept for its next start, also where this one is killed', async () => {
    const cache = join(folder, 'compiled');
    const killed = new BrokerProcess(join(folder, 'killed'), [], {
      environment: { NODE_COMPILE_CACHE: cache },
    });
    await killed.start();
    // Behind the line that says that it listens.
    await vi.waitFor(
      async () => expect((await readdir(cache, { recursive: true })).length).toBeGreaterThan(100),
      20_000,
    );
    await killed.stop('SIGKILL');
  });
});

describe('watching', () => {
  /** Commands start slowly; the marker shows that the subscription stands. */
  async function watching(...args: readonly string[]): Promise<Running> {
    const watch = start(['watch', '/watch/**', '--snapshot', ...args], broker.address);
    await watch.outputHas('"type":"snapshot"');
    return watch;
  }

  it('prints what matches as it happens, and ends well with Ctrl-C', async () => {
    await only('put', '/watch/before', '0');
    const watch = await watching();
    await only('put', '/watcher', 'no');
    await only('put', '/watch/a', 'yes');
    await watch.outputHas('"/watch/a"');
    watch.child.kill('SIGINT');
    const ended = await watch.ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const [top, node, snapshot, event, ...more] = records(ended);
    expect([top, node]).toMatchObject([
      { path: '/watch' },
      { type: 'node', path: '/watch/before', value: '0' },
    ]);
    expect(snapshot).toMatchObject({ type: 'snapshot', nodes: 2 });
    expect(event).toMatchObject({
      type: 'event',
      changes: [{ path: '/watch/a', action: 'put', value: 'yes' }],
    });
    expect(more).toEqual([]);
  });

  it('ends well when nobody reads it any more', async () => {
    const watch = await watching();
    watch.child.stdout.destroy();
    // It notices when it writes, which takes a moment in another process.
    const over = new AbortController();
    watch.child.once('exit', () => over.abort());
    while (!over.signal.aborted) await only('put', '/watch/tick', 'x');
    expect(watch.child.exitCode).toBe(0);
  });

  it('goes on where it was when the broker was killed and is back', async () => {
    const watch = await watching();
    await broker.stop('SIGKILL');
    await broker.start();
    await only('put', '/watch/after', 'back');
    await watch.outputHas('"/watch/after"');
    watch.child.kill('SIGINT');
    const ended = await watch.ended;
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('the connection to the broker was lost'),
    });
    expect(records(ended).filter(({ type }) => type === 'event')).toHaveLength(1);
  });

  it('begins at a revision, and shows all ghosts on request', async () => {
    const { revision } = await only('put', '/watch/from', '1');
    const ghost = String((await only('ghost', 'begin'))['id']);
    await only('put', '/watch/staged', 'x', '--ghost', ghost);
    const all = start(
      ['watch', '/watch/**', '--all', '--from', String(Number(revision) - 1)],
      broker.address,
    );
    const one = start(['watch', '/watch/**', '--ghost', ghost, '--snapshot'], broker.address);
    await Promise.all([all.outputHas('"/watch/staged"'), one.outputHas('"/watch/staged"')]);
    all.child.kill('SIGTERM');
    expect((await all.ended).stdout).toContain('"/watch/from"');
    await only('ghost', 'revert', ghost);
    // The stream of a ghost ends with the ghost.
    expect(await one.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
