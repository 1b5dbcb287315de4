/**
 * Goal: profiles are kept, chosen and forgotten, in a file that only its owner can read, and hold for the MCP bridge too; `top` and `bench` tell what they
 * measure.
 * Method: the commands on a real broker, with a folder for the configuration of its own.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { records } from '../support/cli-pipe.ts';
import { inTerminal, type Ended } from '../support/cli-terminal.ts';
import { callTool, connectMcp, type Way } from '../support/mcp.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const stdio: Way = { transport: 'stdio', era: '2025-11-25' };

let folder = '';
let broker: TestBroker;
let address = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-profiles-'));
  broker = await startTestBroker();
  address = broker.url.replace('http://', '');
});

afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
});

/** Says no address but what the arguments do. */
function run(args: readonly string[], isTerminal = false): Promise<Ended> {
  return inTerminal(args, { address: '', isTerminal, environment: { XDG_CONFIG_HOME: folder } });
}

async function lines(...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const ended = await run(args);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return records(ended);
}

it('keeps, uses, shows and forgets profiles', async () => {
  expect(await lines('profile', 'ls')).toEqual([]);
  const [team] = await lines('profile', 'add', 'team', '--address', address, '--author', 'ann');
  expect(team).toMatchObject({ name: 'team', current: false, address, author: 'ann', forest: null });
  const file = join(folder, 'hyperloom', 'profiles.json');
  expect([(await stat(file)).mode & 0o777, (await stat(join(folder, 'hyperloom'))).mode & 0o777]).toEqual([
    0o600, 0o700,
  ]);
  await lines('--profile', 'team', 'put', '/profiled', 'x');
  await lines('profile', 'use', 'team');
  expect(await lines('get', '/profiled')).toMatchObject([{ author: 'ann' }]);
  expect(await lines('profile', 'show')).toMatchObject([
    { profile: 'team', address, origins: { address: 'profile', forest: 'built in' } },
  ]);
  expect((await run(['profile', 'ls'], true)).stdout).toMatch(/^\* {2}team +\S+ +ann$/m);
  expect(await run(['profile', 'add', 'team', '--address', 'a:1'])).toMatchObject({ code: 2 });
  await lines('profile', 'add', 'team', '--address', '127.0.0.1:1', '--force');
  expect(await run(['status'])).toMatchObject({ code: 3 });
  await lines('profile', 'rm', 'team');
  expect(await lines('profile', 'ls')).toEqual([]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ version: 1, profiles: {} });
});

it('gives the MCP bridge what the profile says, in use or by name, and the bridge says what is wrong with it', async () => {
  await lines('--address', address, 'forest', 'create', 'shared');
  const shared = ['--author', 'ann', '--forest', 'shared'];
  await lines('profile', 'add', 'bridged', '--address', address, ...shared, '--use');
  await lines('profile', 'add', 'away', '--address', '127.0.0.1:1');
  const environment = { XDG_CONFIG_HOME: folder, PATH: process.env['PATH'] ?? '' };
  const publish = { operations: [{ op: 'put', path: '/bridged', value: 'x' }] };
  try {
    const client = await connectMcp(broker, stdio, { environment });
    try {
      expect(await callTool(client, 'publish', publish)).toMatchObject({ isError: false });
      expect(await lines('get', '/bridged')).toMatchObject([{ author: 'ann' }]);
      expect(await run(['--forest', 'default', 'get', '/bridged'])).toMatchObject({ code: 4 });
    } finally {
      await client.close();
    }
    const away = await connectMcp(broker, stdio, {
      environment: { ...environment, HYPERLOOM_PROFILE: 'away' },
    });
    try {
      const refused = await callTool(away, 'publish', publish);
      expect(refused).toMatchObject({ isError: true });
      expect(refused.text).toContain('127.0.0.1:1');
    } finally {
      await away.close();
    }
    const unknown = await runNode({ ...environment, HYPERLOOM_PROFILE: 'nobody' }, 'mcp');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('nobody');
  } finally {
    for (const name of ['bridged', 'away']) await lines('profile', 'rm', name);
    await lines('--address', address, 'forest', 'delete', 'shared', '--yes');
  }
}, 300_000);

/** As a process, whose input ends at once. */
function runNode(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

it.each([
  [['profile', 'add', 'none'], 'what to keep'],
  [['profile', 'add', 'a b', '--author', 'x'], 'a b'],
  [['profile', 'add', 'bad', '--address', 'http://a/b'], 'address'],
  [['profile', 'use', 'nobody'], 'nobody'],
  [['profile', 'use'], '--none'],
  [['profile', 'rm', 'nobody'], 'nobody'],
  [['--profile', 'nobody', 'status'], 'nobody'],
])('refuses %j', async (args, hint) => {
  const ended = await run(args);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(hint);
});

it('tells what is wrong with a file that somebody has edited', async () => {
  const file = join(folder, 'hyperloom', 'profiles.json');
  for (const [text, hint] of [
    ['{', 'no JSON'],
    ['{"version": 2}', 'version 2'],
    ['{"version": 1, "profiles": {"a": {"address": 7}}}', 'address'],
    ['{"version": 1, "profiles": []}', 'profiles'],
  ] as const) {
    await writeFile(file, text);
    const ended = await run(['status']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(hint);
  }
  await rm(file);
});

it('top tells rates, ghosts and locks as one JSON line', async () => {
  await lines('--address', address, 'ghost', 'begin', '--label', 'seen');
  const [told, ...more] = await lines('--address', address, 'top', '--every', '100ms');
  expect(more).toEqual([]);
  expect(told).toMatchObject({
    broker: { address, writeStopReason: '', refusalsPerSecond: 0 },
    forests: [{ name: 'default', ghosts: 1, slowSubscriptions: 0, slowestLagEntries: 0 }],
    ghosts: [{ label: 'seen' }],
    locks: [],
  });
  expect(await lines('--address', address, 'top', '--every', '100ms', '--count', '2')).toHaveLength(2);
});

it('bench measures each case, and leaves nothing behind', async () => {
  const measured = await lines('--address', address, 'bench', '--operations', '20', '--in-flight', '4');
  expect(measured.map((told) => told['case'])).toEqual(['put', 'append', 'get', 'ghost', 'commit']);
  for (const told of measured) {
    expect(told).toMatchObject({ operations: 20, inFlight: 4 });
    for (const figure of ['elapsedMs', 'operationsPerSecond', 'p50Ms', 'p99Ms', 'maxMs'])
      expect(told[figure]).toBeGreaterThan(0);
  }
  const names = (await lines('--address', address, 'forest', 'list')).map(({ name }) => name);
  expect(names).toEqual(['default']);
});
