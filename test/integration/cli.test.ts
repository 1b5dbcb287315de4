/**
 * Goal: every command does its work on a real broker, writes JSON lines into a pipe, and ends with the right exit code.
 * Method: a broker with an embedded journal as a process of its own; what one command wrote, another reads. How commands
 * start, end and are interrupted as processes is tested in `cli-launcher.test.ts`.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inPipe, records } from '../support/cli-pipe.ts';
import { inTerminal, type Ended } from '../support/cli-terminal.ts';
import { BrokerProcess } from '../support/broker-process.ts';

let folder = '';
let broker: BrokerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-cli-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
});

afterAll(async () => {
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

/** In this process, which saves a second of starting for each; `cli-launcher.test.ts` starts every command for real. */
const run = (...args: readonly string[]): Promise<Ended> => runWith('', ...args);

function runWith(stdin: string | Uint8Array, ...args: readonly string[]): Promise<Ended> {
  return inTerminal(args, { address: broker.address, isTerminal: false, stdin });
}

/** Runs a command that must succeed, and returns its JSON lines. */
async function lines(...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const ended = await run(...args);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return records(ended);
}

async function only(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const all = await lines(...args);
  expect(all).toHaveLength(1);
  return all[0] ?? {};
}

describe('writing and reading', () => {
  it('puts a text with author and label, and gets it', async () => {
    const { revision } = await only(
      'put',
      '/write/a',
      'hello',
      '--author',
      'planner',
      '--label',
      'a greeting',
    );
    expect(await only('get', '/write/a')).toMatchObject({
      path: '/write/a',
      kind: 'text',
      value: 'hello',
      modifiedRevision: revision,
      author: 'planner',
      version: 1,
    });
    const [event] = await lines('log', '--path', '/write/a');
    expect(event).toMatchObject({ revision, author: 'planner', label: 'a greeting' });
  });

  it('keeps the exact bytes of JSON, from an argument, a file and standard input', async () => {
    const text = '{"big": 12345678901234567890,\n "real":1.0}';
    const file = join(folder, 'value.json');
    await writeFile(file, text);
    await Promise.all([
      only('put', '/exact/argument', text, '--json-value'),
      only('put', '/exact/file', `@${file}`, '--json-value'),
      runWith(text, 'put', '/exact/input', '-', '--json-value'),
    ]);
    for (const source of ['argument', 'file', 'input']) {
      expect((await run('get', `/exact/${source}`, '--raw')).stdout).toBe(text);
    }
    expect((await run('get', '/exact/file')).stdout).toContain('"big":12345678901234567890');
  });

  it('stores bytes as they are', async () => {
    const bytes = Uint8Array.from([0, 255, 10, 128]);
    expect(await runWith(bytes, 'put', '/bytes', '-', '--bytes')).toMatchObject({ code: 0 });
    expect(await only('get', '/bytes')).toMatchObject({
      kind: 'bytes',
      value: Buffer.from(bytes).toString('base64'),
    });
  });

  it('appends to texts and to JSON arrays, whose items keep their bytes', async () => {
    await only('append', '/append/text', 'one ');
    await only('append', '/append/text', 'two');
    await only('append', '/append/items', '[1.0, {"a" :1}]', '--json-value');
    await only('append', '/append/items', '[2]', '--json-value');
    expect((await run('get', '/append/text', '--raw')).stdout).toBe('one two');
    expect((await run('get', '/append/items', '--raw')).stdout).toBe('[1.0,{"a" :1},2]');
  });

  it('merges, increments exactly and in doubles, copies from the past, and deletes', async () => {
    const { revision } = await only('put', '/change/object', '{"a":1,"b":2}', '--json-value');
    await only('merge', '/change/object', '{"a":null,"c":3}');
    await only('increment', '/change/count', '9007199254740993');
    await only('increment', '/change/count', '--', '-1');
    await only('increment', '/change/real', '0.5');
    await only('copy', '/change/object', '/change/old', '--at', String(revision));
    await only('delete', '/change/object');
    const [count, old, real] = await lines('ls', '/change');
    expect(count).toMatchObject({ path: '/change/count' });
    expect(old).toMatchObject({ path: '/change/old', value: { a: 1, b: 2 } });
    expect(real).toMatchObject({ path: '/change/real', value: 0.5 });
    expect((await run('get', '/change/count', '--raw')).stdout).toBe('9007199254740992');
    expect(await only('get', '/change/object', '--at', String(revision))).toMatchObject({
      value: { a: 1, b: 2 },
    });
  });

  it('lists a subtree as one line a node', async () => {
    await only('put', '/tree/a/b', '1');
    await only('put', '/tree/c', '2');
    const nodes = await lines('tree', '/tree');
    expect(nodes.map(({ path }) => path)).toEqual(['/tree/a', '/tree/a/b', '/tree/c']);
    expect((await lines('tree', '/tree', '--depth', '1')).map(({ path }) => path)).toEqual([
      '/tree/a',
      '/tree/c',
    ]);
  });

  it('repeats the outcome of a repeated request id and writes nothing', async () => {
    const first = await only('append', '/once', 'x', '--request-id', 'cli-once');
    const second = await only('append', '/once', 'x', '--request-id', 'cli-once');
    expect(second).toEqual({ ...first, repeated: true });
    expect((await run('get', '/once', '--raw')).stdout).toBe('x');
  });
});

