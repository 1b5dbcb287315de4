/**
 * Goal: on a terminal, commands draw tables and trees for people, and nothing that agents have stored reaches the terminal as
 * an escape sequence. Method: the commands in this process, told that they are on a terminal, on a real broker.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inTerminal, type Ended, type TerminalOptions } from '../support/cli-terminal.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';

let broker: TestBroker;
let address = '';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-terminal-'));
  broker = await startTestBroker();
  address = broker.url.replace('http://', '');
  await text(
    'put',
    '/run/plan',
    '{"steps":[1,2]}',
    '--json-value',
    '--author',
    'planner',
    '--label',
    'the plan',
  );
  await text('put', '/run/notes/first', 'a note', '--author', 'researcher');
  await text('append', '/run/notes/second', '\u001B]0;title\u0007\u001B[2Jtricky\nline');
});

afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
  expect(broker.fatal).toEqual([]);
});

function run(args: readonly string[], options: Partial<TerminalOptions> = {}): Promise<Ended> {
  return inTerminal(args, { address, ...options });
}

/** What a command that must succeed prints, with times blanked out. */
async function text(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME');
}

describe('a terminal', () => {
  it('gets what a search finds, with the place in the value, and nothing that acts', async () => {
    expect(await text('search', 'NOTE', '--path', '/run')).toBe(
      ['/run/notes', '/run/notes/first  r2 by researcher', '    a note', ''].join('\n'),
    );
    expect(await text('search', 'tricky')).toBe(
      ['/run/notes/second  r3', '    \\u001b]0;title\\u0007\\u001b[2Jtricky line', ''].join('\n'),
    );
    const { stdout } = await run(['search', 'plan', '--in', 'paths'], { hasColors: true });
    expect(stdout).toContain('\u001B[36m/run/plan\u001B[39m');
    expect(await text('search', 'nowhere to be found')).toBe('nothing holds it\n');
  });

  it('gets ellipses where a search shows a part of a value only', async () => {
    await text('forest', 'create', 'searched');
    const value = `${'before '.repeat(40)}needle${' behind'.repeat(40)}`;
    await text('--forest', 'searched', 'put', '/long', value);
    for (const columns of [40, 60, 140]) {
      const { stdout } = await run(['--forest', 'searched', 'search', 'needle'], { columns });
      const [, excerpt = ''] = stdout.split('\n');
      expect(excerpt).toMatch(/^ {4}….* needle .*…$/);
      expect(stringWidth(excerpt)).toBeLessThanOrEqual(columns);
    }
    await text('forest', 'delete', 'searched', '--yes');
  });

  it('gets what is written to standard output without progress in it, and nothing that is no text', async () => {
    const shown = await run(['export', '/run', '-'], { isErrorTerminal: true });
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    const lines = shown.stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind?: string }).kind).at(-1)).toBe('end');
    expect(await run(['backup', '-'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error: a backup is no text for a terminal: name a file, or send it on with | or >\n',
    });
  });

  it('gets a rendered context, with what to ask with the next time', async () => {
    const shown = await text('render', '/run/notes/**', '--budget', '300');
    expect(shown).toContain('a note');
    expect(shown).not.toContain('\u001B');
    expect(shown).toMatch(/\nr3, layout of r3; \d+ tokens(; [^\n]*)?\n$/);
  });

  it('gets a tree', async () => {
    expect(await text('tree', '/run')).toBe(
      [
        '/run',
        '├── notes',
        '│   ├── first  "a note"',
        '│   └── second  "\\u001b]0;title\\u0007\\u001b[2Jtricky line"',
        '└── plan  {"steps":[1,2]}',
        '',
      ].join('\n'),
    );
    expect(await text('tree', '/run', '--depth', '1')).toContain('├── notes  (2 below)\n');
    expect(await text('tree', '/nowhere')).toBe('/nowhere\nnothing is below it\n');
    expect(await text('tree', '/', '--limit', '2')).toContain('only the first 2: see --limit');
  });

  it('is told in its own words what is wrong with files, programs and options', async () => {
    const file = join(folder, 'run.jsonl.gz');
    expect(await text('export', '/run', file)).toContain('3 events');
    expect(await run(['export', '/run', file])).toMatchObject({
      code: 2,
      stderr: `error: ${file} is there already: choose another name, or replace it with --force\n`,
    });
    expect(await run(['put', '/x', '@/no/such/file'])).toMatchObject({
      code: 74,
      stderr: 'error: /no/such/file: no such file or directory (ENOENT)\n',
    });
    expect(await run(['lock', 'acquire', '/x', '--', 'no-such-program'])).toMatchObject({
      code: 2,
      stderr: 'error: the command no-such-program cannot be run: there is no such program\n',
    });
    for (const other of [['--if-present'], ['--if-revision', '1']])
      expect((await run(['put', '/x', 'x', '--if-absent', ...other])).stderr).toContain(
        'cannot be used with',
      );
    expect(await text('schema', 'strict', 'off')).not.toContain('since');
  });

  it('is told where a listing is cut; a pipe beside its lines', async () => {
    for (const words of [['ls', '/run'], ['tree'], ['search', 'note'], ['blame', '/run', '--depth', '9']]) {
      const cut = 'only the first 1: see --limit\n';
      expect((await text(...words, '--limit', '1')).endsWith(cut), words.join(' ')).toBe(true);
      const piped = await run([...words, '--limit', '1'], { isTerminal: false });
      expect(piped).toMatchObject({ code: 0, stderr: cut });
      expect(piped.stdout.trim().split('\n')).toHaveLength(1);
      expect(await run([...words, '--limit', '9'], { isTerminal: false })).toMatchObject({ stderr: '' });
    }
  });

  it('is told that a log goes on, unless it was said how long it should be', async () => {
    const cut = 'only the first 20: see --limit\n';
    await text('forest', 'create', 'long');
    for (let count = 0; count < 21; count += 1) await text('--forest', 'long', 'append', '/log', 'x');
    expect((await text('--forest', 'long', 'log')).endsWith(cut)).toBe(true);
    expect(await run(['--forest', 'long', 'log'], { isTerminal: false })).toMatchObject({ stderr: cut });
    expect(await text('--forest', 'long', 'log', '--limit', '20')).not.toContain(cut);
    await text('forest', 'delete', 'long', '--yes');
  });

  it('lists by either word', async () => {
    for (const what of ['forest', 'ghost', 'lease', 'lock', 'schema', 'profile', 'ghost review'])
      expect(await text(...what.split(' '), 'ls')).toBe(await text(...what.split(' '), 'list'));
  });

  it('gets a table of what is below a node', async () => {
    expect(await text('ls', '/run')).toBe(
      [
        'NAME    REVISION  AUTHOR   BYTES  VALUE',
        'notes/',
        'plan          r1  planner     15  {"steps":[1,2]}',
        '',
      ].join('\n'),
    );
    expect(await text('ls', '/run/plan')).toBe('nothing is below it\n');
  });

  it('gets a node with its circumstances, and children counted', async () => {
    expect(await text('get', '/run/plan')).toBe(
      '/run/plan  json  15 B  r1  version 1  by planner\n{"steps":[1,2]}\n',
    );
    expect(await text('get', '/run')).toBe('/run  no value  2 direct children\n');
  });

  it('never gets an escape sequence that an agent has stored', async () => {
    const outputs = await Promise.all([
      text('get', '/run/notes/second'),
      text('log'),
      text('tree'),
      text('diff', '2'),
      text('blame', '/run', '--depth', '3'),
    ]);
    // eslint-disable-next-line no-control-regex
    for (const output of outputs) expect(output).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
    await text('forest', 'create', 'controls');
    await text('--forest', 'controls', 'put', '/c1', '\u009B2J\u202E');
    const { stdout: line } = await run(['--forest', 'controls', 'get', '/c1', '--json']);
    expect(line).toContain('"\\u009b2J\\u202e"');
    await text('forest', 'delete', 'controls', '--yes');
    const { stdout } = await run(['get', '/run/notes/second', '--raw']);
    expect(stdout).toBe('\u001B]0;title\u0007\u001B[2Jtricky\nline');
  });

  it('gets one row or line for each thing, whatever agents have called it', async () => {
    const odd = ['--author', 'two\nlines', '--label', 'one\n\u001B[2Jtwo'];
    const ghost = (await text('ghost', 'begin', ...odd)).trim();
    const lease = (await text('lease', 'grant', ...odd)).trim();
    await text('lock', 'acquire', '/odd', '--lease', lease, ...odd);
    await text('ghost', 'revert', (await text('ghost', 'begin')).trim(), '--reason', 'not\nthis');
    for (const list of [
      ['ghost', 'list'],
      ['lease', 'ls'],
      ['lock', 'ls'],
    ]) {
      const { stdout } = await run(list, { columns: 200 });
      const shown = stdout.split('\n').filter((line) => line.includes('lines'));
      expect(shown, list.join(' ')).toEqual([expect.stringContaining('two\\u000alines')]);
      expect(shown.join('')).toContain('one \\u001b[2Jtwo');
    }
    expect(await text('ghost', 'show', ghost)).toMatch(/^ {2}label +one \\u001b\[2Jtwo$/m);
    await text('ghost', 'revert', ghost);
    await text('lease', 'end', lease);
    expect(await run(['get', 'odd'])).toMatchObject({
      stderr: 'refused: path: a path begins with "/" (INVALID_PATH)\n',
    });
    const away = await run(['ls'], { address: '127.0.0.1:1' });
    expect(away.stderr).toMatch(
      /^error: no broker answers at 127\.0\.0\.1:1: connect ECONNREFUSED [\d.:]+\n.*\n$/,
    );
    const refused = await run(['--profile', 'odd\u001B[2J', 'status']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('\\u001b[2J') as unknown });
    expect(refused.stderr).not.toContain('\u001B');
  });

  it('gets the log, newest first', async () => {
    const log = await text('log', '--limit', '3');
    expect(log.split('\n').filter((line) => line.startsWith('r'))).toEqual([
      'r3  TIME  (no author)',
      'r2  TIME  researcher',
      'r1  TIME  planner  the plan',
    ]);
    expect(log).toContain('    put        /run/plan  {"steps":[1,2]}\n');
  });

  it('gets differences with their direction', async () => {
    expect(await text('diff', '1', '2')).toBe('+ /run/notes/first  "a note"\n');
    await text('put', '/other', 'old');
    const begun = (await text('ghost', 'begin')).trim();
    await text('put', '/other', 'new', '--ghost', begun);
    expect(await text('diff', '--ghost', begun)).toBe('~ /other\n    -  "old"\n    +  "new"\n');
    await text('delete', '/other', '--ghost', begun);
    expect(await text('diff', '--ghost', begun)).toBe('- /other  "old"\n');
    await text('ghost', 'revert', begun);
  });

  it('gets who made each value', async () => {
    const [titles, first] = (await text('blame', '/run/plan')).split('\n');
    expect(titles).toMatch(/^REVISION {2}TIME +AUTHOR +PATH +LABEL$/);
    expect(first).toMatch(/r1 {2}TIME {2}planner {2}\/run\/plan {2}the plan$/);
  });

  it('gets ghosts with checkpoints and reasons', async () => {
    const ghost = (await text('ghost', 'begin', '--label', 'try', '--author', 'writer')).trim();
    expect(await text('put', '/run/draft', 'x', '--ghost', ghost)).toBe('staged as #1\n');
    expect(await text('ghost', 'checkpoint', ghost, 'good')).toBe('checkpoint good at #1\n');
    await text('put', '/run/draft', 'y', '--ghost', ghost);
    expect(await text('ghost', 'rewind', ghost, '--reason', 'bad')).toMatch(
      /^1 operation dropped in \d+\.\d{3} ms; last valid checkpoint: good\n$/,
    );
    const shown = await text('ghost', 'show', ghost);
    for (const line of [
      /^ {2}state +live$/m,
      /^ {2}checkpoint +good at #1$/m,
      /^ {2}reverted +bad \(1 operation\)$/m,
    ]) {
      expect(shown).toMatch(line);
    }
    expect(await text('ghost', 'list')).toMatch(new RegExp(`^${ghost} +live .* writer +try$`, 'm'));
    expect(await text('ghost', 'keep', ghost)).toBe(`${ghost} lives\n`);
    expect(await text('ghost', 'commit', ghost)).toMatch(/^revision \d+, 1 operation\n$/);
  });

  it('gets all of a ghost within its width, and tables with what matters most', async () => {
    const on = ['--forest', 'narrow'];
    await text('forest', 'create', 'narrow');
    const why = 'the figures are wrong, as a reason that goes on for more than a line of most terminals';
    const gates = ['--gate-path', '/a/**', '--gate-bytes', '5000', '--gate-reviewer', 'editor'];
    const begun = await text(...on, 'ghost', 'begin', '--label', why, ...gates);
    const ghost = begun.trim();
    await text(...on, 'put', '/a/b', 'x', '--ghost', ghost);
    await text(...on, 'ghost', 'rewind', ghost, '--reason', why);
    const { stdout } = await run([...on, 'ghost', 'show', ghost], { columns: 60 });
    for (const line of stdout.split('\n')) expect(stringWidth(line), line).toBeLessThanOrEqual(60);
    const words = stdout.replace(/\s+/g, ' ');
    for (const fact of [`label ${why}`, `reverted ${why} (1 operation)`, 'at most 5,000 bytes'])
      expect(words).toContain(fact);
    const log = await text(...on, 'log', '--ghosts');
    expect(log).toMatch(new RegExp(`^ghost  TIME  \\(no author\\)  ${ghost}  staged #1$`, 'm'));
    expect(log).toContain(`    because: ${why}`);
    const listed = await run([...on, 'ghost', 'list'], { columns: 60 });
    expect(listed.stdout).toMatch(/^ID +BASE +STAGED +AUTHOR +LABEL\n\S+ +r0 +0 +the figures.*…\n$/);
    expect(await text(...on, 'meter')).toMatch(/\nin tokens; prices in uncached tokens, /);
    await text('forest', 'delete', 'narrow', '--yes');
  });

  it('is told what to do where a command helps', async () => {
    expect(await run(['--forest', 'nowhere', 'ls'])).toMatchObject({
      code: 4,
      stderr:
        'refused: there is no forest nowhere (FOREST_NOT_FOUND)\n"hyperloom forest ls" lists those that are there\n',
    });
  });

  it('gets outcomes, forests, backups and the status in words', async () => {
    expect(await text('put', '/words', 'x')).toMatch(/^revision \d+\n$/);
    expect(await text('forest', 'create', 'words')).toBe('words: revision 0, 0 nodes\n');
    expect(await text('forest', 'list')).toMatch(/^words +r0 +0 +0 +\d/m);
    expect(await text('forest', 'delete', 'words', '--yes')).toBe('words is deleted\n');
    const file = join(folder, 'words.backup');
    expect(await text('backup', file)).toMatch(/words\.backup: [\d.]+ (B|KiB)\n$/);
    expect(await text('--forest', 'restored', 'restore', file)).toMatch(
      /^restored: revision \d+, \d+ nodes\n$/,
    );
    expect(await text('--forest', 'restored', 'compact')).toMatch(
      /^history begins at r\d+; \S+ \S+ freed\n$/,
    );
    expect(await text('status', '--hash')).toMatch(/^state hash {2}[0-9a-f]{32} at position \d+$/m);
  });

  it('gets events as they happen until Ctrl-C', async () => {
    let isPut = false;
    const watched = run(['watch', '/live/**', '--snapshot'], {
      onOutput(stdout, interrupt) {
        if (stdout.includes('/live/a')) interrupt();
        else if (!isPut) {
          isPut = true;
          void run(['put', '/live/a', 'now', '--author', 'someone']);
        }
      },
    });
    const { code, stdout } = await watched;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0 nodes at r\d+\nr\d+ {2}.* {2}someone\n {4}put {8}\/live\/a {2}"now"\n$/);
  });

  it('gets the nodes that are there within its width', async () => {
    const [path, value] = ['/wide/会議/とても長い名前のノードがここにあります', '長い値'.repeat(40)];
    await text('put', path, value);
    await text('put', `/wide/${'a-long-name-'.repeat(9)}`, value);
    for (const columns of [40, 60, 140]) {
      const { stdout } = await run(['watch', '/wide/**', '--snapshot'], {
        columns,
        onOutput: (shown, interrupt) => (shown.split('\n').length > 5 ? interrupt() : undefined),
      });
      const lines = stdout.trimEnd().split('\n');
      // Two with values, and what they lie in.
      expect(lines).toHaveLength(5);
      for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
      if (columns === 140) expect(lines.join()).toContain('"長い値長い値');
    }
    await text('delete', '/wide');
  });

  it('gets colours where it has them, and JSON lines where they are asked for', async () => {
    expect((await run(['tree', '/run'], { hasColors: true })).stdout).toContain('\u001B[1m/run\u001B[22m');
    const { stdout } = await run(['ls', '/run', '--json'], { hasColors: true });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { readonly path: string }).path),
    ).toEqual(['/run/draft', '/run/notes', '/run/plan']);
  });
});
