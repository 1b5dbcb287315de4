/** Graphs as people build them, with a model that needs no network. */
import type { BaseMessage } from '@langchain/core/messages';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';

/** What a run does between reading its state and answering. */
export type Pause = (messages: readonly BaseMessage[]) => Promise<void>;

/** A graph that answers each message of a conversation with the next of `answers`. */
export function chat(checkpointer: BaseCheckpointSaver, answers: readonly string[], pause?: Pause) {
  const model = new FakeListChatModel({ responses: [...answers] });
  return new StateGraph(MessagesAnnotation)
    .addNode('model', async ({ messages }) => {
      await pause?.(messages);
      return { messages: [await model.invoke(messages)] };
    })
    .addEdge(START, 'model')
    .addEdge('model', END)
    .compile({ checkpointer });
}

/** A graph of steps `a`, `b`, `c` that note their names. */
export function steps(checkpointer: BaseCheckpointSaver, onStep?: (name: string) => Promise<void>) {
  const State = Annotation.Root({
    log: Annotation<string[]>({ reducer: (old, added) => [...old, ...added], default: () => [] }),
    count: Annotation<number>(),
  });
  const step =
    (name: string) =>
    async ({ count }: { readonly count: number }): Promise<{ log: string[]; count: number }> => {
      await onStep?.(name);
      return { log: [name], count: (count ?? 0) + 1 };
    };
  return new StateGraph(State)
    .addNode('a', step('a'))
    .addNode('b', step('b'))
    .addNode('c', step('c'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'c')
    .addEdge('c', END)
    .compile({ checkpointer });
}

/** What was said, for comparing. */
export function said(messages: readonly BaseMessage[]): readonly string[] {
  return messages.map((message) => message.text);
}

/** The config of a thread. */
export function of(thread_id: string, checkpoint_id?: string) {
  return { configurable: checkpoint_id === undefined ? { thread_id } : { thread_id, checkpoint_id } };
}

/** Everything that an iterator tells. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const told: T[] = [];
  for await (const item of items) told.push(item);
  return told;
}
