/**
 * Goal: bash, zsh and fish propose what can be written: commands, options and their choices, and what is in the broker. Method: the
 * scripts as `hyperloom completion` prints them, read by the shells themselves, with the command lines of a table; zsh's own functions
 * that draw proposals are replaced by ones that print them. CI has all three shells.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { connect, operation } from '../../clients/typescript/src/index.ts';
import { connectionOptions } from '../../src/cli/completion/posix.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { inPipe } from '../support/cli-pipe.ts';
import { inTerminal } from '../support/cli-terminal.ts';
import { putHyperloomInto } from '../support/hyperloom-on-path.ts';

// Each starts shells and commands as processes, a second each and far more on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const execute = promisify(execFile);
let folder = '';
let path = '';
let broker: TestBroker;
let address = '';
let ghost = '';

/** Runs a command that must succeed. */
async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await inTerminal(args, { address, isTerminal: false });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-completion-'));
  path = await putHyperloomInto(folder);
  broker = await startTestBroker();
  address = broker.url.replace('http://', '');
  for (const shell of ['bash', 'zsh', 'fish'])
    await writeFile(join(folder, `script.${shell}`), (await inPipe(['completion', shell], address)).stdout);
  await run('forest', 'create', 'other');
  await run('put', '/session_1/notes/first one', 'x');
  await run('put', '/session_1/plan', 'x');
  await run('put', '/session_2', 'x');
  await run('--forest', 'other', 'put', '/elsewhere', 'x');
  ghost = (await run('ghost', 'begin', '--quiet')).trim();
});

afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
});

/** What a shell proposes for a command line; its last word is the one that is being written. */
type Propose = (words: readonly string[]) => Promise<readonly string[]>;

async function lines(shell: string, args: readonly string[]): Promise<readonly string[]> {
  const env = { ...process.env, HYPERLOOM_ADDRESS: address, XDG_CONFIG_HOME: folder, PATH: path };
  const { stdout, stderr } = await execute(shell, args, { env, cwd: folder });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const inBash: Propose = (words) => {
  const script = `source script.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hyperloom 2>/dev/null
    for word in "\${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done`;
  return lines('bash', ['--norc', '-c', script, 'bash', ...words]);
};

const inZsh: Propose = async (words) => {
  const script = `
    compadd() { while [[ $1 == -* ]]; do [[ $1 == -S ]] && shift; shift; done; (( $# )) && print -rl -- "$@"; }
    _describe() { while [[ $1 == -* ]]; do shift; done; shift; print -rl -- "\${(@P)1}"; }
    _files() { print -rl -- *(N) }
    compset() { PREFIX=\${PREFIX#*=}; }
    source script.zsh
    words=("$@"); CURRENT=$#; PREFIX=\${@[-1]}; _hyperloom; true`;
  const begun = words.at(-1) ?? '';
  const value = begun.replace(/^--[a-z-]+=/, '');
  // zsh itself leaves out what does not begin as the word does, and what each word is for.
  const found = await lines('zsh', ['-f', '-c', script, 'zsh', ...words]);
  return found
    .map((line) => line.replace(/^(-*[a-z][a-z-]*):.*$/, '$1'))
    .filter((line) => line.startsWith(value));
};

const inFish: Propose = async (words) => {
  const line = words
    .map((word, index) => (index < words.length - 1 ? word.replace(/ /g, '\\ ') : word))
    .join(' ');
  const found = await lines('fish', ['--no-config', '-c', 'source script.fish; complete -C $argv[1]', line]);
  const prefix = /^--[a-z-]+=/.exec(words.at(-1) ?? '')?.[0] ?? '';
  return found.map((proposed) => (proposed.split('\t')[0] ?? '').replace(prefix, ''));
};

function isThere(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'exit 0']);
    return true;
  } catch {
    return false;
  }
}

const shells: readonly (readonly [string, Propose])[] = [
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
];

it('finds all three shells on CI', () => {
  const missing = shells.map(([shell]) => shell).filter((shell) => !isThere(shell));
  expect(process.env['CI'] === undefined ? [] : missing).toEqual([]);
});

describe.each(shells.filter(([shell]) => isThere(shell)))('%s', (_shell, propose) => {
  it.each<readonly [string, readonly string[]]>([
    ['gh', ['ghost']],
    ['ghost ch', ['checkpoint']],
    ['--forest other ghost re', ['rewind', 'revert', 'review']],
    ['ghost review a', ['approve']],
    ['search x --i', ['--in']],
    ['search x --in pa', ['paths']],
    ['get /a --raw --at 3 --gh', ['--ghost']],
    ['status --prof', ['--profile']],
    ['serve --journ', ['--journal']],
    ['--color ne', ['never']],
    ['schema strict o', ['on', 'off']],
    ['token list --fi', ['--file']],
  ])('proposes for "hyperloom %s"', async (line, expected) => {
    const found = await propose(['hyperloom', ...line.split(' ')]);
    expect([...found].sort()).toEqual([...expected].sort());
  });

  it('proposes paths, ghosts and forests of the broker that the line names', async () => {
    expect(await propose(['hyperloom', 'get', '/ses'])).toEqual(
      expect.arrayContaining(['/session_1', '/session_1/', '/session_2']),
    );
    expect(await propose(['hyperloom', 'get', '/session_1/n'])).toEqual(
      expect.arrayContaining(['/session_1/notes', '/session_1/notes/']),
    );
    expect(await propose(['hyperloom', '--forest', 'other', 'get', '/e'])).toEqual(['/elsewhere']);
    expect(await propose(['hyperloom', 'ghost', 'show', ''])).toEqual([ghost]);
    expect(await propose(['hyperloom', 'put', '/a', 'x', '--ghost', ''])).toContain(ghost);
    expect(await propose(['hyperloom', 'status', '--forest', 'o'])).toEqual(['other']);
  });

  it('proposes files where files are wanted', async () => {
    expect(await propose(['hyperloom', 'import', 'script.b'])).toEqual(['script.bash']);
  });

  it('keeps silent where there is nothing to propose, or no broker', async () => {
    expect(await propose(['hyperloom', 'increment', '/a', '1', ''])).toEqual([]);
    expect(await propose(['hyperloom', '--address', '127.0.0.1:1', 'get', '/'])).toEqual([]);
  });
});

it('candidates are found far behind in a long list', async () => {
  const client = connect(address);
  const names = Array.from({ length: 1_200 }, (_, index) => `/many/child_${String(index).padStart(4, '0')}`);
  await client.publish(names.map((name) => operation.put(name, 'x')));
  client.destroy();
  const { stdout } = await inTerminal(['completion', 'candidates', 'path', '--', '/many/child_119'], {
    address,
  });
  expect(stdout.trim().split('\n')).toEqual(names.slice(1_190));
});

it('asks the broker as the caller that the line names', () => {
  expect(connectionOptions).toEqual(expect.arrayContaining(['--token-file', '--cert-file', '--profile']));
});

it('bash quotes what has spaces in it', async () => {
  expect(await inBash(['hyperloom', 'get', '/session_1/notes/'])).toEqual(['/session_1/notes/first\\ one']);
});
