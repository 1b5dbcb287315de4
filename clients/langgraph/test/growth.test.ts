/** Goal: a conversation takes what is new in it, not its length times its turns; and what is remembered of it is never another's. */
import { AIMessage, HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { emptyCheckpoint, type CheckpointMetadata } from '@langchain/langgraph-checkpoint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storedIn } from '../bench/stored.ts';
import { HyperloomSaver } from '../src/index.ts';
import { Bench } from './support/broker.ts';
import { chat, of, said } from './support/graphs.ts';
import { text } from './support/texts.ts';

// Of 205 KB of text. The journal keeps every head and each request id besides.
const nodeBytesMax = 500_000;
const journalBytesMax = 570_000;

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});

afterAll(() => bench[Symbol.asyncDispose]());

const metadata: CheckpointMetadata = { source: 'loop', step: 1, parents: {} };

test('200 turns of 1 KB take half a megabyte, keys included, and are read whole by another process', async () => {
  await using own = await Bench.start();
  const { client } = own;
  const graph = chat(
    new HyperloomSaver(client),
    Array.from({ length: 100 }, (_, turn) => text(2 * turn + 1, 1_025)),
  );
  for (let turn = 0; turn < 100; turn += 1)
    await graph.invoke({ messages: [new HumanMessage(text(2 * turn, 1_025))] }, of('growing'));
  const nodes = await client.list('/', { depth: 0, keysOnly: true }).all();
  const bytes = nodes.reduce(
    (sum, { path, valueBytes }) => sum + (valueBytes === 0 ? 0 : path.length + valueBytes),
    0,
  );
  expect(bytes).toBeGreaterThan(205_000);
  expect(bytes).toBeLessThanOrEqual(nodeBytesMax);
  expect(storedIn(own.broker.folder)['.segment']).toBeLessThanOrEqual(journalBytesMax);
  const { values } = await chat(new HyperloomSaver(client), []).getState(of('growing'));
  expect(said((values as { messages: BaseMessage[] }).messages)).toEqual(
    Array.from({ length: 200 }, (_, turn) => text(turn, 1_025)),
  );
});

function checkpointOf(messages: readonly unknown[], version: number) {
  return { ...emptyCheckpoint(), channel_values: { messages }, channel_versions: { messages: version } };
}

const long = (words: string): string => `${words} ${'and so on '.repeat(60)}`;

test('a message that was changed in place is stored as it is now, and what was read is its reader’s own', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const answer = new AIMessage({ content: long('answer'), id: 'a', additional_kwargs: { seen: { by: 1 } } });
  const messages = [new HumanMessage({ content: long('question'), id: 'q' }), answer];
  const first = await saver.put(of('edited'), checkpointOf(messages, 1), metadata, { messages: 1 });
  answer.additional_kwargs['seen'] = { by: 2 };
  answer.content = long('another answer');
  const second = await saver.put(first, checkpointOf(messages, 2), metadata, { messages: 2 });
  const read = async (from: HyperloomSaver, config: typeof first): Promise<readonly BaseMessage[]> =>
    ((await from.getTuple(config))?.checkpoint.channel_values['messages'] ?? []) as readonly BaseMessage[];
  for (const reader of [saver, new HyperloomSaver(client)]) {
    for (let round = 0; round < 3; round += 1) {
      const [before, after] = [await read(reader, first), await read(reader, second)];
      expect(said(before)).toEqual([long('question'), long('answer')]);
      expect(said(after)).toEqual([long('question'), long('another answer')]);
      expect(after[1]?.additional_kwargs).toEqual({ seen: { by: 2 } });
      expect(before[1]).toBeInstanceOf(AIMessage);
      const [spoilt] = after;
      if (spoilt !== undefined) spoilt.content = 'spoilt';
      const seen = before[1]?.additional_kwargs['seen'] as { by: number } | undefined;
      if (seen !== undefined) seen.by = 9;
    }
  }
  const told = [...(await read(saver, second))];
  if (told[0] !== undefined) told[0].content = long('edited after reading');
  const third = await saver.put(second, checkpointOf(told, 3), metadata, { messages: 3 });
  expect(said(await read(new HyperloomSaver(client), third))[0]).toBe(long('edited after reading'));
});

test('values with a state of their own are encoded each time', async () => {
  const saver = await bench.saver();
  const when = new Date(0);
  const names = new Set(['a']);
  const things = [{ when, names, text: long('thing') }, long('more'), long('and more')];
  const first = await saver.put(of('inner'), checkpointOf(things, 1), metadata, { messages: 1 });
  when.setTime(1_000);
  names.add('b');
  const second = await saver.put(first, checkpointOf(things, 2), metadata, { messages: 2 });
  const told = (await saver.getTuple(second))?.checkpoint.channel_values['messages'] as unknown[];
  expect(told[0]).toEqual({
    when: new Date(1_000).toISOString(),
    names: new Set(['a', 'b']),
    text: long('thing'),
  });
});

test('an input goes to the broker once, though it is put and written at the same time', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const first = await saver.put(of('once'), checkpointOf([], 1), metadata, { messages: 1 });
  const said = { messages: [new HumanMessage({ content: long('hello'), id: 'h' })] };
  const checkpoint = {
    ...emptyCheckpoint(),
    channel_values: { __start__: said },
    channel_versions: { messages: 1, __start__: 2 },
  };
  const config = { configurable: { thread_id: 'once', checkpoint_ns: '', checkpoint_id: checkpoint.id } };
  await Promise.all([
    saver.put(first, checkpoint, metadata, { __start__: 2 }),
    saver.putWrites(config, [['messages', said.messages]], 'task'),
  ]);
  const [text] = await client.list('/once/langgraph/texts', { depth: 1 }).all();
  expect(text?.version).toBe(1);
  expect((await new HyperloomSaver(client).getTuple(config))?.pendingWrites?.[0]?.[2]).toEqual(said.messages);
});

test('writes that waited for the texts of a put that was refused bring them along', async () => {
  const client = await bench.isolated();
  const [saver, faster] = [new HyperloomSaver(client), new HyperloomSaver(client)];
  const first = await saver.put(of('refused'), checkpointOf([], 1), metadata, { messages: 1 });
  await faster.put(first, checkpointOf([], 2), metadata, { messages: 2 });
  const said = [new HumanMessage({ content: long('hello'), id: 'h' })];
  const late = checkpointOf(said, 2);
  const [put, written] = await Promise.allSettled([
    saver.put(first, late, metadata, { messages: 2 }),
    saver.putWrites(first, [['messages', said]], 'task'),
  ]);
  expect([put.status, written.status]).toEqual(['rejected', 'fulfilled']);
  expect((await new HyperloomSaver(client).getTuple(first))?.pendingWrites?.[0]?.[2]).toEqual(said);
});
