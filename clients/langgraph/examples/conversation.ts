/**
 * A conversation that survives its processes: a graph with a fake model, whose thread lies in Hyperloom. Works offline; wants a broker
 * (`npx hyperloom serve`). Run it twice, and the second run goes on where the first ended.
 */
import { connect } from '@hyperloom/client';
import { HyperloomSaver } from '@hyperloom/langgraph';
import { HumanMessage } from '@langchain/core/messages';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';

await using client = connect();
const model = new FakeListChatModel({
  responses: ['etcd keeps its keys sorted.', 'Redis keeps them in memory.'],
});
const graph = new StateGraph(MessagesAnnotation)
  .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addEdge(START, 'model')
  .addEdge('model', END)
  .compile({ checkpointer: new HyperloomSaver(client) });

const thread = { configurable: { thread_id: 'databases' } };
await graph.invoke({ messages: [new HumanMessage('What about etcd?')] }, thread);
const { messages } = await graph.invoke({ messages: [new HumanMessage('And Redis?')] }, thread);
for (const message of messages) console.log(`${message.type}: ${message.text}`);

// Time travel: what the state was before the last answer, and another answer from there.
for await (const { config, next, values } of graph.getStateHistory(thread)) {
  if (next[0] !== 'model') continue;
  console.log(
    `before the last answer there were ${(values as { messages: unknown[] }).messages.length} messages`,
  );
  const forked = await graph.invoke(null, config);
  console.log(`answered anew: ${forked.messages.at(-1)?.text}`);
  break;
}
