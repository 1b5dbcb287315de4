/**
 * A chat endpoint of the AI SDK whose chats are in Hyperloom. Works offline: the model is a script. Wants a broker (`npx hyperloom serve`).
 */
import { HyperloomChats } from '@hyperloom/ai';
import { convertToModelMessages, generateId, simulateReadableStream, streamText, type UIMessage } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

// In place of a real model, such as 'openai/gpt-5'.
const answers = ['Paris has 2.1 million inhabitants.', 'You asked about Paris.'];
const model = new MockLanguageModelV4({
  doStream: async () => ({
    stream: simulateReadableStream({
      chunks: [
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: answers.shift() ?? '' },
        { type: 'text-end', id: '1' },
        {
          type: 'finish',
          finishReason: { unified: 'stop', raw: undefined },
          usage: {
            inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
            outputTokens: { total: 1, text: 1, reasoning: undefined },
          },
        },
      ],
    }),
  }),
});

await using chats = new HyperloomChats(); // HYPERLOOM_ADDRESS, or 127.0.0.1:7400

/** The endpoint: POST /api/chat. */
async function post(id: string, message: UIMessage): Promise<Response> {
  const chat = await chats.open(id);
  const messages = [...chat.messages, message];
  await chat.save(messages);
  const result = streamText({ model, messages: await convertToModelMessages(messages) });
  return result.toUIMessageStreamResponse(chat.keep(messages));
}

// What a browser does with useChat.
for (const text of ['How many people live in Paris?', 'Which city did I ask about?']) {
  const response = await post('chat 1', { id: generateId(), role: 'user', parts: [{ type: 'text', text }] });
  const deltas = (await response.text()).matchAll(/"delta":"([^"]*)"/g);
  console.log([...deltas].map(([, delta]) => delta).join(''));
}

// Another process, another day: the chat knows what was said.
const chat = await chats.open('chat 1');
console.log(chat.messages.length, 'messages below', chat.path);
