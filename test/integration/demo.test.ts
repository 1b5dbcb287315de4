/**
 * Goal: the demo does what its table claims, and leaves nothing behind.
 * Method: the real thing, with real processes: once with all agents that this machine can run, once without Python; and its runner
 * ended in the middle of its rest, with Ctrl-C's signal and with one that it cannot handle.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const demoMsMax = 240_000;
const runners: ChildProcess[] = [];

afterEach(() => {
  for (const runner of runners.splice(0)) runner.kill('SIGTERM');
});

interface Output {
  readonly agents: readonly { readonly name: string; readonly language: string; readonly pid: number }[];
  readonly diffs: number;
  readonly ratio: number;
  readonly moved: { readonly bytes: number; readonly tokens: number };
  readonly wholeHistory: { readonly bytes: number; readonly tokens: number };
  readonly revert: {
    readonly agent: string;
    readonly reason: string;
    readonly droppedOperations: number;
    readonly brokerMs: number;
    readonly agentMs: number;
    readonly committedRevision: number;
  };
  readonly restart: {
    readonly hashBefore: string;
    readonly hashAfter: string;
    readonly liveGhosts: number;
    readonly pidBefore: number;
    readonly pidAfter: number;
  };
  readonly claims: readonly { readonly text: string; readonly holds: boolean }[];
}

function startDemo(...args: readonly string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const runner = spawn(process.execPath, [join(root, 'demo', 'run.ts'), '--port', '0', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  runners.push(runner);
  return runner;
}

function ended(runner: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => runner.once('exit', resolve));
}

async function play(...args: readonly string[]): Promise<Output> {
  return outputOf(startDemo('--exit', '--json', ...args));
}

async function outputOf(runner: ReturnType<typeof startDemo>): Promise<Output> {
  const [output, code] = await Promise.all([text(runner.stdout), ended(runner)]);
  expect(code, output).toBe(0);
  return JSON.parse(output) as Output;
}

function expectClaims({ agents, claims, moved, ratio, restart, revert, wholeHistory }: Output): void {
  expect(claims.filter(({ holds }) => !holds)).toEqual([]);
  expect(claims.length).toBe(6);
  expect(new Set(agents.map(({ pid }) => pid)).size).toBe(agents.length);
  expect(restart.hashBefore).toMatch(/^[0-9a-f]{32}$/);
  expect(restart.hashAfter).toBe(restart.hashBefore);
  expect(restart.pidAfter).not.toBe(restart.pidBefore);
  expect(restart.liveGhosts).toBe(1);
  expect(revert.reason).toContain('73.9 %');
  expect(revert.droppedOperations).toBe(2);
  expect(revert.committedRevision).toBeGreaterThan(0);
  expect(revert.brokerMs).toBeGreaterThan(0);
  expect(revert.agentMs).toBeGreaterThan(revert.brokerMs);
  expect(moved.tokens).toBe(Math.round(moved.bytes / 4));
  expect(ratio).toBeCloseTo(wholeHistory.bytes / moved.bytes);
  expect(ratio).toBeGreaterThan(5);
}

test(
  'agents in two languages write release notes over a broker that is killed in the middle',
  { timeout: demoMsMax },
  async () => {
    const output = await play();
    expectClaims(output);
    const python = output.agents.filter(({ language }) => language === 'Python').map(({ name }) => name);
    const hasPython = existsSync(join(root, '.venv', 'bin', 'python'));
    expect(python).toEqual(hasPython ? ['researcher', 'analyst'] : []);
    expect(output.agents.length - python.length).toBe(3);
  },
);

test(
  '"hyperloom demo": without Python three TypeScript agents do all of it',
  { timeout: demoMsMax },
  async () => {
    const launcher = join(root, 'bin', 'hyperloom.js');
    const runner = spawn(process.execPath, [launcher, 'demo', '--exit', '--json', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    runners.push(runner);
    const output = await outputOf(runner);
    expectClaims(output);
    expect(output.agents.map(({ name }) => name)).toEqual(['planner', 'writer', 'reviewer']);
    expect(output.revert.agent).toBe('writer');
  },
);

/** Runs the demo until it invites to look around, and connects to its broker. */
async function restingDemo(): Promise<{
  readonly runner: ChildProcess;
  readonly toBroker: Socket;
  readonly lines: string[];
}> {
  const runner = startDemo('--no-python');
  const lines: string[] = [];
  let address = '';
  for await (const line of createInterface({ input: runner.stdout })) {
    lines.push(line);
    address ||= /^broker {2}(\S+),/.exec(line)?.[1] ?? '';
    if (line.startsWith('Ctrl-C ends it')) break;
  }
  const [host, port] = address.split(':');
  const toBroker = connect(Number(port), host);
  await new Promise((resolve, reject) => toBroker.once('connect', resolve).once('error', reject));
  return { runner, toBroker, lines };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined).once('close', () => resolve());
    socket.resume();
  });
}

test(
  'the broker stays up after the table, and Ctrl-C ends it with code 0',
  { timeout: demoMsMax },
  async () => {
    const { runner, toBroker, lines } = await restingDemo();
    const text = lines.join('\n');
    expect(text).toContain('npx hyperloom tree /release_notes --address 127.0.0.1:');
    expect(text).not.toContain('\u001B[');
    const gone = closed(toBroker);
    const code = ended(runner);
    runner.kill('SIGINT');
    expect(await code).toBe(0);
    await gone;
  },
);

test('the broker ends even when the runner is killed', { timeout: demoMsMax }, async () => {
  const { runner, toBroker } = await restingDemo();
  const gone = closed(toBroker);
  runner.kill('SIGKILL');
  await expect(gone).resolves.toBeUndefined();
});
