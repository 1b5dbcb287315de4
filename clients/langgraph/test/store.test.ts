/** Goal: the store keeps LangGraph's contract. Method: a real broker, a clock that the test moves, and embeddings that count words. */
import type { Client } from '@hyperloom/client';
import { Embeddings } from '@langchain/core/embeddings';
import { InvalidNamespaceError, type Item, type Operation } from '@langchain/langgraph-checkpoint';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HyperloomStore, UnusableIdError, type HyperloomStoreOptions } from '../src/index.ts';
import { behind } from './support/behind.ts';
import { Bench } from './support/broker.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});

afterAll(() => bench[Symbol.asyncDispose]());

const store = async (options?: HyperloomStoreOptions): Promise<HyperloomStore> =>
  new HyperloomStore(await bench.isolated(), options);

const keys = (items: readonly Item[]): readonly string[] => items.map(({ key }) => key);

test('an item is read as it was put, keeps when it was created, and is gone when it is deleted', async () => {
  let now = 1_000;
  const items = await store({ now: () => now });
  await items.put(['users', 'ann'], 'likes', { food: 'soup', 'odd "key"': [1, null, { deep: true }] });
  now = 5_000;
  await items.put(['users', 'ann'], 'likes', { food: 'bread' });
  expect(await items.get(['users', 'ann'], 'likes')).toEqual({
    namespace: ['users', 'ann'],
    key: 'likes',
    value: { food: 'bread' },
    createdAt: new Date(1_000),
    updatedAt: new Date(5_000),
  });
  await items.delete(['users', 'ann'], 'likes');
  expect(await items.get(['users', 'ann'], 'likes')).toBeNull();
  await items.delete(['users', 'nobody'], 'nothing');
});

test('a key may have the name of a namespace, and odd names are as good as others', async () => {
  const items = await store();
  const odd = ['a/b', '*', '%2E', ' ', 'ü💬', '%'];
  for (const name of odd) await items.put(['odd', name], name, { name });
  await items.put(['odd'], 'a/b', { name: 'the key' });
  for (const name of odd) expect((await items.get(['odd', name], name))?.value).toEqual({ name });
  expect((await items.get(['odd'], 'a/b'))?.value).toEqual({ name: 'the key' });
  await items.delete(['odd'], 'a/b');
  expect((await items.get(['odd', 'a/b'], 'a/b'))?.value).toEqual({ name: 'a/b' });
  expect(new Set(await items.listNamespaces())).toEqual(new Set(odd.map((name) => ['odd', name])));
});

test('filters compare by value and by operators, with limit and offset', async () => {
  const items = await store();
  for (let rank = 0; rank < 6; rank += 1)
    await items.put(['docs', rank < 3 ? 'low' : 'high'], `d${rank}`, {
      rank,
      tags: ['x', rank % 2],
      kind: 'doc',
    });
  await items.put(['docs2'], 'other', { rank: 0 });
  const found = async (filter: Record<string, unknown>): Promise<readonly string[]> =>
    [...keys(await items.search(['docs'], { filter }))].sort();
  expect(await found({ rank: 2 })).toEqual(['d2']);
  expect(await found({ rank: { $gte: 2, $lt: 5 } })).toEqual(['d2', 'd3', 'd4']);
  expect(await found({ rank: { $ne: 0 }, tags: ['x', 0] })).toEqual(['d2', 'd4']);
  expect(await found({ rank: { $in: [1, 9] } })).toEqual(['d1']);
  expect(await found({ rank: { $nin: [0, 1, 2] }, kind: { $eq: 'doc' } })).toEqual(['d3', 'd4', 'd5']);
  expect(await found({ missing: { $gt: 0 } })).toEqual([]);
  expect(keys(await items.search(['docs', 'high']))).toEqual(['d3', 'd4', 'd5']);
  expect(keys(await items.search(['docs', 'high'], { limit: 1, offset: 1 }))).toEqual(['d4']);
  expect(await items.search([], { limit: 100 })).toHaveLength(7);
  expect(await items.search(['nowhere'])).toEqual([]);
});

