/**
 * Goal: while NATS is away the SDKs tell programs how old what they read may be, in the results themselves: TypeScript, Python (blocking and asyncio) and Go.
 * Method: a real broker and a real `nats-server` that stands still, and programs in each language that read until what they read is old.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findGo, noGo } from '../../scripts/checks/go.ts';
import { preparePython, pythonTool } from '../../scripts/checks/python.ts';
import { root, run, unavailable } from '../../scripts/step.ts';
import { putText } from '../support/broker.ts';
import { oldMs, Program } from './ages/program.ts';
import { BrokersOnNats } from './brokers-on-nats.ts';

const python = await preparePython();
const go = await findGo();
const missing = python?.note ?? (go === undefined ? noGo : undefined);
if (missing !== undefined && unavailable(missing).failed > 0) throw new Error(`CI must have it: ${missing}`);

const on = new BrokersOnNats('ages');
const reads = ['batchGet', 'bookmark', 'get', 'listed', 'missing', 'page', 'rendered', 'window'];
// A compiler may run for the first time.
const msMax = 900_000;

test.skipIf(missing !== undefined)(
  'while NATS stands still each SDK says of all that is read how old it may be, and says so no more when it is back',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-ages-'));
    const inGo = join(folder, 'aged');
    const built = await run(go ?? 'go', ['-C', 'clients/go', 'build', '-o', inGo, './internal/aged'], true);
    expect(built).toMatchObject({ ok: true });
    const { broker, clients } = await on.start('AGES');
    await clients.context.publish({ operations: [putText('/session/note', 'before')] });
    const scripts = join(root, 'test', 'jetstream', 'ages');
    const commands = {
      typescript: [process.execPath, join(scripts, 'agent.ts')],
      python: [pythonTool('python'), join(scripts, 'agent.py'), 'asyncio'],
      'blocking Python': [pythonTool('python'), join(scripts, 'agent.py'), 'sync'],
      go: [inGo],
    } as const;
    await using programs = new AsyncDisposableStack();
    const all = Object.entries(commands).map(
      ([name, command]) => [name, programs.use(new Program(command, broker.address))] as const,
    );
    for (const [name, program] of all)
      expect([name, await program.next()]).toEqual([name, { linearizable: null }]);
    const [server] = on.nats.servers;
    server?.pause();
    try {
      await server?.standsStill();
      const told = await Promise.all(
        all.map(async ([name, program]) => [name, await program.goOn()] as const),
      );
      for (const [name, ages] of told) {
        expect([name, Object.keys(ages).sort()]).toEqual([name, reads]);
        for (const ageMs of Object.values(ages)) expect(ageMs, name).toBeGreaterThanOrEqual(oldMs);
      }
    } finally {
      server?.resume();
    }
    for (const [, program] of all) expect((await program.goOn())['bookmark']).toBeLessThan(oldMs);
    await rm(folder, { recursive: true, force: true });
  },
  msMax,
);
