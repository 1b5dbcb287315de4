/**
 * Goal: a chat holds the messages that were saved, in order and once, whoever saves at the same time, and what is written is what has changed.
 * Method: the store's own methods against a real broker; several chats of one id are several requests.
 */
import { connect, json, LockedError, type Client, type Event } from '@hyperloom/client';
import { AISDKError, InvalidArgumentError, tool, TypeValidationError, type UIMessage } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { ChatStoreError, ChatStoreUnavailableError, HyperloomChats } from '../src/index.ts';

let broker: Broker;
let client: Client;
let roots = 0;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(broker.address, { author: 'tester' });
});

afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

/** A store with a subtree of the test's own. */
function newChats(): HyperloomChats {
  roots += 1;
  return new HyperloomChats(client, { root: `/test_${roots}` });
}

function said(role: UIMessage['role'], text: string, id = text): UIMessage {
  return { id, role, parts: [{ type: 'text', text }] };
}

function texts(messages: readonly UIMessage[]): readonly string[] {
  return messages.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join(''));
}

const everyKind: readonly UIMessage[] = [
  { id: 's', role: 'system', parts: [{ type: 'text', text: 'be brief \u2028 ☃' }] },
  {
    id: '',
    role: 'user',
    metadata: { at: 12, nested: { nothing: null } },
    parts: [
      { type: 'text', text: '' },
      { type: 'file', mediaType: 'text/plain', filename: 'a.txt', url: 'data:text/plain;base64,aGk=' },
    ],
  },
  {
    id: 'a/b c',
    role: 'assistant',
    parts: [
      { type: 'step-start' },
      {
        type: 'reasoning',
        text: 'so',
        state: 'done',
        providerMetadata: { openai: { itemId: 'rs_1', encrypted: null } },
      },
      {
        type: 'tool-weather',
        toolCallId: '1',
        state: 'output-available',
        input: { city: 'Oslo' },
        output: { sky: ['blue'] },
      },
      {
        type: 'dynamic-tool',
        toolName: 'other',
        toolCallId: '2',
        state: 'output-error',
        input: 1,
        errorText: 'no',
        title: 'kept',
      },
      { type: 'source-url', sourceId: 'x', url: 'https://example.com' },
      { type: 'source-document', sourceId: 'y', mediaType: 'a/b', title: 'T' },
      { type: 'data-chart', id: 'c', data: { points: [1, 2.5, -3e10] } },
      { type: 'text', text: 'done', state: 'done' },
    ],
  },
];

/** What happened in a subtree, by what was done. */
async function changesAfter(revision: number, path: string): Promise<readonly string[]> {
  const events: readonly Event[] = await client.history({ path, afterRevision: revision }).all();
  return events.flatMap(({ changes }) =>
    changes.map((change) => `${change.action} ${change.path.slice(path.length + 1)}`),
  );
}

