/**
 * Goal: a subtree that lists messages is told as AG-UI's messages, and bad input in words that say what to do. Method: AG-UI's HttpAgent, and plain
 * requests, at a real endpoint over a real broker.
 */
import { connect, operation, type Client } from '@hyperloom/client';
import { AGUIError, type Message } from '@ag-ui/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { feed, FeedError, FeedUnavailableError, resumeOf, type FeedOptions } from '../src/index.ts';
import { Endpoint, stateAt, Watcher } from './support/agent.ts';

let broker: Broker;
let client: Client;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(broker.address, { author: 'tester' });
});

afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const question: Message = { id: 'm1', role: 'user', content: 'How many?' };
const answer: Message = { id: 'm2', role: 'assistant', content: 'Two.' };

/** What goes wrong with a feed. */
async function failure(options: FeedOptions, of: Client = client): Promise<unknown> {
  try {
    for await (const _event of feed(of, { follow: false, ...options }));
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('messages', () => {
  test('that are items of one list', async () => {
    await client.put('/list/messages', [question]);
    await using endpoint = await Endpoint.start(client, (input) => ({
      state: '/list',
      messages: '/list/messages',
      ...resumeOf(input),
    }));
    const watcher = new Watcher(endpoint.url);
    const run = watcher.run(() => watcher.agent.messages.length === 2);
    await client.append('/list/messages', [answer]);
    await run;
    expect(watcher.agent.messages).toEqual([question, answer]);
    expect(watcher.agent.state).toEqual({ messages: [question, answer] });
    expect(watcher.types()).toContain('MESSAGES_SNAPSHOT');
  });

  test('that are a node each, in the order of their names, changed and taken away', async () => {
    const tool: Message = { id: 'm3', role: 'tool', toolCallId: 't', content: 'x' };
    await client.publish([
      operation.put('/nodes/02', answer),
      operation.put('/nodes/01', question),
      operation.put('/nodes/10', tool),
    ]);
    const events = feed(client, { messages: '/nodes' });
    expect((await events.next()).value).toMatchObject({ messages: [question, answer, tool] });
    await client.merge('/nodes/02', { content: 'Three.' });
    const changed = { ...answer, content: 'Three.' };
    expect((await events.next()).value).toMatchObject({ messages: [question, changed, tool] });
    await client.delete('/nodes/01');
    expect((await events.next()).value).toMatchObject({ messages: [changed, tool] });
    await events.return();
  });

  test('of another form are converted', async () => {
    await client.publish([
      operation.put('/items/0', { item: { role: 'user', content: 'hello' } }),
      operation.put('/items/1', { item: { type: 'reasoning' } }),
    ]);
    const toMessage: FeedOptions['toMessage'] = (value, name) => {
      const { item } = value as { item: { role?: string; content?: string } };
      return item.role === 'user' ? { id: name, role: 'user', content: item.content ?? '' } : undefined;
    };
    const events = feed(client, { messages: '/items', toMessage, follow: false });
    expect((await events.next()).value).toMatchObject({
      type: 'MESSAGES_SNAPSHOT',
      messages: [{ id: '0', role: 'user', content: 'hello' }],
    });
    expect((await events.next()).done).toBe(true);
  });
});

describe('bad input', () => {
  test('of whoever calls is refused in words of AG-UI', async () => {
    await client.put('/bad/messages/1', { text: 'no message' });
    const cases: readonly (readonly [FeedOptions, string])[] = [
      [{}, 'tells state, messages or both'],
      [{ state: 'session_1' }, "takes paths such as '/session_1'"],
      [{ state: '/a//b' }, 'could not feed /a//b'],
      [{ state: '/a', ghost: 'nobody' }, 'could not feed /a'],
      [{ messages: '/bad/messages' }, 'entry 1 is no message of AG-UI'],
    ];
    for (const [options, told] of cases) {
      const error = await failure(options);
      expect(error).toBeInstanceOf(FeedError);
      expect(error).toBeInstanceOf(AGUIError);
      expect(String(error)).toContain(told);
    }
  });

  test('of a request is refused before a run begins', async () => {
    await using endpoint = await Endpoint.start(client, stateAt('/x'));
    for (const body of ['', '{', '{"threadId": 7}']) {
      const response = await fetch(endpoint.url, { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'the body is no RunAgentInput of AG-UI' });
    }
    await using closed = await Endpoint.start(client, () => new Response(null, { status: 403 }));
    await expect(new Watcher(closed.url).run()).rejects.toThrow('403');
  });

  test('that shows later ends the run with an error', async () => {
    await using endpoint = await Endpoint.start(client, () => ({ messages: '/bad/messages' }));
    const watcher = new Watcher(endpoint.url);
    await watcher.run();
    expect(watcher.events.at(-1)).toMatchObject({
      type: 'RUN_ERROR',
      message: expect.stringContaining('convert them with toMessage') as string,
    });
  });

  test('is no broker: that is told with what to do', async () => {
    await using nowhere = connect('127.0.0.1:1', { timeoutMs: 200 });
    const error = await failure({ state: '/a' }, nowhere);
    expect(error).toBeInstanceOf(FeedUnavailableError);
    expect(String(error)).toContain('npx hyperloom serve');
  });
});

test('a client that takes Protobuf gets it', async () => {
  await client.put('/proto/a', 1);
  await using endpoint = await Endpoint.start(client, () => ({ state: '/proto', follow: false }));
  const input = { threadId: 't', runId: 'r', messages: [], tools: [], context: [], state: {} };
  const accept = 'application/vnd.ag-ui.event+proto';
  const response = await fetch(endpoint.url, {
    method: 'POST',
    headers: { accept },
    body: JSON.stringify(input),
  });
  expect(response.headers.get('content-type')).toBe(accept);
  const bytes = Buffer.from(await response.arrayBuffer());
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) lengths.push(bytes.readUInt32BE(at));
  expect(lengths).toHaveLength(3);
});
