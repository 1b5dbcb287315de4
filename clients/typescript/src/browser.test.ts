/**
 * Goal: the browser's entry does the same as Node's, over Connect and `fetch`.
 * Method: the real transport with this runtime's `fetch`, against a real broker. What only a browser has is not needed by it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, NotFoundError, UnavailableError, type Client } from './browser.ts';
import { PreconditionFailedError, precondition, operation } from './browser.ts';
import { Broker } from './testing/broker.ts';

let broker: Broker;
let client: Client;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(`http://${broker.address}`, { author: 'page' });
});

afterAll(async () => {
  client.destroy();
  await broker[Symbol.asyncDispose]();
});

test('publishes take effect in the order of the calls, and values round-trip', async () => {
  const outcomes = await Promise.all([1, 2, 3].map((value) => client.append('/order', [value])));
  expect(outcomes.map(({ revision }) => revision)).toEqual(
    outcomes.map(({ revision }) => revision).toSorted((a, b) => a - b),
  );
  expect((await client.get('/order')).value).toEqual([1, 2, 3]);
  await client.put('/big', { n: 2n ** 63n - 1n });
  expect((await client.get('/big')).value).toEqual({ n: 2n ** 63n - 1n });
});

test('refusals are the same typed errors', async () => {
  await expect(client.get('/missing')).rejects.toThrow(NotFoundError);
  await expect(client.get('/missing')).rejects.toMatchObject({
    reason: 'NODE_NOT_FOUND',
    metadata: { path: '/missing' },
  });
  const failing = client.publish([operation.put('/x', 1)], { preconditions: [precondition.present('/x')] });
  await expect(failing).rejects.toThrow(PreconditionFailedError);
});

test('subscriptions stream, and end when the loop is left', async () => {
  await client.put('/stream/a', 1);
  const seen: unknown[] = [];
  for await (const item of client.subscribe('/stream/**')) {
    if (item.kind === 'snapshot') {
      seen.push(item.nodes.filter(({ kind }) => kind !== 'none').map(({ path }) => path));
      await client.put('/stream/b', 2);
    } else if (item.kind === 'event') {
      seen.push(item.event.changes.map(({ path }) => path));
      break;
    }
  }
  expect(seen).toEqual([['/stream/a'], ['/stream/b']]);
  await expect.poll(async () => (await client.status()).subscriptions).toBe(0);
});

test('a signal ends a subscription with its reason', async () => {
  const controller = new AbortController();
  const watching = (async () => {
    for await (const item of client.subscribe('/**', { signal: controller.signal })) {
      if (item.kind === 'snapshot') controller.abort(new Error('enough'));
    }
  })();
  await expect(watching).rejects.toThrow('enough');
});

test('ghosts work too', async () => {
  await using ghost = await client.ghost();
  await ghost.put('/ghost/a', 1);
  expect(await client.find('/ghost/a')).toBeUndefined();
  await ghost.commit();
  expect((await client.get('/ghost/a')).value).toBe(1);
});

test('what browsers cannot do is refused with words, and a broker that is away is UNAVAILABLE', async () => {
  await expect(client.forests.restore('copy', [])).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
  const nowhere = connect('http://127.0.0.1:1', { retry: false });
  await expect(nowhere.get('/a')).rejects.toThrow(UnavailableError);
});
