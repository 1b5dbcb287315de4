/** Goal: graphs of LangGraph run on Hyperloom as on any checkpointer, and better where two of them meet. Method: real graphs, savers and brokers. */
import type { Client } from '@hyperloom/client';
import { HumanMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HyperloomSaver, ThreadConflictError } from '../src/index.ts';
import { behind } from './support/behind.ts';
import { Bench } from './support/broker.ts';
import { all, chat, of, said, steps } from './support/graphs.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});

afterAll(() => bench[Symbol.asyncDispose]());

const long = (text: string): string => `${text} ${'and so on '.repeat(60)}`;

test('a conversation goes on in another process, with every message as it was', async () => {
  const client = await bench.isolated();
  const expected: string[] = [];
  for (let turn = 0; turn < 8; turn += 1) {
    const graph = chat(new HyperloomSaver(client), [long(`answer ${turn}`)]);
    const state = await graph.invoke({ messages: [new HumanMessage(long(`question ${turn}`))] }, of('talk'));
    expected.push(long(`question ${turn}`), long(`answer ${turn}`));
    expect(said(state.messages)).toEqual(expected);
  }
  const told = await chat(new HyperloomSaver(client), []).getState(of('talk'));
  expect(said(told.values.messages)).toEqual(expected);
  expect(told.values.messages.map((message: { type: string }) => message.type).slice(0, 2)).toEqual([
    'human',
    'ai',
  ]);
});

test('of two writers on one thread the second is refused, and the chain is not forked (langchain-ai/langgraph#8796)', async () => {
  const client = await bench.isolated();
  const [frozen, thawed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = steps(new HyperloomSaver(client), async (name) => {
    if (name !== 'b') return;
    frozen.resolve();
    await thawed.promise;
  });
  const running = first.invoke({ log: ['in'] }, { ...of('fought'), durability: 'sync' });
  await frozen.promise;

  const second = steps(new HyperloomSaver(client));
  const done = await second.invoke(null, of('fought'));
  expect(done.log).toEqual(['in', 'a', 'b', 'c']);

  thawed.resolve();
  const refused = await running.catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ThreadConflictError);
  expect((refused as ThreadConflictError).conflict.threadId).toBe('fought');
  const parents: string[] = [];
  for await (const { parentConfig } of second.getStateHistory(of('fought')))
    if (parentConfig !== undefined) parents.push(String(parentConfig.configurable?.['checkpoint_id']));
  expect(new Set(parents).size).toBe(parents.length);
  expect((await second.getState(of('fought'))).values).toEqual({ log: ['in', 'a', 'b', 'c'], count: 3 });
});