describe('ghosts', () => {
  it('hide their work until it is committed, and go back to checkpoints', async () => {
    await only('put', '/ghost/base', 'old');
    const { id } = await only(
      'ghost',
      'begin',
      '--scope',
      '/ghost',
      '--label',
      'an attempt',
      '--author',
      'writer',
    );
    const ghost = String(id);
    await only('put', '/ghost/base', 'new', '--ghost', ghost);
    await only('ghost', 'checkpoint', ghost, 'good');
    await only('append', '/ghost/base', ' and bad', '--ghost', ghost);
    expect((await run('get', '/ghost/base', '--raw')).stdout).toBe('old');
    expect((await run('get', '/ghost/base', '--raw', '--ghost', ghost)).stdout).toBe('new and bad');
    expect(await only('ghost', 'rewind', ghost, '--reason', 'it was bad')).toMatchObject({
      droppedOperations: 1,
    });
    expect(await only('ghost', 'show', ghost)).toMatchObject({
      label: 'an attempt',
      attempts: [{ reason: 'it was bad', checkpoint: 'good' }],
    });
    const { baseRevision: base } = await only('ghost', 'show', ghost);
    const [difference] = await lines('diff', '--ghost', ghost);
    expect(difference).toMatchObject({
      path: '/ghost/base',
      before: { value: 'old', revision: base },
      after: { value: 'new', revision: base },
    });
    expect((await lines('ghost', 'list')).map((info) => info['id'])).toContain(ghost);
    expect(await only('ghost', 'keep', ghost)).toEqual({ id: ghost, live: true });
    const { revision } = await only('ghost', 'commit', ghost);
    expect(await only('get', '/ghost/base')).toMatchObject({ value: 'new', modifiedRevision: revision });
  });

  it('are dropped by a revert, and their children with them go into the parent by a commit', async () => {
    const parent = String((await only('ghost', 'begin'))['id']);
    const child = String((await only('ghost', 'begin', '--parent', parent))['id']);
    await only('put', '/nested', 'x', '--ghost', child);
    expect(await only('ghost', 'commit', child)).toMatchObject({ revision: 0, operations: 1 });
    expect((await run('get', '/nested', '--raw', '--ghost', parent)).stdout).toBe('x');
    expect(await only('ghost', 'revert', parent, '--reason', 'enough')).toMatchObject({
      droppedOperations: 1,
    });
    expect(await run('get', '/nested')).toMatchObject({ code: 4 });
    const over = await run('ghost', 'keep', parent);
    expect(over.code).toBe(1);
    expect(records(over)).toEqual([{ id: parent, live: false }]);
  });

  it('are kept though one of them is unknown, which is told as other commands tell it', async () => {
    const ghost = String((await only('ghost', 'begin'))['id']);
    const kept = await run('ghost', 'keep', 'nobody', ghost);
    expect(kept).toMatchObject({ code: 4, stderr: (await run('ghost', 'show', 'nobody')).stderr });
    expect(kept.stderr).toContain('"hyperloom ghost ls"');
    expect(records(kept)).toEqual([{ id: ghost, live: true }]);
  });

  it('tell of conflicts path by path', async () => {
    const ghost = String((await only('ghost', 'begin'))['id']);
    await only('put', '/conflict/a', 'ghost', '--ghost', ghost);
    await only('put', '/conflict/a', 'trunk');
    const refused = await run('ghost', 'commit', ghost);
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toMatch(/refused: .*\(CONFLICT\)\n {2}\/conflict\/a: /);
    await only('ghost', 'revert', ghost);
  });
});

