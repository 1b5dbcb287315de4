/**
 * Goal: a session keeps its items, in order and once, whoever writes at the same time. Method: the session's own methods against a real broker;
 * several sessions of one id are several processes.
 */
import { connect, HyperloomError, LockedError, type Client } from '@hyperloom/client';
import { assistant, system, user as spoken, UserError, type AgentInputItem } from '@openai/agents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { HyperloomSession, SessionError, SessionUnavailableError } from '../src/index.ts';

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

/** A subtree of the test's own. */
function newRoot(): string {
  roots += 1;
  return `/test_${roots}`;
}

/** What a user says, as a run stores it. */
function user(content: string): AgentInputItem {
  return { type: 'message', role: 'user', content };
}

function texts(items: readonly AgentInputItem[]): readonly unknown[] {
  return items.map((item) => ('content' in item ? item.content : undefined));
}

const everyKind: readonly AgentInputItem[] = [
  user('hello\u2028 ☃'),
  spoken('in parts'),
  { role: 'user', content: 'without a type' },
  spoken([
    { type: 'input_text', text: 'look', providerData: { extra: 1 } },
    { type: 'input_image', image: 'https://example.com/a.png', detail: 'low' },
    { type: 'input_image', image: { id: 'file-1' } },
    { type: 'input_file', file: 'data:text/plain;base64,aGk=', filename: 'hi.txt' },
    { type: 'input_file', file: { url: 'https://example.com/b.pdf' } },
  ]),
  system('be brief'),
  assistant('a text'),
  {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [
      {
        type: 'output_text',
        text: 'x',
        providerData: { annotations: [{ type: 'url_citation' }], logprobs: [] },
      },
    ],
    providerData: {},
  },
  {
    type: 'function_call',
    id: 'fc_1',
    callId: 'call_1',
    name: 'look_up',
    arguments: '{"n": 12345678901234567890}',
    status: 'completed',
    providerData: { id: 'fc_1', type: 'function_call', model: 'gpt' },
  },
  {
    type: 'function_call_result',
    callId: 'call_1',
    name: 'look_up',
    status: 'completed',
    output: { type: 'text', text: 'found' },
  },
  {
    type: 'function_call_result',
    callId: 'call_2',
    name: 'other',
    status: 'completed',
    output: [{ type: 'input_text', text: 'x' }],
  },
  {
    type: 'function_call_result',
    callId: 'call_3',
    name: 'old',
    status: 'completed',
    output: { type: 'image', image: 'data:image/png;base64,AA==' },
  },
  {
    type: 'reasoning',
    id: 'rs_1',
    content: [{ type: 'input_text', text: 'because' }],
    providerData: { encryptedContent: 'zzz' },
  },
  {
    type: 'hosted_tool_call',
    id: 'ws_1',
    name: 'web_search_call',
    status: 'completed',
    providerData: { type: 'web_search_call', action: { query: 'q' } },
  },
  {
    type: 'shell_call',
    callId: 's_1',
    status: 'completed',
    action: { commands: ['ls'], timeoutMs: 5, maxOutputLength: 9 },
  },
  {
    type: 'shell_call_output',
    callId: 's_1',
    output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exitCode: 0 } }],
  },
  {
    type: 'apply_patch_call',
    callId: 'p_1',
    status: 'completed',
    operation: { type: 'delete_file', path: 'a_b.txt' },
  },
  { type: 'apply_patch_call_output', callId: 'p_1', status: 'completed', output: 'done' },
  {
    type: 'computer_call',
    id: 'cu_1',
    callId: 'c_1',
    status: 'completed',
    action: { type: 'click', x: 1, y: 2, button: 'left' },
  },
  {
    type: 'computer_call_result',
    callId: 'c_1',
    output: { type: 'computer_screenshot', data: 'https://example.com/s.png' },
  },
  { type: 'unknown', id: 'u_1', providerData: { type: 'something_new', someField: { nothing: null } } },
];