test('a saver that two graphs share refuses the one that was overtaken, whoever has looked at its checkpoint since', async () => {
  const saver = await bench.saver();
  const [frozen, thawed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = steps(saver, async (name) => {
    if (name !== 'b') return;
    frozen.resolve();
    await thawed.promise;
  });
  const running = first.invoke({ log: ['in'] }, { ...of('shared'), durability: 'sync' });
  await frozen.promise;

  const second = steps(saver);
  const { config: where } = await second.getState(of('shared'));
  await second.invoke(null, of('shared'));
  const newest = (await second.getState(of('shared'))).config;
  // Looking at where it stands, by its id, is not going on from there; going on is, on purpose, and only for who does.
  expect((await second.getState(where)).next).toEqual(['b']);
  await all(saver.list(of('shared'), { limit: 1, before: newest }));
  const forked = await second.updateState(where, { log: ['forked'] });

  thawed.resolve();
  expect(await running.catch((error: unknown) => error)).toBeInstanceOf(ThreadConflictError);
  expect((await second.getState(of('shared'))).config).toEqual(forked);
  expect((await second.invoke(null, of('shared'))).log).toEqual(['in', 'a', 'forked', 'b', 'c']);
  const history = await all(second.getStateHistory(of('shared')));
  const above = history.filter(({ parentConfig }) => idOf(parentConfig) === idOf(where));
  expect(above).toHaveLength(2);
});

function idOf(config: RunnableConfig | undefined): unknown {
  return config?.configurable?.['checkpoint_id'];
}

test('two first runs on one thread do not both begin it', async () => {
  const client = await bench.isolated();
  const both = Promise.withResolvers<void>();
  let inside = 0;
  const meet = async (name: string): Promise<void> => {
    if (name !== 'a') return;
    inside += 1;
    if (inside === 2) both.resolve();
    await both.promise;
  };
  const runs = [1, 2].map((run) =>
    steps(new HyperloomSaver(client), meet).invoke(
      { log: [`run ${run}`] },
      { ...of('new'), durability: 'exit' },
    ),
  );
  const ended = await Promise.allSettled(runs);
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [lost] = ended.filter((result) => result.status === 'rejected');
  expect(lost?.reason).toBeInstanceOf(ThreadConflictError);
});

test('a run from an older checkpoint forks the thread on purpose, and leaves the other branch readable', async () => {
  const graph = steps(await bench.saver());
  await graph.invoke({ log: ['in'] }, of('travelled'));
  const history = await all(graph.getStateHistory(of('travelled')));
  const afterA = history.find(({ next }) => next[0] === 'b');
  const edited = await graph.updateState(afterA?.config ?? {}, { log: ['edited'], count: 10 });
  const again = await graph.invoke(null, edited);
  expect(again).toEqual({ log: ['in', 'a', 'edited', 'b', 'c'], count: 12 });
  expect((await graph.getState(history[0]?.config ?? {})).values).toEqual({
    log: ['in', 'a', 'b', 'c'],
    count: 3,
  });
  const replayed = await graph.invoke(null, afterA?.config ?? {});
  expect(replayed).toEqual({ log: ['in', 'a', 'b', 'c'], count: 3 });
  const after = await graph.invoke({ log: ['more'] }, of('travelled'));
  expect(after.log).toEqual(['in', 'a', 'b', 'c', 'more', 'a', 'b', 'c']);
});

test('a run goes on from the newest checkpoint at a broker that is behind another one', async () => {
  const client = await bench.isolated();
  const here = steps(new HyperloomSaver(client));
  await here.invoke({ log: ['first'] }, of('spread'));
  const there = steps(new HyperloomSaver(behind(client, await revisionOf(client))));
  await here.invoke({ log: ['second'] }, of('spread'));
  expect((await there.invoke({ log: ['third'] }, of('spread'))).log).toHaveLength(12);
  await here.invoke({ log: ['fourth'] }, of('spread'));
  expect((await there.invoke({ log: ['fifth'] }, of('spread'))).log).toHaveLength(20);
});

async function revisionOf(client: Client): Promise<number> {
  return (await client.batchGet(['/spread'])).revision;
}

test('the broker may be killed and come back in the middle of a run', async () => {
  await using own = await Bench.start();
  const saver = new HyperloomSaver(own.client);
  const graph = steps(saver, async (name) => {
    if (name !== 'b') return;
    await own.broker.kill();
    await own.broker.restart();
  });
  expect(await graph.invoke({ log: ['in'] }, of('survivor'))).toEqual({
    log: ['in', 'a', 'b', 'c'],
    count: 3,
  });
  const other = steps(new HyperloomSaver(own.client));
  const history = await all(other.getStateHistory(of('survivor')));
  expect(history.map(({ values }) => (values as { log: string[] }).log.length)).toEqual([4, 3, 2, 1, 0]);
});

test('a graph that was interrupted is resumed by another process', async () => {
  const client = await bench.isolated();
  const State = Annotation.Root({ answer: Annotation<string>() });
  const asking = (): ReturnType<typeof build> => build(new HyperloomSaver(client));
  const build = (checkpointer: HyperloomSaver) =>
    new StateGraph(State)
      .addNode('ask', () => ({ answer: `you said ${interrupt<string, string>('well?')}` }))
      .addEdge(START, 'ask')
      .addEdge('ask', END)
      .compile({ checkpointer });
  await asking().invoke({ answer: '' }, of('asked'));
  const waiting = await asking().getState(of('asked'));
  expect(waiting.tasks[0]?.interrupts[0]?.value).toBe('well?');
  expect(await asking().invoke(new Command({ resume: 'yes' }), of('asked'))).toEqual({
    answer: 'you said yes',
  });
});

test.each(['a b/c', '*', '..', '%2F', 'ü/💬', ' ', '__proto__', 'a|b'])(
  'a thread may be called %j',
  async (id) => {
    const client = await bench.isolated();
    const graph = steps(new HyperloomSaver(client));
    await graph.invoke({ log: [id] }, of(id));
    expect((await graph.getState(of(id))).values.log).toEqual([id, 'a', 'b', 'c']);
    const saver = new HyperloomSaver(client);
    const ids = new Set<unknown>();
    for await (const { config } of saver.list({})) ids.add(config.configurable?.['thread_id']);
    expect([...ids]).toEqual([id]);
    await saver.deleteThread(id);
    expect(await saver.getTuple(of(id))).toBeUndefined();
    expect(await client.list('/', { depth: 0 }).all()).toEqual([]);
  },
);
