/**
 * Goal: locks, leases and reviews work from a shell, and people see who waits for whom. Method: commands in this process on a
 * broker as a process of its own; those that hold a lock or run another command are started for real.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BrokerProcess } from '../support/broker-process.ts';
import { records, start, type Running } from '../support/cli-pipe.ts';
import { inTerminal, type Ended, type TerminalOptions } from '../support/cli-terminal.ts';

let folder = '';
let broker: BrokerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-cli-locks-'));
  broker = new BrokerProcess(folder);
  await broker.start();
});

afterAll(async () => {
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

function run(args: readonly string[], options: Partial<TerminalOptions> = {}): Promise<Ended> {
  return inTerminal(args, { address: broker.address, isTerminal: false, ...options });
}

/** The only JSON line of a command that must succeed. */
async function only(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const all = await lines(...args);
  expect(all).toHaveLength(1);
  return all[0] ?? {};
}

async function lines(...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const ended = await run(args);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return records(ended);
}

/** What a command that must succeed prints on a terminal, with times and ids blanked out. */
async function text(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args, { isTerminal: true });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/\b(lock|lease|ghost)_\w+/g, '$1_ID');
}

/** Starts a command that holds a lock, and waits until it does. */
async function holding(...args: readonly string[]): Promise<Running> {
  const running = start(['lock', 'acquire', ...args], broker.address);
  await running.outputHas('"fencingToken"');
  return running;
}

/** How long a command that was started as a process may take to get to its point on a busy machine. */
const started = { timeout: 20_000 };

async function locksAt(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return lines('lock', 'ls', '--path', path);
}

