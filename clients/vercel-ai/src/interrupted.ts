/** An answer whose process died while it was given, put together from what was recorded of it. */
import { readUIMessageStream, type InferUIMessageChunk, type UIMessage } from 'ai';
import type { StoredChat } from './stored.ts';

/** Streams that nobody writes any more. */
export function deadStreams({ streams, streaming }: StoredChat): readonly string[] {
  return [...streams.keys()].filter((stream) => stream !== streaming);
}

/** The newest answer that was interrupted and never saved. `messages`: those of the chat. */
export async function interruptedAnswer<UI_MESSAGE extends UIMessage>(
  chat: StoredChat,
  messages: readonly UI_MESSAGE[],
): Promise<UI_MESSAGE | undefined> {
  const dead = deadStreams(chat).findLast((stream) => stream !== chat.head.saved);
  const chunks = dead === undefined ? undefined : chat.streams.get(dead);
  const first = chunks?.[0];
  if (chunks === undefined || first === undefined) return undefined;
  // The answer may go on with the last message, as after the approval of a tool.
  const last = messages.at(-1);
  const continued = last !== undefined && last.role === 'assistant' && last.id === first['messageId'];
  const stream = streamOf(chunks as unknown as readonly InferUIMessageChunk<UI_MESSAGE>[]);
  const states = readUIMessageStream<UI_MESSAGE>({
    stream,
    ...(continued ? { message: structuredClone(last) } : {}),
  });
  let answer: UI_MESSAGE | undefined;
  for await (const state of states) answer = state;
  return answer;
}

function streamOf<Chunk>(chunks: readonly Chunk[]): ReadableStream<Chunk> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}