describe('a session', () => {
  test('gives items of every kind back exactly as they were, in order', async () => {
    const root = newRoot();
    await using session = new HyperloomSession('chat', broker.address, { root });
    await session.addItems(everyKind.slice(0, 3));
    await session.addItems(everyKind.slice(3));
    expect(await session.getItems()).toEqual(everyKind);
    expect(await new HyperloomSession('chat', client, { root }).getItems()).toEqual(everyKind);
    expect(await session.getSessionId()).toBe('chat');
  });

  test('stores a text once, whatever else TypeScript needs to get its item back', async () => {
    const session = new HyperloomSession('once', client, { root: newRoot() });
    await session.addItems([
      user('one long question'),
      {
        type: 'function_call_result',
        callId: 'a',
        name: 'f',
        status: 'completed',
        output: { type: 'text', text: 'one long result' },
      },
    ]);
    const nodes = await client.list(`${session.path}/items`).all();
    expect(nodes.map(({ value }) => value)).toEqual([
      { item: { type: 'message', role: 'user', content: 'one long question' } },
      {
        item: { type: 'function_call_output', call_id: 'a', output: 'one long result', status: 'completed' },
        js: { name: 'f' },
      },
    ]);
  });

  test('is empty at first', async () => {
    const session = new HyperloomSession('nobody', client, { root: newRoot() });
    expect(await session.getItems()).toEqual([]);
    expect(await session.getItems(3)).toEqual([]);
    expect(await session.popItem()).toBeUndefined();
    await session.clearSession();
    await session.addItems([]);
    expect(await session.getItems()).toEqual([]);
  });

  test.each([
    'user 1/chat 2',
    '..',
    '.',
    '*',
    '**',
    '%2F',
    'a\nb',
    '\u007f\u0085',
    'äöü 😀',
    'a'.repeat(255),
  ])('may have the id %j', async (id) => {
    const root = newRoot();
    await new HyperloomSession(id, client, { root }).addItems([user(id)]);
    expect(texts(await new HyperloomSession(id, client, { root }).getItems())).toEqual([id]);
  });

  test('reads the newest items where a limit is given', async () => {
    const session = new HyperloomSession('long', client, { root: newRoot() });
    await session.addItems(Array.from({ length: 1_200 }, (_, index) => user(String(index))));
    const everything = texts(await session.getItems());
    for (const limit of [1, 3, 998, 999, 1_000, 1_199, 1_200, 1_201, 5_000])
      expect(texts(await session.getItems(limit))).toEqual(everything.slice(-limit));
    expect(await session.getItems(0)).toEqual([]);
    expect(await session.getItems(-1)).toEqual([]);
  });

  test('loses nothing of writers at once, and keeps together what was added together', async () => {
    const root = newRoot();
    const writers = [1, 2, 3].map(() => new HyperloomSession('shared', client, { root }));
    const write = async (session: HyperloomSession, name: number): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1)
        await session.addItems([user(`${name} ${turn} a`), user(`${name} ${turn} b`)]);
    };
    await Promise.all(writers.map(write));
    const said = texts(await new HyperloomSession('shared', client, { root }).getItems()).map(String);
    expect(said).toHaveLength(120);
    for (let at = 0; at < said.length; at += 2) expect(said[at + 1]).toBe(said[at]?.replace(/a$/, 'b'));
    for (const name of [0, 1, 2])
      expect(said.filter((text) => text.startsWith(`${name} `) && text.endsWith('a'))).toEqual(
        Array.from({ length: 20 }, (_, turn) => `${name} ${turn} a`),
      );
  });

  test('gives each item to one of those who pop at once', async () => {
    const root = newRoot();
    const writers = [1, 2, 3].map(() => new HyperloomSession('popped', client, { root }));
    await writers[0]?.addItems(Array.from({ length: 40 }, (_, index) => user(String(index))));
    const popAll = async (session: HyperloomSession): Promise<unknown[]> => {
      const popped: unknown[] = [];
      for (let item = await session.popItem(); item !== undefined; item = await session.popItem())
        popped.push(...texts([item]));
      return popped;
    };
    const popped = (await Promise.all(writers.map(popAll))).flat().map(Number);
    expect(popped.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index));
  });

  test('notices pops, adds and clears of others', async () => {
    const root = newRoot();
    const [one, other] = [
      new HyperloomSession('turns', client, { root }),
      new HyperloomSession('turns', client, { root }),
    ];
    await one.addItems([user('a'), user('b')]);
    expect(await other.popItem()).toEqual(user('b'));
    await one.addItems([user('c')]);
    expect(texts(await other.getItems())).toEqual(['a', 'c']);
    await other.clearSession();
    expect(await one.popItem()).toBeUndefined();
    await one.addItems([user('d')]);
    expect(texts(await other.getItems(5))).toEqual(['d']);
    await one.replaceHistoryWithCompaction([user('e'), user('f')]);
    expect(texts(await other.getItems())).toEqual(['e', 'f']);
  });

  test('in a ghost is seen when that is committed', async () => {
    const root = newRoot();
    const outside = new HyperloomSession('ghostly', client, { root });
    await outside.addItems([user('before')]);
    await using ghost = await client.ghost();
    const inside = new HyperloomSession('ghostly', ghost, { root });
    await inside.addItems([user('a'), user('b')]);
    expect(await inside.popItem()).toEqual(user('b'));
    expect(texts(await inside.getItems(2))).toEqual(['before', 'a']);
    expect(texts(await outside.getItems())).toEqual(['before']);
    await ghost.commit();
    expect(texts(await outside.getItems())).toEqual(['before', 'a']);
  });

  test('in a ghost that was rewound is not taken for what it was', async () => {
    const options = { root: newRoot() };
    await using ghost = await client.ghost();
    const outer = new HyperloomSession('tried', ghost, options);
    await outer.addItems([user('first')]);
    await ghost.checkpoint('begun');
    await new HyperloomSession('tried', ghost, options).addItems([user('refused 1'), user('refused 2')]);
    expect(texts(await outer.getItems(9))).toEqual(['first', 'refused 1', 'refused 2']);
    await ghost.rewind({ checkpoint: 'begun' });
    await new HyperloomSession('tried', ghost, options).addItems([user('accepted')]);
    await outer.addItems([user('last')]);
    for (const session of [outer, new HyperloomSession('tried', ghost, options)]) {
      expect(texts(await session.getItems())).toEqual(['first', 'accepted', 'last']);
      expect(texts(await session.getItems(9))).toEqual(['first', 'accepted', 'last']);
    }
    for (const text of ['last', 'accepted', 'first']) expect(await outer.popItem()).toEqual(user(text));
    expect(await outer.popItem()).toBeUndefined();
  });

  test('pops past items that something else has deleted', async () => {
    const session = new HyperloomSession('gaps', client, { root: newRoot() });
    await session.addItems([0, 1, 2, 3, 4, 5].map((number) => user(String(number))));
    for (const number of [0, 3, 4, 5]) await client.delete(`${session.path}/items/000000000${number}`);
    expect(await session.popItem()).toEqual(user('2'));
    expect(await session.popItem()).toEqual(user('1'));
    expect(await session.popItem()).toBeUndefined();
    await session.addItems([user('new')]);
    expect(texts(await session.getItems())).toEqual(['new']);
    expect(texts(await session.getItems(1))).toEqual(['new']);
  });
});

