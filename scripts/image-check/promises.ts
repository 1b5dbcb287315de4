/** What the image promises, each with what shows it. They are looked at in this order: the later ones go on with the broker of the earlier ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../step.ts';
import type { Answer, Engine } from './engine.ts';

/** One promise. `holds` resolves with `null`, or with what was seen instead. */
export interface Promised {
  readonly name: string;
  holds(engine: Engine, image: string): Promise<string | null>;
}

const name = 'broker';
const volume = 'hyperloom';
/** Longest until the broker is well: the health check's own start period. */
const startMsMax = 60_000;
/** Between two questions whether it is. */
const askMs = 250;
/** What Compose and Kubernetes give a broker to leave, at the least. */
const leaveSeconds = 30;

/** As strictly as an image can be run: no network but its own loopback, no writable root, no right of a root. */
const strictly = [
  ...['--network', 'none', '--read-only', '--read-only-tmpfs=false', '--cap-drop', 'all'],
  ...['--security-opt', 'no-new-privileges', '--volume', `${volume}:/data`],
  // Podman's own are higher than what a sandbox may allow.
  ...['--ulimit', 'nofile=4096', '--ulimit', 'nproc=1000'],
];
/** It listens beyond loopback, with neither TLS nor tokens. */
const behindMesh = ['--env', 'HYPERLOOM_INSECURE_BEHIND_MESH=true'];

function inside(engine: Engine, ...command: readonly string[]): Promise<Answer> {
  return engine.ask('exec', name, ...command);
}

/** The command line of the image, which is the package's own and speaks gRPC. */
function hyperloom(engine: Engine, ...args: readonly string[]): Promise<Answer> {
  return inside(engine, 'node', '/app/bin/hyperloom.js', ...args);
}

function evaluate(engine: Engine, expression: string): Promise<Answer> {
  return inside(engine, 'node', '-p', expression);
}

function unless(isRight: boolean, { code, output }: Answer): string | null {
  return isRight ? null : `exit code ${code}, ${output.trim().slice(-500)}`;
}

/** Starts a broker on the volume, and asks by the image's own health check until it is well. */
async function start(engine: Engine, image: string): Promise<string | null> {
  await engine.must('run', '--detach', '--name', name, ...strictly, ...behindMesh, image);
  const end = performance.now() + startMsMax;
  for (;;) {
    const asked = await engine.ask('healthcheck', 'run', name);
    if (asked.code === 0) return null;
    if (performance.now() > end)
      return `not well in time: ${asked.output} ${(await engine.ask('logs', name)).output}`;
    await new Promise((resolve) => setTimeout(resolve, askMs));
  }
}

/** Sends SIGTERM, and resolves with the exit code of the broker. */
async function stop(engine: Engine): Promise<string> {
  const isRunning = await engine.must('inspect', '--format', '{{.State.Running}}', name);
  if (isRunning !== 'true') return 'none: it did not run any more';
  await engine.must('stop', '--time', String(leaveSeconds), name);
  const code = await engine.must('inspect', '--format', '{{.State.ExitCode}}', name);
  await engine.must('rm', name);
  return code;
}

/** `name@version` of what lies in the image's `node_modules`. */
const installed = `
const fs = require('node:fs');
const found = [];
const look = (folder) => {
  for (const entry of fs.readdirSync(folder)) {
    const path = folder + '/' + entry;
    if (entry.startsWith('@')) look(path);
    else if (fs.existsSync(path + '/package.json')) {
      const { name, version } = JSON.parse(fs.readFileSync(path + '/package.json', 'utf8'));
      found.push(name + '@' + version);
      if (fs.existsSync(path + '/node_modules')) look(path + '/node_modules');
    }
  }
};
look('/app/node_modules');
JSON.stringify(found)`;

