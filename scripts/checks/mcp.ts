/** What others wrote for MCP, let loose on the bridge: the official conformance suite, the Inspector, the Python client, and the packer of bundles. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { cacheFolder } from '../../bench/harness/tools.ts';
import { mcpTool, mcpToolsFolder, prepareMcpTools } from '../mcp-tools.ts';
import type { Counts, Step, StepResult } from '../step.ts';
import { failed, root, run, show, toolEnvironment, unavailable } from '../step.ts';
import { mcpConformanceCounts } from './counts.ts';

const suite = join(
  mcpToolsFolder,
  'node_modules',
  '@modelcontextprotocol',
  'conformance',
  'dist',
  'index.js',
);
const pythonClient = 'mcp==2.3.0';

/** By itself the Inspector gives up after 15 seconds, which a busy machine may take to start a program. */
const connectTimeoutMs = '300000';

/** Whole revisions of the protocol: all that each requires, against the bridge's endpoint with the suite's fixtures added. */
const revisions = ['2025-11-25', '2026-07-28'];

/** Scenarios that need no fixtures, against a broker as it is. */
const genericScenarios: readonly (readonly [revision: string, scenarios: readonly string[]])[] = [
  [
    '2025-11-25',
    [
      ...['server-initialize', 'ping', 'tools-list', 'resources-list', 'prompts-list'],
      ...['dns-rebinding-protection', 'server-sse-multiple-streams', 'server-session-lifecycle'],
    ],
  ],
  [
    '2026-07-28',
    [
      ...['tools-list', 'resources-list', 'prompts-list', 'caching', 'sep-2164-resource-not-found'],
      ...['dns-rebinding-protection', 'server-sse-multiple-streams', 'http-header-validation'],
    ],
  ],
];

/** Addresses of the endpoint with fixtures, and of the one of a broker. */
interface Addresses {
  readonly fixtures: string;
  readonly broker: string;
}

/** Starts both, and ends them when `use` is done. */
async function withServers<T>(use: (addresses: Addresses) => Promise<T>): Promise<T> {
  const server = spawn('node', [join('test', 'mcp', 'conformance-server.ts')], {
    cwd: root,
    env: toolEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const ended = once(server, 'exit').then(() => {
      throw new Error('the servers did not start');
    });
    const begun = once(createInterface(server.stdout), 'line') as Promise<[string]>;
    const [line] = await Promise.race([begun, ended]);
    ended.catch(() => undefined);
    return await use(JSON.parse(line) as Addresses);
  } finally {
    server.stdin.end();
  }
}

/** Runs the suite in a folder of its own, since it writes down what it has seen. */
async function conformance(...args: readonly string[]): Promise<Counts> {
  const within = [
    'sh',
    '-c',
    'cd "$0" && exec "$@"',
    cacheFolder(),
    'node',
    join(root, suite),
    'server',
    ...args,
  ];
  const { ok, output } = await run('env', within, true);
  const counts = mcpConformanceCounts(output);
  const isBroken = counts.failed > 0 || !ok || counts.passed === 0;
  if (isBroken) show(output);
  return isBroken && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function inspector({ broker }: Addresses): Promise<Counts> {
  const command = mcpTool('mcp-inspector');
  const http = ['--cli', broker, '--transport', 'http'];
  const stdio = ['--cli', 'node', join('src', 'main.ts'), '--address', new URL(broker).host, 'mcp'];
  const append = ['--tool-name', 'append', '--tool-arg', 'path=/inspector/log', '--tool-arg', 'text=seen'];
  const checks: readonly (readonly [readonly string[], string])[] = [
    [[...http, '--method', 'tools/list'], '"wait_for_change"'],
    [[...http, '--method', 'tools/call', ...append], '"structuredContent"'],
    [[...http, '--method', 'resources/read', '--uri', 'hyperloom://default/inspector/log'], '"seen"'],
    [[...http, '--method', 'prompts/list'], '"hand_over_session"'],
    [[...stdio, '--method', 'tools/list'], '"wait_for_change"'],
    [[...stdio, '--method', 'resources/templates/list'], 'hyperloom://{forest}/{+path}'],
  ];
  let passed = 0;
  for (const [args, expected] of checks) {
    const { ok, output } = await run(command, [...args, '--connect-timeout', connectTimeoutMs], true);
    if (ok && output.includes(expected)) passed += 1;
    else show(`mcp-inspector ${args.join(' ')}:\n${output}`);
  }
  return { passed, failed: checks.length - passed, skipped: 0 };
}

/** The client in Python, in an environment of its own: what it needs has nothing to do with the SDK. */
async function python({ broker }: Addresses): Promise<Counts> {
  const environment = join(cacheFolder(), 'mcp-python');
  const interpreter = join(environment, 'bin', 'python');
  const stamp = join(environment, '.requirement');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== pythonClient) {
    await run('python3', ['-m', 'venv', environment]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', pythonClient];
    if (!(await run(interpreter, pip)).ok) return { passed: 0, failed: 1, skipped: 0 };
    writeFileSync(stamp, pythonClient);
  }
  const url = broker.replace(/\/mcp$/, '');
  const { ok, output } = await run(
    interpreter,
    [join('test', 'mcp', 'client.py'), url, process.execPath, join('src', 'main.ts')],
    true,
  );
  const passed = output.split('\n').filter((line) => line.startsWith('ok ')).length;
  if (!ok) show(output);
  return { passed, failed: ok && passed === 4 ? 0 : 4 - Math.min(passed, 3), skipped: 0 };
}

async function prepare(): Promise<StepResult | null> {
  if (!(await run('python3', ['-c', 'import venv, ensurepip'], true)).ok)
    return unavailable('no Python 3.10 or newer, or no venv module');
  return (await prepareMcpTools()) ? null : failed('the tools could not be installed');
}

/** The bundle for a click, built, unpacked into an empty folder, and driven by the official client. */
async function bundle({ broker }: Addresses): Promise<Counts> {
  const built = await run('env', ['NODE_ENV=production', 'node', join('scripts', 'build-mcpb.ts')], true);
  const story = join('test', 'mcp', 'bundle.ts');
  const { ok, output } = built.ok ? await run('node', [story, new URL(broker).host], true) : built;
  const passed = output.split('\n').filter((line) => line.startsWith('ok ')).length;
  if (!ok) show(output);
  return { passed, failed: ok && passed > 0 ? 0 : 1, skipped: 0 };
}

export const mcpStep: Step = {
  name: 'mcp',
  async run() {
    const refusal = await prepare();
    if (refusal !== null) return refusal;
    return withServers(async (addresses) => {
      const counts: Counts[] = [];
      for (const revision of revisions)
        counts.push(await conformance('--url', addresses.fixtures, '--requirements', revision));
      for (const [revision, scenarios] of genericScenarios)
        for (const scenario of scenarios)
          counts.push(
            await conformance('--url', addresses.broker, '--spec-version', revision, '--scenario', scenario),
          );
      counts.push(await inspector(addresses), await python(addresses), await bundle(addresses));
      const sum = (of: keyof Counts): number => counts.reduce((total, each) => total + each[of], 0);
      return { passed: sum('passed'), failed: sum('failed'), skipped: 0, note: '' };
    });
  },
};
