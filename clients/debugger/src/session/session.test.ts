/**
 * Goal: a session shows the forest as it is and as it was, and stays usable where the broker does not answer. Method: a broker process
 * and a session without a page, whose state is looked at as views do.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Client } from '../../../typescript/src/index.ts';
import { Broker } from '../../../typescript/src/testing/broker.ts';
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