describe('a path as completion leaves it', () => {
  it('may end with a slash, wherever one is asked for', async () => {
    await only('put', '/slash/a/', 'x');
    await only('copy', '/slash/a/', '/slash/b/');
    expect((await lines('ls', '/slash/')).map(({ path }) => path)).toEqual(['/slash/a', '/slash/b']);
    expect(await lines('tree', '/slash/')).toHaveLength(2);
    expect(await only('get', '/slash/b/')).toMatchObject({ value: 'x' });
    expect(await lines('log', '--path', '/slash/a/')).toHaveLength(1);
    expect(await lines('lock', 'acquire', '/slash/', '--no-wait', '--', 'true')).toEqual([]);
    await only('delete', '/slash/');
    expect(await run('get', '/slash')).toMatchObject({ code: 4 });
    expect(await run('get', '/slash//')).toMatchObject({ code: 6 });
  });
});

describe('the past', () => {
  it('is logged newest first, compared, blamed and reverted', async () => {
    const { revision: first } = await only('put', '/past/a', '1', '--author', 'one');
    const { revision: second } = await only('put', '/past/a', '2', '--author', 'two');
    const log = await lines('log', '--path', '/past', '--limit', '2');
    expect(log.map(({ revision }) => revision)).toEqual([second, first]);
    expect(await only('diff', String(first), String(second), '--path', '/past')).toMatchObject({
      before: { value: '1', revision: first },
      after: { value: '2', revision: second },
    });
    const newest = await only('diff', String(first), '--path', '/past');
    expect(newest).toMatchObject({
      before: { revision: first },
      after: { revision: (await only('get', '/past'))['revision'] },
    });
    expect(await only('blame', '/past/a')).toMatchObject({
      node: { author: 'two' },
      event: { revision: second },
    });
    const reverted = await only('revert', String(second), '--reason', 'wrong');
    expect(await only('get', '/past/a')).toMatchObject({
      value: '1',
      modifiedRevision: reverted['revision'],
    });
  });

  it("shows ghosts' events on request", async () => {
    const ghost = String((await only('ghost', 'begin'))['id']);
    await only('ghost', 'revert', ghost, '--reason', 'shown');
    // Ghosts' entries wait for no sync; a durable one behind them shows that they are in the journal.
    await only('put', '/past/later', 'x');
    const [, before] = await lines('log', '--ghosts', '--limit', '2');
    expect(before).toMatchObject({ ghostId: ghost, transition: { kind: 'reverted', reason: 'shown' } });
  });
});