describe('a chat', () => {
  test('gives messages of every kind back exactly as they were, in order', async () => {
    const chats = newChats();
    await chats.save('chat', everyKind);
    expect(await chats.load('chat')).toEqual(everyKind);
    const chat = await chats.open('chat');
    expect(chat.isStreaming).toBe(false);
    expect(chat.interrupted).toBeUndefined();
  });

  test('tells the newest of several answers that were interrupted, also in a ghost', async () => {
    const chats = newChats();
    const { path } = await chats.open('chat');
    const answer = (text: string): object[] => [
      { type: 'start', messageId: text },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: text },
    ];
    const told = async (of: HyperloomChats): Promise<readonly string[]> => {
      const { interrupted } = await of.open('chat');
      return interrupted === undefined ? [] : texts([interrupted]);
    };
    for (const [place, name] of ['m', 'z', 'a', 'k'].entries()) {
      await client.put(`${path}/streams/${name}`, json(JSON.stringify(answer(`${place}`))));
      expect(await told(chats)).toEqual([`${place}`]);
    }
    await using ghost = await client.ghost();
    const inGhost = new HyperloomChats(ghost, { root: path.slice(0, path.indexOf('/', 1)) });
    for (const name of ['g', 'b']) {
      await ghost.put(`${path}/streams/${name}`, json(JSON.stringify(answer(name))));
      expect(await told(inGhost)).toEqual([name]);
    }
  });

  test('is empty at first, and again when it was deleted', async () => {
    const chats = newChats();
    expect(await chats.load('new')).toEqual([]);
    await chats.save('new', [said('user', 'hello')]);
    await chats.delete('new');
    await chats.delete('new');
    expect(await chats.load('new')).toEqual([]);
  });

  test.each(['user 1/chat 2', '..', '*', '%2F', 'a\nb', 'äöü 😀', 'a'.repeat(255)])(
    'may have the id %j',
    async (id) => {
      const chats = newChats();
      await chats.save(id, [said('user', id)]);
      expect(texts(await chats.load(id))).toEqual([id]);
    },
  );

  test('stores what has changed and nothing else', async () => {
    const chats = newChats();
    const chat = await chats.open('delta');
    const first = [said('user', 'a'), said('assistant', 'b')];
    await chat.save(first);
    let revision = client.newestRevision;
    await chat.save(first);
    expect(client.newestRevision).toBe(revision);
    await chat.save([...first, said('user', 'c')]);
    const added = ['put messages/0000000002', 'put messages/0000000002/000000', 'put head'];
    expect(await changesAfter(revision, chat.path)).toEqual(added);

    revision = client.newestRevision;
    const [one, two] = first as [UIMessage, UIMessage];
    const grown = { ...two, parts: [...two.parts, { type: 'text' as const, text: 'more' }] };
    await chat.save([one, grown, said('user', 'c')]);
    expect(await changesAfter(revision, chat.path)).toEqual(['put messages/0000000001/000001', 'put head']);

    revision = client.newestRevision;
    await chat.save([one]);
    const taken = ['delete messages/0000000001', 'delete messages/0000000002', 'put head'];
    expect(await changesAfter(revision, chat.path)).toEqual(taken);
    expect(texts(await chats.load('delta'))).toEqual(['a']);
  });

  test('says with a merge that a part of a large message is another one', async () => {
    const chats = newChats();
    const long = 'x'.repeat(10_000);
    const call = (more: object): UIMessage =>
      ({
        id: 'm',
        role: 'assistant',
        parts: [{ type: 'tool-read', toolCallId: '1', input: { long }, ...more }],
      }) as unknown as UIMessage;
    const chat = await chats.open('merged');
    await chat.save([call({ state: 'input-available' })]);
    const revision = client.newestRevision;
    await chat.save([call({ state: 'output-available', output: 'yes' })]);
    expect(await changesAfter(revision, chat.path)).toEqual(['merge messages/0000000000/000000', 'put head']);
    expect(await chats.load('merged')).toEqual([call({ state: 'output-available', output: 'yes' })]);
  });

  test('takes messages in any new order', async () => {
    const chats = newChats();
    const chat = await chats.open('order');
    const orders = ['abc', 'axbc', 'cba', 'c', 'abca', 'aabc', '', 'b'];
    for (const order of orders) {
      await chat.save(order.split('').map((text) => said('user', text)));
      expect(texts(await chats.load('order')).join('')).toBe(order);
    }
  });

  test('loses nothing of requests at once', async () => {
    const chats = newChats();
    await chats.save('shared', [said('user', 'first')]);
    const request = async (name: number): Promise<void> => {
      const chat = await chats.open('shared');
      const asked = [...chat.messages, said('user', `question ${name}`)];
      await chat.save(asked);
      await chat.save([...asked, said('assistant', `answer ${name}`)]);
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => request(name)));
    const all = texts(await chats.load('shared'));
    expect(all).toHaveLength(17);
    for (let name = 0; name < 8; name += 1)
      expect(all.indexOf(`question ${name}`)).toBeLessThan(all.indexOf(`answer ${name}`));
  });

  test('keeps what others did meanwhile, and takes away what it has read', async () => {
    const chats = newChats();
    await chats.save('merge', [said('user', 'a'), said('assistant', 'b'), said('user', 'c')]);
    const mine = await chats.open('merge');
    const theirs = await chats.open('merge');
    await theirs.save([said('user', 'a'), said('assistant', 'better', 'b'), said('user', 'theirs')]);
    await mine.save([...mine.messages.slice(1), said('user', 'mine')]);
    expect(texts(await chats.load('merge'))).toEqual(['better', 'theirs', 'mine']);
  });

  test('in a ghost is seen when that is committed', async () => {
    roots += 1;
    const root = `/test_${roots}`;
    const outside = new HyperloomChats(client, { root });
    await outside.save('ghostly', [said('user', 'before')]);
    await using ghost = await client.ghost();
    const chat = await new HyperloomChats(ghost, { root }).open('ghostly');
    await chat.save([...chat.messages, said('user', 'a')]);
    await chat.save([...chat.messages, said('assistant', 'b')]);
    expect(texts(await outside.load('ghostly'))).toEqual(['before']);
    await ghost.commit();
    expect(texts(await outside.load('ghostly'))).toEqual(['before', 'a', 'b']);
  });

  test('of thousands of parts is stored in several diffs', async () => {
    const chats = newChats();
    const parts = Array.from({ length: 12_000 }, (_, index) => ({ type: 'text' as const, text: `${index}` }));
    const messages: UIMessage[] = [{ id: 'm', role: 'assistant', parts }];
    await chats.save('long', messages);
    expect(await chats.load('long')).toEqual(messages);
  });

  test('is checked with the schemas that are given', async () => {
    const chats = newChats();
    const weather = tool({
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => city,
    });
    const called = (city: unknown): UIMessage =>
      ({
        id: 'm',
        role: 'assistant',
        parts: [
          { type: 'tool-weather', toolCallId: '1', state: 'output-available', input: { city }, output: '' },
        ],
      }) as unknown as UIMessage;
    await chats.save('checked', [called('Oslo')]);
    expect(await chats.load('checked', { tools: { weather } })).toEqual([called('Oslo')]);
    await chats.save('checked', [called(7)]);
    await expect(chats.load('checked', { tools: { weather } })).rejects.toThrow(TypeValidationError);
  });
});

