/** Threads as LangGraph's own savers store them, and what of them an import has to bring. */
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import {
  Annotation,
  Command,
  END,
  interrupt,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from '@langchain/langgraph';
import {
  emptyCheckpoint,
  uuid6,
  type BaseCheckpointSaver,
  type CheckpointTuple,
} from '@langchain/langgraph-checkpoint';
import { all, of } from './graphs.ts';

export const long =
  'A text that is long enough to lie in a node of its own, with ümlauts and 日本語. '.repeat(8);

/** Fills a saver with what graphs of many kinds leave in it. */
export async function writeThreads(saver: BaseCheckpointSaver): Promise<void> {
  await conversation(saver);
  await asked(saver);
  await nested(saver);
  await oddValues(saver);
}

/** Long messages, over several turns, and a fork from the middle. */
async function conversation(saver: BaseCheckpointSaver): Promise<void> {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('answer', ({ messages }) => ({
      messages: [
        new AIMessage({
          id: `a${messages.length}`,
          content: `${messages.length}: ${long}`,
          tool_calls: [{ name: 'look', args: { at: 1.5 }, id: `c${messages.length}` }],
        }),
        new ToolMessage({ id: `t${messages.length}`, content: 'seen', tool_call_id: `c${messages.length}` }),
      ],
    }))
    .addEdge(START, 'answer')
    .addEdge('answer', END)
    .compile({ checkpointer: saver });
  const thread = of('a chat/with %odd id');
  for (let turn = 0; turn < 4; turn += 1)
    await graph.invoke(
      { messages: [new HumanMessage({ id: `q${turn}`, content: `${turn}: ${long}` })] },
      thread,
    );
  const states = await all(graph.getStateHistory(thread));
  const middle = states.find(({ values }) => values['messages']?.length === 6);
  await graph.invoke(
    { messages: [new HumanMessage({ id: 'fork', content: 'another one' })] },
    middle?.config,
  );
}

/** Waits for a person after parallel tasks, of which one is done; and one that was answered. */
async function asked(saver: BaseCheckpointSaver): Promise<void> {
  const State = Annotation.Root({
    done: Annotation<string[]>({ reducer: (old, added) => [...old, ...added], default: () => [] }),
  });
  const graph = new StateGraph(State)
    .addNode('work', (sent: unknown) => {
      const { number } = sent as { readonly number: number };
      const answer: unknown = number === 1 ? interrupt({ number }) : 'nobody';
      return { done: [`${number} by ${String(answer)}`] };
    })
    .addConditionalEdges(START, () => [new Send('work', { number: 0 }), new Send('work', { number: 1 })])
    .addEdge('work', END)
    .compile({ checkpointer: saver });
  await graph.invoke({ done: ['begun'] }, of('asked'));
  await graph.invoke({ done: ['begun'] }, of('answered'));
  await graph.invoke(new Command({ resume: 'ann' }), of('answered'));
}

/** A graph in a graph, which waits in the inner one: checkpoints in two namespaces. */
async function nested(saver: BaseCheckpointSaver): Promise<void> {
  const State = Annotation.Root({ note: Annotation<string>() });
  const inner = new StateGraph(State)
    .addNode('ask', () => ({ note: `inner ${String(interrupt('inner?'))}` }))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile();
  const outer = new StateGraph(State)
    .addNode('inner', inner)
    .addEdge(START, 'inner')
    .addEdge('inner', END)
    .compile({ checkpointer: saver });
  await outer.invoke({ note: 'begun' }, of('nested'));
}

/** Values that no graph here has, in a chain in which most stay what they are. */
async function oddValues(saver: BaseCheckpointSaver): Promise<void> {
  const values: Readonly<Record<string, unknown>> = {
    nothing: null,
    number: 1.5,
    large: 1e300,
    text: long.repeat(40),
    empty: '',
    'looks like a reference': { '~': 'abc' },
    'looks like another': [{ '~': { '~': long } }],
    bytes: new Uint8Array([0, 255, 7]),
    set: new Set(['a', 'b']),
    map: new Map([['a', { deep: [1, 2] }]]),
    items: Array.from({ length: 400 }, (_, number) => number / 2),
    many: Array.from({ length: 5 }, (_, number) => ({ text: `${number} ${long}` })),
    huge: 'ä'.repeat(700_000),
    'huge list': ['y'.repeat(1_200_000), 'z'],
    'a/b: *odd\u0007name': [1, [2, [3]]],
    messages: [new HumanMessage({ content: [{ type: 'text', text: long }], id: 'h', name: 'ann' })],
    ['__proto__ ']: { constructor: 1 },
  };
  let config = { configurable: { thread_id: 'values', checkpoint_ns: '' } };
  for (let number = 0; number < 3; number += 1) {
    const many = values['many'] as readonly unknown[];
    const checkpoint = {
      ...emptyCheckpoint(),
      id: uuid6(number),
      channel_values: { ...values, changing: [number, long], many: number === 2 ? many.slice(1) : many },
      channel_versions: Object.fromEntries(
        [...Object.keys(values), 'changing'].map((name) => [name, number + 1]),
      ),
      versions_seen: { node: { text: number + 1 } },
    };
    const metadata = { source: 'loop' as const, step: number, parents: {}, note: long };
    config = (await saver.put(config, checkpoint, metadata, checkpoint.channel_versions)) as typeof config;
    const writes = Object.entries(values).filter(([name]) => name !== 'bytes');
    await saver.putWrites(config, writes, 'task/1');
    await saver.putWrites(config, [['text', long]], 'task 2');
  }
}

/** All that a saver has of a thread, with what may differ between savers made alike, by namespace and id. */
export async function told(
  saver: BaseCheckpointSaver,
  threadId: string,
): Promise<ReadonlyMap<string, unknown>> {
  const tuples = await all(saver.list({ configurable: { thread_id: threadId } }));
  return new Map(
    tuples.map((tuple) => [
      `${String(tuple.config.configurable?.['checkpoint_ns'])} ${tuple.checkpoint.id}`,
      comparable(tuple),
    ]),
  );
}

function comparable({ config, checkpoint, metadata, parentConfig, pendingWrites }: CheckpointTuple): unknown {
  // A saver for PostgreSQL tells bytes as Node's own kind of them.
  const values = Object.entries(checkpoint.channel_values).map(
    ([name, value]) => [name, Buffer.isBuffer(value) ? new Uint8Array(value) : value] as const,
  );
  // Task ids are unique in a checkpoint together with channel and value; savers tell them in orders of their own.
  const writes = (pendingWrites ?? []).map((write) => [JSON.stringify(write.slice(0, 2)), write] as const);
  return {
    config: config.configurable,
    checkpoint: { ...checkpoint, channel_values: Object.fromEntries(values) },
    metadata,
    parent: parentConfig?.configurable,
    writes: writes.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, write]) => write),
  };
}