describe('lock acquire', () => {
  it('holds a lock until Ctrl-C', async () => {
    const holder = await holding('/hold', '--author', 'holder', '--label', 'thinking');
    expect(await locksAt('/hold')).toMatchObject([
      {
        state: 'held',
        author: 'holder',
        label: 'thinking',
        targets: [{ path: '/hold', mode: 'exclusive' }],
        waitsFor: [],
      },
    ]);
    expect(await run(['put', '/hold/a', '1'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('(LOCKED)'),
    });
    expect(await run(['lock', 'acquire', '/hold/a', '--no-wait'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('(LOCKED)'),
    });
    holder.child.kill('SIGINT');
    expect(await holder.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await locksAt('/hold')).toEqual([]);
  });

  it('runs a command under the lock, whose writes carry its token, and ends as it does', async () => {
    const launcher = `${process.execPath} bin/hyperloom.js`;
    const script = `${launcher} put /under/a done && ${launcher} lock acquire /under/b -- ${launcher} put /under/b done; exit 7`;
    const args = ['lock', 'acquire', '/under', '--mode', 'exclusive', '--', 'sh', '-c', script];
    const ended = await start(args, broker.address).ended;
    expect(ended).toMatchObject({ code: 7, stderr: '' });
    expect(records(ended)).toMatchObject([{ sequence: 0 }, { sequence: 0 }]);
    expect(await lines('ls', '/under')).toMatchObject([{ value: 'done' }, { value: 'done' }]);
    expect(await locksAt('/under')).toEqual([]);
  });

  it('gives the command what leads to the broker as the same caller', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-caller-'));
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'hl_none');
    const script = 'echo "$HYPERLOOM_AUTHOR $HYPERLOOM_TOKEN_FILE $HYPERLOOM_FOREST $HYPERLOOM_ADDRESS"';
    const given = ['--author', 'ann', '--token-file', tokenFile];
    const ended = await start(
      [...given, 'lock', 'acquire', '/caller', '--', 'sh', '-c', script],
      broker.address,
    ).ended;
    await rm(folder, { recursive: true });
    expect(ended).toMatchObject({
      code: 0,
      stderr: '',
      stdout: `ann ${tokenFile} default ${broker.address}\n`,
    });
  });

  it('ends the command when the lock is lost', async () => {
    const holder = start(
      ['lock', 'acquire', '/lost', '--ttl', '1s', '--', 'sh', '-c', 'echo begun; exec tail -f /dev/null'],
      broker.address,
    );
    await holder.outputHas('begun');
    const [lock] = await locksAt('/lost');
    await only('lease', 'end', String(lock?.['leaseId']));
    const ended = await holder.ended;
    expect(ended).toMatchObject({ code: 7, stdout: 'begun\n' });
    expect(ended.stderr).toContain('is lost');
  });

  it('ends all that the command has started when the lock is lost', async () => {
    const inner = `trap 'echo inner >&2; exit' TERM; while :; do sleep 0.05; done`;
    const script = `sh -c "${inner}" & trap 'exit 3' TERM; echo begun; wait`;
    const holder = start(['lock', 'acquire', '/lost/all', '--', 'sh', '-c', script], broker.address);
    await holder.outputHas('begun');
    const [lock] = await locksAt('/lost/all');
    await only('lease', 'end', String(lock?.['leaseId']));
    const ended = await holder.ended;
    expect(ended).toMatchObject({ code: 7, stdout: 'begun\n' });
    expect(ended.stderr).toContain('inner');
    expect(ended.stderr).toContain('is lost');
  });

  it('ends the command as well when the lease was given and is lost', async () => {
    // Long enough that a command which starts slowly finds it alive.
    const lease = (await run(['lease', 'grant', '-q', '--ttl', '8s'])).stdout.trim();
    const script = ['sh', '-c', 'echo begun; exec tail -f /dev/null'];
    const holder = start(['lock', 'acquire', '/given', '--lease', lease, '--', ...script], broker.address);
    await holder.outputHas('begun');
    await only('lease', 'end', lease);
    const ended = await holder.ended;
    expect(ended).toMatchObject({ code: 7, stdout: 'begun\n' });
    expect(ended.stderr).toContain('is lost');
  });

  it('passes a signal on, and gives the lock back when the command has ended', async () => {
    const holder = start(
      [
        'lock',
        'acquire',
        '/signal',
        '--',
        'sh',
        '-c',
        'trap "exit 5" TERM; echo begun; while :; do sleep 0.05; done',
      ],
      broker.address,
    );
    await holder.outputHas('begun');
    holder.child.kill('SIGTERM');
    expect(await holder.ended).toMatchObject({ code: 5, stderr: '' });
    expect(await locksAt('/signal')).toEqual([]);
  });

  it('says what is wrong with its words', async () => {
    expect(await run(['lock', 'acquire', '--', 'true'])).toMatchObject({ code: 2 });
    expect(await run(['lock', 'acquire', '/a', '--mode', 'solo'])).toMatchObject({ code: 2 });
    const ended = await run(['lock', 'acquire', '/no-command', '--', 'hyperloom-no-such-command']);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('hyperloom-no-such-command') });
    expect(await locksAt('/no-command')).toEqual([]);
  });
});

describe('lock ls', () => {
  it('draws who waits for whom', async () => {
    const lease = (await run(['lease', 'grant', '--quiet'])).stdout.trim();
    await only('lock', 'acquire', '/tree/a', '--lease', lease, '--author', 'ann');
    const waiting = [
      start(['lock', 'acquire', '/tree/a', '--author', 'ben', '--quiet'], broker.address),
      start(['lock', 'acquire', '/tree/a/below', '--mode', 'shared', '--author', 'cem'], broker.address),
    ];
    await expect.poll(async () => (await locksAt('/tree')).length, started).toBe(3);
    const drawn = await text('lock', 'ls', '--path', '/tree');
    const [top, ...below] = drawn.trimEnd().split('\n');
    expect(top).toMatch(/^\/tree\/a exclusive {2}ann {2}held since TIME {2}token \d+ {2}\S+$/);
    expect(below.map((line) => line.replace(/ {2}\S+$/, '')).toSorted()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^├── \/tree\/a.* {2}waits.* since TIME$/)]),
    );
    expect(below).toHaveLength(2);
    expect(below.at(-1)).toMatch(/^└── \/tree\/a/);
    const listed = await locksAt('/tree');
    expect(listed[1]).toMatchObject({ state: 'waiting', waitsFor: [listed[0]?.['id']], grantTime: null });
    expect(await text('lease', 'end', lease)).toMatch(/is over: 1 lock, 0 ghosts, 0 nodes\n$/);
    for (const { child } of waiting) child.kill('SIGINT');
    for (const { ended } of waiting) await ended;
    expect(await text('lock', 'ls', '--path', '/tree')).toBe('no locks\n');
  });
});

