/** Goal: a value is known again as long as nothing of it was changed, and never afterwards. Method: each change that a graph can make to a message. */
import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { expect, test } from 'vitest';
import { copyAgain, copyOf } from './copies.ts';
import { witnessOf } from './witness.ts';

type Open = BaseMessage & Record<string, unknown>;

function witnessed(value: object) {
  const copy = copyOf(value) ?? {};
  return { witness: witnessOf(copy), copy };
}

const messages: readonly (readonly [string, () => BaseMessage])[] = [
  ['a question', () => new HumanMessage({ content: 'where to?', id: 'q', name: 'ann' })],
  ['an answer', () => new AIMessage({ content: 'to Rome', id: 'a' })],
  ['what a tool has said', () => new ToolMessage({ content: '12 °C', tool_call_id: 'c', id: 't' })],
  [
    'an answer that calls a tool',
    () =>
      new AIMessage({
        content: '',
        id: 'a',
        tool_calls: [{ name: 'weather', args: { at: ['Rome'] }, id: 'c' }],
        additional_kwargs: { asked: { by: 'ann' } },
      }),
  ],
  ['an answer in parts', () => new HumanMessage({ content: [{ type: 'text', text: 'see' }], id: 'q' })],
];

const changes: readonly (readonly [string, (message: Open) => void])[] = [
  ['its content', (message) => (message.content = 'another')],
  ['its id', (message) => (message.id = 'b')],
  ['its name', (message) => (message.name = 'bob')],
  ['one member more', (message) => (message['more'] = 1)],
  ['a member taken away', (message) => delete (message as { content?: unknown }).content],
  ['an argument', (message) => (message.additional_kwargs['seen'] = true)],
  ['no arguments', (message) => (message.additional_kwargs = undefined as never)],
  ['something about the answer', (message) => (message.response_metadata['model'] = 'm')],
  [
    'an argument of its constructor',
    (message) => ((message.lc_kwargs as Record<string, unknown>)['also'] = 1),
  ],
  ['its class', (message) => Object.setPrototypeOf(message, Object.prototype) as unknown],
];

test.each(messages)('%s is known, and so are copies of it', (_, make) => {
  const message = make();
  const { witness, copy } = witnessed(message);
  expect([message, copy, copyAgain(copy), copyOf(make())].map((each) => witness.holds(each ?? {}))).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test.each(
  messages.flatMap(([name, make]) => changes.map(([change, apply]) => [name, change, make, apply] as const)),
)('%s is not known any more after a change: %s', (_, __, make, apply) => {
  const message = make();
  const { witness } = witnessed(message);
  apply(message as Open);
  expect(witness.holds(message)).toBe(false);
});

test('a change deep inside is seen', () => {
  const message = new AIMessage({
    content: '',
    tool_calls: [{ name: 'weather', args: { at: ['Rome'] }, id: 'c' }],
  });
  const { witness } = witnessed(message);
  message.tool_calls?.[0]?.args['at'].push('Paris');
  expect(witness.holds(message)).toBe(false);
});

test('plain data is told by its members, and NaN is itself', () => {
  const { witness } = witnessed({ a: [1, { b: Number.NaN }], c: null });
  expect(witness.holds({ a: [1, { b: Number.NaN }], c: null })).toBe(true);
  expect(witness.holds({ a: [1, { b: 2 }], c: null })).toBe(false);
  expect(witness.holds({ a: [1], c: null })).toBe(false);
  expect(witness.holds([1])).toBe(false);
});
