/** Entries: whatever they are kept as, they tell what they were made of. */
import { expect, test } from 'vitest';
import { originAuthorsMax, originsPerAuthorMax } from '../../base/limits.ts';
import { entryOf } from './value.ts';
import type { Entry, EntryTimes, Value } from './value.ts';

const value: Value = { kind: 'text', data: 'a note', bytes: 6, type: '' };

function told(entry: Entry): unknown {
  const { kind, data, bytes, type, created, modified, assigned, version, author } = entry;
  return { kind, data, bytes, type, created, modified, assigned, version, author };
}

test.each<[string, EntryTimes]>([
  ['put once', { created: 7, modified: 7, assigned: 7, version: 1 }],
  ['put once, in a ghost', { created: -2, modified: -2, assigned: -2, version: 1 }],
  ['made by an append', { created: 7, modified: 7, assigned: 0, version: 1 }],
  ['put again', { created: 7, modified: 9, assigned: 9, version: 2 }],
  ['put again in one diff', { created: 7, modified: 7, assigned: 7, version: 2 }],
  ['appended to', { created: 7, modified: 2 ** 40, assigned: 7, version: 3 }],
])('an entry that was %s tells its value, its times and its author', (_, times) => {
  const entry = entryOf(value, times, 'agent_1');
  expect(told(entry)).toEqual({ ...value, ...times, author: 'agent_1' });
  expect(entry.touched).toBe(times.modified);
});

test.each<Value>([
  { kind: 'text', data: 'größer', bytes: 8, type: '' },
  { kind: 'items', data: '[1', bytes: 3, type: '' },
  { kind: 'bytes', data: '\u00ff', bytes: 1, type: '' },
])('an entry of $data tells its size, which need not be the number of its characters', (other) => {
  const times = { created: 3, modified: 3, assigned: 3, version: 1 };
  expect(told(entryOf(other, times, 'agent_1'))).toEqual({ ...other, ...times, author: 'agent_1' });
});

test('entries of one author and kind share who they are from', () => {
  const times = { created: 1, modified: 1, assigned: 1, version: 1 };
  const first = entryOf(value, times, 'agent_1');
  expect(entryOf({ ...value, data: 'other' }, times, 'agent_2').origin).not.toBe(first.origin);
  expect(entryOf({ ...value, kind: 'json', data: '1' }, times, 'agent_1').origin).not.toBe(first.origin);
  expect(entryOf({ ...value, data: 'another' }, times, 'agent_1').origin).toBe(first.origin);
});

test('more authors and types than are kept apart lose nothing', () => {
  const times = { created: 1, modified: 1, assigned: 1, version: 1 };
  const authors = Array.from({ length: originAuthorsMax + 2 }, (_, index) => `agent_${index}`);
  const types = Array.from({ length: originsPerAuthorMax + 2 }, (_, index) => `type.example/T${index}`);
  const byAuthor = authors.map((author) => entryOf(value, times, author));
  const byType = types.map((type) => entryOf({ ...value, kind: 'message', type }, times, 'agent_0'));
  expect(byAuthor.map(({ author }) => author)).toEqual(authors);
  expect(byType.map(({ type }) => type)).toEqual(types);
});
