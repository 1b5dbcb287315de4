/** Goal: what is taken away is gone with all that it alone needed, and nothing else is. Method: real graphs, and the nodes that are left. */
import { HumanMessage } from '@langchain/core/messages';
import type { CheckpointMetadata } from '@langchain/langgraph-checkpoint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '@hyperloom/client';
import { HyperloomLangGraphError, HyperloomSaver } from '../src/index.ts';
import { Bench } from './support/broker.ts';
import { all, chat, of, said, steps } from './support/graphs.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});

afterAll(() => bench[Symbol.asyncDispose]());

const long = (text: string): string => `${text} ${'and so on '.repeat(60)}`;

async function talk(
  saver: HyperloomSaver,
  thread: string,
  turns: number,
  from = 0,
): Promise<readonly string[]> {
  const expected: string[] = [];
  for (let turn = from; turn < from + turns; turn += 1) {
    const graph = chat(saver, [long(`answer ${turn}`)]);
    const { messages } = await graph.invoke(
      { messages: [new HumanMessage(long(`question ${turn}`))] },
      of(thread),
    );
    expected.splice(0, expected.length, ...said(messages));
  }
  return expected;
}

async function bytesBelow(client: Client, path: string): Promise<number> {
  const nodes = await client.list(path, { depth: 0, keysOnly: true }).all();
  return nodes.reduce((sum, { valueBytes }) => sum + valueBytes, 0);
}

async function stateOf(client: Client, thread: string): Promise<readonly string[]> {
  const state = await chat(new HyperloomSaver(client), []).getState(of(thread));
  return said((state.values as { messages?: Parameters<typeof said>[0] }).messages ?? []);
}

test('pruning keeps the newest checkpoint and what it needs, and the thread goes on', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const expected = await talk(saver, 'pruned', 5);
  await talk(saver, 'other', 1);
  await saver.prune(['pruned', 'never there']);
  expect(await all(saver.list(of('pruned')))).toHaveLength(1);
  expect(await stateOf(client, 'pruned')).toEqual(expected);
  expect(await stateOf(client, 'other')).toHaveLength(2);
  expect(await talk(saver, 'pruned', 1, 5)).toEqual([...expected, long('question 5'), long('answer 5')]);
  // Another process has the same view, without anything that this one remembers.
  expect(await stateOf(client, 'pruned')).toHaveLength(12);
  await saver.prune(['pruned'], 'delete');
  expect(await stateOf(client, 'pruned')).toEqual([]);
});

test('a process that knows texts which another one swept away stores them again', async () => {
  const client = await bench.isolated();
  const [first, second] = [new HyperloomSaver(client), new HyperloomSaver(client)];
  const texts = [long('this'), long('that')];
  await steps(first).invoke({ log: texts }, of('swept'));
  await second.deleteThread('swept');
  await steps(first).invoke({ log: texts }, of('swept'));
  const { values } = await steps(new HyperloomSaver(client)).getState(of('swept'));
  expect(values.log).toEqual([...texts, 'a', 'b', 'c']);
  await steps(first).updateState(of('swept'), { log: ['end'] }, 'c');
  await second.prune(['swept']);
  const after = await steps(first).invoke({ log: [long('new'), ...texts] }, of('swept'));
  expect(after.log).toEqual([...texts, 'a', 'b', 'c', 'end', long('new'), ...texts, 'a', 'b', 'c']);
  expect((await steps(new HyperloomSaver(client)).getState(of('swept'))).values.log).toEqual(after.log);
});

test('deleting what runs have left takes their checkpoints in all threads, and their texts', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  for (const thread of ['one', 'two']) {
    const started = await saver.put(
      of(thread),
      checkpoint('1ef00000-0000-6000-8000-000000000001', { notes: long('kept') }),
      metadata('input', 'keep'),
      { notes: 1 },
    );
    await saver.putWrites(started, [['notes', long(`dropped in ${thread}`)]], 'task');
    const next = checkpoint('1ef00000-0000-6000-8000-000000000002', { notes: long(`dropped ${thread}`) });
    await saver.put(started, next, metadata('loop', 'drop'), { notes: 1 });
  }
  const before = await bytesBelow(client, '/one/langgraph/texts');
  await saver.deleteForRuns(['drop', 'unknown']);
  await saver.deleteForRuns([]);
  for (const thread of ['one', 'two']) {
    const left = await all(new HyperloomSaver(client).list(of(thread)));
    expect(left.map(({ metadata }) => (metadata as { run_id?: string }).run_id)).toEqual(['keep']);
    const newest = await new HyperloomSaver(client).getTuple(of(thread));
    expect(newest?.checkpoint.channel_values).toEqual({ notes: long('kept') });
    expect(newest?.pendingWrites).toEqual([['task', 'notes', long(`dropped in ${thread}`)]]);
  }
  expect(await bytesBelow(client, '/one/langgraph/texts')).toBeLessThan(before);
  await saver.deleteForRuns(['keep']);
  expect(await saver.getTuple(of('one'))).toBeUndefined();
  expect(
    await client
      .list('/one/langgraph/texts', { depth: 1 })
      .all()
      .catch(() => []),
  ).toEqual([]);
});

function metadata(source: 'input' | 'loop', run_id: string): CheckpointMetadata<{ run_id: string }> {
  return { source, step: 0, parents: {}, run_id };
}

function checkpoint(id: string, channel_values: Record<string, unknown>) {
  const channel_versions = Object.fromEntries(Object.keys(channel_values).map((channel) => [channel, 1]));
  return { v: 4, id, ts: '2026-11-22T00:00:00.000Z', channel_values, channel_versions, versions_seen: {} };
}

test('a copied thread has all of its history, and the two go on apart', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const expected = await talk(saver, 'original', 3);
  await saver.copyThread('original', 'copy');
  expect(await all(saver.list(of('copy')))).toHaveLength(9);
  await talk(saver, 'copy', 1, 10);
  await talk(saver, 'original', 1, 20);
  expect(await stateOf(client, 'copy')).toEqual([...expected, long('question 10'), long('answer 10')]);
  expect(await stateOf(client, 'original')).toEqual([...expected, long('question 20'), long('answer 20')]);
  await expect(saver.copyThread('original', 'copy')).rejects.toThrow(HyperloomLangGraphError);
  await saver.copyThread('never there', 'nothing');
  expect(await saver.getTuple(of('nothing'))).toBeUndefined();
});

test('a thread that was forked in Hyperloom, at an earlier revision, is a thread for LangGraph', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const expected = await talk(saver, 'source', 2);
  const { revision } = (await client.status()).forest;
  await talk(saver, 'source', 2, 2);
  await client.copy('/source/langgraph', '/fork/langgraph', revision);
  expect(await stateOf(client, 'fork')).toEqual(expected);
  expect(await talk(saver, 'fork', 1, 7)).toEqual([...expected, long('question 7'), long('answer 7')]);
  // Once more over what this process remembers of it.
  await client.copy('/source/langgraph', '/fork/langgraph', revision);
  expect(await talk(saver, 'fork', 1, 8)).toEqual([...expected, long('question 8'), long('answer 8')]);
  expect(await stateOf(client, 'fork')).toHaveLength(6);
});

test('every checkpoint stays readable when the history of the forest is compacted', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  await talk(saver, 'compacted', 4);
  const before = await all(saver.list(of('compacted')));
  await client.forests.compact(client.forest, (await client.status()).forest.revision);
  const after = await all(new HyperloomSaver(client).list(of('compacted')));
  expect(after).toEqual(before);
  expect(after).toHaveLength(12);
});
