/**
 * Goal: who works under a lock learns of its loss whatever the program does, and goes on with nothing afterwards; locks that
 * were given up are given back. Method: a transport that answers by hand, and a clock that is moved by hand.
 */
import { describe, expect, test } from 'vitest';
import { connectOver } from './client.ts';
import { LeaseLostError, makeError, StaleFencingTokenError, StateError } from './errors.ts';
import type {
  BeginGhostRequest,
  CommitRequest,
  KeepAliveRequest,
  PublishRequest,
  RevertRequest,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { GhostState } from './gen/hyperloom/v1/ghost_pb.ts';
import { LockMode } from './gen/hyperloom/v1/lock_pb.ts';
import type {
  AcquireLockRequest,
  EndLeaseRequest,
  ReleaseLockRequest,
} from './gen/hyperloom/v1/lock_service_pb.ts';
import type { Lock } from './lock.ts';
import { fakeTransport } from './testing/fake-transport.ts';
import { ManualClock, settled } from './testing/manual-clock.ts';

/** A client whose broker grants whatever is asked for under the tokens 1, 2, …, and remembers what came. */
function setUp() {
  const clock = new ManualClock();
  const broker = {
    isDead: false,
    isAway: false,
    hold: undefined as Promise<void> | undefined,
    publishing: undefined as Promise<void> | undefined,
    /** The token that it does not hold any more. */
    stale: 0n,
  };
  const seen = {
    acquired: [] as AcquireLockRequest[],
    released: [] as string[],
    ended: [] as string[],
    begun: [] as BeginGhostRequest[],
    tokens: [] as (readonly bigint[])[],
    beats: 0,
  };
  const ttl = { seconds: 30n };
  const transport = fakeTransport({
    AcquireLock: async (request: AcquireLockRequest) => {
      seen.acquired.push(request);
      await broker.hold;
      const token = BigInt(new Set(seen.acquired.map(({ requestId }) => requestId)).size);
      const leaseId = request.owner.case === 'leaseId' ? request.owner.value : 'lease_1';
      return { lock: { id: `lock_${token}`, leaseId, fencingToken: token }, lease: { id: leaseId, ttl } };
    },
    ReleaseLock: ({ lockId }: ReleaseLockRequest) => {
      seen.released.push(lockId);
      return {};
    },
    EndLease: ({ leaseId }: EndLeaseRequest) => {
      if (broker.isAway) throw makeError({ code: 'UNAVAILABLE', message: 'away' });
      seen.ended.push(leaseId);
      return {};
    },
    KeepAlive: ({ leaseIds, ghostIds }: KeepAliveRequest) => {
      seen.beats += 1;
      return { liveLeaseIds: broker.isDead ? [] : leaseIds, liveGhostIds: ghostIds };
    },
    Publish: async ({ fencingTokens, ghostId }: PublishRequest) => {
      seen.tokens.push(fencingTokens);
      await broker.publishing;
      if (fencingTokens.includes(broker.stale)) throw staleError(broker.stale);
      return ghostId === '' ? { revision: 7n } : { sequence: 1n };
    },
    BeginGhost: (request: BeginGhostRequest) => {
      seen.begun.push(request);
      return { ghost: { id: 'ghost_1', state: GhostState.LIVE, ttl, leaseId: request.leaseId } };
    },
    GetGhost: () => ({ ghost: { id: 'ghost_1', state: GhostState.LIVE, sequence: 1n } }),
    Commit: ({ fencingTokens }: CommitRequest) => {
      seen.tokens.push(fencingTokens);
      return { revision: 8n, operations: 1n };
    },
    Revert: ({ fencingTokens }: RevertRequest) => {
      seen.tokens.push(fencingTokens);
      return { revision: 9n };
    },
  });
  const client = connectOver(transport, { clock, random: () => 0.5, author: 'tester' });
  return { clock, broker, seen, client };
}

function staleError(token: bigint): Error {
  const metadata = { fencing_token: String(token), holder: 'somebody' };
  const details = { code: 'FAILED_PRECONDITION', reason: 'STALE_FENCING_TOKEN', metadata } as const;
  return makeError({ ...details, message: 'the lock is not held any more' });
}

/** What a promise is rejected with. Asked for at once, so that the rejection never counts as unhandled. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a lock', () => {
  test('asks for what was said, and ends its lease when its block is left', async () => {
    const { client, seen } = setUp();
    {
      const targets = ['/a', { path: '/b', mode: 'shared' }] as const;
      await using lock = await client.lock(targets, { mode: 'shared_intent_exclusive', noWait: true });
      expect(lock).toMatchObject({ id: 'lock_1', fencingToken: 1, held: true });
    }
    expect(seen.acquired).toMatchObject([
      {
        owner: { case: 'ttl', value: { seconds: 30n } },
        targets: [
          { path: '/a', mode: LockMode.SHARED_INTENT_EXCLUSIVE },
          { path: '/b', mode: LockMode.SHARED },
        ],
        wait: { seconds: 0n },
        author: 'tester',
      },
    ]);
    expect(seen.ended).toEqual(['lease_1']);
  });

  test('sends its token with every write, and those of the locks around it while they are held', async () => {
    const { client, seen } = setUp();
    await using outer = await client.lock('/a');
    const inner = await outer.lock('/b', { mode: 'shared' });
    await outer.put('/a', 1);
    await inner.put('/b', 1);
    await inner.revertRevision(3);
    const ghost = await inner.ghost();
    await ghost.put('/b', 2);
    await ghost.commit();
    await client.put('/c', 1);
    expect(seen.tokens).toEqual([[1n], [1n, 2n], [1n, 2n], [1n, 2n], [1n, 2n], []]);
    expect(seen.begun).toMatchObject([{ leaseId: 'lease_1' }]);
    expect(seen.acquired[1]).toMatchObject({ owner: { case: 'leaseId', value: 'lease_1' } });
    await inner[Symbol.asyncDispose]();
    expect(seen.released).toEqual(['lock_2']);
    for (const late of [() => inner.put('/b', 3), () => inner.lock('/d'), () => inner.get('/b')]) {
      const refused = await failureOf(late());
      expect(refused).toBeInstanceOf(StateError);
      expect(refused).toMatchObject({ code: 'FAILED_PRECONDITION', reason: '' });
    }
  });

  test.each(['release', Symbol.asyncDispose] as const)(
    'ends behind the publishes under it: %s',
    async (end) => {
      const { broker, clock, seen, client } = setUp();
      const lock = await client.lock('/a');
      const inner = await lock.lock('/b');
      const answer = Promise.withResolvers<void>();
      broker.publishing = answer.promise;
      const put = inner.put('/b', 1);
      const hasty = failureOf(lock.release({ timeoutMs: 50 }));
      await clock.advance(50);
      expect(await hasty).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      expect(lock.held).toBe(true);
      const ended = lock[end]();
      expect(await failureOf(lock.put('/a', 2))).toBeInstanceOf(StateError);
      await settled();
      expect(seen.ended).toEqual([]);
      answer.resolve();
      await put;
      await ended;
      expect(seen.ended).toEqual(['lease_1']);
    },
  );

  test('is held while the work that was handed in runs', async () => {
    const { client, seen } = setUp();
    const result = await client.lock('/a', {}, async (lock) => {
      await lock.put('/a', 1);
      expect(seen.ended).toEqual([]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(seen.ended).toEqual(['lease_1']);
  });
});

describe('a lost lease', () => {
  /** Loses a lock in each of the ways there are. */
  const ways: readonly (readonly [string, (given: ReturnType<typeof setUp>) => Promise<void>])[] = [
    [
      'the broker says that it is over',
      async ({ broker, clock }) => {
        broker.isDead = true;
        await clock.advance(10_000);
      },
    ],
    ['the process stood still', async ({ clock }) => clock.sleep(30_000)],
    ['the client was closed', async ({ client }) => client.destroy()],
  ];

  test.each(ways)('refuses everything that is done under it when %s', async (_way, lose) => {
    const given = setUp();
    const { client, seen } = given;
    const lock = await client.lock('/a');
    const ghost = await lock.ghost();
    await lose(given);
    const refused: readonly (() => Promise<unknown>)[] = [
      () => lock.put('/a', 1),
      () => lock.publish([], { lockWaitMs: 5_000 }),
      () => lock.ghost(),
      () => lock.lock('/b'),
      () => lock.revertRevision(1),
      () => lock.speculate({ work: () => undefined }),
      () => lock.race([{ work: () => undefined }]),
      () => ghost.put('/a', 1),
      () => ghost.commit(),
      () => ghost.ghost(),
    ];
    for (const work of refused) await expect(work()).rejects.toThrow(LeaseLostError);
    expect(lock.held).toBe(false);
    expect(lock.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(seen).toMatchObject({ tokens: [], begun: [{ leaseId: 'lease_1' }] });
    // It is over already, and the program knows.
    await lock[Symbol.asyncDispose]();
    expect(seen.ended).toEqual([]);
  });

  test('aborts its signal, and what is under way', async () => {
    const { broker, clock, client } = setUp();
    const lock = await client.lock('/a');
    broker.hold = new Promise(() => undefined);
    const waiting = failureOf(lock.lock('/b', { waitMs: Infinity }));
    const reasons: unknown[] = [];
    lock.signal.addEventListener('abort', () => reasons.push(lock.signal.reason));
    broker.isDead = true;
    await clock.advance(10_000);
    expect(reasons).toEqual([expect.any(LeaseLostError)]);
    expect(await waiting).toBeInstanceOf(LeaseLostError);
  });

  test('is told at the end of a block that never asked', async () => {
    const { clock, client } = setUp();
    const unaware = async (): Promise<void> => {
      await using lock = await client.lock('/a');
      expect(lock.id).toBe('lock_1');
      clock.sleep(30_000);
    };
    await expect(unaware()).rejects.toThrow(LeaseLostError);
  });

  test('rejects at once where work was handed in, whatever that does', async () => {
    const { clock, broker, client } = setUp();
    let held: Lock | undefined;
    const running = client.lock('/a', {}, (lock) => {
      held = lock;
      return new Promise(() => undefined);
    });
    const outcome = failureOf(running);
    await settled();
    broker.isDead = true;
    await clock.advance(10_000);
    expect(await outcome).toBeInstanceOf(LeaseLostError);
    expect(held?.held).toBe(false);
  });

  test('is found out before the lock is handed over, where the answer took longer than a third of the ttl', async () => {
    const { clock, broker, seen, client } = setUp();
    const slowly = async (): Promise<Lock> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      broker.hold = promise;
      const asked = client.lock('/a', { waitMs: Infinity });
      await settled();
      clock.sleep(30_000);
      resolve();
      return asked;
    };
    expect((await slowly()).held).toBe(true);
    expect(seen.beats).toBe(1);
    broker.isDead = true;
    await expect(slowly()).rejects.toThrow(LeaseLostError);
  });
});

