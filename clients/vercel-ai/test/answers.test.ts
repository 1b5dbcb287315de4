/**
 * Goal: an answer is kept as it is given: anybody can follow it from its beginning, it is saved at its end, and what was said of it outlives the
 * process that said it and the broker. Method: the SDK's own streams, responses and fake model, against a real broker.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, type Client } from '@hyperloom/client';
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  isStepCount,
  readUIMessageStream,
  streamText,
  tool,
  toUIMessageStream,
  type UIMessage,
} from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { HyperloomChats, type Chat } from '../src/index.ts';
import { called, scriptedModel, spoken } from './support/model.ts';

let broker: Broker;
let client: Client;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(broker.address, { author: 'tester', timeoutMs: 60_000 });
});

afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

function asked(text: string): UIMessage {
  return { id: `asks ${text}`, role: 'user', parts: [{ type: 'text', text }] };
}

function text({ parts }: UIMessage): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** What an endpoint answers: one line keeps the chat. */
async function respond(
  chat: Chat,
  messages: UIMessage[],
  model: ReturnType<typeof scriptedModel>,
): Promise<Response> {
  await chat.save(messages);
  const result = streamText({ model, messages: await convertToModelMessages(messages) });
  return result.toUIMessageStreamResponse(chat.keep(messages));
}

