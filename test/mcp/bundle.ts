/**
 * The built MCP bundle as a host uses it: unpacked by the official tool into a folder with nothing around it, started as its manifest says,
 * with what a user has set, and driven by the official client. Usage: bundle.ts HOST:PORT. Prints a line for each thing that holds.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { mcpTool, mcpToolsFolder } from '../../scripts/mcp-tools.ts';
import { root } from '../../scripts/step.ts';
import { allGrants, readingGrants } from '../../src/mcp/grants.ts';
import { callTool } from '../support/mcp.ts';

const address = process.argv[2] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'hyperloom-mcpb-'));
try {
  execFileSync(join(root, mcpTool('mcpb')), ['unpack', join(root, 'dist', 'hyperloom.mcpb'), folder]);
  await check('as it is told', { address, author: 'bundle' }, story);
  await check('with tools that change nothing', { address, tools: 'read-only' }, async (client) => {
    assert.deepEqual(await namesOf(client), readingGrants);
  });
  await check('with a profile that is not there', { profile: 'no such profile' }, undefined);
  await check('with a broker that is away', { address: '127.0.0.1:1' }, async (client) => {
    const { isError, text } = await callTool(client, 'read', { paths: ['/a'] });
    assert.ok(isError);
    assert.match(text, /hyperloom serve/);
  });
} finally {
  rmSync(folder, { recursive: true });
}

/** Starts the bundle with settings of a user, as the manifest says; without a story it has to refuse them. */
async function check(
  name: string,
  settings: Readonly<Record<string, string>>,
  tell: ((client: Client) => Promise<void>) | undefined,
): Promise<void> {
  const { command, args, env } = await configurationFor(settings);
  const client = new Client({ name: 'host', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: command === 'node' ? process.execPath : command,
    args,
    env: { ...env, PATH: '', HOME: folder },
    cwd: folder,
    stderr: tell === undefined ? 'ignore' : 'inherit',
  });
  const connected = client.connect(transport);
  if (tell === undefined) await assert.rejects(connected);
  else {
    await connected;
    await tell(client);
  }
  await client.close();
  console.log(`ok ${name}`);
}

async function story(client: Client): Promise<void> {
  assert.deepEqual(await namesOf(client), allGrants);
  const path = '/bundle/log';
  const { isError, text } = await callTool(client, 'append', { path, text: 'written' });
  assert.ok(!isError, text);
  const { structured } = await callTool(client, 'read', { paths: [path] });
  const [node] = structured['nodes'] as readonly Readonly<Record<string, unknown>>[];
  assert.equal(node?.['author'], 'bundle');
  const { contents } = await client.readResource({ uri: 'ui://hyperloom/tree' });
  assert.equal(contents[0]?.mimeType, 'text/html;profile=mcp-app');
}

async function namesOf(client: Client): Promise<ReadonlySet<string>> {
  const { tools } = await client.listTools();
  return new Set(tools.map(({ name }) => name));
}

interface Configuration {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** What the official tool makes of the manifest and a user's settings. */
async function configurationFor(settings: Readonly<Record<string, string>>): Promise<Configuration> {
  const file = join(
    root,
    mcpToolsFolder,
    'node_modules',
    '@anthropic-ai',
    'mcpb',
    'dist',
    'shared',
    'config.js',
  );
  const { getMcpConfigForManifest } = (await import(pathToFileURL(file).href)) as {
    readonly getMcpConfigForManifest: (options: object) => Promise<Configuration | undefined>;
  };
  const made = await getMcpConfigForManifest({
    manifest: JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as unknown,
    extensionPath: folder,
    systemDirs: {},
    userConfig: settings,
    pathSeparator: '/',
  });
  assert.ok(made !== undefined);
  return made;
}
