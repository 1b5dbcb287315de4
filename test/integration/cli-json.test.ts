/**
 * Goal: what programs read of the command line stays as it is: the fields of the JSON lines of every command, and the kinds of their values.
 * Method: one story in which each command has something to tell; its lines are reduced to their shapes and compared with cli-json.golden.txt.
 * Whoever adds a field runs it once with `--update`; nobody renames one or takes it away.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { connect } from '../../clients/typescript/src/index.ts';
import { wholeProgram } from '../../scripts/cli-reference/page.ts';
import { flattened } from '../../src/cli/reference/command-info.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { inTerminal } from '../support/cli-terminal.ts';

// A hundred commands, far slower on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

/** Commands that tell no JSON lines, each with what it does instead. */
const silent: Readonly<Record<string, string>> = {
  serve: 'says that it is ready',
  mcp: 'speaks MCP',
  verify: 'works on files, see test/recovery/verify.test.ts',
  'forest move': 'works on files and streams, see test/jetstream/move.test.ts',
  demo: 'tells one JSON document, see demo.test.ts',
  'token create': 'see token-command.test.ts',
  'token list': 'see token-command.test.ts',
  'token rotate': 'see token-command.test.ts',
  'token revoke': 'see token-command.test.ts',
  'completion bash': 'prints a script',
  'completion zsh': 'prints a script',
  'completion fish': 'prints a script',
};

let broker: TestBroker;
let folder = '';
/** Shapes by command. */
const shapes = new Map<string, Set<string>>();

beforeAll(async () => {
  broker = await startTestBroker();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-json-'));
});

afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
});

/** Runs a command in a pipe and notes the shapes of its lines; the last of them. */
async function run(line: string, options: RunOptions = {}): Promise<Readonly<Record<string, unknown>>> {
  const words = line.split(' ').map((word) => word.replaceAll('_', ' '));
  let also: Promise<unknown> | undefined;
  const ran = inTerminal(
    ['--author', 'ann', '--forest', options.forest ?? 'default', ...words, ...(options.more ?? [])],
    {
      address: broker.url.replace('http://', ''),
      isTerminal: false,
      environment: { XDG_CONFIG_HOME: folder },
      onOutput(stdout, interrupt) {
        also ??= options.onFirst?.();
        if (options.until !== undefined && stdout.includes(options.until)) interrupt();
      },
    },
  );
  const { code, stdout, stderr } = await ran;
  await also;
  expect({ line, code, stderr }).toEqual({ line, code: options.code ?? 0, stderr: '' });
  const records = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  expect(records.length, line).toBeGreaterThan(0);
  note(names.find((each) => `${line} `.startsWith(`${each} `)) ?? line, records);
  return records.at(-1) ?? {};
}

function note(name: string, records: readonly object[]): void {
  const known = shapes.get(name) ?? new Set();
  shapes.set(name, known);
  for (const record of records) known.add(shapeOf(record));
}

interface RunOptions {
  readonly code?: number;
  readonly forest?: string;
  /** Words with spaces or underscores. */
  readonly more?: readonly string[];
  /** Interrupts it when it has told this. */
  readonly until?: string;
  /** What happens when it has told something. */
  readonly onFirst?: () => Promise<unknown>;
}

const commands = flattened(wholeProgram()).filter(({ commands: below }) => below.length === 0);
/** The longest first: `ghost review ls` before `ghost`. */
const names = commands.map(({ name }) => name).sort((a, b) => b.length - a.length);