describe('bad input', () => {
  test.each([
    [
      'bytes',
      { type: 'message', role: 'user', content: [{ type: 'input_image', image: new Uint8Array(3) }] },
      'data: URL',
    ],
    ['a number that is none', { role: 'user', content: Number.NaN }, 'item 1 cannot be stored as JSON'],
    ['a function', () => 1, 'item 1 cannot be stored as JSON'],
    ['a text', 'hello', "such as user('hello')"],
    ['too much', user('x'.repeat(2_100_000)), 'keep large files and images elsewhere'],
  ])('with %s is refused before anything is stored', async (_what, item, told) => {
    const session = new HyperloomSession('bad', client, { root: newRoot() });
    const adding = session.addItems([user('good'), item as unknown as AgentInputItem]);
    const error = await adding.catch((refused: unknown) => refused);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(told);
    expect(await session.getItems()).toEqual([]);
  });

  test.each([
    ['', 'must be a text that is not empty'],
    ['a'.repeat(256), 'use a shorter one'],
    ['\ud800', 'half a surrogate pair'],
  ])('such as the id %j is refused', (id, told) => {
    expect(() => new HyperloomSession(id, client)).toThrow(told);
  });

  test('such as a root that is no path is refused', () => {
    expect(() => new HyperloomSession('a', client, { root: 'chats' })).toThrow(UserError);
  });

  test('of others in the tree is named', async () => {
    const session = new HyperloomSession('spoiled', client, { root: newRoot() });
    await client.put(`${session.path}/head`, 'mine');
    await expect(session.addItems([user('a')])).rejects.toThrow(`delete ${session.path}`);
    await client.put(`${session.path}/items/0000000000`, { mine: 1 });
    await expect(session.getItems()).rejects.toThrow('something else has been put there');
  });
});

describe('the broker', () => {
  test('that has the session locked for another says what to do', async () => {
    const root = newRoot();
    const session = new HyperloomSession('locked', client, { root });
    await using lock = await client.lock(session.path);
    const refused = await session.addItems([user('a')]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SessionError);
    expect(refused).toMatchObject({ message: expect.stringContaining('write through that lock') as string });
    expect((refused as SessionError).cause).toBeInstanceOf(LockedError);
    await new HyperloomSession('locked', lock, { root }).addItems([user('b')]);
    expect(texts(await session.getItems())).toEqual(['b']);
  });

  test('that is not there is told with what to do', async () => {
    await using nowhere = connect('127.0.0.1:1', { timeoutMs: 200 });
    const session = new HyperloomSession('nowhere', nowhere);
    const failed = await session.getItems().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SessionUnavailableError);
    expect(String(failed)).toContain('npx hyperloom serve');
    expect((failed as SessionError).cause).toBeInstanceOf(HyperloomError);
  });
});