it('shows the victim of a deadlock who waits for whom', async () => {
  const [older, younger] = [
    (await run(['lease', 'grant', '-q'])).stdout.trim(),
    (await run(['lease', 'grant', '-q'])).stdout.trim(),
  ];
  await only('lock', 'acquire', '/circle/a', '--lease', older, '--author', 'ann');
  await only('lock', 'acquire', '/circle/b', '--lease', younger, '--author', 'ben');
  const waiting = run(['lock', 'acquire', '/circle/b', '--lease', older, '--author', 'ann']);
  await expect.poll(async () => (await locksAt('/circle')).length, started).toBe(3);
  const { code, stderr } = await run(['lock', 'acquire', '/circle/a', '--lease', younger, '--author', 'ben']);
  expect(code).toBe(5);
  expect(stderr).toContain('(DEADLOCK)');
  expect(stderr).toContain('  ben waits for /circle/a (exclusive)\n  ann waits for /circle/b (exclusive)\n');
  await only('lease', 'end', younger);
  expect(await waiting).toMatchObject({ code: 0 });
  await only('lease', 'end', older);
});

describe('lock release', () => {
  it('gives back what hangs on a lease, or takes it from its holder', async () => {
    const lease = (await run(['lease', 'grant', '-q', '--label', 'mine'])).stdout.trim();
    const lock = (await run(['lock', 'acquire', '/release', '--lease', lease, '-q'])).stdout.trim();
    const { fencingToken } = (await locksAt('/release'))[0] ?? {};
    await only('put', '/release/a', '1', '--fencing-tokens', String(fencingToken));
    expect(await run(['lock', 'release', lock])).toMatchObject({ code: 2 });
    expect(await only('lock', 'release', lock, '--lease', lease)).toMatchObject({ id: lock, released: true });
    const stale = await run(['put', '/release/a', '2', '--fencing-tokens', String(fencingToken)]);
    expect(stale).toMatchObject({ code: 7, stderr: expect.stringContaining('(STALE_FENCING_TOKEN)') });
    const other = String((await only('lock', 'acquire', '/release', '--lease', lease))['id']);
    expect(await only('lock', 'release', other, '--force')).toMatchObject({ leaseId: lease });
    expect(await run(['lock', 'release', other, '--force'])).toMatchObject({ code: 4 });
    await only('lease', 'end', lease);
  });
});

describe('leases', () => {
  it('are listed, and take along what was bound to them', async () => {
    const granted = await only('lease', 'grant', '--ttl', '5m', '--label', 'presence', '--author', 'ann');
    const id = String(granted['id']);
    expect(granted).toMatchObject({ ttlMs: 300_000, label: 'presence', author: 'ann' });
    const { revision } = await only('put', '/agents/ann', 'here', '--lease', id);
    const ghost = String((await only('ghost', 'begin', '--lease', id))['id']);
    expect(await lines('lease', 'ls')).toContainEqual(expect.objectContaining({ id, nodes: 1, ghosts: 1 }));
    expect(await text('lease', 'ls')).toMatch(/^\S+ +300 s +0 +1 +1 +TIME +ann +presence$/m);
    expect(await only('lease', 'end', id)).toMatchObject({ deletedNodes: 1, revertedGhosts: 1 });
    expect(await run(['get', '/agents/ann'])).toMatchObject({ code: 4 });
    expect(await only('ghost', 'show', ghost)).not.toMatchObject({ state: 'live' });
    expect(await text('log', '--after', String(revision), '--path', '/agents')).toContain('with lease');
  });
});