describe('a lock that the broker does not hold any more', () => {
  test('is lost once a call was told so, and the one around it is not', async () => {
    const { broker, client, seen } = setUp();
    await using outer = await client.lock('/a');
    const inner = await outer.lock('/b');
    const ghost = await inner.ghost();
    broker.stale = 2n;
    expect(await failureOf(inner.put('/b', 1))).toBeInstanceOf(StaleFencingTokenError);
    expect(inner.held).toBe(false);
    expect(inner.signal.reason).toMatchObject({ reason: 'LEASE_LOST', metadata: { lock_id: 'lock_2' } });
    const late = [
      () => inner.put('/b', 2),
      () => inner.get('/b'),
      () => ghost.put('/b', 3),
      () => inner.release(),
    ];
    for (const work of late) expect(await failureOf(work())).toBeInstanceOf(LeaseLostError);
    expect(seen.tokens).toEqual([[1n, 2n]]);
    expect(outer.held).toBe(true);
    await outer.put('/a', 1);
    expect(seen.ended).toEqual([]);
  });

  test('gives its lease back all the same', async () => {
    const { broker, client, seen } = setUp();
    {
      await using lock = await client.lock('/a');
      broker.stale = 1n;
      expect(await failureOf(lock.put('/a', 1))).toBeInstanceOf(StaleFencingTokenError);
    }
    expect(seen.ended).toEqual(['lease_1']);
  });

  test('takes along the locks in it', async () => {
    const { broker, client } = setUp();
    await using outer = await client.lock('/a');
    const inner = await outer.lock('/b');
    broker.stale = 1n;
    expect(await failureOf(inner.put('/b', 1))).toBeInstanceOf(StaleFencingTokenError);
    expect([outer.held, inner.held]).toEqual([false, false]);
  });
});

