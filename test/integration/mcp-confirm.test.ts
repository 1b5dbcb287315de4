/**
 * Goal: what a user is asked about is what happens, and nothing else is. Method: the official client, and plain requests where a client would not take
 * the answer to one question for another.
 */
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { callTool, connectMcp } from '../support/mcp.ts';

const era = '2026-07-28';
let broker: TestBroker;
/** Works in ghosts as `somebody`. */
let client: Client;
/** Another agent, whose user accepts everything. */
let asking: Client;
const asked: string[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
  client = await connectMcp(broker, { transport: 'http', era });
  asking = await connectMcp(broker, { transport: 'http', era }, { capabilities: { elicitation: {} } });
  asking.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message);
    return { action: 'accept', content: {} };
  });
});
afterAll(async () => {
  await asking.close();
  await client.close();
  await broker.close();
  expect(broker.fatal).toEqual([]);
});

async function begin(label: string): Promise<string> {
  const { structured } = await callTool(client, 'begin_ghost', { label, agent: 'somebody' });
  return String(structured['ghost_id']);
}

function stage(ghost_id: string, ...paths: readonly string[]) {
  const operations = paths.map((path) => ({ op: 'put', path, value: 'x' }));
  return callTool(client, 'publish', { operations, ghost_id, agent: 'somebody' });
}

/** What a tool answers where its caller can be asked, before anybody is: with what came of an earlier question, if given. */
async function answer(
  name: string,
  input: object,
  earlier: object = {},
): Promise<Readonly<Record<string, unknown>>> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': era,
    'io.modelcontextprotocol/clientInfo': { name: 'plain', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
  };
  const params = { name, arguments: input, ...earlier, _meta };
  const response = await fetch(`${broker.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': era,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  const text = await response.text();
  const data = text.split('\n').findLast((line) => line.startsWith('data: '));
  return JSON.parse(data?.slice('data: '.length) ?? text).result;
}

it('does not commit what was staged after the answer', async () => {
  const ghost_id = await begin('small');
  await stage(ghost_id, '/late/shown');
  const lock = await callTool(client, 'acquire_lock', { paths: ['/late'], agent: 'locker' });
  const committing = callTool(asking, 'commit', { ghost_id, wait_seconds: 20 });
  await expect.poll(async () => (await broker.locks.inspectLocks({})).locks.length).toBe(2);
  await stage(ghost_id, '/elsewhere/not_shown', '/elsewhere/nor_this');
  await callTool(client, 'release_lock', { lease_id: lock.structured['lease_id'] });
  expect(await committing).toMatchObject({
    isError: true,
    text: expect.stringContaining('(REVIEW_OUTDATED)'),
  });
  const paths = ['/late/shown', '/elsewhere/not_shown'];
  expect((await callTool(client, 'read', { paths })).structured).toMatchObject({ missing: paths });
  asked.length = 0;
  const again = await callTool(asking, 'commit', { ghost_id });
  expect(again.structured).toMatchObject({ state: 'committed', operations: 3 });
  expect(asked).toEqual([expect.stringContaining('3 operations')]);
});

it('says that going back to a checkpoint leaves what was staged before it', async () => {
  const ghost_id = await begin('in parts');
  await stage(ghost_id, '/parts/one');
  await callTool(client, 'checkpoint', { ghost_id, name: 'first part', agent: 'somebody' });
  await stage(ghost_id, '/parts/two', '/parts/three');
  asked.length = 0;
  const rewound = await callTool(asking, 'revert', { ghost_id, checkpoint: '' });
  expect(rewound.structured).toMatchObject({ reverted: 'to_checkpoint', checkpoint: 'first part' });
  expect(asked).toEqual([
    expect.stringMatching(/go back to its checkpoint "first part".*staged since \(2 operations\) is dropped/),
  ]);
  await callTool(asking, 'revert', { ghost_id });
  expect(asked[1]).toMatch(/be reverted\? What is staged in it \(1 operations\) is dropped/);
});

const tasks = {
  commit: ['commit', {}],
  'serializable commit': ['commit', { isolation: 'serializable' }],
  revert: ['revert', {}],
  'return to a checkpoint': ['revert', { checkpoint: 'one' }],
  'return to another checkpoint': ['revert', { checkpoint: 'two' }],
} as const;

it.each([
  ['revert', 'commit'],
  ['commit', 'serializable commit'],
  ['serializable commit', 'commit'],
  ['commit', 'revert'],
  ['return to a checkpoint', 'revert'],
  ['revert', 'return to a checkpoint'],
  ['return to another checkpoint', 'return to a checkpoint'],
] as const)('does not take the approval of a %s for that of a %s', async (one, other) => {
  const ghost_id = await begin('bad idea');
  for (const name of ['one', 'two']) {
    await stage(ghost_id, `/crossed/${name}`);
    await callTool(client, 'checkpoint', { ghost_id, name, agent: 'somebody' });
  }
  const approved = async ([tool, input]: readonly [string, object]): Promise<object> => {
    const { requestState } = await answer(tool, { ghost_id, ...input });
    return { requestState, inputResponses: { confirm: { action: 'accept', content: {} } } };
  };
  const [tool, input] = tasks[other];
  const crossed = await answer(tool, { ghost_id, ...input }, await approved(tasks[one]));
  expect(crossed).toMatchObject({ resultType: 'input_required' });
  const asMeant = await answer(tool, { ghost_id, ...input }, await approved(tasks[other]));
  expect(asMeant).toMatchObject({ structuredContent: expect.anything() });
});
