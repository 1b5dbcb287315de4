/**
 * Goal: what a client of MCP watches it hears of, once each time, whatever came or went since it began. Method: the official client over HTTP, and changes
 * that are made over the broker's own API.
 */
import type { Client } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { putText, startTestBroker, type TestBroker } from '../support/broker.ts';
import { connectMcp } from '../support/mcp.ts';

const legacy = { transport: 'http', era: '2025-11-25' } as const;
const modern = { transport: 'http', era: '2026-07-28' } as const;

let broker: TestBroker;
const clients: Client[] = [];

beforeEach(async () => {
  broker = await startTestBroker();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await broker.close();
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
});

/** A client, and what it has been told of. */
async function listener(way: Parameters<typeof connectMcp>[1]): Promise<{
  readonly client: Client;
  readonly updated: string[];
  /** Notices that the list is another one. */
  readonly relisted: string[];
}> {
  const client = await connectMcp(broker, way);
  clients.push(client);
  const updated: string[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    updated.push(params.uri);
  });
  const relisted: string[] = [];
  client.setNotificationHandler('notifications/resources/list_changed', ({ method }) => {
    relisted.push(method);
  });
  return { client, updated, relisted };
}

/** Waits until a notice that was on its way with others must have come: whoever answers has sent what came before. */
async function settled({ client }: { readonly client: Client }): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await client.listTools();
}

const subscriptions = (): number =>
  broker.broker.forests.list().reduce((total, { hub }) => total + hub.subscriptions, 0);

it('tells of a resource whose forest comes after somebody has begun to watch it', async () => {
  const uri = 'hyperloom://later/x';
  const first = await listener(legacy);
  await first.client.subscribeResource({ uri });
  await broker.forests.createForest({ name: 'later' });
  // Who watches it next need not wait until it is tried again.
  const second = await listener(legacy);
  await second.client.subscribeResource({ uri });
  await expect.poll(subscriptions, { timeout: 10_000 }).toBe(1);
  await broker.context.publish({ forest: 'later', operations: [putText('/x', 'there')] });
  await expect.poll(() => [...new Set(first.updated)], { timeout: 10_000 }).toEqual([uri]);
  await expect.poll(() => [...new Set(second.updated)], { timeout: 10_000 }).toEqual([uri]);
});

it('tells those who wait that a forest is there, though nothing changes in it', async () => {
  const uri = 'hyperloom://later/x';
  const { client, updated } = await listener(legacy);
  await client.subscribeResource({ uri });
  await broker.forests.createForest({ name: 'later' });
  await expect.poll(() => updated, { timeout: 30_000 }).toEqual([uri]);
});

it('tells of the end of a ghost, and watches it no more', async () => {
  const { ghost } = await broker.context.beginGhost({ label: 'short' });
  const uri = `hyperloom://default/x?ghost=${ghost?.id ?? ''}`;
  const { client, updated } = await listener(legacy);
  await client.subscribeResource({ uri });
  await expect.poll(subscriptions, { timeout: 10_000 }).toBe(1);
  await broker.context.revert({ target: { case: 'ghostId', value: ghost?.id ?? '' } });
  await expect.poll(() => [...new Set(updated)], { timeout: 10_000 }).toEqual([uri]);
  await expect.poll(subscriptions, { timeout: 10_000 }).toBe(0);
});

it('tells each of several streams once of a change, and goes on while one of them is left', async () => {
  const uri = 'hyperloom://default/many';
  const listeners = [await listener(modern), await listener(modern), await listener(modern)];
  for (const { client } of listeners)
    await client.listen({ resourceSubscriptions: [uri], resourcesListChanged: true });
  await expect.poll(subscriptions, { timeout: 10_000 }).toBe(1);
  await broker.context.publish({ operations: [putText('/many', 'x')] });
  for (const heard of listeners) {
    await expect.poll(() => heard.updated.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await expect.poll(() => heard.relisted.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await settled(heard);
    expect(heard).toMatchObject({ updated: [uri], relisted: ['notifications/resources/list_changed'] });
  }
  const [left, ...others] = listeners;
  await left?.client.close();
  await broker.context.publish({ operations: [putText('/many', 'y')] });
  for (const { updated } of others) await expect.poll(() => updated, { timeout: 10_000 }).toEqual([uri, uri]);
  for (const { client } of others) await client.close();
  await expect.poll(subscriptions, { timeout: 10_000 }).toBe(0);
});

it('tells of a tree that comes as soon as somebody listens', async () => {
  const { client, relisted } = await listener(modern);
  await client.listen({ resourcesListChanged: true });
  await broker.context.publish({ operations: [putText('/tree/x', 'x')] });
  await expect.poll(() => relisted.length, { timeout: 10_000 }).toBe(1);
});

it('tells of trees that come behind those of the first page', async () => {
  const paths = Array.from({ length: 1_200 }, (_, index) => `/a${index}/x`);
  await broker.context.publish({ operations: paths.map((path) => putText(path, 'x')) });
  const { client, relisted } = await listener(modern);
  await client.listen({ resourcesListChanged: true });
  await broker.context.publish({ operations: [putText('/zz', 'comes')] });
  await expect.poll(() => relisted.length, { timeout: 10_000 }).toBe(1);
  await broker.context.publish({ operations: [putText('/yy', 'comes as well')] });
  await expect.poll(() => relisted.length, { timeout: 10_000 }).toBe(2);
});
