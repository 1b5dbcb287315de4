/**
 * Goal: two sides are told to differ where they do, whatever they stand on, and where there is more than is shown that is said.
 * Method: a broker process; ghosts on old and new revisions, in one another, and larger than a page.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, operation, type Client, type Node } from '../../../typescript/src/index.ts';
import { Broker } from '../../../typescript/src/testing/broker.ts';
import type { Side } from '../model/route.ts';
import { compareSides, differencesShown } from './comparison.ts';

const { signal } = new AbortController();
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

function text(node: Node | undefined): string {
  return JSON.stringify(node?.value) ?? 'nothing';
}

async function differing(left: Side, right: Side): Promise<readonly string[]> {
  const { rows } = await compareSides(client, left, right, signal);
  return rows.map(({ path, before, after }) => `${path} ${text(before)} ${text(after)}`);
}

test('a ghost differs from an older revision in what the trunk has changed since, too', async () => {
  const { revision } = await client.put('/other/a', 1);
  await client.put('/other/a', 2);
  const outer = await client.ghost();
  const past = { kind: 'revision', revision } as const;
  expect(await differing(past, { kind: 'ghost', ghostId: outer.id })).toEqual(['/other/a 1 2']);
  await outer.put('/own', 'o');
  const inner = await outer.ghost();
  await inner.put('/inner', 'i');
  expect(await differing({ kind: 'ghost', ghostId: inner.id }, past)).toEqual([
    '/inner "i" nothing',
    '/other/a 2 1',
    '/own "o" nothing',
  ]);
  await client.put('/other/b', 1);
  const newer = await client.ghost();
  expect(await differing({ kind: 'ghost', ghostId: outer.id }, { kind: 'ghost', ghostId: newer.id })).toEqual(
    ['/other/b nothing 1', '/own "o" nothing'],
  );
});

test('that a ghost has changed more than is shown is told', async () => {
  const ghost = await client.ghost();
  await ghost.publish(
    Array.from({ length: differencesShown + 50 }, (_, index) => operation.put(`/many/${index}`, index)),
  );
  const { revision } = await client.put('/few', 1);
  const compared = await compareSides(
    client,
    { kind: 'revision', revision },
    { kind: 'ghost', ghostId: ghost.id },
    signal,
  );
  expect([compared.rows.length, compared.hasMore]).toEqual([differencesShown, true]);
});
