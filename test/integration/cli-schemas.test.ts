/**
 * Goal: a schema goes from a file to the broker and back by the command line, and its next version is tried before it is pushed, with an exit
 * code that a pipeline can go by. Method: commands in this process on a broker as a process of its own, and descriptor sets that `buf` made.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BrokerProcess } from '../support/broker-process.ts';
import { inPipe, records } from '../support/cli-pipe.ts';
import { inTerminal, type Ended, type TerminalOptions } from '../support/cli-terminal.ts';
import { acme } from '../support/schemas.ts';

let folder = '';
let broker: BrokerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-cli-schemas-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
});

afterAll(async () => {
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

function run(args: readonly string[], options: Partial<TerminalOptions> = {}): Promise<Ended> {
  return inTerminal(args, { address: broker.address, isTerminal: false, ...options });
}

/** The only JSON line of a command that must end with `code` and without complaints. */
async function only(code: number, ...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const ended = await run(args);
  expect(ended).toMatchObject({ code, stderr: '' });
  const all = records(ended);
  expect(all).toHaveLength(1);
  return all[0] ?? {};
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const note = (fields: string): Uint8Array =>
  acme(`message Note { option (hyperloom.v1.node).path = "/{session}/notes/{note}"; ${fields} }`);
const plan = JSON.stringify({ type: 'object', required: ['goal'], properties: { goal: { type: 'string' } } });

describe('a descriptor set', () => {
  it('is pushed under the name of its file, listed, and pulled byte for byte', async () => {
    const first = note('string claim = 1 [(buf.validate.field).string.min_len = 1];');
    const path = await file('notes.binpb', first);
    const pushed = await only(0, 'schema', 'push', path, '--author', 'ann');
    expect(pushed).toMatchObject({
      name: 'notes',
      version: 1,
      unchanged: false,
      author: 'ann',
      bindings: [{ path: '/{session}/notes/{note}', messageType: 'acme.v1.Note' }],
    });
    expect(await only(0, 'schema', 'push', path)).toMatchObject({ version: 1, unchanged: true });
    expect(records(await run(['schema', 'ls']))).toContainEqual(
      expect.objectContaining({ name: 'notes', version: 1 }),
    );
    const pulled = join(folder, 'pulled.binpb');
    expect(await only(0, 'schema', 'pull', 'notes', '-o', pulled)).toMatchObject({
      kind: 'descriptor_set',
      version: 1,
    });
    expect(new Uint8Array(await readFile(pulled))).toEqual(first);
    const toStandardOutput = ['schema', 'pull', 'notes', '-o', '-'];
    expect(await run(toStandardOutput)).toMatchObject({ code: 0, stderr: '' });
    expect(await run(toStandardOutput, { isTerminal: true })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error: notes is no text for a terminal: name a file, or send it on with | or >\n',
    });
  });

  it('is enforced from then on', async () => {
    const refused = await run(['put', '/s/notes/a', 'free text']);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('SCHEMA_VIOLATION');
  });

  it('is compared with the version before: a diff names the rules, and nothing is changed', async () => {
    const breaking = await file('breaking.binpb', note('int64 claim = 1;'));
    const tried = await only(1, 'schema', 'diff', breaking, '--name', 'notes');
    expect(tried).toMatchObject({ name: 'notes', accepted: false, reason: 'SCHEMA_BREAKING' });
    expect(tried['problems']).toContainEqual(
      expect.objectContaining({ rule: expect.stringMatching(/^FIELD_/), subject: 'acme.v1.Note.claim' }),
    );
    expect(await only(1, 'schema', 'push', breaking, '--name', 'notes', '--dry-run')).toEqual(tried);
    const pushed = await run(['schema', 'push', breaking, '--name', 'notes']);
    expect(pushed.code).toBe(7);
    expect(pushed.stderr).toContain('SCHEMA_BREAKING');
    expect(records(await run(['schema', 'ls']))).toContainEqual(
      expect.objectContaining({ name: 'notes', version: 1 }),
    );
  });

  it('has versions, each of which can be had again', async () => {
    const next = note('string claim = 1 [(buf.validate.field).string.min_len = 1]; double confidence = 2;');
    const path = await file('next.binpb', next);
    const tried = await only(0, 'schema', 'diff', path, '--name', 'notes');
    expect(tried).toMatchObject({ accepted: true, version: 2, unchanged: false, problems: [] });
    expect(await only(0, 'schema', 'push', path, '--name', 'notes', '--expect', '1')).toMatchObject({
      version: 2,
    });
    const late = await run(['schema', 'push', path, '--name', 'notes', '--expect', '1']);
    expect(late.code).toBe(5);
    expect(late.stderr).toContain('PRECONDITION_FAILED');
    const target = join(folder, 'old.binpb');
    expect(await only(0, 'schema', 'pull', 'notes', '--version', '1', '-o', target)).toMatchObject({
      version: 1,
    });
    expect(new Uint8Array(await readFile(target))).not.toEqual(next);
    const [listed] = records(await run(['schema', 'ls', '--at', '1']));
    expect(listed).toMatchObject({ name: 'notes', version: 1 });
  });
});