/** Fields and kinds of values; of an array those of its items. */
function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join(' | ')}]`;
  if (typeof value !== 'object') return typeof value;
  const fields = Object.entries(value).map(([name, member]) => `${name}: ${shapeOf(member)}`);
  return `{ ${fields.sort().join(', ')} }`;
}

it('every command tells the fields that it has always told', async () => {
  await writeNodes();
  await readNodes();
  await workInGhosts();
  await lockPaths();
  await lookBack();
  await operate();
  const untold = names.filter((name) => !shapes.has(name) && silent[name] === undefined);
  expect(untold, 'commands that nothing here says anything of').toEqual([]);
  const text = [...shapes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, told]) => [name, ...[...told].sort().map((shape) => `  ${shape}`)].join('\n'))
    .join('\n');
  await expect(`${text}\n`).toMatchFileSnapshot('cli-json.golden.txt');
});

async function writeNodes(): Promise<void> {
  await run('put /s/task compare --label begin');
  await run('put /s/plan {"steps":[1],"budget":12} --json-value');
  await run('put /s/raw AAEC --bytes');
  await run('append /s/task more');
  await run('merge /s/plan {"budget":13}');
  await run('increment /s/turns');
  await run('copy /s/plan /s/copied');
  await run('delete /s/copied');
  // The command line itself has no basis: what people read between two commands is nobody's.
  await using client = connect(broker.url.replace('http://', ''), { author: 'bob' });
  await client.get('/s/plan');
  await client.put('/s/derived', 'from the plan');
}

async function readNodes(): Promise<void> {
  for (const path of ['/s', '/s/task', '/s/plan', '/s/raw', '/s/turns']) await run(`get ${path}`);
  await run('ls /s');
  await run('tree /s');
  await run('search compare');
  await run('render /s/**');
  await run('watch /s/** --snapshot', { until: '"type":"event"', onFirst: () => run('put /s/watched 1') });
  await run('forest create typed');
  await writeFile(join(folder, 'plans.json'), '{"type":"object"}');
  const schema = [join(folder, 'plans.json'), '--path', '/{session}/plans/{plan}'];
  await run('schema diff', { more: schema });
  await run('schema push', { more: schema });
  await run('schema ls');
  await run('schema pull plans', { more: ['-o', join(folder, 'pulled.json')] });
  await run('schema strict on', { forest: 'typed' });
}

async function workInGhosts(): Promise<void> {
  const { id } = await run(
    'ghost begin --scope /s --label try --race r --gate-path /s/** --gate-reviewer ann',
  );
  const ghost = String(id);
  await run(`put /s/task other --ghost ${ghost}`);
  await run(`ghost checkpoint ${ghost} first`);
  await run(`put /s/task third --ghost ${ghost}`);
  await run(`get /s/task --ghost ${ghost}`);
  await run(`diff --ghost ${ghost}`);
  await run(`ghost rewind ${ghost} --checkpoint first --reason wrong`);
  await run(`ghost show ${ghost}`);
  await reviewed(ghost, 'approve', 0);
  const other = String((await run('ghost begin --scope /s --gate-reviewer ann'))['id']);
  await run(`put /s/other 1 --ghost ${other}`);
  await reviewed(other, 'reject', 5);
  await run(`ghost keep ${other}`);
  await run(`ghost revert ${other} --reason over`);
  await run('ghost list --state reverted');
}

/** Commits a ghost that waits for a reviewer, whose decision comes when it does. */
async function reviewed(ghost: string, decision: 'approve' | 'reject', code: number): Promise<void> {
  const address = broker.url.replace('http://', '');
  const committed = inTerminal(['--json', 'ghost', 'commit', ghost], { address });
  await vi.waitFor(
    async () =>
      expect((await inTerminal(['--json', 'ghost', 'review', 'ls'], { address })).stdout).not.toBe(''),
    {
      timeout: 300_000,
    },
  );
  await run('ghost review ls');
  await run(`ghost review ${decision} ${ghost} --reason so`);
  const { code: ended, stdout } = await committed;
  expect(ended).toBe(code);
  if (code === 0) note('ghost commit', [JSON.parse(stdout) as object]);
}

async function lockPaths(): Promise<void> {
  const lease = String((await run('lease grant --ttl 5m'))['id']);
  const lock = String((await run(`lock acquire /s/plan --lease ${lease}`))['id']);
  await run('lock ls');
  await run('lease ls');
  await run(`lock release ${lock} --lease ${lease}`);
  await run(`lease end ${lease}`);
}

async function lookBack(): Promise<void> {
  await run('log --ghosts --limit 100');
  await run('diff 1');
  await run('blame /s --depth 2');
  await run('trace /s/derived');
  await run('trace 5 --downstream');
  await run('revert 5 --cascade report');
  await run('revert 6');
  await run('meter');
  const file = join(folder, 'run.jsonl');
  await run('export /s', { more: [file] });
  await run('import', { more: [file, '--as', '/again'] });
  await run('import', { code: 1, more: [sessions(join(folder, 'sessions.db'))] });
  await replayRuns(file);
}

/** Recordings of all kinds: a run that was exported, one of Who&When with a mistake in it, and two trials of a task of tau-bench. */
async function replayRuns(exported: string): Promise<void> {
  await run('forest create replayed');
  const step = (name: string): object => ({ role: 'assistant', name, content: `${name} has spoken` });
  const recorded = join(folder, 'recorded.json');
  const mistake = { mistake_agent: 'writer', mistake_step: '1', mistake_reason: 'invented' };
  await writeFile(recorded, JSON.stringify({ history: [step('planner'), step('writer')], ...mistake }));
  const trials = join(folder, 'trials.json');
  const trial = (number: number): object => ({
    task_id: 1,
    trial: number,
    reward: number,
    traj: [step('a')],
  });
  await writeFile(trials, JSON.stringify([trial(0), trial(1)]));
  for (const collection of ['flights', 'reservations', 'users'])
    await writeFile(join(folder, `${collection}.json`), '{"one": {"id": "one"}}');
  const more = [exported, recorded, trials, '--airline', folder, '--revert-mistakes'];
  await run('replay', { forest: 'replayed', more });
}

/** A database of the OpenAI Agents SDK with one session. */
function sessions(file: string): string {
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE agent_messages (id INTEGER PRIMARY KEY, session_id TEXT, message_data TEXT)');
  database.exec(
    `INSERT INTO agent_messages VALUES (1, 'chat', '{"role": "user", "content": "hello"}'), (2, 'chat', 'x')`,
  );
  database.close();
  return file;
}

async function operate(): Promise<void> {
  await run('status --hash');
  await run('top --every 100ms --count 1');
  await run('forest list');
  await run('forest create other');
  await run('forest delete other --yes');
  await run('backup', { more: [join(folder, 'default.backup')] });
  await run('restore', { forest: 'restored', more: [join(folder, 'default.backup')] });
  await run('compact');
  await run('bench get --operations 10 --in-flight 2');
  await run('profile add team --address 127.0.0.1:1 --use');
  await run('profile ls');
  await run('profile show');
  await run('profile use --none');
  await run('profile rm team');
}
