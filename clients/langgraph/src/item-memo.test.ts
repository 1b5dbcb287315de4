/** Goal: a value is told to be an item of a list exactly as long as it is what the item says. Method: messages that are written, read and changed. */
import { HumanMessage } from '@langchain/core/messages';
import { expect, test } from 'vitest';
import { copyOf } from './copies.ts';
import { ItemMemo } from './item-memo.ts';
import type { KnownItem } from './lists.ts';

const question = (content = 'where to?'): HumanMessage => new HumanMessage({ content, id: 'q' });

function written(memo: ItemMemo, message: HumanMessage): KnownItem {
  const item: KnownItem = { stored: JSON.stringify(message.content) };
  memo.noteWritten(message, copyOf(message) ?? {}, item);
  return item;
}

test('a message that was written is its item, and so is another one that says the same', () => {
  const memo = new ItemMemo();
  const message = question();
  const item = written(memo, message);
  expect([message, question()].map((each) => memo.isItem(each, item))).toEqual([true, true]);
});

test.each([
  ['changed in place', (message: HumanMessage) => (message.content = 'to Rome')],
  ['given one member more', (message: HumanMessage) => Object.assign(message, { more: 1 })],
  ['given an argument', (message: HumanMessage) => (message.additional_kwargs['seen'] = true)],
])('a message that was %s is not its item any more', (_, change) => {
  const memo = new ItemMemo();
  const message = question();
  const item = written(memo, message);
  change(message);
  expect(memo.isItem(message, item)).toBe(false);
});

test('what is no object, and what says something else, is no item', () => {
  const memo = new ItemMemo();
  const item = written(memo, question());
  const others = [question('to Rome'), { content: 'where to?' }, 'where to?', null, undefined];
  expect(others.map((each) => memo.isItem(each, item))).toEqual([false, false, false, false, false]);
});

test('what was written is still known once somebody has read it, and what they read is too', () => {
  const memo = new ItemMemo();
  const mine = question();
  const item = written(memo, mine);
  // What a reader gets may be put together differently.
  const first = Object.assign(question(), { name: undefined });
  memo.noteRead(first, item);
  const second = memo.read(item);
  expect([mine, first, second].map((each) => memo.isItem(each, item))).toEqual([true, true, true]);
  Object.assign(second as object, { content: 'to Rome' });
  expect([mine, first, second].map((each) => memo.isItem(each, item))).toEqual([true, true, false]);
});
