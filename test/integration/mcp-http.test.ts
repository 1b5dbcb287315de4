/**
 * Goal: the MCP endpoint on the broker's port answers whom it may, within its bounds, and ends with the broker. Method: requests by
 * hand to a real broker, over HTTP/1.1 and HTTP/2.
 */
import { connect as connectHttp2 } from 'node:http2';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { mcpRequestBytesMax } from '../../src/base/limits.ts';
import { putText, startTestBroker, type TestBroker } from '../support/broker.ts';
import { callTool, connectMcp, ways } from '../support/mcp.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  await broker.close();
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
});

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'hand', version: '1' },
  },
};
const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** `fetch` lets nobody choose `Host`. */
function send(method: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Answer> {
  const accept = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${broker.url}/mcp`,
      { method, headers: { ...accept, ...headers } },
      (response) => {
        text(response).then(
          (read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read }),
          reject,
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
const post = (message: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  send('POST', headers, JSON.stringify(message));

describe('names', () => {
  it.each(['evil.example.com', 'evil.example.com:7400', '10.0.0.1', 'localhost.evil.example.com'])(
    'refuses %s as host, and as origin',
    async (name) => {
      expect(await post(initialize, { host: name })).toMatchObject({ status: 403 });
      const refused = await post(initialize, { origin: `http://${name}` });
      expect(refused.status).toBe(403);
      expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it.each(['localhost', '127.0.0.1:1', '[::1]:7400'])('takes %s as host, and as origin', async (name) => {
    expect(await post(initialize, { host: name })).toMatchObject({ status: 200 });
    const origin = `http://${name}`;
    const taken = await post(initialize, { origin });
    expect(taken).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin } });
    const preflight = await send('OPTIONS', { origin });
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': origin } });
  });
});

describe('requests', () => {
  it('refuses other methods, broken JSON, and more than there is room for', async () => {
    expect(await send('PUT', {}, '{}')).toMatchObject({ status: 405 });
    const broken = await send('POST', {}, '{"jsonrpc"');
    expect(broken.status).toBe(400);
    expect(broken.body).toContain('-32700');
    const large = await send('POST', {}, `"${'x'.repeat(mcpRequestBytesMax)}"`);
    expect(large).toMatchObject({ status: 413 });
  });

  it('refuses what belongs to no session, or to one that is over', async () => {
    expect(await post(ping)).toMatchObject({ status: 400 });
    expect(await post(ping, { 'mcp-session-id': 'guessed' })).toMatchObject({ status: 404 });
    const begun = await post(initialize);
    const session = { 'mcp-session-id': String(begun.headers['mcp-session-id']) };
    expect(session['mcp-session-id'].length).toBeGreaterThanOrEqual(32);
    expect(await post(ping, session)).toMatchObject({ status: 200 });
    expect(await send('DELETE', session)).toMatchObject({ status: 200 });
    expect(await post(ping, session)).toMatchObject({ status: 404 });
  });
});

it('answers over HTTP/2 as well', async () => {
  const session = connectHttp2(broker.url);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/mcp',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    });
    const head = new Promise<Readonly<Record<string, unknown>>>((resolve) =>
      stream.once('response', resolve),
    );
    stream.end(JSON.stringify(initialize));
    expect(await head).toMatchObject({ ':status': 200 });
    expect(await text(stream)).toContain('"name":"hyperloom"');
  } finally {
    session.close();
  }
});

it.each(ways.filter(({ transport, era }) => transport === 'http' && era === '2026-07-28'))(
  'says nothing of a client of $era that goes away while it waits',
  async (way) => {
    const other = await startTestBroker();
    const client = await connectMcp(other, way);
    const waiting = callTool(client, 'wait_for_change', { patterns: ['/**'], wait_seconds: 50 });
    const left = waiting.then(
      () => 'answered',
      () => 'left',
    );
    const subscriptions = (): number =>
      other.broker.forests.list().reduce((total, { hub }) => total + hub.subscriptions, 0);
    await expect.poll(subscriptions, { timeout: 30_000 }).toBe(1);
    await client.close();
    expect(await left).toBe('left');
    await expect.poll(subscriptions, { timeout: 30_000 }).toBe(0);
    await other.close();
    expect([...other.fatal, ...other.log]).toEqual([]);
  },
);

it('ends the streams of its clients when the broker stops', async () => {
  const other = await startTestBroker();
  const begun = await fetch(`${other.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(initialize),
  });
  await begun.text();
  const stream = await fetch(`${other.url}/mcp`, {
    headers: { accept: 'text/event-stream', 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' },
  });
  expect(stream.status).toBe(200);
  const ended = stream.text().then(
    () => 'ended',
    () => 'ended',
  );
  await other.close();
  expect(await ended).toBe('ended');
});

it('lets a client whose stream broke open it again, and tells it all that comes then', async () => {
  const begun = await post(initialize);
  const session = { 'mcp-session-id': String(begun.headers['mcp-session-id']) };
  const uri = 'hyperloom://default/streamed';
  await post({ jsonrpc: '2.0', id: 3, method: 'resources/subscribe', params: { uri } }, session);
  const open = async (signal: AbortSignal): Promise<Response> =>
    fetch(`${broker.url}/mcp`, { headers: { accept: 'text/event-stream', ...session }, signal });
  const broken = new AbortController();
  let stream = await open(broken.signal);
  expect(stream.status).toBe(200);
  broken.abort();
  const again = new AbortController();
  // Nothing is written meanwhile: that the client is gone is known by its connection alone.
  await expect.poll(async () => (stream = await open(again.signal)).status, { timeout: 10_000 }).toBe(200);
  const heard = (async () => {
    for await (const chunk of stream.body ?? []) if (Buffer.from(chunk).includes(uri)) return 'heard';
    return 'ended';
  })();
  await broker.context.publish({ operations: [putText('/streamed', 'x')] });
  expect(await heard).toBe('heard');
  again.abort();
});