describe('ghost review', () => {
  it('lists what waits, and decides', async () => {
    const begin = [
      'ghost',
      'begin',
      '--quiet',
      '--gate-reviewer',
      'editor',
      '--label',
      'chapter',
      '--author',
      'ann',
    ];
    const ghost = (await run(begin)).stdout.trim();
    await only('put', '/chapter', 'draft', '--ghost', ghost);
    const first = start(['ghost', 'commit', ghost], broker.address);
    await expect.poll(async () => (await lines('ghost', 'review', 'ls')).length, started).toBe(1);
    expect(await text('ghost', 'review', 'ls', '--reviewer', 'editor')).toMatch(
      /^\S+ +\d+ +editor +1 +TIME +ann +chapter$/m,
    );
    expect(await text('ghost', 'show', ghost)).toMatch(/^ {2}gate +reviewer editor: not decided$/m);
    expect(await text('ghost', 'review', 'reject', ghost, '--reason', 'too short')).toBe(
      'rejected: 1 operation dropped\n',
    );
    expect(await first.ended).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('(REVIEW_REJECTED)'),
    });
    expect(await text('ghost', 'review', 'ls')).toBe('nothing waits for reviewers\n');

    await only('put', '/chapter', 'longer draft', '--ghost', ghost, '--author', 'ann');
    const pending = await run(['ghost', 'commit', ghost, '--wait', '1s'], { isTerminal: true });
    expect(pending).toMatchObject({ code: 1, stdout: 'not committed yet: it waits for editor\n' });
    expect(await text('ghost', 'review', 'approve', ghost, '--reason', 'good')).toMatch(
      /^approved; committed as r\d+\n$/,
    );
    expect(await only('get', '/chapter')).toMatchObject({ value: 'longer draft', author: 'ann' });
    const log = await text('log', '--ghosts', '--limit', '20');
    for (const line of ['waits for reviewers', 'approved', 'because: ']) expect(log).toContain(line);
    expect(await run(['ghost', 'review', 'approve', ghost])).toMatchObject({ code: 2 });
  });

  it('sets limits and races from the command line', async () => {
    const limits = ['--gate-path', '/narrow/*', '--gate-operations', '1'];
    const race = ['--race', 'two ways', '--race-attempts', '5'];
    const [one, two] = [
      await only('ghost', 'begin', ...limits, ...race),
      await only('ghost', 'begin', ...race),
    ];
    const [first, second] = [String(one?.['id']), String(two?.['id'])];
    expect(await run(['put', '/wide', '1', '--ghost', first])).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('(GATE_LIMIT)'),
    });
    expect(await text('ghost', 'show', first)).toMatch(/^ {2}gate +only \/narrow\/\*; at most 1 operation$/m);
    expect(await text('ghost', 'show', first)).toMatch(/^ {2}race +two ways, 2 of 5 attempts$/m);
    await only('put', '/narrow/a', '1', '--ghost', second);
    await only('ghost', 'commit', second);
    expect(await only('ghost', 'show', first)).toMatchObject({
      state: 'reverted',
      race: { winnerGhostId: second },
    });
    expect(await run(['ghost', 'begin', '--race', 'two ways'])).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('(RACE_OVER)'),
    });
    expect(await run(['ghost', 'begin', '--race-attempts', '2'])).toMatchObject({ code: 2 });
  });
});

it('the status counts locks and leases', async () => {
  const forest = ['--forest', 'counted'];
  await only('forest', 'create', 'counted');
  const lease = (await run([...forest, 'lease', 'grant', '-q'])).stdout.trim();
  await only(...forest, 'lock', 'acquire', '/counted', '--lease', lease);
  expect(await only(...forest, 'status')).toMatchObject({ locksHeld: 1, locksWaiting: 0, leases: 1 });
  expect(await text(...forest, 'status')).toMatch(/^locks +1 lock held, 0 waited for, 1 lease$/m);
});
