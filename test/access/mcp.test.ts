/**
 * Goal: MCP over HTTP is open to those only who may come in, and to each as far as its grants go. Method: the official client with tokens, and plain requests
 * where a client would not go.
 */
import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putText } from '../support/broker.ts';
import { callTool, connectMcp, ways } from '../support/mcp.ts';
import { startGuardedBroker, until, type GuardedBroker } from './guarded-broker.ts';

let guarded: GuardedBroker;
let alice: string;
let bob: string;

beforeAll(async () => {
  guarded = await startGuardedBroker({
    grants: [
      { principals: 'root', may: 'all' },
      { principals: 'alice', paths: '/a/**', may: ['read', 'write'] },
      { principals: 'bob', paths: '/b/**', may: 'read' },
      { principals: ['carol', 'dave'], paths: '/c/**', may: ['read', 'write', 'ghost'] },
    ],
    jwt: [
      {
        issuer: 'https://login.example.com/',
        audience: 'x',
        algorithms: ['ES256'],
        jwks: 'http://127.0.0.1:1/keys',
      },
    ],
  });
  const root = guarded.as(guarded.token('root'));
  [alice, bob] = [guarded.token('alice'), guarded.token('bob')];
  await until(async () =>
    guarded
      .as(bob)
      .context.list({})
      .then(
        () => true,
        () => false,
      ),
  );
  await root.context.publish({ operations: [putText('/a/x', 'of alice'), putText('/b/x', 'of bob')] });
});
afterAll(() => guarded.close());

async function open(token: string, options: ClientOptions = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, options);
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${guarded.broker.url}/mcp`), { requestInit: { headers } }),
  );
  return client;
}

async function told(client: Client, name: string, input: Record<string, unknown>): Promise<string> {
  return JSON.stringify(await client.callTool({ name, arguments: input }));
}

test('a client acts as its principal, and no further', async () => {
  const client = await open(alice);
  expect(await told(client, 'read', { paths: ['/a/x'] })).toContain('of alice');
  const refused = await told(client, 'read', { paths: ['/b/x'] });
  expect(refused).toContain('may not read /b/x');
  expect(refused).not.toContain('of bob');
  expect(
    await told(client, 'publish', { operations: [{ op: 'put', path: '/a/y', value: 'hers' }] }),
  ).not.toContain('isError');
  const { node } = await guarded.as(alice).context.get({ path: '/a/y' });
  expect(node?.author).toBe('alice');
  await client.close();
});

test.each(ways)(
  'nobody is asked about ghosts of their own, over $transport in $era',
  async ({ transport, era }) => {
    const [carol, dave] = [guarded.token('carol'), guarded.token('dave')];
    const theirs = guarded.as(dave);
    await until(async () =>
      theirs.context.list({ path: '/c' }).then(
        () => true,
        () => false,
      ),
    );
    const capabilities = { elicitation: {} };
    const mode = era === '2025-11-25' ? 'legacy' : ({ pin: era } as const);
    const environment = { HYPERLOOM_ADDRESS: new URL(guarded.broker.url).host, HYPERLOOM_TOKEN: carol };
    const client =
      transport === 'http'
        ? await open(carol, { capabilities, versionNegotiation: { mode } })
        : await connectMcp(guarded.broker, { transport, era }, { capabilities, environment });
    const asked: string[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return { action: 'accept', content: {} };
    });
    const own = await callTool(client, 'begin_ghost', { label: 'own', scope: '/c' });
    const committed = await callTool(client, 'commit', { ghost_id: own.structured['ghost_id'] });
    expect([committed.structured['state'], asked]).toEqual(['committed', []]);
    const { ghost } = await theirs.context.beginGhost({ scope: '/c' });
    await callTool(client, 'commit', { ghost_id: ghost?.id });
    expect(asked).toEqual([expect.stringContaining('of dave')]);
    await client.close();
  },
);

test('sessions are known to their own principal alone', async () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  };
  const post = (token: string, body: object, session?: string): Promise<Response> =>
    fetch(`${guarded.broker.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
        ...(session === undefined ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
      },
      body: JSON.stringify(body),
    });
  const session = (await post(alice, initialize)).headers.get('mcp-session-id') ?? '';
  expect(session).not.toBe('');
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };
  expect((await post(alice, list, session)).status).toBe(200);
  expect((await post(bob, list, session)).status).toBe(404);
  guarded.revoke('alice');
  await until(async () => (await post(alice, list, session)).status === 401);
});

test('a session goes on to hear of what it watches when its first token has ended', async () => {
  const next = guarded.token('alice');
  const short = guarded.token('alice', Date.now() + 4_000);
  const alive = (token: string): Promise<boolean> =>
    guarded
      .as(token)
      .context.list({ path: '/a' })
      .then(
        () => true,
        () => false,
      );
  await until(() => alive(next));
  await until(() => alive(short));
  let current = short;
  const client = new Client({ name: 'test', version: '1' });
  const heard: string[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    heard.push(params.uri);
  });
  const fetchAs = (url: string | URL, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${current}`);
    return fetch(url, { ...init, headers });
  };
  const transport = new StreamableHTTPClientTransport(new URL(`${guarded.broker.url}/mcp`), {
    fetch: fetchAs,
  });
  await client.connect(transport);
  await client.subscribeResource({ uri: 'hyperloom://default/a/watched' });
  current = next;
  await until(async () => !(await alive(short)));
  const put = async (value: string): Promise<string> =>
    told(client, 'publish', { operations: [{ op: 'put', path: '/a/watched', value }] });
  // What came while nobody watched is told when somebody does again.
  const before = heard.length;
  expect(await put('while the watch was broken off')).not.toContain('isError');
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBeGreaterThan(before);
  const again = heard.length;
  expect(await put('while it is watched again')).not.toContain('isError');
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBeGreaterThan(again);
  await client.close();
});

test('tells where tokens come from', async () => {
  const url = `${guarded.broker.url}/.well-known/oauth-protected-resource`;
  for (const address of [url, `${url}/mcp`])
    expect(await (await fetch(address)).json()).toEqual({
      resource: `${guarded.broker.url}/mcp`,
      resource_name: 'Hyperloom',
      authorization_servers: ['https://login.example.com/'],
      bearer_methods_supported: ['header'],
    });
  const preflight = await fetch(`${guarded.broker.url}/mcp`, {
    method: 'OPTIONS',
    headers: { origin: guarded.broker.url },
  });
  expect(preflight.status).toBe(204);
});