/** `name@version` of what the lock file says is installed with the package. */
function locked(): Set<string> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: boolean }>>;
  };
  const named = Object.entries(packages).filter(([path, { dev = false }]) => path !== '' && !dev);
  return new Set(
    named.map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`),
  );
}

/** See above. */
export const promises: readonly Promised[] = [
  {
    name: 'refuses to listen to the world without TLS and tokens, unless somebody says that a mesh takes care of that',
    async holds(engine, image) {
      const answer = await engine.ask('run', '--rm', ...strictly, image);
      return unless(answer.code !== 0 && answer.output.includes('--insecure-behind-mesh'), answer);
    },
  },
  {
    name: 'becomes well by its own health check: read-only root, no network, no capabilities, no new privileges',
    holds: start,
  },
  {
    name: 'says that it is not well where nobody answers',
    async holds(engine) {
      const elsewhere = ['--env', 'HYPERLOOM_LISTEN=0.0.0.0:7401'];
      const answer = await engine.ask('exec', ...elsewhere, name, 'node', '/app/healthcheck.mjs');
      return unless(answer.code === 1, answer);
    },
  },
  {
    name: 'is process 1, and nobody',
    async holds(engine) {
      const identity = `[process.getuid(), process.getgid(), fs.readFileSync('/proc/1/cmdline', 'utf8').split('\\0').slice(-3, -1)].flat().join(' ')`;
      const answer = await evaluate(engine, identity);
      return unless(answer.output.trim() === '65532 65532 /app/bin/hyperloom.js serve', answer);
    },
  },
  {
    name: 'can write /data and nothing else',
    async holds(engine) {
      const tried = `['/data', '/app', '/tmp', '/etc', '/'].map((at) => { try { fs.writeFileSync(at + '/tried', ''); return at; } catch (error) { return error.code; } }).join(' ')`;
      const answer = await evaluate(engine, tried);
      return unless(/^\/data( (EROFS|EACCES)){4}$/.test(answer.output.trim()), answer);
    },
  },
  {
    name: 'has no shell and no package manager: nothing to run but Node',
    async holds(engine) {
      const bins = ['bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/local/bin', 'usr/local/sbin', 'opt'];
      const there = `${JSON.stringify(bins)}.flatMap((folder) => fs.existsSync('/' + folder) ? fs.readdirSync('/' + folder) : []).join(' ')`;
      const answer = await evaluate(engine, there);
      return unless(answer.output.trim() === 'node', answer);
    },
  },
  {
    name: 'finds hosts by their names, as files say and by DNS',
    async holds(engine) {
      const asked = `const sources = /^hosts:.*$/m.exec(fs.readFileSync('/etc/nsswitch.conf', 'utf8'))?.[0] ?? ''; dns.lookup('localhost', (error, address) => console.log(error === null, /^(127\\.|::1)/.test(address), /files.* dns/.test(sources)))`;
      const answer = await inside(engine, 'node', '-e', asked);
      return unless(answer.output.trim() === 'true true true', answer);
    },
  },
  {
    name: 'tells scanners what its libraries are',
    async holds(engine) {
      const told = `fs.readdirSync('/var/lib/dpkg/status.d').map((name) => name + ' ' + /^Version: (.+)$/m.test(fs.readFileSync('/var/lib/dpkg/status.d/' + name, 'utf8'))).join(', ')`;
      const answer = await evaluate(engine, told);
      return unless(
        /^gcc-12-base true, libc6 true, libgcc-s1 true, libstdc\+\+6 true$/.test(answer.output.trim()),
        answer,
      );
    },
  },
  {
    name: 'has what the lock file says, in those versions, and nothing else',
    async holds(engine) {
      const answer = await evaluate(engine, installed);
      const found = JSON.parse(answer.output) as string[];
      const strangers = found.filter((each) => !locked().has(each));
      return strangers.length === 0 && found.length > 0
        ? null
        : `${found.length} packages; ${strangers.join(' ')}`;
    },
  },
  {
    name: 'takes a publish over gRPC, and shows it',
    async holds(engine) {
      const put = await hyperloom(engine, 'put', '/session_1/task', 'kept');
      if (put.code !== 0) return unless(false, put);
      const got = await hyperloom(engine, 'get', '/session_1/task');
      return unless(got.output.includes('kept'), got);
    },
  },
  {
    name: 'counts tokens, serves its page and its metrics, and speaks MCP',
    async holds(engine) {
      const rendered = await hyperloom(engine, 'render', '/session_1/**', '--json');
      if (!rendered.output.includes('kept') || !/"tokens":\s*[1-9]/.test(rendered.output))
        return unless(false, rendered);
      const asked = `(async () => {
        const ask = async (path, init) => (await fetch('http://127.0.0.1:7400' + path, init)).text();
        const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
        const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'check', version: '1' } };
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
        const [page, metrics, mcp] = [await ask('/'), await ask('/metrics'), await ask('/mcp', { method: 'POST', headers, body })];
        console.log(page.includes('<html'), metrics.includes('hyperloom_'), mcp.includes('"serverInfo"'));
      })()`;
      const answer = await inside(engine, 'node', '-e', asked);
      return unless(answer.output.trim() === 'true true true', answer);
    },
  },
  {
    name: 'ends with 0 at SIGTERM',
    async holds(engine) {
      const code = await stop(engine);
      return code === '0' ? null : `exit code ${code}`;
    },
  },
  {
    name: 'has what was published when another container starts on the same volume',
    async holds(engine, image) {
      const complaint = await start(engine, image);
      if (complaint !== null) return complaint;
      const got = await hyperloom(engine, 'get', '/session_1/task');
      const code = await stop(engine);
      return unless(got.output.includes('kept') && code === '0', got);
    },
  },
];
