/**
 * One turn of a conversation, for tests that share a thread with another language: `turn.ts ROOT THREAD TEXT` answers it, and prints all
 * messages as JSON; without a text it only prints them. `--import ./resolve.ts` finds the packages, HYPERLOOM_ADDRESS names the broker.
 */
import { connect } from '@hyperloom/client';
import { HyperloomSaver } from '@hyperloom/langgraph';
import { AIMessage, HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';

const [root = '', thread = '', text] = process.argv.slice(2);
const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  turns: Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
});
await using client = connect();
const graph = new StateGraph(State)
  .addNode('answer', ({ messages }) => ({
    messages: [
      new AIMessage({ content: `answer-${messages.length} `.repeat(60), id: `js-${messages.length}` }),
    ],
    turns: 1,
  }))
  .addEdge(START, 'answer')
  .addEdge('answer', END)
  .compile({ checkpointer: new HyperloomSaver(client, { root }) });

const config = { configurable: { thread_id: thread } };
if (text !== undefined) await graph.invoke({ messages: [new HumanMessage(text)] }, config);
const { values } = await graph.getState(config);
const state = values as { readonly messages: readonly BaseMessage[]; readonly turns: number };
console.log(
  JSON.stringify({
    messages: state.messages.map((message) => [message.type, message.id, message.text]),
    turns: state.turns,
  }),
);