describe('a mapping', () => {
  const first = acme(`message Task { option (hyperloom.v1.node).path = "/{session}/tasks/{task}";
    string title = 1; string rank = 2; int64 seen = 3; }`);
  const second = acme(`message Task { option (hyperloom.v1.node).path = "/{session}/tasks/{task}";
    string name = 1; double rank = 2; repeated string tags = 4; }`);
  const rules = { move: { title: 'name', rank: 'rank' }, constant: { tags: ['old'] }, drop: ['seen'] };

  it('takes stored messages along to a version that they do not get along with', async () => {
    await run(['forest', 'create', 'mapped']);
    const forest = ['--forest', 'mapped'];
    await only(0, ...forest, 'schema', 'push', await file('tasks.binpb', first));
    const put = JSON.stringify({ title: 'measure', rank: '1.5', seen: '9007199254740993' });
    await only(0, ...forest, 'put', '/s/tasks/a', put, '--message');
    const next = await file('tasks-2.binpb', second);
    const args = [...forest, 'schema', 'push', next, '--name', 'tasks'];
    expect((await run(args)).stderr).toContain('SCHEMA_BREAKING');
    const mapped = [
      ...args,
      '--mapping',
      await file('rules.json', JSON.stringify({ 'acme.v1.Task': rules })),
    ];
    expect(await only(0, ...mapped, '--dry-run')).toMatchObject({
      accepted: true,
      version: 2,
      mappedValues: 1,
    });
    const tried = [...mapped.slice(0, -2), '--mapping', '-'].map((each) => (each === 'push' ? 'diff' : each));
    const diffed = await run(tried, { stdin: JSON.stringify({ 'acme.v1.Task': { ...rules, drop: [] } }) });
    expect(diffed.code).toBe(1);
    expect(diffed.stdout).toContain('seen');
    expect(await only(0, ...mapped)).toMatchObject({ version: 2, unchanged: false, mappedValues: 1 });
    expect(await only(0, ...forest, 'get', '/s/tasks/a')).toMatchObject({
      value: { name: 'measure', rank: 1.5, tags: ['old'] },
    });
  });

  it.each([
    ['[]', 'an object of messages'],
    ['{"a.B": []}', 'a.B must be an object'],
    ['{"a.B": {"move": {"x": 1}}}', 'a.B.move.x'],
    ['{"a.B": {"drop": "x"}}', 'a.B.drop'],
    ['{"a.B": {"constant": []}}', 'a.B.constant'],
    ['{"a.B": {"dropUnknownFields": "yes"}}', 'true or false'],
    ['{"a.B": {"rename": {}}}', 'a.B.rename is none of'],
    ['{', 'no JSON'],
  ])('%s is no mapping', async (text, hint) => {
    const args = [
      'schema',
      'push',
      await file('wrong.binpb', first),
      '--mapping',
      await file('wrong.json', text),
    ];
    const ended = await run(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(hint);
  });
});

describe('a strict forest', () => {
  it('is made and let go from the command line, and shown', async () => {
    await run(['forest', 'create', 'strict']);
    const strict = (...args: readonly string[]) => ['--forest', 'strict', 'schema', 'strict', ...args];
    const forest = ['--forest', 'strict'];
    expect(await only(0, ...strict())).toMatchObject({ strict: false });
    await only(0, ...forest, 'put', '/stray', 'x');
    expect((await run(strict('on'))).stderr).toContain('SCHEMA_STORED');
    await only(0, ...forest, 'delete', '/stray');
    const made = await only(0, ...strict('on'));
    expect(made).toMatchObject({ strict: true });
    expect(await only(0, ...strict('show'))).toEqual(made);
    const refused = await run([...forest, 'put', '/stray', 'x']);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('UNBOUND_PATH');
    const onTerminal = await run(strict(), { isTerminal: true });
    expect(onTerminal.stdout).toBe('strict: no value may be at a path that no schema is about\n');
    expect((await run(strict('off'), { isTerminal: true })).stdout).toMatch(/^free: .* \(since r\d+\)\n$/);
    await only(0, ...forest, 'put', '/stray', 'x');
    expect(await run(strict('maybe'))).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('values of messages', () => {
  it('are read and put as JSON, whichever way they are looked at, and raw as they are stored', async () => {
    const put = await only(0, 'put', '/s/notes/json', '{"claim": "c"}', '--message');
    const told = { kind: 'json', value: { claim: 'c' } };
    expect(await only(0, 'get', '/s/notes/json')).toMatchObject(told);
    expect(records(await run(['ls', '/s/notes']))).toEqual([expect.objectContaining(told)]);
    expect(records(await run(['tree', '/s/notes']))).toContainEqual(expect.objectContaining(told));
    const [event] = records(await run(['log', '--path', '/s/notes/json']));
    expect(event).toMatchObject({ revision: put['revision'], changes: [{ value: { claim: 'c' } }] });
    const [difference] = records(await run(['diff', '0', '--path', '/s/notes/json']));
    expect(difference).toMatchObject({ after: told });
    const onTerminal = await run(['get', '/s/notes/json'], { isTerminal: true });
    expect(onTerminal.stdout).toContain('{"claim":"c"}');
    expect((await run(['get', '/s/notes/json', '--raw'])).stdout).toBe('\n\u0001c');
  });

  it('that are none of the message are refused with the field', async () => {
    const refused = await run(['put', '/s/notes/json', '{"clam": "c"}', '--message']);
    expect(refused).toMatchObject({ code: 6 });
    expect(refused.stderr).toContain('clam');
    const both = await run(['put', '/s/notes/json', '{}', '--message', '--json-value']);
    expect(both).toMatchObject({ code: 2 });
  });
});

describe('a ghost with a schema gate', () => {
  it('collects what does not fit, and shows it', async () => {
    const { id } = await only(0, 'ghost', 'begin', '--gate-schema', 'collect');
    await only(0, 'put', '/s/notes/gated', 'no note', '--ghost', String(id));
    const shown = await run(['ghost', 'show', String(id)], { isTerminal: true });
    expect(shown.stdout).toContain('values that do not fit: collects all');
    expect(shown.stdout).toContain('/s/notes/gated');
    expect(await only(0, 'ghost', 'show', String(id))).toMatchObject({
      gates: [
        {
          gate: { kind: 'schema', onViolation: 'collect' },
          state: 'closed',
          violations: [{ path: '/s/notes/gated' }],
        },
      ],
    });
    expect((await run(['ghost', 'commit', String(id)])).code).toBe(6);
    expect((await run(['ghost', 'begin', '--gate-schema', 'ignore'])).code).toBe(2);
  });
});

describe('the option --version', () => {
  it('is of the schema behind the command, and of the program elsewhere', async () => {
    const pulled = await inPipe(['schema', 'pull', 'notes', '--version', '1', '-o', '-'], broker.address);
    expect(pulled).toMatchObject({ code: 0, stderr: '' });
    expect(pulled.stdout).toContain('acme.v1');
    for (const args of [['--version'], ['-V'], ['--version', 'schema', 'ls']])
      expect((await inPipe(args, broker.address)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a JSON Schema', () => {
  it('comes with its paths, and is pulled as it was written', async () => {
    const path = await file('plans.json', plan);
    expect(await only(0, 'schema', 'push', path, '--path', '/{session}/plans/{plan}')).toMatchObject({
      name: 'plans',
      bindings: [{ path: '/{session}/plans/{plan}', messageType: '' }],
    });
    expect((await run(['schema', 'pull', 'plans', '-o', '-'])).stdout).toBe(plan);
    const refused = await run(['put', '/s/plans/a', '{"goal": 1}', '--json-value']);
    expect(refused.stderr).toContain('operations[0].put.value');
    expect(refused.code).toBe(6);
  });

  it('is read from standard input, and broken ones are told with what is wrong', async () => {
    const args = ['schema', 'push', '-', '--name', 'tasks', '--path', '/{session}/tasks/{task}'];
    expect((await run(args, { stdin: '{"type":"string"}' })).code).toBe(0);
    const broken = await run([...args, '--dry-run'], { stdin: '{"type":"strin"}' });
    expect(broken.code).toBe(1);
    expect(records(broken)[0]).toMatchObject({ accepted: false, reason: 'INVALID_SCHEMA' });
  });
});

describe('people', () => {
  const onTerminal = { isTerminal: true } as const;

  it('read tables and sentences', async () => {
    const path = await file('words.json', '{"type":"string"}');
    const args = [path, '--path', '/{session}/words/{word}'];
    expect((await run(['schema', 'diff', ...args], onTerminal)).stdout).toBe(
      'words would be at version 1: nothing would break\n  /{session}/words/{word} JSON\n',
    );
    expect((await run(['schema', 'push', ...args], onTerminal)).stdout).toMatch(
      /^words is now at version 1 \(r\d+\)\n/,
    );
    const { stdout } = await run(['schema', 'ls'], onTerminal);
    expect(stdout).toMatch(/^NAME +VERSION +REVISION +SIZE +AUTHOR +PATHS\n/);
    expect(stdout).toContain('/{session}/words/{word} JSON');
  });
});

describe('what is used wrongly ends with 2 and says what to do', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['a source that is not compiled', ['push', 'notes.proto'], 'buf build'],
    ['a JSON Schema without paths', ['push', 'plans.json'], '--path'],
    ['standard input without a name', ['diff', '-'], '--name'],
    ['a version that is none', ['pull', 'notes', '-o', '-', '--version', 'new'], 'whole number'],
  ])('%s', async (_name, args, hint) => {
    const ended = await run(['schema', ...args]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(hint);
  });

  it('a file that is there already', async () => {
    const there = await file('there.binpb', 'precious');
    const refused = await run(['schema', 'pull', 'notes', '-o', there]);
    expect(refused).toMatchObject({ code: 2 });
    expect(await readFile(there, 'utf8')).toBe('precious');
    expect(await only(0, 'schema', 'pull', 'notes', '-o', there, '--force')).toMatchObject({ file: there });
  });

  it('a schema or a file that is not there is refused', async () => {
    const missing = await run(['schema', 'pull', 'nowhere', '-o', '-']);
    expect(missing).toMatchObject({ code: 4, stdout: '' });
    expect(missing.stderr).toContain('SCHEMA_NOT_FOUND');
    expect(await run(['schema', 'push', join(folder, 'nowhere.binpb')])).toMatchObject({
      code: 74,
      stdout: '',
    });
  });
});
