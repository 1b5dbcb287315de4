/**
 * Goal: on a real terminal, narrow or wide, tables and trees stay whole and within it, whatever agents have called things; colours,
 * progress and Ctrl-C are as the terminal, pipes and the environment want them. Method: Python's pty runs the commands in a terminal of
 * a given size, on a broker that holds long paths and wide letters; pipes are those of a shell in that terminal.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { inTerminal } from '../support/cli-terminal.ts';
import { putHyperloomInto } from '../support/hyperloom-on-path.ts';

// Each starts shells and commands as processes, a second each and far more on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const driver = fileURLToPath(new URL('../support/in_terminal.py', import.meta.url));
const session = fileURLToPath(new URL('../support/cli-session.ts', import.meta.url));
const mark = '\u0001end\u0001';

let folder = '';
let path = '';
let broker: TestBroker;
let address = '';

const deep = `/deep${Array.from({ length: 12 }, (_, index) => `/a-segment-with-a-long-name-${index}`).join('')}`;
const wide = '/会議/とても長い名前のノードがここにあります/議事録👩‍👩‍👧';
const longText = 'A long value with 日本語 and emoji 👍🏽 in it, which goes on and on. '.repeat(8);

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await inTerminal(args, { address, isTerminal: false });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-pty-'));
  path = await putHyperloomInto(folder);
  broker = await startTestBroker();
  address = broker.url.replace('http://', '');
  const by = ['--author', 'an agent with quite a long name 研究者', '--label', longText.slice(0, 120)];
  await run('put', deep, longText, ...by);
  await run('put', wide, longText, ...by);
  await run('put', '/short', 'x');
  const ghost = await run('ghost', 'begin', '-q', ...by);
  await run('put', wide, 'other', '--ghost', ghost);
  const lease = await run('lease', 'grant', '-q', ...by);
  await run('lock', 'acquire', deep, wide, '--lease', lease, '-q', ...by.slice(0, 2));
});

afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
});

interface Shown {
  readonly code: number;
  /** What was written to the terminal, with plain line ends. */
  readonly text: string;
}

interface PtyOptions {
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interruptAt?: string;
}

/** Runs a command in a terminal. */
function inPty(command: readonly string[], options: PtyOptions = {}): Promise<Shown> {
  const { columns = 100, environment = {}, interruptAt } = options;
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...inherited } = process.env;
  const env = {
    ...inherited,
    TERM: 'xterm-256color',
    HYPERLOOM_ADDRESS: address,
    XDG_CONFIG_HOME: folder,
    PATH: path,
    ...environment,
  };
  const at = interruptAt === undefined ? [] : ['--interrupt-at', interruptAt];
  const args = [driver, String(columns), '30', ...at, '--', ...command];
  return new Promise((resolve) => {
    execFile('python3', args, { env, cwd: folder }, (error, stdout) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, text: stdout.replaceAll('\r\n', '\n') });
    });
  });
}

const commands: readonly (readonly string[])[] = [
  ['ls'],
  ['ls', '/会議'],
  ['tree'],
  ['log', '--ghosts'],
  ['blame', '/', '--depth', '20'],
  ['ghost', 'list'],
  ['lease', 'ls'],
  ['lock', 'ls'],
  ['diff', '0'],
  ['search', 'emoji'],
  ['forest', 'list'],
  ['trace', '1'],
  ['meter'],
  ['status', '--hash'],
  ['top', '--count', '1', '--every', '100ms'],
];

type ShownLines = ReadonlyMap<string, readonly string[]>;
const shownBefore = new Map<number, Promise<ShownLines>>();

/** What each of the commands shows, its lines without colours. They are run once for each width. */
function shownAt(columns: number): Promise<ShownLines> {
  const shown = shownBefore.get(columns) ?? showAt(columns);
  shownBefore.set(columns, shown);
  return shown;
}

async function showAt(columns: number): Promise<ShownLines> {
  const { code, text } = await inPty([process.execPath, session, JSON.stringify(commands)], { columns });
  expect({ code, text }).toMatchObject({ code: 0 });
  const parts = text.split(mark);
  return new Map(
    commands.map((words, index) => [
      words.join(' '),
      stripVTControlCharacters(parts[index] ?? '')
        .split('\n')
        .filter((line) => line !== ''),
    ]),
  );
}