/** A piece of an answer is said when a test says so. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

describe('an answer', () => {
  test('is saved at its end, and nothing is left of its stream', async () => {
    const chats = new HyperloomChats(client);
    const chat = await chats.open('simple');
    const response = await respond(chat, [asked('hello')], scriptedModel([spoken('Good ', 'day.')]));
    const body = await response.text();
    await chat.settled();
    expect(body).toContain('"delta":"Good "');
    const [question, answer, ...more] = await chats.load('simple');
    expect(question).toEqual(asked('hello'));
    expect(answer).toMatchObject({ role: 'assistant', id: expect.stringMatching(/^\w{16}$/) as string });
    expect(text(answer as UIMessage)).toBe('Good day.');
    expect(more).toEqual([]);
    const nodes = await client.list(chat.path).all();
    expect(nodes.map(({ path }) => path.slice(chat.path.length + 1))).toEqual(['head', 'messages']);
    expect((await chats.resume('simple')).status).toBe(204);
  });

  test('is kept by the helpers of version 7 as well, with its tools, and is continued', async () => {
    const chats = new HyperloomChats(client);
    const chat = await chats.open('helpers');
    const messages = [asked('weather?')];
    const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: async () => 'sunny' });
    const result = streamText({
      model: scriptedModel([called('weather', { city: 'Oslo' }), spoken('It is ', 'sunny.')]),
      tools: { weather },
      stopWhen: isStepCount(2),
      messages: await convertToModelMessages(messages),
    });
    const response = createUIMessageStreamResponse({
      stream: toUIMessageStream({
        stream: result.stream,
        originalMessages: messages,
        onEnd: chat.onEnd,
      }),
      consumeSseStream: chat.consumeSseStream,
    });
    await response.text();
    await chat.settled();
    const [, answer] = await chats.load('helpers');
    expect(answer?.parts.map(({ type }) => type)).toEqual([
      'step-start',
      'tool-weather',
      'step-start',
      'text',
    ]);

    // The next turn goes on with what is stored.
    const next = await chats.open('helpers');
    const turn = [...next.messages, asked('and tomorrow?')];
    await (await respond(next, turn, scriptedModel([spoken('Rain.')]))).text();
    await next.settled();
    expect((await chats.load('helpers')).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
    ]);
  });

  test('is followed from its beginning by others, while it is given', async () => {
    const chats = new HyperloomChats(client);
    const chat = await chats.open('followed');
    const more = gate();
    const model = scriptedModel([spoken('one ', 'two ', 'three')], async (piece) => {
      if (piece === 'two ') await more.passed;
    });
    const response = await respond(chat, [asked('count')], model);
    const body = response.text();
    const resumed = await whenStreaming(chats, 'followed');
    expect((await chats.open('followed')).isStreaming).toBe(true);
    more.open();
    expect(await resumed.text()).toBe(await body);
    expect(resumed.headers.get('content-type')).toBe('text/event-stream');
    await chat.settled();
  });

  test('goes on over a kill of the broker, for who gives it and for who follows it', async () => {
    const chats = new HyperloomChats(client);
    const chat = await chats.open('restarted');
    const more = gate();
    const model = scriptedModel([spoken('before ', 'after')], async (piece) => {
      if (piece === 'after') await more.passed;
    });
    const body = (await respond(chat, [asked('go')], model)).text();
    const resumed = (await whenStreaming(chats, 'restarted')).text();
    await broker.kill();
    const restarted = broker.restart();
    more.open();
    await restarted;
    expect(await resumed).toBe(await body);
    await chat.settled();
    expect((await chats.load('restarted')).map(text)).toEqual(['go', 'before after']);
  });

  test('whose process dies is told as ended, and what it said is there', async () => {
    const chats = new HyperloomChats(client);
    const other = connect(broker.address, { author: 'other' });
    const chat = await new HyperloomChats(other).open('dead');
    const never = gate();
    const model = scriptedModel([spoken('half ', 'whole')], async (piece) => {
      if (piece === 'whole') await never.passed;
    });
    const response = await respond(chat, [asked('go')], model);
    const reader = response.body?.getReader();
    const following = await chats.follow('dead').then((chunks) => chunks ?? whenFollowed(chats, 'dead'));
    const seen: string[] = [];
    for await (const chunk of following) {
      seen.push(chunk.type);
      if (chunk.type !== 'text-delta') continue;
      // As the broker does when nobody has kept it alive for its ttl.
      other.destroy();
      for (const { id } of await client.leases().all()) await client.attachLease(id).end();
    }
    expect(seen).toEqual(['start', 'start-step', 'text-start', 'text-delta', 'abort']);
    const opened = await chats.open('dead');
    expect(opened.isStreaming).toBe(false);
    expect(opened.messages.map(text)).toEqual(['go']);
    expect(text(opened.interrupted as UIMessage)).toBe('half ');
    await opened.save([...opened.messages, opened.interrupted as UIMessage]);
    const again = await chats.open('dead');
    expect(again.interrupted).toBeUndefined();
    expect(again.messages.map(text)).toEqual(['go', 'half ']);
    await reader?.cancel();
  });

  test('that cannot be recorded is given and saved all the same', async () => {
    const chats = new HyperloomChats(client);
    const chat = await chats.open('unrecorded');
    await using _lock = await client.lock(`${chat.path}/streams`);
    const response = await respond(chat, [asked('hello')], scriptedModel([spoken('Good day.')]));
    expect(await response.text()).toContain('Good day.');
    await expect(chat.settled()).rejects.toThrow('could not record the stream');
    expect((await chats.load('unrecorded')).map(text)).toEqual(['hello', 'Good day.']);
  });
});

test('what is followed makes the same message as what was saved', async () => {
  const chats = new HyperloomChats(client);
  const chat = await chats.open('same');
  const more = gate();
  const model = scriptedModel([spoken('a', 'b')], () => more.passed);
  const body = (await respond(chat, [asked('x')], model)).text();
  const chunks = await whenFollowed(chats, 'same');
  more.open();
  let last: UIMessage | undefined;
  for await (const state of readUIMessageStream({ stream: streamOf(chunks) })) last = state;
  await body;
  await chat.settled();
  expect(JSON.parse(JSON.stringify(last))).toEqual((await chats.load('same'))[1]);
});

test('the example tells what it promises', async () => {
  const example = join(import.meta.dirname, '../examples/chat.ts');
  const hooks = join(import.meta.dirname, 'support/resolve.ts');
  const env = { ...process.env, HYPERLOOM_ADDRESS: broker.address };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', hooks, example], {
    env,
  });
  expect({ stdout, stderr }).toEqual({
    stdout: 'Paris has 2.1 million inhabitants.\nYou asked about Paris.\n4 messages below /chat 1/ai\n',
    stderr: '',
  });
});

/** The response to who resumes, as soon as there is something to follow. */
async function whenStreaming(chats: HyperloomChats, id: string): Promise<Response> {
  for (;;) {
    const response = await chats.resume(id);
    if (response.status === 200) return response;
  }
}

async function whenFollowed(
  chats: HyperloomChats,
  id: string,
): Promise<NonNullable<Awaited<ReturnType<HyperloomChats['follow']>>>> {
  for (;;) {
    const chunks = await chats.follow(id);
    if (chunks !== undefined) return chunks;
  }
}

function streamOf<Chunk>(chunks: AsyncGenerator<Chunk, void, void>): ReadableStream<Chunk> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
