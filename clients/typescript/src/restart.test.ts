/**
 * Goal: publishes and subscriptions live through a crash of the broker, each diff applied once and each event seen once.
 * Method: a broker process that is killed with SIGKILL in the middle of the load and started again on the same data and port.
 */
import { expect, test } from 'vitest';
import { connect, type Client, type Event } from './index.ts';
import { Broker } from './testing/broker.ts';

test('pipelined publishes over two crashes are all applied, once and in order', async () => {
  await using broker = await Broker.start();
  await using client = connect(broker.address, { author: 'writer', timeoutMs: 60_000 });
  const count = 6_000;
  const outcomes: Promise<unknown>[] = [];
  let restarted: Promise<void> | undefined;
  for (let index = 0; index < count; index += 1) {
    await client.ready();
    outcomes.push(client.append('/log', [index]));
    if (index === 2_000 || index === 4_000) {
      // What is in flight now has been sent or not, synced or not: all of it has to come out right.
      await restarted;
      await broker.kill();
      restarted = broker.restart();
    }
  }
  await restarted;
  await Promise.all(outcomes);
  expect((await client.get('/log')).value).toEqual(Array.from({ length: count }, (_, index) => index));
});

test('a subscription over two crashes brings every event once and in order', async () => {
  await using broker = await Broker.start();
  await using client = connect(broker.address, { author: 'writer', timeoutMs: 60_000 });
  const count = 3_000;
  const watching = watch(client.as({ author: 'watcher' }), count);
  let restarted: Promise<void> | undefined;
  for (let index = 0; index < count; index += 1) {
    await client.ready();
    void client.put(`/events/${index % 7}`, index);
    if (index === 1_000 || index === 2_000) {
      await restarted;
      await broker.kill();
      restarted = broker.restart();
    }
  }
  await restarted;
  const events = await watching;
  const values = events.flatMap(({ changes }) =>
    changes.map((change) => (change.action === 'put' ? change.value : undefined)),
  );
  expect(values).toEqual(Array.from({ length: count }, (_, index) => index));
  const revisions = events.map(({ revision }) => revision);
  expect(new Set(revisions).size).toBe(count);
  expect(revisions.toSorted((a, b) => a - b)).toEqual(revisions);
});

test('reads during a crash wait for the broker to come back', async () => {
  await using broker = await Broker.start();
  await using client = connect(broker.address, { timeoutMs: 60_000 });
  await client.put('/a', 'kept');
  await broker.kill();
  const read = client.get('/a');
  await broker.restart();
  expect((await read).value).toBe('kept');
});

async function watch(client: Client, count: number): Promise<readonly Event[]> {
  const events: Event[] = [];
  for await (const event of client.subscribe('/events/**', { start: { afterRevision: 0 } }).events()) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}
