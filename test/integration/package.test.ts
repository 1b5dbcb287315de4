/**
 * What users get from npm: the packed tarball, installed into an empty folder, must run as the checkout does. Method: pack,
 * install (dependencies come from the registry), and run the real launcher as a process; under an older Node too where the
 * machine has one.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { callTool, connectMcp } from '../support/mcp.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hyperloom-package-'));
const installed = join(folder, 'node_modules', '.bin', 'hyperloom');

/** A Node of this machine that is too old to strip types, if there is one. */
const olderNode = await findOlderNode();

async function findOlderNode(): Promise<string | undefined> {
  for (const path of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(path, 'node');
    if (!existsSync(node)) continue;
    const { stdout } = await execute(node, ['-p', 'process.versions.node']);
    const major = Number.parseInt(stdout, 10);
    if (major >= 20 && major < 24) return node;
  }
  return undefined;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a broker, sends SIGTERM once it says that it is ready, and waits for its end. */
function serveUntilReady(command: string, args: readonly string[], data: string): Promise<Ended> {
  const serve = ['serve', '--listen', '127.0.0.1:0', '--data', join(folder, data)];
  const child = spawn(command, [...args, ...serve], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
}

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const { stdout } = await execute('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  const tarball = stdout.trim().split('\n').at(-1) ?? '';
  const quick = ['--prefer-offline', '--no-audit', '--no-fund'];
  await execute('npm', ['install', ...quick, join(folder, tarball)], { cwd: folder });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the installed package', () => {
  it('tells its version', async () => {
    const { stdout } = await execute(installed, ['--version']);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('has every command of the checkout', async () => {
    const checkout = await execute(process.execPath, [join(root, 'bin', 'hyperloom.js'), '--help']);
    const fromPackage = await execute(installed, ['--help']);
    expect(fromPackage.stdout).toBe(checkout.stdout);
  });

  it('serves, and stops in good order when told to', async () => {
    expect(await serveUntilReady(installed, [], 'installed')).toEqual({ code: 0, signal: null });
  });

  it('answers MCP, explains refusals, and holds the tree as an app', async () => {
    const serve = ['serve', '--listen', '127.0.0.1:0', '--data', join(folder, 'mcp')];
    const child = spawn(installed, serve, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const address = /127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
    const client = await connectMcp({ url: `http://${address}` }, { transport: 'http', era: '2026-07-28' });
    const written = await callTool(client, 'append', { path: '/log', text: 'x' });
    expect(written.structured).toMatchObject({ revision: 1 });
    const refused = await callTool(client, 'read', { paths: ['no/slash'] });
    expect(refused.text).toContain('(INVALID_PATH)');
    const { contents } = await client.readResource({ uri: 'ui://hyperloom/tree' });
    expect(contents).toMatchObject([{ mimeType: 'text/html;profile=mcp-app' }]);
    await client.close();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it.runIf(olderNode !== undefined)('says what to do where Node is too old', async () => {
    const running = execute(olderNode ?? '', [installed, '--version']);
    await expect(running).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('needs Node 24'),
    });
  });
});

describe('the checkout', () => {
  const launcher = join(root, 'bin', 'hyperloom.js');

  it('runs under npx', async () => {
    const { stdout } = await execute('npx', ['hyperloom', '--version'], { cwd: root });
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('serves from its sources, in the process that was started', async () => {
    expect(await serveUntilReady(process.execPath, [launcher], 'checkout')).toEqual({
      code: 0,
      signal: null,
    });
  });

  it.runIf(olderNode !== undefined)(
    'is carried by the packaged Node where the running one is too old',
    async () => {
      expect(await serveUntilReady(olderNode ?? '', [launcher], 'older')).toEqual({ code: 0, signal: null });
    },
  );
});