describe.each([60, 160])('a terminal of %i columns', (columns) => {
  it('is never too narrow for a line', async () => {
    const shown = await shownAt(columns);
    const tooWide = [...shown].flatMap(([name, lines]) =>
      lines.filter((line) => stringWidth(line) > columns).map((line) => `${name}: ${line}`),
    );
    expect(tooWide).toEqual([]);
    for (const [name, lines] of shown) expect(lines.length, name).toBeGreaterThan(0);
    expect(shown.get('forest list')?.join('\n')).toContain('default');
  });
});

it('keeps ids whole and shows more where there is room', async () => {
  const [narrow, broad] = [await shownAt(60), await shownAt(160)];
  const ids = (await run('ghost', 'list')).split('\n').map((line) => (JSON.parse(line) as { id: string }).id);
  for (const shown of [narrow, broad])
    for (const id of ids) expect(shown.get('ghost list')?.join('\n')).toContain(id);
  const lengthOf = (shown: typeof narrow, name: string): number => (shown.get(name) ?? []).join('').length;
  expect(lengthOf(broad, 'tree')).toBeGreaterThan(lengthOf(narrow, 'tree'));
  expect(broad.get('ghost list')).toHaveLength(2);
  expect(broad.get('blame / --depth 20')?.[1]).toContain('…');
});

describe('colours', () => {
  const escape = '\u001B[';

  it.each<readonly [string, boolean, string, Readonly<Record<string, string>>]>([
    ['come on a terminal', true, 'hyperloom tree /short', {}],
    ['go with NO_COLOR', false, 'hyperloom tree /short', { NO_COLOR: '1' }],
    ['go with --color never', false, 'hyperloom --color never tree /short', {}],
    ['go on a terminal that has none', false, 'hyperloom tree /short', { TERM: 'dumb' }],
    ['stay out of JSON lines', false, 'hyperloom ls / --json', { FORCE_COLOR: '1' }],
    ['stay out of pipes', false, 'hyperloom --no-json tree /short | cat', {}],
    [
      'come into a pipe with FORCE_COLOR',
      true,
      'hyperloom --no-json tree /short | cat',
      { FORCE_COLOR: '1' },
    ],
    [
      'come into a pipe with --color always',
      true,
      'hyperloom --no-json --color always tree /short | cat',
      {},
    ],
  ])('%s', async (_name, isColored, line, environment) => {
    const { code, text } = await inPty(['sh', '-c', line], { environment });
    expect(code).toBe(0);
    expect(text.includes(escape)).toBe(isColored);
    expect(text).toContain('/short');
  });

  it('are of commands that need no broker as of all others', async () => {
    await run('backup', join(folder, 'colours.backup'));
    const { text } = await inPty(['hyperloom', '--color', 'never', 'verify', 'colours.backup']);
    const [, progress, told = ''] = text.split(clearLine);
    expect(progress).toMatch(/^verify {2}/);
    expect(told).not.toContain(escape);
    expect(told).toMatch(
      /: whole, \d.* in 1 file, 0 entries replayed\n {2}r\d+ of [-\d]+ [:\d]+Z at position \d+\n {2}state [0-9a-f]{32}\n$/,
    );
  });

  it('give way to JSON lines in a pipe', async () => {
    const { text } = await inPty(['sh', '-c', 'hyperloom ls / | cat']);
    const names = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { path: string }).path);
    expect(names).toEqual(['/deep', '/short', '/会議']);
  });
});

const clearLine = '\r\u001B[2K';

