/**
 * Goal: what is kept alive stays so with few calls, and whoever relies on a lease learns of its loss in time, also after a pause.
 * Method: a transport that answers by hand, and a clock that is moved by hand.
 */
import { expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { makeError } from './errors.ts';
import type { KeepAliveRequest } from './gen/hyperloom/v1/context_service_pb.ts';
import { Keeper, type Kept, type OverCause } from './keeper.ts';
import { fakeTransport } from './testing/fake-transport.ts';
import { ManualClock, settled } from './testing/manual-clock.ts';

/** A keeper whose broker knows no lease or ghost of `dead`, and does not answer while `away`. */
function setUp() {
  const clock = new ManualClock();
  const broker = { dead: new Set<string>(), isAway: false, hold: Promise.resolve() };
  const beats: string[][] = [];
  const transport = fakeTransport({
    KeepAlive: async ({ ghostIds, leaseIds }: KeepAliveRequest) => {
      beats.push([...ghostIds, ...leaseIds]);
      await broker.hold;
      if (broker.isAway) throw makeError({ code: 'UNAVAILABLE', message: 'away' });
      const alive = (id: string): boolean => !broker.dead.has(id);
      return { liveGhostIds: ghostIds.filter(alive), liveLeaseIds: leaseIds.filter(alive) };
    },
  });
  const caller = new Caller({
    transport,
    clock,
    random: () => 0,
    retry: false,
    diagnostics: () => undefined,
  });
  const keeper = new Keeper(caller, clock, () => undefined);
  const over: (readonly [string, OverCause])[] = [];
  const kept = (kind: Kept['kind'], id: string, ttlMs: number): Kept => ({
    kind,
    forest: '',
    id,
    ttlMs,
    onOver: (cause) => over.push([id, cause]),
  });
  return { clock, broker, beats, keeper, over, kept };
}

test('signs of life come three times within the shortest ttl, ghosts and leases in one, until the broker says that one is over', async () => {
  const { clock, broker, beats, keeper, over, kept } = setUp();
  const first = kept('ghost', 'a', 90_000);
  keeper.keep(first);
  keeper.keep(kept('lease', 'b', 30_000));
  broker.dead.add('b');
  await clock.advance(9_999);
  expect(beats).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual([['b', 'told']]);
  await clock.advance(10_000);
  expect(beats).toEqual([['a', 'b'], ['a']]);
  keeper.release(first);
  expect(clock.timers).toBe(0);
});

test('a lease lives on through failures that are shorter than its ttl', async () => {
  const { clock, broker, keeper, over, kept } = setUp();
  keeper.keep(kept('lease', 'a', 30_000));
  await clock.advance(10_000);
  broker.isAway = true;
  await clock.advance(19_000);
  broker.isAway = false;
  await clock.advance(100_000);
  expect(over).toEqual([]);
});

test('a lease is over when nothing that was sent within its ttl was answered, and a ghost is not', async () => {
  const { clock, broker, keeper, over, kept } = setUp();
  keeper.keep(kept('lease', 'a', 30_000));
  keeper.keep(kept('ghost', 'g', 30_000));
  await clock.advance(10_000);
  broker.isAway = true;
  await clock.advance(29_999);
  expect(over).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual([['a', 'silence']]);
});

test('the ttl counts from when the sign was sent, not from its answer', async () => {
  const { clock, broker, keeper, over, kept } = setUp();
  keeper.keep(kept('lease', 'a', 30_000));
  const { promise, resolve } = Promise.withResolvers<void>();
  broker.hold = promise;
  await clock.advance(15_000);
  resolve();
  await settled();
  broker.isAway = true;
  // Sent at 10 s, answered at 15 s.
  await clock.advance(24_999);
  expect(over).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual([['a', 'silence']]);
});

test('a process that stood still past the ttl is told by the first that asks, before any timer', async () => {
  const { clock, keeper, over, kept } = setUp();
  const lease = kept('lease', 'a', 30_000);
  keeper.keep(lease);
  clock.sleep(30_000);
  expect(over).toEqual([]);
  keeper.check(lease);
  expect(over).toEqual([['a', 'silence']]);
  expect(clock.timers).toBe(0);
});

test('an answer that comes after the ttl revives nothing', async () => {
  const { clock, broker, keeper, over, kept } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  broker.hold = promise;
  keeper.keep(kept('lease', 'a', 30_000));
  await clock.advance(10_000);
  clock.sleep(30_000);
  resolve();
  await settled();
  expect(over).toEqual([['a', 'silence']]);
});

test('what was granted a while ago has less of its ttl left', async () => {
  const { clock, broker, keeper, over, kept } = setUp();
  await clock.advance(5_000);
  broker.isAway = true;
  keeper.keep(kept('lease', 'a', 30_000), 0);
  await clock.advance(24_999);
  expect(over).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual([['a', 'silence']]);
});

test('closing ends leases, which nothing keeps any more', () => {
  const { clock, keeper, over, kept } = setUp();
  keeper.keep(kept('ghost', 'g', 30_000));
  keeper.keep(kept('lease', 'a', 30_000));
  keeper.close();
  expect(over).toEqual([['a', 'closed']]);
  expect(clock.timers).toBe(0);
});
