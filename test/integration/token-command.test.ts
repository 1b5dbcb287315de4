/** Goal: tokens are made, listed, replaced and revoked, and the file of them gives none away. Method: the commands, on a file, as in a pipe and by their exit codes. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wholeProgram } from '../../scripts/cli-reference/page.ts';
import { hashOf } from '../../src/access/token.ts';
import { flattened } from '../../src/cli/reference/command-info.ts';
import { registerCommands } from '../../src/cli/register.ts';
import { processSurroundings } from '../../src/cli/surroundings.ts';
import { addToken } from '../../src/token-command.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyperloom-tokens-'));
  file = join(folder, 'tokens.json');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly raw: string;
  readonly told: string;
  readonly exitCode: number;
}

async function run(...words: string[]): Promise<Ran> {
  let exitCode = 0;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const surroundings = {
    ...processSurroundings({}),
    isTerminal: false,
    stdout,
    stderr,
    setExitCode: (code: number) => void (exitCode = code),
  };
  const program = new Command('hyperloom');
  registerCommands(program, surroundings);
  addToken(program, surroundings);
  const form = words[0] === '--no-json' ? [] : ['--json'];
  await program.parseAsync([...form, 'token', '--file', file, ...words], { from: 'user' });
  const told = String(stderr.read() ?? '');
  const raw = String(stdout.read() ?? '');
  const lines = raw.split('\n').filter((line) => line.startsWith('{'));
  return { raw, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), told, exitCode };
}

test('a token is shown once, and its file knows only its hash', async () => {
  const { lines } = await run(
    'create',
    'planner',
    '--expires',
    '12h',
    '--group',
    'a',
    '--group',
    'b',
    '--label',
    'ci',
  );
  const [made = {}] = lines;
  expect(Object.keys(made).sort()).toEqual([
    'created',
    'expires',
    'groups',
    'id',
    'label',
    'principal',
    'token',
  ]);
  expect(Date.parse(String(made['expires'])) - Date.parse(String(made['created']))).toBe(12 * 3_600_000);
  const token = String(made['token']);
  expect(token).toMatch(/^hl_[0-9a-z]{10}_[0-9a-z]{52}$/);
  const kept = readFileSync(file, 'utf8');
  expect(kept).not.toContain(token.slice(14));
  expect(kept).toContain(hashOf(token));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const listed = (await run('list')).lines;
  expect(listed).toEqual(
    [{ ...made, token: undefined }].map((each) => JSON.parse(JSON.stringify(each)) as object),
  );
});

test('another one takes its place, and the old one ends when its grace is over', async () => {
  const [old = {}] = (await run('list')).lines;
  const [next = {}] = (await run('rotate', String(old['id']), '--grace', '1h', '--expires', 'never')).lines;
  expect([next['principal'], next['groups'], next['expires']]).toEqual(['planner', ['a', 'b'], null]);
  const [before = {}, after = {}] = (await run('list')).lines;
  expect(Date.parse(String(before['expires']))).toBeLessThan(Date.parse(String(old['expires'])));
  expect(after['id']).toBe(next['id']);
});

test('one that is revoked is gone, and one that was never there is said so', async () => {
  const [first = {}] = (await run('list')).lines;
  expect((await run('revoke', String(first['id']))).lines).toEqual([{ id: first['id'], revoked: true }]);
  expect((await run('list')).lines.length).toBe(1);
  const again = await run('revoke', String(first['id']));
  expect([again.exitCode, again.told]).toEqual([2, expect.stringContaining('there is no token')]);
});

test('a terminal gets a row for each, and the help says times as people write them', async () => {
  const { id } = (await run('create', 'a\nb', '--label', 'one\ntwo', '--expires', 'never')).lines[0] ?? {};
  const { raw } = await run('--no-json', 'list');
  expect(raw).toMatch(/^ID +PRINCIPAL +GROUPS +EXPIRES +LABEL$/m);
  expect(raw).toMatch(new RegExp(`^${String(id)}  a\\\\u000ab +never +one two$`, 'm'));
  expect(raw).not.toContain('T00:');
  await run('revoke', String(id));
  const defaults = flattened(wholeProgram()).find(({ name }) => name === 'token rotate')?.options;
  expect(defaults?.map(({ long, byDefault }) => [long, byDefault])).toEqual([
    ['--grace', '1h'],
    ['--expires', '90d'],
    ['--quiet', undefined],
    ['--file', './hyperloom-tokens.json'],
  ]);
});

test('in a script it is told alone', async () => {
  const { raw } = await run('create', 'script', '--quiet');
  expect(raw).toMatch(/^hl_\w+\n$/);
});

test('a file that is being changed, or is damaged, is left as it is', async () => {
  const before = readFileSync(file, 'utf8');
  writeFileSync(`${file}.next`, '');
  expect((await run('create', 'x')).told).toContain('another command is changing the tokens');
  rmSync(`${file}.next`);
  writeFileSync(file, before.slice(0, -20));
  expect((await run('create', 'x')).told).toContain(file);
  expect(readFileSync(file, 'utf8')).toBe(before.slice(0, -20));
  writeFileSync(file, '[]');
  expect((await run('list')).told).toBe(`error: ${file}: Invalid input: expected object, received array\n`);
});