describe('an import', () => {
  // A session with an item that is none, under names as agents give them.
  const broken = '会議/とても長い名前のセッション\u001B[2J';
  const items = [
    ['plain', '{"role": "user", "content": "hello"}'],
    ['plain', '{"role": "assistant", "content": "hi"}'],
    [broken, '{"role": "user", "content": "hello"}'],
    [broken, 'no JSON'],
  ];
  // The other tests know what is in the default one.
  const into = ['hyperloom', '--forest', 'imported', 'import'];
  let file = '';

  beforeAll(async () => {
    await run('forest', 'create', 'imported');
    file = join(folder, 'sessions.db');
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE agent_messages (id INTEGER PRIMARY KEY, session_id TEXT, message_data TEXT)');
    const insert = database.prepare('INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)');
    for (const [session = '', item = ''] of items) insert.run(session, item);
    database.close();
  });

  it.each([36, 160])('tells how far it is and what came of it within %i columns', async (columns) => {
    const { code, text } = await inPty([...into, file, '--as', `/at-${columns}`], { columns });
    expect(code).toBe(1);
    const progress = text.split(clearLine).filter((part) => part.startsWith('import '));
    expect(progress.length).toBeGreaterThan(0);
    for (const line of progress) expect(stringWidth(line)).toBeLessThan(columns);
    // In 36 columns there is room for a bar where the amounts are short.
    if (columns > 100) expect(progress.some((line) => /[█░]/.test(line))).toBe(true);
    // What stays: nothing of the progress, and no escape sequence of what is imported.
    const left = stripVTControlCharacters(
      text
        .split(clearLine)
        .filter((part) => !progress.includes(part))
        .join(''),
    );
    const [problem, summary, ...more] = left.split('\n');
    expect(problem).toMatch(/^session 会議\/とても長い名前のセッション\\u001b\[2J: /);
    expect(summary).toBe('3 items of 2 sessions imported, 1 session not as a whole');
    expect(more).toEqual(['']);
    const again = await inPty([...into, file, '--as', `/at-${columns}`], { columns });
    expect(again.text).toContain('0 items of 2 sessions imported, 3 were there already');
  });

  it('gives a pipe JSON lines, with the progress on the terminal or nowhere', async () => {
    const command = `${into.join(' ')} sessions.db --as /piped`;
    const shown = await inPty(['sh', '-c', `${command} > lines.txt`]);
    expect(shown.code).toBe(1);
    expect(shown.text).toContain(`${clearLine}import `);
    expect(shown.text.endsWith(clearLine)).toBe(true);
    const lines = (await readFile(join(folder, 'lines.txt'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { kind: 'session', id: 'plain', imported: 2, present: 0, problems: [] },
      { kind: 'session', id: broken, imported: 1, present: 0, problems: [expect.any(String)] },
    ]);
    const silent = await inPty(['sh', '-c', `${command} --dry-run 2> errors.txt > lines.txt`]);
    expect(silent).toEqual({ code: 1, text: '' });
    expect(await readFile(join(folder, 'errors.txt'), 'utf8')).toBe('');
  });
});

describe('progress', () => {
  it('is shown on the terminal, and nothing of it in the file', async () => {
    const { code, text } = await inPty(['sh', '-c', 'hyperloom backup - > whole.backup'], { columns: 60 });
    expect(code).toBe(0);
    const [before, line = '', ...after] = text.split(clearLine);
    expect(before).toBe('');
    expect(line).toMatch(/^backup {2}[\d.]+ \w+/);
    expect(after.at(-1)).toBe('');
    const file = join(folder, 'whole.backup');
    expect((await readFile(file)).includes('\u001B[2K')).toBe(false);
    const restored = await inPty(['hyperloom', '--forest', 'restored', 'restore', file]);
    const parts = restored.text.split(clearLine);
    expect(parts[1]).toMatch(/^restore {2}[█░]+ /);
    expect(parts.at(-1)).toMatch(/^restored: revision 3, \d+ nodes\n$/);
    const piped = await inPty(['sh', '-c', 'hyperloom backup - 2>errors.txt > again.backup']);
    expect(piped).toEqual({ code: 0, text: '' });
    expect(await readFile(join(folder, 'errors.txt'), 'utf8')).toBe('');
  });
});

describe('Ctrl-C', () => {
  it('ends a watch, and top, which leaves the screen as it was', async () => {
    const watched = await inPty(['hyperloom', 'watch', '/**', '--snapshot'], { interruptAt: '/short' });
    expect(watched.code).toBe(0);
    const top = await inPty(['hyperloom', 'top', '--every', '100ms'], {
      columns: 60,
      interruptAt: 'default',
    });
    expect(top.code).toBe(0);
    expect(top.text).toContain('\u001B[?1049h');
    expect(top.text.endsWith('\u001B[?25h\u001B[?1049l')).toBe(true);
  });
});
