/**
 * Goal: every command that the README shows works as it stands there, in its order. Method: its `sh` blocks are cut out and run
 * by a shell, one block after the other, against a fresh broker; only what starts with `npm` is left to those who install.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { BrokerProcess } from '../support/broker-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';
let broker: BrokerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-readme-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  const launcher = join(root, 'bin/hyperloom.js');
  const command = `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`;
  await writeFile(join(folder, 'hyperloom'), command, { mode: 0o700 });
});

afterAll(async () => {
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

/** The README's `sh` blocks, and in them what a user with a running broker types. */
async function blocks(): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const found = [...readme.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  return found.filter((block) => !block.startsWith('npm '));
}

/** `watch` goes on for ever, so it goes to the background and is ended with the block. */
function asScript(block: string): string {
  const lines = block
    .replaceAll('npx hyperloom', 'hyperloom')
    .replaceAll('127.0.0.1:7400', broker.address)
    .replace(/^hyperloom watch [^#\n]*/gm, (line) => `${line.trimEnd()} & watching=$! `);
  return `set -eu
${lines}
if [ -n "\${watching:-}" ]; then kill "$watching"; fi
`;
}

async function runScript(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const path = `${folder}:${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, HYPERLOOM_ADDRESS: broker.address, XDG_CONFIG_HOME: folder, PATH: path };
  const shell = spawn('bash', ['-c', script], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  shell.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(shell, 'exit')) as [number | null];
  return { code, stdout, stderr };
}

test('the shell lines of the README work one after the other', async () => {
  const all = await blocks();
  expect(all.length).toBeGreaterThanOrEqual(4);
  for (const block of all) {
    const { code, stdout, stderr } = await runScript(asScript(block));
    expect(code, `${block}\n${stderr}`).toBe(0);
    expect(stdout).not.toBe('');
  }
  // Some forty commands, each a process of its own.
}, 300_000);
