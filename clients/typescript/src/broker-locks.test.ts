/**
 * Goal: locks and leases do on a real broker what they say, for two clients that know nothing of one another.
 * Method: one broker process for the file; each test works in a tree of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  connect,
  DeadlockError,
  HyperloomError,
  LeaseLostError,
  LockedError,
  operation,
  StaleFencingTokenError,
  type Client,
  type Lock,
} from './index.ts';
import { connect as connectInBrowser } from './browser.ts';
import { Broker } from './testing/broker.ts';

let broker: Broker;
let ann: Client;
let ben: Client;

beforeAll(async () => {
  broker = await Broker.start();
  ann = connect(broker.address, { author: 'ann' });
  ben = connect(broker.address, { author: 'ben' });
});

afterAll(async () => {
  ann.destroy();
  ben.destroy();
  await broker[Symbol.asyncDispose]();
});

/** Resolves when somebody waits for a lock at the path. */
async function someoneWaits(path: string): Promise<void> {
  await expect
    .poll(async () => (await ann.locks({ path }).all()).some(({ state }) => state === 'waiting'))
    .toBe(true);
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a lock', () => {
  test('keeps others from writing, but not those who read or write elsewhere, until its block is left', async () => {
    {
      await using lock = await ann.lock('/keep/plan', { label: 'thinking' });
      expect(lock).toMatchObject({ held: true, info: { state: 'held', author: 'ann', label: 'thinking' } });
      await lock.put('/keep/plan/step', 1);
      expect((await ben.get('/keep/plan/step')).value).toBe(1);
      await ben.append('/keep/log', 'x');
      const refused = await failureOf(ben.put('/keep/plan/step', 2));
      expect(refused).toBeInstanceOf(LockedError);
      expect(refused).toMatchObject({ holder: 'ann', metadata: { lock_id: lock.id } });
      await expect(ben.delete('/keep')).rejects.toThrow(LockedError);
      await expect(ben.copy('/keep/log', '/keep/plan')).rejects.toThrow(LockedError);
      // The holder too has to write through the lock: it is what proves that it still has it.
      await expect(ann.put('/keep/plan/step', 3)).rejects.toThrow(LockedError);
    }
    await ben.put('/keep/plan/step', 4);
    expect(await ann.locks({ path: '/keep' }).all()).toEqual([]);
  });

  test('is not waited for where that was said, or for no longer than said', async () => {
    await using lock = await ann.lock('/wait');
    await expect(ben.lock('/wait/below', { noWait: true })).rejects.toThrow(LockedError);
    await expect(ben.lock('/', { mode: 'shared', waitMs: 20 })).rejects.toThrow(LockedError);
    await expect(ben.put('/wait/below', 1, { lockWaitMs: 20 })).rejects.toThrow(LockedError);
    expect(lock.held).toBe(true);
    expect(await ann.locks({ path: '/wait' }).all()).toHaveLength(1);
  });

  test('goes to those who wait, in their order, and writes wait like locks', async () => {
    const order: string[] = [];
    const lock = await ann.lock('/queue');
    const second = ben.lock('/queue', {}, async () => void order.push('lock'));
    await someoneWaits('/queue');
    const third = ben.put('/queue/a', 1, { lockWaitMs: Infinity }).then(() => order.push('write'));
    await expect
      .poll(async () => (await ann.locks({ path: '/queue' }).all()).map(({ state }) => state))
      .toEqual(['held', 'waiting', 'waiting']);
    const [, waiting] = await ann.locks({ path: '/queue' }).all();
    expect(waiting).toMatchObject({
      author: 'ben',
      waitsFor: [lock.id],
      waitsForTotal: 1,
      grantTime: undefined,
    });
    await lock.release();
    await Promise.all([second, third]);
    expect(order).toEqual(['lock', 'write']);
  });

  test('holds up a flush of what waits for it', async () => {
    const lock = await ann.lock('/flushed');
    const written = ben.put('/flushed/a', 1, { lockWaitMs: Infinity });
    let isFlushed = false;
    const flushed = ben.flush().then(() => (isFlushed = true));
    await someoneWaits('/flushed');
    await ben.put('/beside_flushed', 1);
    expect(isFlushed).toBe(false);
    await lock.release();
    await flushed;
    expect(await ann.get('/flushed/a')).toMatchObject({ value: 1 });
    await written;
  });

  test('is shared among readers, upgraded by its owner, and taken on many subtrees at once or on none', async () => {
    await using mine = await ann.lock('/modes/a', { mode: 'shared' });
    await using theirs = await ben.lock(['/modes/a', { path: '/modes/b', mode: 'exclusive' }], {
      mode: 'shared',
    });
    expect(theirs.info.targets).toEqual([
      { path: '/modes/a', mode: 'shared' },
      { path: '/modes/b', mode: 'exclusive' },
    ]);
    await expect(ann.lock(['/modes/c', '/modes/b'], { noWait: true })).rejects.toThrow(LockedError);
    expect(await ann.locks({ path: '/modes/c' }).all()).toEqual([]);
    await theirs.release();
    await using more = await mine.lock('/modes/a', { mode: 'exclusive' });
    expect(more.lease).toBe(mine.lease);
    await expect(ben.lock('/modes/a', { mode: 'shared', noWait: true })).rejects.toThrow(LockedError);
  });

  test('sends its token with everything that is done through it, also in ghosts', async () => {
    await using outside = await ben.ghost();
    await outside.put('/token/a', 'from outside');
    await using lock = await ann.lock('/token');
    await lock.publish([operation.put('/token/a', 1), operation.put('/token/b', 2)]);
    await using ghost = await lock.ghost({ scope: '/token' });
    expect(ghost.info.leaseId).toBe(lock.lease.id);
    await ghost.put('/token/a', 'from a ghost');
    const { revision } = await ghost.commit();
    await lock.revertRevision(revision);
    expect((await ann.get('/token/a')).value).toBe(1);
    const done = await lock.speculate({ work: (inner) => inner.put('/token/c', 3) });
    expect((await ann.get('/token/c')).modifiedRevision).toBe(done.revision);
    await lock.put('/token/d', 4, { lockWaitMs: 1_000 });
    await expect(outside.commit()).rejects.toThrow(LockedError);
    await expect(outside.put('/token/a', 'again')).rejects.toThrow(LockedError);
  });

  test('leaves nobody who was too late with a right to write', async () => {
    const lock = await ann.lock('/late');
    const { fencingToken } = lock;
    await lock.release();
    await expect(lock.put('/late/a', 1)).rejects.toMatchObject({ name: 'StateError', reason: '' });
    // Past the client, too.
    await using theirs = await ben.lock('/late');
    const refused = await failureOf(ann.put('/late/a', 1, { fencingTokens: [fencingToken] }));
    expect(refused).toBeInstanceOf(StaleFencingTokenError);
    expect(refused).toMatchObject({ holder: 'ben' });
    expect(theirs.fencingToken).toBeGreaterThan(fencingToken);
  });

  test('is held no more once its wait was given up, whether it was granted in that moment or not', async () => {
    for (const isGranted of [false, true]) {
      const lock = await ann.lock('/given-up');
      const abort = new AbortController();
      const waiting = failureOf(ben.lock('/given-up', { signal: abort.signal, waitMs: Infinity }));
      await someoneWaits('/given-up');
      const released = isGranted ? lock.release() : undefined;
      abort.abort(new Error('enough'));
      expect(await waiting).toEqual(new Error('enough'));
      await (released ?? lock.release());
      expect(await ann.locks({ path: '/given-up' }).all()).toEqual([]);
      expect((await ann.leases().all()).filter(({ author }) => author === 'ben')).toEqual([]);
    }
  });

  test('tells the victim of a deadlock who waits for whom', async () => {
    await using older = await ann.lock('/circle/a');
    await using younger = await ben.lock('/circle/b');
    const waiting = older.lock('/circle/b', { label: 'wants b' });
    await someoneWaits('/circle/b');
    const refused = await failureOf(younger.lock('/circle/a'));
    expect(refused).toBeInstanceOf(DeadlockError);
    const { circle } = refused as DeadlockError;
    expect(circle.map(({ author }) => author).toSorted()).toEqual(['ann', 'ben']);
    expect(circle[0]).toMatchObject({
      author: 'ben',
      leaseId: younger.lease.id,
      targets: [{ path: '/circle/a', mode: 'exclusive' }],
    });
    await younger.release();
    await using inner = await waiting;
    expect(inner.held).toBe(true);
  });

  test('stays quiet for its delay where its holder vanished', async () => {
    const gone = connect(broker.address, { author: 'gone' });
    await gone.lock('/quiet', { ttlMs: 1_000, delayMs: 60_000 });
    gone.destroy();
    await expect
      .poll(async () => (await ann.locks({ path: '/quiet' }).all()).map(({ state }) => state), {
        timeout: 5_000,
      })
      .toEqual(['delayed']);
    await expect(ann.lock('/quiet', { noWait: true })).rejects.toThrow(LockedError);
  });

  test('works the same over Connect', async () => {
    const page = connectInBrowser(`http://${broker.address}`, { author: 'page' });
    await page.lock('/browser', { mode: 'exclusive' }, async (lock) => {
      await lock.put('/browser/a', 1);
      await expect(ben.put('/browser/a', 2)).rejects.toThrow(LockedError);
    });
    await using theirs = await ben.lock('/browser');
    const written = page.put('/browser/a', 3, { lockWaitMs: 10_000 });
    await someoneWaits('/browser');
    await theirs.release();
    await written;
    page.destroy();
  });

  test.each([
    ['no subtree', [] as string[], {}],
    ['one subtree within another', ['/bad', '/bad/below'], {}],
    ['a mode that nobody knows', ['/bad'], { mode: 'solo' as never }],
    ['a ttl that is too short', ['/bad'], { ttlMs: 0 }],
    ['a ttl that is too long', ['/bad'], { ttlMs: 25 * 3_600_000 }],
  ])('is refused with %s', async (_what, targets, options) => {
    await expect(ann.lock(targets, options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test("cannot be released under another's lease, but by whoever knows the right one", async () => {
    await using lock = await ann.lock('/foreign');
    await using lease = await ben.lease();
    await expect(ben.releaseLock(lock.id, lease.id)).rejects.toMatchObject({ reason: 'NOT_LOCK_OWNER' });
    await expect(ben.releaseLock('lock_none', lease.id)).rejects.toMatchObject({ reason: 'LOCK_NOT_FOUND' });
    await ben.releaseLock(lock.id, lock.lease.id);
    await expect(lock.put('/foreign/a', 1)).rejects.toThrow(StaleFencingTokenError);
    await expect(lock.put('/foreign/a', 1)).rejects.toThrow(LeaseLostError);
  });
});

describe('a lease', () => {
  test('takes along what is bound to it, in one revision', async () => {
    const events = [];
    const abort = new AbortController();
    let revision = 0;
    {
      await using lease = await ann.lease({ label: 'presence' });
      await ann.put('/agents/ann', { at: 'work' }, { lease });
      await ann.publish([
        operation.put('/agents/ann/task', 'reading', lease),
        operation.put('/agents/note', 1),
      ]);
      expect((await ben.get('/agents/ann')).leaseId).toBe(lease.id);
      const all = await ann.leases().all();
      expect(all.find(({ id }) => id === lease.id)).toMatchObject({
        nodes: 2,
        label: 'presence',
        author: 'ann',
      });
      revision = ann.newestRevision;
    }
    expect(await ben.find('/agents/ann')).toBeUndefined();
    expect((await ben.get('/agents/note')).value).toBe(1);
    const start = { afterRevision: revision };
    for await (const event of ben.subscribe('/agents/**', { start, signal: abort.signal }).events()) {
      events.push(event);
      break;
    }
    expect(events).toMatchObject([
      {
        leaseId: expect.any(String),
        changes: [
          { action: 'delete', path: '/agents/ann', scope: 'node' },
          { action: 'delete', path: '/agents/ann/task' },
        ],
      },
    ]);
  });

  test('ends with its owner: locks, ghosts and nodes go within its ttl and a second', async () => {
    const gone = connect(broker.address, { author: 'gone' });
    const lock = await gone.lock('/vanished/a', { ttlMs: 1_000 });
    const ghost = await lock.ghost({ ttlMs: 3_600_000 });
    await gone.put('/vanished/presence', 1, { lease: lock.lease });
    gone.destroy();
    expect(lock.held).toBe(false);
    expect(lock.signal.reason).toBeInstanceOf(LeaseLostError);
    await using mine = await ann.lock('/vanished/a', { waitMs: 5_000 });
    expect(mine.fencingToken).toBeGreaterThan(lock.fencingToken);
    expect(await ann.find('/vanished/presence', { consistency: 'linearizable' })).toBeUndefined();
    const { state } = (await ann.attach(ghost.id)).info;
    expect(['expired', 'reverted']).toContain(state);
  });

  test('is kept alive past its ttl, and is lost when somebody ends it', async () => {
    const lock = await ann.lock('/kept', { ttlMs: 1_000 });
    const lost = new Promise((resolve) =>
      lock.signal.addEventListener('abort', () => resolve(lock.signal.reason)),
    );
    // A lease of the same ttl that nobody keeps shows when that has passed in the broker.
    for (let round = 0; round < 2; round += 1) {
      const unkept = connect(broker.address);
      await unkept.lock('/unkept', { ttlMs: 1_000, waitMs: 10_000 });
      unkept.destroy();
    }
    expect(lock.held).toBe(true);
    await lock.put('/kept/a', 1);
    await ben.attachLease(lock.lease.id).end();
    expect(await lost).toBeInstanceOf(LeaseLostError);
    await expect(lock.put('/kept/a', 2)).rejects.toThrow(LeaseLostError);
  });

  test('of another can be kept alive too, and its loss is told to all who keep it', async () => {
    const owner = connect(broker.address);
    const { id } = await owner.lease({ ttlMs: 1_000 });
    owner.destroy();
    const kept = await ben.keepLease(id);
    await using lock = await ben.lock('/kept-for-another', { lease: kept });
    // A lease of the same ttl that nobody keeps shows when that has passed in the broker.
    const unkept = connect(broker.address);
    await unkept.lock('/unkept', { ttlMs: 1_000, waitMs: 10_000 });
    unkept.destroy();
    await (await ann.lock('/unkept', { waitMs: 10_000 })).release();
    await lock.put('/kept-for-another/a', 1);
    const lost = new Promise((resolve) =>
      kept.signal.addEventListener('abort', () => resolve(kept.signal.reason)),
    );
    await ann.attachLease(id).end();
    expect(await lost).toBeInstanceOf(LeaseLostError);
    await expect(lock.put('/kept-for-another/a', 2)).rejects.toThrow(LeaseLostError);
    await expect(ben.keepLease(id)).rejects.toThrow(LeaseLostError);
  });

  test('refuses what it is not', async () => {
    await expect(ann.attachLease('lease_none').end()).rejects.toThrow(LeaseLostError);
    await expect(ann.put('/no-lease', 1, { lease: { id: 'lease_none' } })).rejects.toThrow(HyperloomError);
    await expect(ann.lock('/no-lease', { lease: ann.attachLease('lease_none') })).rejects.toThrow(
      LeaseLostError,
    );
  });
});

test('locks, leases and tokens outlive a restart of the broker, and who waits goes on waiting', async () => {
  const own = await Broker.start();
  const [first, second] = [connect(own.address, { author: 'first' }), connect(own.address)];
  const lock = await first.lock('/restart', { ttlMs: 20_000 });
  const waiting: Promise<Lock> = second.lock('/restart', { waitMs: Infinity });
  await expect.poll(async () => (await first.status()).locksWaiting).toBe(1);
  await own.kill();
  await own.restart();
  await lock.put('/restart/a', 1);
  expect(lock.held).toBe(true);
  await lock.release();
  const next = await waiting;
  expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
  await next.put('/restart/a', 2);
  await next.release();
  first.destroy();
  second.destroy();
  await own[Symbol.asyncDispose]();
});