describe('operation', () => {
  it('backs a forest up and restores it, through a file and through pipes', async () => {
    const file = join(folder, 'forest.backup');
    await only('put', '/kept/a', 'all of it');
    expect(await only('backup', file)).toMatchObject({ file, bytes: (await stat(file)).size });
    expect(await run('backup', file)).toMatchObject({ code: 2 });
    await only('backup', file, '--force');
    await only('--forest', 'from-file', 'restore', file);
    const { stdout } = await inPipe(
      ['--forest', 'from-pipe', 'restore', '-'],
      broker.address,
      await readFile(file),
    );
    expect(JSON.parse(stdout)).toMatchObject({ name: 'from-pipe' });
    for (const forest of ['from-file', 'from-pipe']) {
      expect((await run('--forest', forest, 'get', '/kept/a', '--raw')).stdout).toBe('all of it');
    }
    expect((await inPipe(['backup', '-'], broker.address)).stdout).toContain('all of it');
  });

  it('names restore to who would import a backup, or a data folder', async () => {
    const file = join(folder, 'imported.backup');
    await only('backup', file);
    const told = (path: string, what: string) => ({
      code: 2,
      stderr: `error: ${path} is ${what}: "hyperloom restore" makes a forest of it\n`,
    });
    expect(await run('import', file)).toMatchObject(told(file, 'a backup'));
    expect(await run('import', join(folder, 'data'))).toMatchObject(told(join(folder, 'data'), 'a folder'));
  });

  it('refuses a damaged backup and leaves no forest behind', async () => {
    const file = join(folder, 'damaged.backup');
    await only('backup', file);
    const bytes = await readFile(file);
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const refused = await run('--forest', 'damaged', 'restore', file);
    expect(refused.code).toBe(13);
    expect(refused.stderr).toContain('BACKUP_DAMAGED');
    expect((await lines('forest', 'list')).map(({ name }) => name)).not.toContain('damaged');
  });

  it('creates, lists, compacts and deletes forests', async () => {
    await only('forest', 'create', 'extra');
    await only('--forest', 'extra', 'put', '/a', '1');
    await only('--forest', 'extra', 'put', '/a', '2');
    expect(await only('--forest', 'extra', 'compact')).toMatchObject({ compactedRevision: 2 });
    const gone = await run('--forest', 'extra', 'get', '/a', '--at', '1');
    expect(gone).toMatchObject({ code: 8 });
    expect(gone.stderr).toContain('REVISION_COMPACTED');
    expect((await lines('forest', 'list')).map(({ name }) => name)).toContain('extra');
    expect(await run('forest', 'delete', 'extra')).toMatchObject({ code: 2 });
    await only('forest', 'delete', 'extra', '--yes');
    expect((await lines('forest', 'list')).map(({ name }) => name)).not.toContain('extra');
  });

  it('tells how the broker is', async () => {
    const status = await only('status', '--hash');
    expect(status).toMatchObject({ journal: 'embedded', writeStopReason: '', forest: { name: 'default' } });
    expect(status['stateHash']).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('exit codes', () => {
  it.each([
    [4, ['get', '/nothing'], 'NODE_NOT_FOUND'],
    [6, ['put', 'no-slash', 'x'], 'INVALID_PATH'],
    [5, ['put', '/exists', 'x', '--if-present'], 'PRECONDITION_FAILED'],
    [5, ['forest', 'create', 'default'], 'FOREST_EXISTS'],
    [7, ['forest', 'delete', 'default', '--yes'], 'FOREST_PROTECTED'],
    [4, ['--forest', 'nowhere', 'ls'], 'FOREST_NOT_FOUND'],
    [4, ['ghost', 'show', 'nobody'], 'GHOST_NOT_FOUND'],
    [8, ['get', '/', '--at', '999999'], 'REVISION_IN_FUTURE'],
    [74, ['put', '/x', '@/no/such/file'], 'ENOENT'],
    [74, ['restore', '/no/such/file'], 'ENOENT'],
    [74, ['--ca-file', '/no/such/file', 'status'], 'ENOENT'],
  ])('is %i with the reason for %j', async (code, args, reason) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(reason);
  });

  it.each([
    [['put', '/only-a-path'], 'value'],
    [['frobnicate'], 'frobnicate'],
    [['get', '/a', '--frob'], '--frob'],
    [['search', 'x', '--in', 'dreams'], 'dreams'],
    [['trace', 'yesterday'], 'GHOST#DIFF'],
    [['get', '/a', '--at', 'yesterday'], 'yesterday'],
    [['put', '/a', '{', '--json-value'], 'no JSON'],
    [['append', '/a', '{}', '--json-value'], 'array'],
    [['increment', '/a', '9223372036854775808'], '9223372036854775808'],
    [['diff'], '--ghost'],
    [['watch', '/a', '--from', '1', '--snapshot'], '--snapshot'],
    [['ghost', 'begin', '--ttl', 'forever'], 'forever'],
    [['--address', 'http://a/b', 'status'], 'address'],
    [['--cert-file', 'mine.pem', 'status'], '--key-file'],
    [['--color', 'sometimes', 'status'], 'sometimes'],
    [['replay', import.meta.filename], 'no JSON'],
  ])('is 2 for wrong use: %j', async (args, hint) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(hint);
  });

  it('is 3 with what to do where no broker answers', async () => {
    const ended = await run('--address', '127.0.0.1:1', 'status');
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toContain('127.0.0.1:1');
    expect(ended.stderr).toContain('hyperloom serve');
  });
});