describe('bad input', () => {
  test.each([
    ['bytes', { ...said('user', 'a'), metadata: new Uint8Array(3) }, 'data: URL'],
    ['a number that is none', { ...said('user', 'a'), metadata: Number.NaN }, 'cannot be stored as JSON'],
    ['a circle', circle(), 'cannot be stored as JSON'],
    ['a text', 'hello', 'a chat stores UIMessages'],
    ['a model message', { role: 'user', content: 'hello' }, 'it is no UIMessage'],
    ['too much', said('user', 'x'.repeat(2_100_000), 'm'), 'keep large files elsewhere'],
  ])('with %s is refused before anything is stored', async (_what, message, told) => {
    const chats = newChats();
    const chat = await chats.open('bad');
    const saving = chat.save([said('user', 'good'), message as unknown as UIMessage]);
    const error = await saving.catch((refused: unknown) => refused);
    expect(InvalidArgumentError.isInstance(error)).toBe(true);
    expect(String(error)).toContain(told);
    expect(await chats.load('bad')).toEqual([]);
    await chat.save([said('user', 'good')]);
    expect(texts(await chats.load('bad'))).toEqual(['good']);
  });

  test.each([
    ['', 'must be a text that is not empty'],
    ['a'.repeat(256), 'use a shorter one'],
    ['\ud800', 'half a surrogate pair'],
  ])('such as the id %j is refused', async (id, told) => {
    const refused = await newChats()
      .load(id)
      .catch((error: unknown) => error);
    expect(InvalidArgumentError.isInstance(refused)).toBe(true);
    expect(String(refused)).toContain(told);
  });

  test('of others in the tree is named', async () => {
    const chats = newChats();
    const { path } = await chats.open('spoiled');
    await client.put(`${path}/head`, 'mine');
    await expect(chats.load('spoiled')).rejects.toThrow(`${path}/head holds no part of a chat`);
  });
});

describe('the broker', () => {
  test('that has the chat locked for another says what to do', async () => {
    const chats = newChats();
    const chat = await chats.open('locked');
    await using lock = await client.lock(chat.path);
    const refused = await chat.save([said('user', 'a')]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ChatStoreError);
    expect(AISDKError.isInstance(refused)).toBe(true);
    expect(String(refused)).toContain('write through that lock');
    expect((refused as ChatStoreError).cause).toBeInstanceOf(LockedError);
    await new HyperloomChats(lock, { root: `/test_${roots}` }).save('locked', [said('user', 'b')]);
    expect(texts(await chats.load('locked'))).toEqual(['b']);
  });

  test('that is not there is told with what to do', async () => {
    await using nowhere = connect('127.0.0.1:1', { timeoutMs: 200 });
    const failed = await new HyperloomChats(nowhere).load('nowhere').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ChatStoreUnavailableError);
    expect(String(failed)).toContain('npx hyperloom serve');
  });
});

function circle(): object {
  const message: Record<string, unknown> = { ...said('user', 'a') };
  message['metadata'] = message;
  return message;
}
