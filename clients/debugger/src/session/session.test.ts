/**
 * Goal: a session shows the forest as it is and as it was, and stays usable where the broker does not answer. Method: a broker process
 * and a session without a page, whose state is looked at as views do.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Client } from '../../../typescript/src/index.ts';
import { Broker } from '../../../typescript/src/testing/broker.ts';
import { eventsAround } from './history-source.ts';
import { eventsWalkedMax } from './older-ghosts.ts';
import type { PageClock } from './page-clock.ts';
import { Session } from './session.ts';

const clock: PageClock = {
  nowMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

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

/** A session that has arrived at the present. */
async function open(client: Client): Promise<Session> {
  const session = new Session(client, clock);
  session.start(0);
  await expect.poll(() => session.store.get().connection.kind).toBe('live');
  return session;
}

/** Ghosts in the picture, with what is staged in them. */
function ghostsIn(session: Session): readonly string[] {
  const { branches } = session.store.get();
  return branches.map(({ label, staged }) => `${label}: ${[...staged.keys()].join(' ')}`);
}

/** Writes so often to the trunk, and tells the position of the last write. */
async function writeOn(path: string, count: number): Promise<number> {
  await Promise.all(Array.from({ length: count }, (_, at) => client.put(path, at)));
  const { value: page } = await client.history({ newestFirst: true, pageSize: 1 }).pages().next();
  return page?.items[0]?.position ?? 0;
}

test('a ghost that is older than the part of history that is loaded stays visible where it lived', async () => {
  const before = await writeOn('/old/trunk', 1);
  const [living, ended] = [await client.ghost({ label: 'living' }), await client.ghost({ label: 'ended' })];
  await living.put('/old/first', 1);
  await ended.put('/old/other', 1);
  const early = await writeOn('/old/trunk', eventsAround + 10);
  await living.put('/old/second', 1);
  await ended.revert('over');
  const young = await client.ghost({ label: 'young' });
  const late = await writeOn('/old/trunk', 3);
  const session = await open(client);
  await session.step(-1);
  expect(session.store.get().position).toBeLessThan(late);
  expect(ghostsIn(session)).toEqual(['living: /old/first /old/second', 'young: ']);
  await session.travel(early);
  expect(ghostsIn(session).toSorted()).toEqual(['ended: /old/other', 'living: /old/first']);
  await session.travel(before);
  expect(ghostsIn(session)).toEqual([]);
  session.end();
  await Promise.all([living.revert(''), young.revert('')]);
});

test('of a ghost that was begun long before that, what its diffs tell of then is shown', async () => {
  const ghost = await client.ghost({ label: 'ancient' });
  await ghost.put('/ancient/first', 1);
  await writeOn('/ancient/trunk', eventsWalkedMax + eventsAround);
  const then = await writeOn('/ancient/trunk', eventsAround / 2);
  await ghost.put('/ancient/second', 1);
  const last = await writeOn('/ancient/trunk', 1);
  const session = await open(client);
  await session.travel(then);
  expect(ghostsIn(session)).toEqual(['ancient: /ancient/first']);
  await session.travel(last);
  expect(ghostsIn(session)).toEqual(['ancient: /ancient/first /ancient/second']);
  session.end();
  await ghost.revert('');
});

test('where the broker is away, going back to now ends, is told, and works when the broker is back', async () => {
  for (let at = 1; at <= 3; at += 1) await client.put('/away/task', at);
  await using impatient = connect(broker.address, { timeoutMs: 3_000 });
  const session = await open(impatient);
  const { store } = session;
  const { first } = store.get().range;
  await broker.kill();
  await Promise.all([session.travel(first), session.travel(0)]);
  expect(store.get().isTravelling).toBe(false);
  expect(store.get().notice).not.toBe('');
  session.dismiss();
  expect(await session.step(-1)).toBe(false);
  await session.toggle('/away', true);
  expect(store.get().isTravelling).toBe(false);
  await broker.restart();
  await session.travel(0);
  await client.put('/away/after', 1);
  await expect.poll(() => store.get().graph.byKey.has('/away/after')).toBe(true);
  expect(store.get().position).toBe(0);
  session.end();
});
