/** Goal: a change tells what it leaves where it can, and says so where it cannot. Method: every kind of change. */
import { expect, test } from 'vitest';
import { parseJson, TypedMessage, type Action, type Change } from '../../../typescript/src/browser.ts';
import { isAt, merged, valueAfter } from './value-after.ts';

function change(action: Action, path = '/a/b'): Change {
  return { path, author: '', result: undefined, previous: undefined, ...action };
}

const put = (json: string): Change => change({ action: 'put', kind: 'json', value: parseJson(json), json });
const message = new TypedMessage('type.googleapis.com/a.B', new Uint8Array());

test('a put leaves its JSON; a text or bytes leave nothing that has fields', () => {
  expect(valueAfter({ old: 1 }, put('{"n":1}'))).toEqual({ kind: 'json', value: { n: 1 } });
  expect(valueAfter({}, change({ action: 'put', kind: 'text', value: 'x', json: undefined }))).toEqual({
    kind: 'none',
  });
});

test('items are added to a list, or begin one', () => {
  const added = change({ action: 'append', addition: [2], json: ['2'] });
  expect(valueAfter([1], added)).toEqual({ kind: 'json', value: [1, 2] });
  expect(valueAfter(undefined, added)).toEqual({ kind: 'json', value: [2] });
});

test('an increment leaves its sum, with every digit', () => {
  const sum = 9_007_199_254_740_993n;
  const counted = change({ action: 'increment', amount: 1n, field: '', sum });
  expect(valueAfter(1, counted)).toEqual({ kind: 'json', value: sum });
});

test('merges follow RFC 7396, whatever members are called', () => {
  expect(merged({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({
    a: 'z',
    c: { d: 'e' },
  });
  expect(merged(['a', 'b'], { c: 'd' })).toEqual({ c: 'd' });
  expect(merged({ e: null }, { a: 1 })).toEqual({ e: null, a: 1 });
  expect(merged({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } });
  expect(merged({ a: 'foo' }, 'bar')).toBe('bar');
  const odd = merged({}, parseJson('{"__proto__":{"x":1}}'));
  expect(Object.keys(odd as object)).toEqual(['__proto__']);
  expect(({} as { x?: number }).x).toBeUndefined();
});

test('copies and changes of messages are for the broker to tell', () => {
  const unknown = { kind: 'unknown' };
  expect(valueAfter({}, change({ action: 'copy', source: '/x', sourceRevision: 0 }))).toEqual(unknown);
  expect(valueAfter({}, change({ action: 'merge', patch: message, mask: ['a'], json: undefined }))).toEqual(
    unknown,
  );
  expect(valueAfter({}, change({ action: 'append', addition: message, json: undefined }))).toEqual(unknown);
  expect(valueAfter({}, change({ action: 'increment', amount: 1n, field: 'n', sum: 2 }))).toEqual(unknown);
  expect(valueAfter({}, change({ action: 'put', kind: 'message', value: message, json: undefined }))).toEqual(
    unknown,
  );
});

test('what happens above counts where it takes all below along', () => {
  expect(isAt(put('1'), '/a/b')).toBe(true);
  expect(isAt(put('1'), '/a')).toBe(false);
  expect(isAt(put('1'), '/a/b/c')).toBe(false);
  expect(isAt(change({ action: 'delete', scope: 'subtree' }, '/a'), '/a/b')).toBe(true);
  expect(isAt(change({ action: 'delete', scope: 'node' }, '/a'), '/a/b')).toBe(false);
  expect(isAt(change({ action: 'copy', source: '/x', sourceRevision: 0 }, '/a'), '/a/b')).toBe(true);
  expect(isAt(change({ action: 'copy', source: '/x', sourceRevision: 0 }, '/ab'), '/a/b')).toBe(false);
});
