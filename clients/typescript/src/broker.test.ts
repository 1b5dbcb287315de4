/**
 * Goal: every verb of the client does on a real broker what it says.
 * Method: one broker process for the file; each test works in a tree of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AlreadyExistsError,
  connect,
  ConflictError,
  GhostOverError,
  InvalidRequestError,
  json,
  NotFoundError,
  operation,
  precondition,
  PreconditionFailedError,
  RevisionError,
  SpeculationFailed,
  StateError,
  TypedMessage,
  type Client,
  type PutValue,
  type SubscriptionItem,
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
    expect(await client.getOrUndefined('/writes/now/child')).toBeUndefined();
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
    expect(await client.getOrUndefined('/diff/c')).toBeUndefined();
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
    await agent.getOrUndefined('/basis/missing');
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
    expect(await client.getOrUndefined('/only/here')).toBeUndefined();
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

describe('ghosts', () => {
  test('show their writes inside only, until they are committed', async () => {
    await using ghost = await client.ghost({ label: 'try', scope: '/ghost' });
    const staged = await ghost.put('/ghost/a', 'inside');
    expect(staged).toMatchObject({ revision: 0, sequence: 1 });
    expect((await ghost.get('/ghost/a')).value).toBe('inside');
    expect(await client.getOrUndefined('/ghost/a')).toBeUndefined();
    await expect(ghost.put('/elsewhere', 1)).rejects.toMatchObject({ reason: 'OUTSIDE_SCOPE' });
    expect(await ghost.diff().all()).toMatchObject([
      { path: '/ghost/a', before: undefined, after: { value: 'inside' } },
    ]);
    const { revision, operations } = await ghost.commit({ label: 'done' });
    expect(operations).toBe(1);
    expect(await client.get('/ghost/a')).toMatchObject({ value: 'inside', modifiedRevision: revision });
    expect(ghost.over).toBe(true);
    await expect(ghost.put('/ghost/b', 1)).rejects.toThrow(GhostOverError);
    await expect(ghost.commit()).rejects.toThrow(GhostOverError);
  });

  test('are reverted when a block is left without a commit', async () => {
    let id = '';
    {
      await using ghost = await client.ghost();
      id = ghost.id;
      await ghost.put('/left/a', 1);
    }
    expect(await client.getOrUndefined('/left/a')).toBeUndefined();
    const attached = await client.attach(id);
    expect(attached.info).toMatchObject({
      state: 'reverted',
      attempts: [{ reason: 'left without a commit' }],
    });
  });

  test('go back to a checkpoint with a reason that the retry can read', async () => {
    await using ghost = await client.ghost();
    await ghost.put('/rewind/a', 'good');
    expect(await ghost.checkpoint('good')).toMatchObject({ name: 'good', stagedOperations: 1 });
    await ghost.put('/rewind/a', 'bad');
    const reverted = await ghost.rewind({ reason: 'a is bad' });
    expect(reverted).toMatchObject({ checkpoint: { name: 'good' }, droppedOperations: 1 });
    expect(reverted.attempts.at(-1)).toMatchObject({ reason: 'a is bad', checkpoint: 'good' });
    expect((await ghost.get('/rewind/a')).value).toBe('good');
    await expect(ghost.checkpoint('good')).rejects.toThrow(AlreadyExistsError);
    await expect(ghost.rewind({ checkpoint: 'none' })).rejects.toThrow(NotFoundError);
    await ghost.put('/rewind/b', 1);
    await ghost.commit();
    expect((await client.get('/rewind/a')).value).toBe('good');
  });

  test('report conflicts path by path, and live on', async () => {
    await client.put('/conflict/a', 'base');
    await using ghost = await client.ghost();
    await ghost.put('/conflict/a', 'ghost');
    await client.put('/conflict/a', 'trunk');
    const commit = ghost.commit();
    await expect(commit).rejects.toThrow(ConflictError);
    await expect(commit).rejects.toMatchObject({
      total: 1,
      conflicts: [
        {
          path: '/conflict/a',
          base: { value: 'base' },
          trunk: { value: 'trunk' },
          ghost: { value: 'ghost' },
        },
      ],
    });
    expect((await ghost.state()).state).toBe('live');
  });

  test('fail a serializable commit when what they had read has changed', async () => {
    await client.put('/serial/read', 1);
    await using ghost = await client.ghost();
    await ghost.get('/serial/read');
    await ghost.put('/serial/written', 1);
    await client.put('/serial/read', 2);
    await expect(ghost.commit({ isolation: 'serializable' })).rejects.toThrow(ConflictError);
    await ghost.commit();
    expect((await client.get('/serial/written')).value).toBe(1);
  });

  test('nest, and are listed', async () => {
    await using outer = await client.ghost({ label: 'outer' });
    await outer.put('/nest/a', 1);
    await using inner = await outer.ghost({ label: 'inner' });
    expect((await inner.get('/nest/a')).value).toBe(1);
    await inner.put('/nest/b', 2);
    expect(await outer.getOrUndefined('/nest/b')).toBeUndefined();
    const labels = (await client.ghosts().all()).map(({ label }) => label);
    expect(labels.slice(0, 2)).toEqual(['inner', 'outer']);
    await inner.commit();
    expect((await outer.get('/nest/b')).value).toBe(2);
    await outer.commit();
    expect((await client.get('/nest/b')).value).toBe(2);
  });

  test('keep their ttl while the client lives, and expire when nobody keeps them alive', async () => {
    await using kept = await client.ghost({ ttlMs: 1_000 });
    const left = connect(broker.address);
    const lost = await left.ghost({ ttlMs: 1_000 });
    left.destroy();
    await expect
      .poll(async () => (await client.attach(lost.id)).info.state, { timeout: 15_000 })
      .toBe('expired');
    expect((await kept.state()).state).toBe('live');
  });

  test('a trunk revision can be reverted too', async () => {
    const { revision } = await client.put('/undo/a', 'wrong');
    const reverted = await client.revertRevision(revision, 'it was wrong');
    expect(reverted.revision).toBeGreaterThan(revision);
    expect(await client.getOrUndefined('/undo/a')).toBeUndefined();
    const second = await client.put('/undo/b', 1);
    await client.put('/undo/b', 2);
    await expect(client.revertRevision(second.revision)).rejects.toThrow(ConflictError);
  });
});

describe('speculate', () => {
  test('retries from the checkpoint with the reasons so far, and commits what is accepted', async () => {
    const seen: (readonly string[])[] = [];
    const done = await client.speculate({
      label: 'write a number',
      work: async (ghost, attempt) => {
        seen.push(attempt.reasons);
        await ghost.put('/spec/a', attempt.number);
        return attempt.number * 10;
      },
      verify: async (ghost) => {
        const { value } = await ghost.get('/spec/a');
        if (value === 1) return 'one is too few';
        if (value === 2) throw new Error('two is even');
        return value !== 3;
      },
    });
    const reasons = ['one is too few', 'two is even', 'refused by the verifier'];
    expect(seen).toEqual([[], reasons.slice(0, 1), reasons.slice(0, 2), reasons]);
    expect(done).toMatchObject({ result: 40, attempts: 4, reasons });
    expect(await client.get('/spec/a')).toMatchObject({
      value: 4,
      version: 1,
      modifiedRevision: done.revision,
    });
  });

  test('gives up with all reasons, and nothing reaches the trunk', async () => {
    const attempt = client.speculate({
      retries: 1,
      work: (ghost) => ghost.put('/spec/never', 1),
      verify: () => 'never good',
    });
    await expect(attempt).rejects.toThrow(SpeculationFailed);
    await expect(attempt).rejects.toMatchObject({ reasons: ['never good', 'never good'] });
    expect(await client.getOrUndefined('/spec/never')).toBeUndefined();
  });

  test('a conflict is a failed attempt: the next one works on the newest state', async () => {
    await client.put('/spec/shared', 'base');
    const done = await client.speculate({
      work: async (ghost, { number }) => {
        const { value } = await ghost.get('/spec/shared');
        await ghost.put('/spec/shared', [value as string, 'ghost'].join('+'));
        if (number === 1) await client.put('/spec/shared', 'other');
      },
    });
    expect(done.attempts).toBe(2);
    expect((await client.get('/spec/shared')).value).toBe('other+ghost');
  });

  test('an error of the work itself is thrown on, and the ghost is gone', async () => {
    let id = '';
    const attempt = client.speculate({
      work: (ghost) => {
        id = ghost.id;
        throw new Error('a bug');
      },
    });
    await expect(attempt).rejects.toThrow('a bug');
    expect((await client.attach(id)).info).toMatchObject({
      state: 'reverted',
      attempts: [{ reason: 'a bug' }],
    });
  });
});

describe('subscriptions', () => {
  test('begin with the snapshot, whole and once, then bring what changes and nothing beside it', async () => {
    await client.put('/watch/b/x', 1);
    await client.put('/watch/bc', 'not this');
    const items: SubscriptionItem[] = [];
    for await (const item of client.subscribe('/watch/b/**', { detail: 'result', includePrevious: true })) {
      items.push(item);
      if (item.kind === 'snapshot') {
        await client.put('/watch/bc', 'nor this');
        await client.publish([
          operation.put('/watch/b/x', 2),
          operation.put('/watch/bc/y', 3),
          operation.put('/watch/b/z', 4),
        ]);
        await client.append('/watch/b/text', 'tail');
      }
      if (items.length === 3) break;
    }
    expect(items[0]).toMatchObject({ kind: 'snapshot' });
    const [snapshot] = items;
    const nodes = snapshot?.kind === 'snapshot' ? snapshot.nodes.filter(({ kind }) => kind !== 'none') : [];
    expect(nodes.map(({ path, value }) => [path, value])).toEqual([['/watch/b/x', 1]]);
    expect(items[1]).toMatchObject({
      kind: 'event',
      event: {
        changes: [
          { path: '/watch/b/x', action: 'put', value: 2, previous: { value: 1 }, result: { value: 2 } },
          { path: '/watch/b/z', action: 'put', value: 4, previous: undefined },
        ],
      },
    });
    expect(items[2]).toMatchObject({
      kind: 'event',
      event: { changes: [{ action: 'append', addition: 'tail' }] },
    });
  });

  test('can begin in the past, tell ghosts too, and end with a signal', async () => {
    const { revision } = await client.put('/all/a', 1);
    await client.put('/all/b', 2);
    const controller = new AbortController();
    const seen: unknown[] = [];
    const watching = (async () => {
      const options = {
        start: { afterRevision: revision },
        everything: true,
        signal: controller.signal,
      } as const;
      for await (const event of client.subscribe('/all/**', options).events()) {
        seen.push(event.transition?.kind ?? event.changes.map(({ path }) => path));
        if (event.transition?.kind === 'reverted') controller.abort(new Error('seen enough'));
      }
    })();
    await using ghost = await client.ghost({ scope: '/all' });
    await ghost.put('/all/c', 3);
    await ghost.revert('only a test');
    await expect(watching).rejects.toThrow('seen enough');
    expect(seen).toEqual([['/all/b'], 'begun', 'staged', 'reverted']);
  });

  test('of a ghost end with the ghost', async () => {
    const ghost = await client.ghost();
    const kinds: unknown[] = [];
    const watching = (async () => {
      for await (const event of ghost.subscribe('/**', { start: 'now' }).events())
        kinds.push(event.transition?.kind);
    })();
    await expect.poll(async () => (await client.status()).subscriptions).toBeGreaterThan(0);
    await ghost.put('/of-ghost', 1);
    await ghost.commit();
    await watching;
    expect(kinds).toEqual(['staged', 'committed']);
  });

  test('from a compacted revision fail with the oldest one left', async () => {
    const forest = client.as({ forest: 'compacted' });
    const watching = (async () => {
      for await (const item of forest.subscribe('/**', { start: { afterRevision: 1 } }))
        expect(item).toBeUndefined();
    })();
    await expect(watching).rejects.toThrow(RevisionError);
    await expect(watching).rejects.toMatchObject({ oldestRevision: expect.any(Number) });
  });
});
