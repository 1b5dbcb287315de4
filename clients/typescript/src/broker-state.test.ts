/**
 * Goal: every verb that writes, reads or runs a broker does on a real one what it says.
 * Method: one broker process for the file; each test works in a tree of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AlreadyExistsError,
  connect,
  InvalidRequestError,
  json,
  NotFoundError,
  operation,
  precondition,
  PreconditionFailedError,
  RevisionError,
  StateError,
  TypedMessage,
  type Client,
  type PutValue,
} from './index.ts';
import { Broker } from './testing/broker.ts';

let broker: Broker;
let client: Client;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(broker.address, { author: 'tester' });
});

afterAll(async () => {
  client.destroy();
  await broker[Symbol.asyncDispose]();
});

describe('values', () => {
  const values: readonly [string, PutValue, unknown][] = [
    ['text', 'plain', 'plain'],
    ['empty text', '', ''],
    ['unicode', 'naïve 漢字 👩‍🚀 \u0000', 'naïve 漢字 👩‍🚀 \u0000'],
    ['long text', 'ä'.repeat(500_000), 'ä'.repeat(500_000)],
    ['bytes', Uint8Array.of(0, 255, 10), Uint8Array.of(0, 255, 10)],
    ['object', { a: [1, 2.5, null, true], b: { c: 'é' } }, { a: [1, 2.5, null, true], b: { c: 'é' } }],
    ['null', null, null],
    ['false', false, false],
    ['number', 0.1, 0.1],
    [
      '64-bit integers',
      { min: -(2n ** 63n), max: 2n ** 64n - 1n },
      { min: -(2n ** 63n), max: 2n ** 64n - 1n },
    ],
    ['JSON string', json('"quoted"'), 'quoted'],
    [
      'typed message',
      new TypedMessage('type.googleapis.com/acme.Note', Uint8Array.of(8, 1)),
      new TypedMessage('type.googleapis.com/acme.Note', Uint8Array.of(8, 1)),
    ],
  ];
  test.each(values)('%s comes back as it went', async (name, value, expected) => {
    const path = `/values/${name}`;
    const { revision } = await client.put(path, value);
    const node = await client.get(path);
    expect(node.value).toEqual(expected);
    expect(node).toMatchObject({ path, author: 'tester', modifiedRevision: revision, version: 1 });
  });

  test('the exact JSON text is there too', async () => {
    const text = '{"b": 1.10, "a": 12345678901234567890, "c":1e2}';
    await client.put('/values/exact', json(text));
    const node = await client.get('/values/exact');
    expect(node).toMatchObject({ kind: 'json', json: text });
    expect(node.value).toEqual({ b: 1.1, a: 12_345_678_901_234_567_890n, c: 100 });
  });
});

describe('writes', () => {
  test('append adds to text, bytes and lists', async () => {
    await client.append('/append/text', 'one ');
    await client.append('/append/text', 'two');
    await client.append('/append/bytes', Uint8Array.of(1));
    await client.append('/append/bytes', Uint8Array.of(2));
    await client.append('/append/list', [1, { two: 2n ** 60n }]);
    await client.append('/append/list', ['three']);
    expect((await client.get('/append/text')).value).toBe('one two');
    expect((await client.get('/append/bytes')).value).toEqual(Uint8Array.of(1, 2));
    expect((await client.get('/append/list')).value).toEqual([1, { two: 2n ** 60n }, 'three']);
  });

  test('merge, increment, delete and copy', async () => {
    const { revision } = await client.merge('/writes/object', { keep: 1, drop: 2 });
    await client.merge('/writes/object', { drop: null, add: { deep: true } });
    expect((await client.get('/writes/object')).value).toEqual({ keep: 1, add: { deep: true } });
    await client.increment('/writes/count', 2n ** 62n);
    await client.increment('/writes/count');
    expect((await client.get('/writes/count')).value).toBe(2n ** 62n + 1n);
    await client.increment('/writes/real', 0.5);
    await client.increment('/writes/real', { real: 1 });
    expect((await client.get('/writes/real')).value).toBe(1.5);
    await client.copy('/writes/object', '/writes/now');
    await client.copy('/writes/object', '/writes/then', revision);
    expect((await client.get('/writes/now')).value).toEqual({ keep: 1, add: { deep: true } });
    expect((await client.get('/writes/then')).value).toEqual({ keep: 1, drop: 2 });
    await client.put('/writes/now/child', 'c');
    await client.delete('/writes/now', 'node');
    expect((await client.get('/writes/now/child')).value).toBe('c');
    expect((await client.get('/writes/now')).kind).toBe('none');
    await client.delete('/writes/now');
    expect(await client.find('/writes/now/child')).toBeUndefined();
  });

  test('a diff is one revision, and a failed precondition leaves nothing of it', async () => {
    const { revision } = await client.publish([operation.put('/diff/a', 1), operation.put('/diff/b', 2)], {
      preconditions: [precondition.absent('/diff')],
      label: 'both',
    });
    const { nodes } = await client.batchGet(['/diff/a', '/diff/none', '/diff/b']);
    expect(nodes.map(({ path, modifiedRevision }) => [path, modifiedRevision])).toEqual([
      ['/diff/a', revision],
      ['/diff/b', revision],
    ]);
    const late = client.publish([operation.put('/diff/a', 9), operation.put('/diff/c', 9)], {
      preconditions: [precondition.modifiedRevision('/diff/a', revision), precondition.absent('/diff/b')],
    });
    await expect(late).rejects.toThrow(PreconditionFailedError);
    await expect(late).rejects.toMatchObject({ code: 'ABORTED', metadata: { path: '/diff/b' } });
    expect((await client.get('/diff/a')).value).toBe(1);
    expect(await client.find('/diff/c')).toBeUndefined();
  });

  test('a repeated request id repeats the outcome, and another request under it is refused', async () => {
    const first = await client.append('/repeat', 'x', { requestId: 'same' });
    await client.get('/repeat');
    const again = await client.append('/repeat', 'x', { requestId: 'same' });
    expect(again).toEqual({ ...first, repeated: true });
    await expect(client.append('/repeat', 'y', { requestId: 'same' })).rejects.toThrow(StateError);
    expect((await client.get('/repeat')).value).toBe('x');
  });

  test('refusals are typed, and the stream goes on behind them', async () => {
    await client.put('/refused/number', 1);
    const outcomes = await Promise.allSettled([
      client.append('/refused/number', 'text'),
      client.put('no slash', 1),
      client.put('/refused/bad', json('{')),
      client.put('/refused/good', 1),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.reason : 'ok'))).toEqual(
      ['WRONG_TYPE', 'INVALID_PATH', 'INVALID_VALUE', 'ok'],
    );
    await expect(client.as({ forest: 'nowhere' }).put('/a', 1)).rejects.toThrow(NotFoundError);
    await expect(client.put('no slash', 1)).rejects.toThrow(InvalidRequestError);
  });

  test('fifty agents that append to one node lose nothing', async () => {
    const appends = Array.from({ length: 50 }, (_, agent) => {
      const writer = client.as({ author: `agent_${agent}` });
      return Array.from({ length: 20 }, (_, index) => writer.append('/crowd', [`${agent}:${index}`]));
    });
    await Promise.all(appends.flat());
    const items = (await client.get('/crowd')).value;
    expect(items).toHaveLength(1_000);
    expect(new Set(items as string[]).size).toBe(1_000);
  });
});

describe('traces', () => {
  test('start from publishes of every kind, without their values', async () => {
    await client.put('/traced/source', 'text');
    await client.get('/traced/source');
    const { revision } = await client.publish([
      operation.merge('/traced/object', { a: 1 }),
      operation.increment('/traced/number', 2),
      operation.append('/traced/list', [1]),
      operation.put('/traced/json', { b: 2 }),
    ]);
    const { value: page } = await client.traceUpstream(revision).pages().next();
    expect(page?.start?.changes.map(({ path, action }) => [path, action])).toEqual([
      ['/traced/object', 'merge'],
      ['/traced/number', 'increment'],
      ['/traced/list', 'append'],
      ['/traced/json', 'put'],
    ]);
  });
});

describe('reads', () => {
  test('list shows children or all below, with or without values, in pages', async () => {
    await client.publish(['a', 'b', 'b/c', 'b/c/d', 'e'].map((name) => operation.put(`/list/${name}`, name)));
    const paths = async (options?: Parameters<Client['list']>[1]): Promise<string[]> =>
      (await client.list('/list', options).all()).map(({ path }) => path.slice(6));
    expect(await paths()).toEqual(['a', 'b', 'e']);
    expect(await paths({ depth: 2 })).toEqual(['a', 'b', 'b/c', 'e']);
    expect(await paths({ depth: 0, pageSize: 2 })).toEqual(['a', 'b', 'b/c', 'b/c/d', 'e']);
    const pages: number[] = [];
    for await (const page of client.list('/list', { depth: 0, pageSize: 2, keysOnly: true }).pages()) {
      pages.push(page.items.length);
      for (const node of page.items) expect(node.value).toBeUndefined();
    }
    expect(pages).toEqual([2, 2, 1]);
  });

  test('the past is readable, and the future is not', async () => {
    const first = await client.put('/past', 'old');
    await client.put('/past', 'new');
    expect((await client.get('/past', { atRevision: first.revision })).value).toBe('old');
    expect((await client.get('/past', { consistency: 'linearizable' })).value).toBe('new');
    expect((await client.get('/past', { consistency: 'stale' })).path).toBe('/past');
    const future = client.get('/past', { atRevision: 1_000_000 });
    await expect(future).rejects.toThrow(RevisionError);
    await expect(future).rejects.toMatchObject({ newestRevision: expect.any(Number) });
  });

  test('history, diff and blame tell what happened', async () => {
    const first = await client.put('/story/a', 1, { label: 'begin' });
    const second = await client.as({ author: 'other' }).put('/story/a', 2);
    const events = await client.history({ path: '/story' }).all();
    expect(events.map(({ revision, author, label }) => [revision, author, label])).toEqual([
      [first.revision, 'tester', 'begin'],
      [second.revision, 'other', ''],
    ]);
    expect(events[0]?.changes).toMatchObject([{ path: '/story/a', action: 'put', value: 1 }]);
    const newest = await client.history({ path: '/story', newestFirst: true, pageSize: 1 }).pages().next();
    expect(newest.value).toMatchObject({ items: [{ revision: second.revision }] });
    const differences = await client.diff(first.revision, second.revision, { path: '/story' }).all();
    expect(differences).toMatchObject([{ path: '/story/a', before: { value: 1 }, after: { value: 2 } }]);
    const lines = await client.blame('/story', { depth: 1 }).all();
    const line = lines.find(({ node }) => node.path === '/story/a');
    expect(line?.event).toMatchObject({ author: 'other', revision: second.revision });
  });

  test('the basis of a publish is what its agent has read since the one before', async () => {
    const agent = client.as({ author: 'reader' });
    const { revision } = await agent.put('/basis/seen', 1);
    await agent.get('/basis/seen');
    await agent.find('/basis/missing');
    await agent.list('/basis').all();
    const { revision: made } = await agent.put('/basis/written', 2);
    await agent.put('/basis/after', 3);
    const events = await client.history({ path: '/basis', afterRevision: made - 1 }).all();
    expect(events.map(({ basis }) => basis)).toEqual([
      [
        { path: '/basis/seen', revision: expect.any(Number), extent: 'node' },
        { path: '/basis/missing', revision: expect.any(Number), extent: 'absent' },
        { path: '/basis', revision: expect.any(Number), extent: 'subtree' },
      ],
      [],
    ]);
    expect(events[0]?.basis[0]?.revision).toBeGreaterThanOrEqual(revision);
  });
});

describe('forests', () => {
  test('are created, listed, told apart, backed up, restored and deleted', async () => {
    expect(await client.forests.create('team')).toMatchObject({ name: 'team', revision: 0 });
    await expect(client.forests.create('team')).rejects.toThrow(AlreadyExistsError);
    const team = client.as({ forest: 'team' });
    await team.put('/only/here', { n: 2n ** 63n - 1n });
    expect(await client.find('/only/here')).toBeUndefined();
    const chunks: Uint8Array[] = [];
    for await (const chunk of client.forests.backup('team')) chunks.push(chunk);
    const restored = await client.forests.restore('copy', chunks);
    expect(restored.name).toBe('copy');
    expect((await client.as({ forest: 'copy' }).get('/only/here')).value).toEqual({ n: 2n ** 63n - 1n });
    expect((await client.forests.list()).map(({ name }) => name)).toEqual(['copy', 'default', 'team']);
    await client.forests.delete('copy');
    await expect(client.forests.delete('default')).rejects.toThrow(StateError);
    expect((await client.forests.list()).map(({ name }) => name)).toEqual(['default', 'team']);
  });

  test('compaction takes history and leaves state', async () => {
    await client.forests.create('compacted');
    const forest = client.as({ forest: 'compacted' });
    for (let value = 1; value <= 20; value += 1) await forest.put('/n', value);
    await client.forests.compact('compacted', 15);
    await expect(forest.get('/n', { atRevision: 3 })).rejects.toThrow(RevisionError);
    expect((await forest.get('/n', { atRevision: 15 })).value).toBe(15);
    expect((await forest.get('/n')).value).toBe(20);
  });

  test('the status tells the state hash', async () => {
    const status = await client.status({ stateHash: true });
    expect(status.stateHash).toMatch(/^[0-9a-f]{32}$/);
    expect(status.forest.name).toBe('default');
    expect(status.durablePosition).toBeGreaterThan(0);
  });
});
