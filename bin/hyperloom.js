#!/usr/bin/env node
/**
 * Starts Hyperloom under Node 24 or newer, whichever Node (20 or newer) runs this file. Plain JavaScript, so that an old
 * Node can read it and say what is missing. In a checkout it runs the sources, in an installed package `dist`: Node
 * strips types everywhere but below `node_modules`.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const nodeMajorMin = 24;
// The broker keeps recent roots alive, and copying them twice through a small young generation costs it half its time
// (bench/README.md). V8 reads this only at its start, and without it the size depends on the machine's memory. With twice as much a publish costs
// the same, and the slowest hundredth takes half as long again (27 against 19 ms for puts, 22 against 15 through a stream); with half as much, more.
// Pretenuring: in the first second, while that generation is still small, V8 sees nearly everything survive and from then on
// makes it old at once. Dead old objects keep alive what they refer to, so that collections promoted ten times as much, and
// took two to three times as long, as when age alone decides.
// Memory reducer: of a broker at rest (src/memory-at-rest.ts) each of its collections empties some of the pages that garbage has left
// half full. With two of them 1,000,000 nodes of 200 bytes kept 723 MB after a bulk load, with five 693. When they do is decided there.
const serveFlags = [
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
  '--memory-reducer-gc-count=6',
];

// glibc gives each thread a heap of its own and keeps what was freed in all of them. With two heaps, and blocks from 256 KiB on straight from
// the system and back, publishes cost the same and the soak's broker stays some 35 MB smaller.
const serveEnvironment = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '262144', ...process.env };

const launcher = fileURLToPath(import.meta.url);
const args = process.argv.slice(2);

if (Number.parseInt(process.versions.node, 10) < nodeMajorMin) startWithPackagedNode();
else if (needsFlags()) replaceProcess();
else await run();

async function run() {
  // Commands are short: what was read and compiled once is kept for the next one. Where it cannot be, nothing is lost.
  module.enableCompileCache?.();
  await import(entry().href);
  // Otherwise only a process that ends in order does that. A broker that was killed would take a second longer to start, and in a checkout,
  // where types would be stripped again, 25 MB more for as long as it runs. After an update it takes a tenth of a second, and hardly any later.
  if (args[0] === 'serve') module.flushCompileCache?.();
}

/** The sources where they are there, and otherwise what was built from them. */
function entry() {
  const sources = new URL('../src/main.ts', import.meta.url);
  return existsSync(sources) ? sources : new URL('../dist/src/main.js', import.meta.url);
}

function needsFlags() {
  const isSet = process.execArgv.some((flag) => flag.startsWith('--max-semi-space-size'));
  return (
    args[0] === 'serve' && !isSet && typeof process.execve === 'function' && process.platform !== 'win32'
  );
}

/** The same process under the same id goes on with the flags: signals keep reaching the broker. */
function replaceProcess() {
  const command = [process.execPath, ...process.execArgv, ...serveFlags, launcher, ...args];
  process.execve(process.execPath, command, serveEnvironment);
}

/** A Node too old to replace itself runs the one of the `node` package as a child, and passes signals and the end on. */
function startWithPackagedNode() {
  const node = packagedNode();
  if (node === undefined) {
    console.error(
      `hyperloom needs Node ${nodeMajorMin} or newer; this is ${process.version} (${process.execPath}), and the npm ` +
        `package "node" is not installed beside it. Install Node ${nodeMajorMin} from https://nodejs.org, or run: npm install node@${nodeMajorMin}`,
    );
    process.exitCode = 1;
    return;
  }
  const [flags, env] = args[0] === 'serve' ? [serveFlags, serveEnvironment] : [[], process.env];
  const child = spawn(node, [...flags, launcher, ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      // A terminal sends its Ctrl-C to both processes; passing it on would tell the broker twice.
      const isFromTerminal = signal === 'SIGINT' && (process.stdin.isTTY || process.stdout.isTTY);
      if (!isFromTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`hyperloom could not start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

/** The binary of the `node` package, or `undefined` where it is not installed. */
function packagedNode() {
  try {
    return module.createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    return undefined;
  }
}