test('namespaces are listed by prefix, suffix and depth', async () => {
  const items = await store();
  for (const namespace of [['a', 'b', 'v1'], ['a', 'c', 'v1'], ['a', 'c', 'v2'], ['z']])
    await items.put(namespace, 'k', { v: 1 });
  expect(await items.listNamespaces({ prefix: ['a'] })).toEqual([
    ['a', 'b', 'v1'],
    ['a', 'c', 'v1'],
    ['a', 'c', 'v2'],
  ]);
  expect(await items.listNamespaces({ suffix: ['v1'] })).toEqual([
    ['a', 'b', 'v1'],
    ['a', 'c', 'v1'],
  ]);
  expect(await items.listNamespaces({ prefix: ['*', 'c'] })).toEqual([
    ['a', 'c', 'v1'],
    ['a', 'c', 'v2'],
  ]);
  expect(await items.listNamespaces({ maxDepth: 2, offset: 1, limit: 1 })).toEqual([['a', 'c']]);
});

/** As many dimensions as words that it knows. */
class WordCounts extends Embeddings {
  readonly #words = ['soup', 'bread', 'code'];

  constructor() {
    super({});
  }

  embedQuery(text: string): Promise<number[]> {
    return Promise.resolve(this.#words.map((word) => text.split(word).length - 1));
  }

  embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

test('a search by meaning tells the likest first, and what has no vectors last', async () => {
  const items = await store({
    index: { dims: 3, embeddings: new WordCounts(), fields: ['text', 'parts[*].text'] },
  });
  await items.put(['m'], 'soup', { text: 'soup and soup' });
  await items.put(['m'], 'mixed', { parts: [{ text: 'bread' }, { text: 'soup, bread' }] });
  await items.put(['m'], 'code', { text: 'code' });
  await items.put(['m'], 'silent', { text: 'soup' }, false);
  const found = await items.search(['m'], { query: 'soup' });
  expect(keys(found)).toEqual(['soup', 'mixed', 'code', 'silent']);
  expect(found.map(({ score }) => score?.toFixed(2))).toEqual(['1.00', '0.71', '0.00', undefined]);
  await items.put(['m'], 'soup', { text: 'code' });
  expect(keys(await items.search(['m'], { query: 'soup', limit: 1 }))).toEqual(['mixed']);
  await items.delete(['m'], 'mixed');
  expect(keys(await items.search(['m'], { query: 'bread', limit: 9 }))).not.toContain('mixed');
  const wrong = await store({ index: { dims: 2, embeddings: new WordCounts() } });
  await expect(wrong.put(['m'], 'k', { text: 'x' })).rejects.toThrow(/3 dimensions.*index\.dims/s);
});

test('items expire, live on when they are read, and are swept away', async () => {
  let now = 0;
  const minute = 60_000;
  const items = await store({ now: () => now, ttl: { defaultTtl: 10 } });
  await items.put(['t'], 'default', { v: 1 });
  await items.put(['t'], 'short', { v: 2 }, undefined, { ttl: 2 });
  now = 1 * minute;
  expect(keys(await items.search(['t']))).toEqual(['default', 'short']);
  now = 2.5 * minute;
  expect((await items.get(['t'], 'short'))?.value).toEqual({ v: 2 });
  await items.put(['t', 'below'], 'shorter', { v: 3 }, undefined, { ttl: 1 });
  now = 4.6 * minute;
  expect(await items.get(['t'], 'short')).toBeNull();
  expect(await items.listNamespaces()).toEqual([['t']]);
  expect(await items.sweepExpired()).toBe(2);
  now = 12 * minute;
  expect(await items.search(['t'])).toEqual([]);
  expect(await items.sweepExpired()).toBe(1);
});

/** A store that always does `meanwhile` between its reads and what it publishes. */
function slow(client: Client, meanwhile: () => Promise<void>, options: HyperloomStoreOptions) {
  const own = client.as({ author: 'slow', trackBasis: false });
  const publish = own.publish.bind(own);
  vi.spyOn(own, 'publish').mockImplementation(async (...diff) => {
    await meanwhile();
    return publish(...diff);
  });
  vi.spyOn(client, 'as').mockReturnValueOnce(own);
  return new HyperloomStore(client, options);
}

async function texts(client: Client): Promise<readonly unknown[]> {
  const nodes = await client
    .list('/store', { depth: 0 })
    .all()
    .catch(() => []);
  return nodes.flatMap(({ json }) => (json === undefined ? [] : [JSON.parse(json)]));
}

test('reading an item makes its time begin anew, but not that of what is put in its place', async () => {
  const client = await bench.isolated();
  const now = (): number => 0;
  const items = new HyperloomStore(client, { now });
  const get = { namespace: ['r'], key: 'k' };
  await items.put(['r'], 'k', { v: 1 }, undefined, { ttl: 1 });
  await items.batch([get, { ...get, value: { v: 2 } }]);
  expect(await texts(client)).toEqual([{ value: { v: 2 }, created: iso(0), updated: iso(0) }]);
  await items.put(['r'], 'k', { v: 3 }, undefined, { ttl: 1 });
  await items.batch([get, { ...get, value: null }]);
  expect(await texts(client)).toEqual([]);

  await items.put(['r'], 'k', { v: 4 }, undefined, { ttl: 1 });
  const overtaken = slow(client, () => items.put(['r'], 'k', { v: 5 }), { now });
  expect((await overtaken.get(['r'], 'k'))?.value).toEqual({ v: 4 });
  expect(await texts(client)).toEqual([{ value: { v: 5 }, created: iso(0), updated: iso(0) }]);
});

test('what has expired and is put anew while it is swept away stays', async () => {
  let now = 0;
  const client = await bench.isolated();
  const items = new HyperloomStore(client, { now: () => now });
  await items.put(['s'], 'anew', { v: 'old' }, undefined, { ttl: 1 });
  await items.put(['s'], 'over', { v: 'old' }, undefined, { ttl: 1 });
  now = 120_000;
  const sweeper = slow(client, () => items.put(['s'], 'anew', { v: 'new' }), { now: () => now });
  expect(await sweeper.sweepExpired()).toBe(1);
  expect((await items.get(['s'], 'anew'))?.value).toEqual({ v: 'new' });
  expect(await texts(client)).toHaveLength(1);
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

test('a batch answers in its order, reads before it writes, and takes the last of several puts', async () => {
  const items = await store();
  await items.put(['b'], 'old', { v: 'old' });
  const operations: Operation[] = [
    { namespace: ['b'], key: 'old' },
    { namespace: ['b'], key: 'old', value: { v: 'lost' } },
    { namespace: ['b'], key: 'none' },
    { namespacePrefix: ['b'] },
    { limit: 10, offset: 0 },
    { namespace: ['b'], key: 'old', value: { v: 'new' } },
  ];
  const old = expect.objectContaining({ key: 'old', value: { v: 'old' } });
  expect(await items.batch(operations)).toEqual([old, undefined, null, [old], [['b']], undefined]);
  expect((await items.get(['b'], 'old'))?.value).toEqual({ v: 'new' });
});

test('a batch may be larger than a message to the broker, and is read before it is put anew', async () => {
  const client = await bench.isolated();
  const items = new HyperloomStore(client, { now: () => 1 });
  const batchOf = (text: string, count: number): Operation[] =>
    Array.from({ length: count }, (_, at) => ({ namespace: ['large'], key: `k${at}`, value: { text } }));
  // Beyond ASCII, bytes are more than characters.
  await items.batch(batchOf('ü'.repeat(250_000), 36));
  await items.batch(batchOf('x'.repeat(1_950_000), 36));
  const later = new HyperloomStore(client, { now: () => 2 });
  await later.batch(batchOf('small', 36));
  const found = await items.get(['large'], 'k35');
  expect([found?.createdAt.getTime(), found?.updatedAt.getTime()]).toEqual([1, 2]);
  const nodes = await client.list('/store/large', { depth: 1 }).all();
  expect(new Set(nodes.map(({ modifiedRevision }) => modifiedRevision)).size).toBe(1);
});

test('an item is read as it was put last at a broker that is behind another one', async () => {
  const client = await bench.isolated();
  const here = new HyperloomStore(client);
  await here.put(['a'], 'k', { v: 1 });
  const { revision } = await client.batchGet(['/store']);
  const there = (): HyperloomStore => new HyperloomStore(behind(client, revision));
  await here.put(['a'], 'k', { v: 2 });
  await here.put(['b'], 'k', { v: 3 });
  expect((await there().get(['a'], 'k'))?.value).toEqual({ v: 2 });
  expect((await there().search([])).map(({ value }) => value)).toEqual([{ v: 2 }, { v: 3 }]);
  expect(await there().listNamespaces()).toEqual([['a'], ['b']]);
});

test('names that no namespace may have are refused', async () => {
  const items = await store();
  for (const namespace of [[], [''], ['a.b'], ['langgraph']])
    await expect(items.batch([{ namespace, key: 'k', value: {} }])).rejects.toThrow(InvalidNamespaceError);
  await expect(items.put(['a'], 'x'.repeat(256), {})).rejects.toThrow(UnusableIdError);
  await expect(items.put(['a'], 'k', { v: 1n })).rejects.toThrow(/the item "k" cannot be stored/);
});
