/**
 * Goal: ghosts, speculation and subscriptions do on a real broker what they say.
 * Method: one broker process for the file; each test works in a tree of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AlreadyExistsError,
  connect,
  ConflictError,
  GhostOverError,
  NotFoundError,
  operation,
  ReviewOutdatedError,
  RevisionError,
  SpeculationFailed,
  type Client,
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

describe('ghosts', () => {
  test('show their writes inside only, until they are committed', async () => {
    await using ghost = await client.ghost({ label: 'try', scope: '/ghost' });
    const staged = await ghost.put('/ghost/a', 'inside');
    expect(staged).toMatchObject({ revision: 0, sequence: 1 });
    expect((await ghost.get('/ghost/a')).value).toBe('inside');
    expect(await client.find('/ghost/a')).toBeUndefined();
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
    expect(await client.find('/left/a')).toBeUndefined();
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

  test('are committed as they were looked at, or not at all', async () => {
    await using ghost = await client.ghost();
    await ghost.put('/looked/a', 1);
    const { edition: exactEdition } = await ghost.state();
    await ghost.put('/looked/b', 1);
    await expect(ghost.commit({ exactEdition })).rejects.toThrow(ReviewOutdatedError);
    expect(await client.find('/looked/a')).toBeUndefined();
    const { edition } = await ghost.state();
    expect((await ghost.commit({ exactEdition: edition })).operations).toBe(2);
  });

  test('nest, and are listed', async () => {
    await using outer = await client.ghost({ label: 'outer' });
    await outer.put('/nest/a', 1);
    await using inner = await outer.ghost({ label: 'inner' });
    expect((await inner.get('/nest/a')).value).toBe(1);
    await inner.put('/nest/b', 2);
    expect(await outer.find('/nest/b')).toBeUndefined();
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
    expect(await client.find('/undo/a')).toBeUndefined();
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
    expect(await client.find('/spec/never')).toBeUndefined();
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

  test('tell all that happened at one position', async () => {
    await using parent = await client.ghost({ scope: '/family' });
    for (const label of ['first', 'second']) await parent.ghost({ label });
    const controller = new AbortController();
    const events = client.subscribe('/family/**', {
      start: 'now',
      everything: true,
      bookmarks: true,
      signal: controller.signal,
    });
    const reverted: number[] = [];
    for await (const item of events) {
      if (item.kind === 'bookmark') await parent.revert('a wrong turn');
      else if (item.kind === 'event' && item.event.transition?.kind === 'reverted')
        reverted.push(item.position);
      if (reverted.length === 3) break;
    }
    expect(new Set(reverted).size).toBe(1);
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
    await client.forests.create('compacted');
    const forest = client.as({ forest: 'compacted' });
    for (let value = 1; value <= 5; value += 1) await forest.put('/n', value);
    await client.forests.compact('compacted');
    const watching = (async () => {
      for await (const item of forest.subscribe('/**', { start: { afterRevision: 1 } }))
        expect(item).toBeUndefined();
    })();
    await expect(watching).rejects.toThrow(RevisionError);
    await expect(watching).rejects.toMatchObject({ oldestRevision: expect.any(Number) });
  });
});
