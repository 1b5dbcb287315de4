/** Goal: what is told without LangGraph's serialiser is what that would have told. Method: both, for values of all kinds. */
import { AIMessage, HumanMessage, RemoveMessage, ToolMessage } from '@langchain/core/messages';
import { MemorySaver } from '@langchain/langgraph-checkpoint';
import { Send } from '@langchain/langgraph';
import { expect, test } from 'vitest';
import { copyOf } from './copies.ts';
import { plainOf } from './plain-form.ts';

const call = {
  name: 'find',
  args: { in: ['a', undefined, { deep: 1.5 }] },
  id: 'c',
  type: 'tool_call' as const,
};

test.each<[string, object]>([
  ['a question', new HumanMessage({ content: 'ä '.repeat(300), id: 'q', name: 'ann' })],
  ['an answer with a call', new AIMessage({ content: [{ type: 'text', text: 'x' }], tool_calls: [call] })],
  [
    'an answer whose arguments have names of JavaScript',
    new AIMessage({ content: '', additional_kwargs: { fooBar: 1 } }),
  ],
  ['what a tool has said', new ToolMessage({ content: 'ok', tool_call_id: 'c', artifact: { rows: [1, 2] } })],
  ['a removal', new RemoveMessage({ id: 'q' })],
  [
    'data',
    { a: [null, true, 1e21, -0, Number.NaN, Infinity, '\ud800'], b: { c: undefined }, '~': 1, 7: 'seven' },
  ],
  ['messages in data', { list: [new HumanMessage('x')], of: { one: new AIMessage('y') } }],
  ['an object that says lc', { lc: 1, type: 'x', id: [] }],
])('%s is told as LangGraph tells it', async (_, value) => {
  const [, bytes] = await new MemorySaver().serde.dumpsTyped(value);
  const told = plainOf(copyOf(value));
  expect(JSON.stringify(told)).toBe(JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))));
});

test.each<[string, object]>([
  ['a send', [new Send('node', { a: 1 })]],
  ['what says that it is a send', { lg_name: 'Send', node: 'n', args: {} }],
  ['a set', new Set([1])],
  ['a date', { when: new Date(0) }],
  ['a large integer', { n: 1n }],
  ['a function', { toJSON: () => 1 }],
])('%s is left to LangGraph', (_, value) => {
  const copy = copyOf(value);
  expect(copy === undefined ? undefined : plainOf(copy)).toBeUndefined();
});
