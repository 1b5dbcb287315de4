/**
 * Goal: a session goes on while somebody uses it, and is over half an hour later, however its callers went away. Method: requests by hand, on a
 * clock that a test moves.
 */
import { expect, it } from 'vitest';

import { ManualClock } from '../../../test/support/manual-clock.ts';
import { mcpSessionIdleMsMax } from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import { Bridge } from '../bridge.ts';
import { allGrants } from '../grants.ts';
import { Sessions } from './sessions.ts';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'hand', version: '1' } },
};
const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };

function openSessions(): { readonly sessions: Sessions; readonly clock: ManualClock } {
  const clock = new ManualClock();
  const bridge = new Bridge({
    open() {
      throw new Error('no test of sessions asks the broker');
    },
    clock,
    random: seededRandom(1),
    version: '1',
    forest: 'default',
    author: '',
    isCallerKnown: false,
    grants: allGrants,
    treePage: undefined,
    onError: () => undefined,
  });
  return { sessions: new Sessions(bridge), clock };
}

function send(
  sessions: Sessions,
  body: object | undefined,
  id?: string,
  signal?: AbortSignal,
): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    accept: body === undefined ? 'text/event-stream' : 'application/json, text/event-stream',
    ...(id === undefined ? {} : { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }),
  };
  const request = new Request('http://localhost/mcp', {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return sessions.fetch(request, body);
}

async function begin(sessions: Sessions): Promise<string> {
  const response = await send(sessions, initialize);
  await response.text();
  return response.headers.get('mcp-session-id') ?? '';
}

const ways: Readonly<Record<string, (sessions: Sessions, id: string) => Promise<unknown>>> = {
  'has read its answer': async (sessions, id) => (await send(sessions, listTools, id)).text(),
  'went away before the answer began': async (sessions, id) =>
    (await send(sessions, listTools, id, AbortSignal.abort())).body?.cancel().catch(() => undefined),
  'went away before it has read the answer': async (sessions, id) => {
    const left = new AbortController();
    await send(sessions, listTools, id, left.signal);
    left.abort();
  },
  'does not want the answer': async (sessions, id) => (await send(sessions, listTools, id)).body?.cancel(),
  'went away from its stream': async (sessions, id) => {
    const left = new AbortController();
    await send(sessions, undefined, id, left.signal);
    left.abort();
  },
};

it.each(Object.keys(ways))('frees the session of a caller that %s', async (way) => {
  const { sessions, clock } = openSessions();
  const id = await begin(sessions);
  await ways[way]?.(sessions, id);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(mcpSessionIdleMsMax * 1.2);
  expect((await send(sessions, listTools, id)).status).toBe(404);
});

it('keeps the session of a caller that has left its stream and opened another one', async () => {
  const { sessions, clock } = openSessions();
  const id = await begin(sessions);
  const left = new AbortController();
  expect((await send(sessions, undefined, id, left.signal)).status).toBe(200);
  left.abort();
  await new Promise((resolve) => setImmediate(resolve));
  expect((await send(sessions, undefined, id)).status).toBe(200);
  clock.advance(mcpSessionIdleMsMax * 1.2);
  expect((await send(sessions, listTools, id)).status).toBe(200);
});
