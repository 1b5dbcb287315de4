/**
 * Goal: a broker that is replaced under load, behind a proxy, loses no request and doubles none, whatever the SDK. Method: workers on the
 * SDKs for TypeScript, Python (asyncio) and Go append numbered lines through the proxy, while the broker process is told to stop again and
 * again, drains with exit code 0, and starts anew on its data; no worker may see an error, and every line must be there once.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { connect, operation } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { Proxy, proxyKinds } from './proxy.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const python = join(root, '.venv', 'bin', 'python');
/** Built by the step that runs this. */
const goWorker = join(process.env['DEPLOY_TOOLS'] ?? '', 'appender');
const workersEach = 3;
const restarts = 3;

const pythonWorker = `
import asyncio, sys, hyperloom

async def append_all(name, over):
    async with hyperloom.connect(sys.argv[1], author=name) as client:
        number = 0
        while not over.is_set():
            await client.append("/log", f"{name}.{number}\\n")
            number += 1
        print(name, number, flush=True)

async def main():
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, over.set)
    await asyncio.gather(*(append_all(f"py{index}", over) for index in range(${workersEach})))

asyncio.run(main())
`;

describe.each(proxyKinds)('through %s', (kind) => {
  test('no request is lost and none doubled over stops and starts under load', async () => {
    if (!existsSync(python)) throw new Error('no Python environment: npm test makes it (.venv)');
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-drain-'));
    const broker = new BrokerProcess(join(folder, 'data'), [
      '--drain-notice-ms',
      '100',
      '--drain-ms-max',
      '20000',
    ]);
    await broker.start();
    const proxy = await Proxy.start({ kind, broker: broker.port });
    const address = `127.0.0.1:${proxy.plainPort}`;
    try {
      const over = new AbortController();
      const workers = [
        inTypeScript(address, over.signal),
        inProcess(python, ['-c', pythonWorker, address], over.signal),
        inProcess(goWorker, [address, String(workersEach)], over.signal),
      ];
      // A worker that fails must not wait for the end to be heard of.
      const failed = Promise.all(workers);
      failed.catch(() => undefined);
      await using watcher = connect(broker.address);
      for (let count = 0; count < restarts; count += 1) {
        const before = await lines(watcher);
        await expect.poll(() => lines(watcher), { timeout: 30_000 }).toBeGreaterThan(before + 200);
        expect(await broker.stop('SIGTERM')).toBe(0);
        await broker.start();
      }
      const before = await lines(watcher);
      await expect.poll(() => lines(watcher), { timeout: 30_000 }).toBeGreaterThan(before + 200);
      over.abort();
      const acknowledged = new Map((await failed).flat());
      const log = (await watcher.get('/log')).value;
      if (typeof log !== 'string') throw new TypeError('the log is no text');
      const seen = log.trimEnd().split('\n');
      const expected = [...acknowledged].flatMap(([name, count]) =>
        Array.from({ length: count }, (_, number) => `${name}.${number}`),
      );
      expect(acknowledged.size).toBe(workersEach * workers.length);
      expect(seen.toSorted()).toEqual(expected.toSorted());
    } finally {
      await proxy.stop();
      await broker.stop('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    }
  }, 180_000);
});

type Counts = readonly (readonly [string, number])[];

async function lines(client: ReturnType<typeof connect>): Promise<number> {
  const node = await client.find('/log');
  return typeof node?.value === 'string' ? node.value.split('\n').length - 1 : 0;
}

function inTypeScript(address: string, over: AbortSignal): Promise<Counts> {
  return Promise.all(
    Array.from({ length: workersEach }, async (_, index) => {
      const name = `ts${index}`;
      await using client = connect(address, { author: name });
      let number = 0;
      for (; !over.aborted; number += 1)
        await client.publish([operation.append('/log', `${name}.${number}\n`)]);
      return [name, number] as const;
    }),
  );
}

/** A program that appends until its input ends, and then prints how often each of its workers did. */
async function inProcess(program: string, args: readonly string[], over: AbortSignal): Promise<Counts> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const [output, errors]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  over.addEventListener('abort', () => child.stdin.end());
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${errors.join('')}`);
  const told = output.join('').trim().split('\n');
  return told.map((line) => {
    const [name = '', number = ''] = line.split(' ');
    return [name, Number(number)] as const;
  });
}
