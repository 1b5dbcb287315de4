/**
 * Goal: a stop takes no answer from MCP clients. Method: brokers, in this process with a disk that is held back and as processes of their
 * own, are stopped while calls run that write, and that wait for others; so is the bridge that clients start.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { MemoryStore } from '../../src/memory-store.ts';
import { connect } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { callTool, connectMcp, ways } from '../support/mcp.ts';

const overHttp = ways.filter(({ transport }) => transport === 'http');
/** A machine that has other work takes its time. */
const patiently = { timeout: 30_000 };
const stopped = /about to stop[^]*\(NOT_SERVING\)[^]*Next: Call again in a few seconds/;

/** Its disk says only when it is told to that something is on it. */
class HeldStore extends MemoryStore {
  readonly journal = new MemoryJournal({ durability: 'held' });

  override openForest(): Promise<Journal> {
    return Promise.resolve(this.journal);
  }
}

const subscriptions = ({ broker }: TestBroker): number =>
  broker.forests.list().reduce((total, { hub }) => total + hub.subscriptions, 0);

describe.each(overHttp)('a stop of the broker, for a client that speaks $era', (way) => {
  it('lets a write end that runs, and tells at once what waits that it waits no longer', async () => {
    const store = new HeldStore();
    const broker = await startTestBroker({ store, settings: { 'drain-ms-max': '60000' } });
    const client = await connectMcp(broker, way);
    const waiting = callTool(client, 'wait_for_change', { patterns: ['/**'], wait_seconds: 50 });
    await expect.poll(() => subscriptions(broker), patiently).toBe(1);
    const before = store.journal.lastPosition;
    const writing = callTool(client, 'append', { path: '/log', text: 'x' });
    await expect.poll(() => store.journal.lastPosition, patiently).toBeGreaterThan(before);
    const stop = broker.broker.stop();
    expect(await waiting).toMatchObject({ isError: true, text: expect.stringMatching(stopped) });
    store.journal.makeDurable(store.journal.lastPosition);
    expect(await writing).toMatchObject({ isError: false, structured: { revision: 1 } });
    await stop;
    expect([...broker.fatal, ...broker.log]).toEqual([]);
    await client.close();
    await broker.close();
  });

  it('ends with 0 while calls wait for a change and for a lock, which are answered', async () => {
    const data = mkdtempSync(join(tmpdir(), 'hyperloom-mcp-stop-'));
    const broker = new BrokerProcess(data);
    await broker.start();
    const owner = connect(broker.address, { author: 'owner' });
    const client = await connectMcp({ url: `http://${broker.address}` }, way);
    await owner.lock('/locked', { ttlMs: 600_000 });
    const listening = callTool(client, 'wait_for_change', { patterns: ['/**'], wait_seconds: 50 });
    const locking = callTool(client, 'acquire_lock', { paths: ['/locked'], wait_seconds: 50 });
    const metrics = async (): Promise<string> => (await fetch(`http://${broker.address}/metrics`)).text();
    await expect.poll(metrics, patiently).toMatch(/hyperloom_forest_subscriptions\{[^}]*\} 1/);
    await expect
      .poll(
        async () => (await owner.locks().all()).filter(({ waitsForTotal }) => waitsForTotal > 0).length,
        patiently,
      )
      .toBe(1);
    const ended = broker.stop('SIGTERM');
    expect(await listening).toMatchObject({ isError: true, text: expect.stringMatching(stopped) });
    expect(await locking).toMatchObject({ isError: true, text: expect.stringMatching(stopped) });
    await client.close();
    owner.destroy();
    expect(await ended).toBe(0);
    rmSync(data, { recursive: true });
  });
});

it('the bridge answers what waits before it ends, with 0', async () => {
  const broker = await startTestBroker();
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const address = broker.url.replace('http://', '');
  const bridge = spawn(process.execPath, [main, '--address', address, 'mcp'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(bridge.stdout)[Symbol.asyncIterator]();
  const send = (message: object): void =>
    void bridge.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'hand', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  send({ id: 1, method: 'initialize', params });
  expect((await lines.next()).value).toContain('"id":1');
  send({ method: 'notifications/initialized' });
  const given = { patterns: ['/**'], wait_seconds: 50 };
  send({ id: 2, method: 'tools/call', params: { name: 'wait_for_change', arguments: given } });
  await expect.poll(() => subscriptions(broker), patiently).toBe(1);
  const exited = once(bridge, 'exit');
  bridge.kill('SIGTERM');
  const { value: answer } = await lines.next();
  expect(JSON.parse(answer ?? '{}')).toMatchObject({
    id: 2,
    result: { isError: true, content: [{ text: expect.stringMatching(stopped) }] },
  });
  expect(await exited).toEqual([0, null]);
  await broker.close();
});
