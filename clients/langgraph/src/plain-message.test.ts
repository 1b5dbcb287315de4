/** Goal: a plain message is stored as LangGraph's serialiser and what comes behind it would have stored it. Method: both, for messages of all kinds. */
import { AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { MemorySaver } from '@langchain/langgraph-checkpoint';
import { expect, test } from 'vitest';
import { plainMessageText } from './plain-message.ts';
import { takeOut } from './stored-json.ts';

/** What the serialiser makes of it, with its long texts taken out. */
async function slowly(value: object): Promise<readonly [string, ReadonlyMap<string, string>]> {
  const [, bytes] = await new MemorySaver().serde.dumpsTyped(value);
  const texts = new Map<string, string>();
  return [takeOut(new TextDecoder().decode(bytes), texts), texts];
}

function changed<T extends object>(value: T, change: (value: T) => unknown): T {
  change(value);
  return value;
}

test.each<[string, object]>([
  ['a question', new HumanMessage({ content: 'where to?', id: 'q', name: 'ann' })],
  ['a text alone', new HumanMessage('where to?')],
  ['a text in full', new HumanMessage({ content: 'ä '.repeat(300), id: 'q' })],
  ['a text in pieces', new HumanMessage({ content: 'long'.repeat(300_000), id: 'q' })],
  ['half a surrogate pair', new HumanMessage({ content: `${'x'.repeat(300)}\ud800`, id: '\udc00' })],
  ['an answer', new AIMessage({ content: 'to Rome', id: 'a' })],
  ['an instruction', new SystemMessage({ content: 'be brief', response_metadata: {} })],
  ['a text that was changed since', changed(new HumanMessage('x'), (message) => (message.content = 'y'))],
])('%s is stored as it would be otherwise', async (_, value) => {
  const texts = new Map<string, string>();
  expect([plainMessageText(value, texts), texts]).toEqual(await slowly(value));
});

test.each<[string, object]>([
  ['data', { content: 'x' }],
  ['a message of another class', new ChatMessage('x', 'judge')],
  ['a class of the user’s', new (class Question extends HumanMessage {})('x')],
  ['content in parts', new HumanMessage({ content: [{ type: 'text', text: 'x' }] })],
  ['an argument', new HumanMessage({ content: 'x', additional_kwargs: { seen: true } })],
  [
    'a call',
    new AIMessage({ content: '', tool_calls: [{ name: 'find', args: {}, id: 'c', type: 'tool_call' }] }),
  ],
  ['what a tool has said', new ToolMessage({ content: 'ok', tool_call_id: 'c' })],
  [
    'one argument more',
    changed(new HumanMessage('x'), (message) => Object.assign(message.lc_kwargs, { fooBar: 'y' })),
  ],
  [
    'what tells of itself otherwise',
    changed(new HumanMessage('x'), (message) => Object.assign(message, { toJSON: () => 'y' })),
  ],
])('%s is left to what takes everything', (_, value) => {
  expect(plainMessageText(value, new Map())).toBeUndefined();
});