describe('a client that is closed', () => {
  test('ends its leases first, and tells what is still done under them', async () => {
    const { client, seen } = setUp();
    const lock = await client.lock('/a');
    const reasons: unknown[] = [];
    lock.signal.addEventListener('abort', () => reasons.push(lock.signal.reason));
    await Promise.all([client.close(), client.close()]);
    expect(seen.ended).toEqual(['lease_1']);
    expect(reasons).toEqual([expect.any(LeaseLostError)]);
    expect(lock.held).toBe(false);
    // It was the program's own doing.
    await lock[Symbol.asyncDispose]();
  });

  test('waits no longer than its leases could live where the broker is away', async () => {
    const { broker, clock, client, seen } = setUp();
    await client.lock('/a');
    broker.isAway = true;
    const closed = client.close();
    await settled();
    await clock.advance(5_000);
    await closed;
    expect(seen.ended).toEqual([]);
  });

  test('leaves alone what it has given back, and what is over', async () => {
    const { broker, clock, client, seen } = setUp();
    await (await client.lock('/a')).release();
    await client.lock('/b');
    broker.isDead = true;
    await clock.advance(10_000);
    await client.close();
    expect(seen.ended).toEqual(['lease_1']);
  });
});

describe('a lock that was given up', () => {
  test('is given back, if it was granted after all', async () => {
    const { broker, seen, client } = setUp();
    broker.hold = new Promise(() => undefined);
    const abort = new AbortController();
    const asked = failureOf(client.lock('/a', { signal: abort.signal }));
    await settled();
    broker.hold = undefined;
    abort.abort(new Error('enough'));
    expect(await asked).toEqual(new Error('enough'));
    expect(seen.released).toEqual(['lock_1']);
    expect(seen.acquired).toHaveLength(2);
    expect(seen.acquired[1]?.requestId).toBe(seen.acquired[0]?.requestId);
    // It is the broker that ends this wait, and gives up the place: two deadlines would race.
    expect(seen.acquired[1]?.wait).toMatchObject({ seconds: 0n, nanos: 1_000_000 });
  });

  test('is not even asked for when the signal had aborted before', async () => {
    const { seen, client } = setUp();
    await expect(client.lock('/a', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    await settled();
    expect(seen.acquired).toEqual([]);
  });
});

test('leaving a block while the broker is away throws nothing: the lease ends by itself then', async () => {
  const { broker, clock, client, seen } = setUp();
  const lock = await client.lock('/a');
  broker.isAway = true;
  const left = lock[Symbol.asyncDispose]();
  await settled();
  await clock.advance(30_000);
  await left;
  expect(lock.held).toBe(false);
  expect(seen.ended).toEqual([]);
});
