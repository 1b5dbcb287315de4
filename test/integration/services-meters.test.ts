/**
 * Goal: whoever asks for the meters is told what each agent was sent, by every way of reading, and nobody else pays for it. Method: a whole
 * broker on a real socket, called through connect-node; sizes are counted by hand, tokens with gpt-tokenizer itself.
 */
import { create } from '@bufbuild/protobuf';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { authorBytesMax, meterAgentsMax } from '../../src/base/limits.ts';
import {
  ChangeDetail,
  FromSnapshotSchema,
  ListDetail,
  type SubscribeResponse,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { GetStatusResponse } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import type { Meter } from '../../src/gen/hyperloom/v1/meter_pb.ts';
import { Tokenizer } from '../../src/gen/hyperloom/v1/render_pb.ts';
import { appendText, putJson, putText, refusalOf, remove, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';

let folder: string;
let broker: TestBroker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-meters-'));
  broker = await start();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
  await rm(folder, { recursive: true });
});

function start(settings: Readonly<Record<string, string>> = {}): Promise<TestBroker> {
  return startTestBroker({ settings: { journal: 'embedded', data: join(folder, 'data'), ...settings } });
}

function status(forest: string, of = broker): Promise<GetStatusResponse> {
  return of.forests.getStatus({ forest, includeMeters: true });
}

/** The meters of a forest, once nothing in them is an estimate. */
async function meters(forest: string, of = broker): Promise<readonly Meter[]> {
  return vi.waitUntil(
    async () => {
      const { meters: all, metersPosition, durablePosition } = await status(forest, of);
      const volumes = all.flatMap(({ published, read, rendered, fullHistory }) => [
        published,
        read,
        rendered,
        fullHistory,
      ]);
      const isExact = volumes.every((volume) => volume?.estimatedTokens === 0n);
      return isExact && metersPosition === durablePosition ? all : undefined;
    },
    { timeout: 60_000, interval: 20 },
  );
}

async function meterOf(forest: string, agent: string, tree: string): Promise<Meter> {
  const found = (await meters(forest)).find((meter) => meter.agent === agent && meter.tree === tree);
  if (found === undefined) throw new Error(`no meter of ${agent} in ${tree}`);
  return found;
}

const long = 'An agent that reads a tree reads what is there now, and not how it came to be. '.repeat(20);

describe('GetStatus with include_meters', () => {
  test('tells what each agent published, and what the full history would have been', async () => {
    await broker.forests.createForest({ name: 'published' });
    const publish = (author: string, ...operations: ReturnType<typeof putText>[]) =>
      broker.context.publish({ forest: 'published', author, operations });
    await publish('ann', putText('/s/plan', long), putJson('/s/json', { claim: 'etcd sorts', n: 1 }));
    await publish('bob', appendText('/s/plan', ' More.'), remove('/s/json'));
    await publish('ann', putText('/s/plan', 'short'));
    const json = JSON.stringify({ claim: 'etcd sorts', n: 1 });
    const first = countTokens(long) + countTokens(json);
    const [more, short] = [countTokens(' More.'), countTokens('short')];
    const ann = await meterOf('published', 'ann', 's');
    expect(ann.publishes).toBe(2n);
    expect(ann.published).toMatchObject({
      bytes: BigInt(long.length + json.length + 5),
      tokens: BigInt(first + short),
    });
    expect(ann.fullHistory).toMatchObject({
      bytes: BigInt(long.length + json.length + 6),
      tokens: BigInt(first + more),
    });
    // Her first publish had no history, so nothing of the second one's was cached.
    expect(ann.price).toMatchObject({
      fullHistory: first + more,
      fullHistoryCached: first + more,
      context: 0,
    });
    expect((await meterOf('published', 'bob', 's')).fullHistory?.tokens).toBe(BigInt(first));
    await publish('ann', putText('/s/plan', 'shorter'));
    const again = await meterOf('published', 'ann', 's');
    expect(again.price?.fullHistory).toBe(2 * (first + more) + short);
    expect(again.price?.fullHistoryCached).toBeCloseTo(first + more + 0.1 * (first + more) + short, 6);
    expect((await status('published')).cachedTokenPrice).toBe(0.1);
  });

  test('counts reads by the name that a request gives, by tree, and only what was sent', async () => {
    const forest = 'read';
    await broker.forests.createForest({ name: forest });
    await broker.context.publish({ forest, operations: [putText('/a/x', long), putText('/b/x', 'bee')] });
    await broker.context.get({ forest, path: '/a/x', author: 'getter' });
    await broker.context.get({ forest, path: '/a', author: 'getter' });
    await refusalOf(broker.context.get({ forest, path: '/a/nowhere', author: 'getter' }));
    await broker.context.batchGet({ forest, paths: ['/a/x', '/b/x', '/c'], author: 'batcher' });
    await broker.context.list({ forest, author: 'lister' });
    await broker.context.list({ forest, author: 'keys', detail: ListDetail.KEYS });
    await broker.context.get({ forest, path: '/b/x' });
    const read = (await meters(forest)).map(({ agent, tree, read: volume }) => [
      agent,
      tree,
      Number(volume?.bytes),
      Number(volume?.tokens),
    ]);
    const [ofLong, ofBee] = [countTokens(long), countTokens('bee')];
    expect(read).toEqual([
      ['', 'a', 0, 0],
      ['', 'b', 3, ofBee],
      ['batcher', 'a', long.length, ofLong],
      ['batcher', 'b', 3, ofBee],
      ['getter', 'a', long.length, ofLong],
      ['lister', 'a', long.length, ofLong],
      ['lister', 'b', 3, ofBee],
    ]);
    const { price } = await meterOf(forest, 'lister', 'a');
    expect(price).toMatchObject({ context: ofLong, contextCached: ofLong, fullHistory: 0 });
  });

  test('lets the pages of a listing be read by several agents', async () => {
    const forest = 'pages';
    await broker.forests.createForest({ name: forest });
    await broker.context.publish({ forest, operations: [putText('/a/x', 'one'), putText('/a/y', 'four')] });
    const asked = { forest, path: '/a', pageSize: 1 };
    const { nextPageToken: pageToken } = await broker.context.list({ ...asked, author: 'first' });
    await broker.context.list({ ...asked, pageToken, author: 'second' });
    expect((await meterOf(forest, 'first', 'a')).read?.bytes).toBe(3n);
    expect((await meterOf(forest, 'second', 'a')).read?.bytes).toBe(4n);
  });

  test('counts what subscribers are sent: snapshots, changes and, where they ask for it, whole nodes', async () => {
    const forest = 'watched';
    await broker.forests.createForest({ name: forest });
    const publish = (...operations: ReturnType<typeof putText>[]) =>
      broker.context.publish({ forest, operations });
    await publish(putText('/a/log', 'begun'));
    const abort = new AbortController();
    const watch = (author: string, detail: ChangeDetail = ChangeDetail.UNSPECIFIED) =>
      broker.context.subscribe(
        {
          forest,
          author,
          patterns: ['/a/**'],
          detail,
          start: { case: 'snapshot', value: create(FromSnapshotSchema) },
        },
        { signal: abort.signal },
      );
    const streams = [watch('plain'), watch('other'), watch('whole', ChangeDetail.RESULT)];
    const readers = streams.map((stream) => stream[Symbol.asyncIterator]());
    for (const reader of readers) await until(reader, ({ message }) => message.case === 'bookmark');
    await publish(appendText('/a/log', ' and ended'), putText('/b/x', 'not watched'));
    for (const reader of readers) await until(reader, ({ message }) => message.case === 'event');
    const bytes = async (agent: string): Promise<number> =>
      Number((await meterOf(forest, agent, 'a')).read?.bytes);
    expect(await bytes('plain')).toBe('begun and ended'.length);
    expect(await bytes('other')).toBe('begun and ended'.length);
    expect(await bytes('whole')).toBe('begun and ended'.length + 'begun and ended'.length);
    const tokens = countTokens('begun') + countTokens(' and ended');
    expect((await meterOf(forest, 'plain', 'a')).read?.tokens).toBe(BigInt(tokens));
    abort.abort();
  });

  test('counts what is rendered, and what of it a provider had seen before', async () => {
    const forest = 'rendered';
    await broker.forests.createForest({ name: forest });
    const { context } = broker;
    await context.publish({ forest, operations: [putText('/a/x', long), putText('/b/x', 'bee')] });
    const asked = { forest, author: 'ann', parts: [{ pattern: '/a/**' }], tokenBudget: 10_000n };
    const first = await context.renderContext(asked);
    await context.publish({ forest, operations: [putText('/a/y', 'new')] });
    const { baseRevision } = first;
    const second = await context.renderContext({ ...asked, baseRevision });
    expect(second.text.startsWith(first.text)).toBe(true);
    const changes = await context.renderContext({ ...asked, sinceRevision: first.revision });
    await context.renderContext({ ...asked, parts: [{ pattern: '/*/x' }], tokenizer: Tokenizer.CL100K });
    const { rendered, price, read } = await meterOf(forest, 'ann', 'a');
    const texts = [first, second, changes];
    const tokens = texts.reduce((sum, { text }) => sum + countTokens(text), 0);
    expect(rendered?.bytes).toBe(BigInt(texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)));
    expect(rendered?.tokens).toBe(BigInt(tokens));
    expect(price?.context).toBe(tokens);
    expect(price?.contextCached).toBeCloseTo(tokens - 0.9 * countTokens(first.text), 6);
    expect(read?.bytes).toBe(0n);
    const across = await meterOf(forest, 'ann', '');
    expect(across.rendered?.tokens).toBeGreaterThan(BigInt(countTokens(long)));
    expect(across.price?.contextCached).toBe(across.price?.context);
  });

  test('brings back what was published after a restart, and begins anew with what was read', async () => {
    const before = await meterOf('published', 'ann', 's');
    await broker.close();
    broker = await start({ 'cached-token-price': '0.5' });
    const after = await meterOf('published', 'ann', 's');
    expect(after.published).toEqual(before.published);
    expect(after.fullHistory).toEqual(before.fullHistory);
    expect(after.price?.fullHistoryCached).toBeGreaterThan(before.price?.fullHistoryCached ?? Infinity);
    expect((await meters('read')).every(({ read }) => read?.bytes === 0n)).toBe(true);
    const { cachedTokenPrice, metersAfterPosition } = await status('published');
    expect([cachedTokenPrice, metersAfterPosition]).toEqual([0.5, 0n]);
  });

  test('never changes the state hash', async () => {
    const hashOf = async (): Promise<string> =>
      (await broker.forests.getStatus({ includeStateHash: true, includeMeters: true })).stateHash;
    const before = await hashOf();
    await broker.context.list({ author: 'somebody new' });
    await meters('default');
    expect(await hashOf()).toBe(before);
  });

  test('is bounded, however many names agents give', async () => {
    const forest = 'names';
    await broker.forests.createForest({ name: forest });
    await broker.context.publish({ forest, operations: [putText('/a/x', 'x')] });
    const names = meterAgentsMax + 100;
    for (let from = 0; from < names; from += 100) {
      const reads = Array.from({ length: 100 }, (_, index) =>
        broker.context.get({ forest, path: '/a/x', author: `reader ${from + index}` }),
      );
      await Promise.all(reads);
    }
    const all = (await status(forest)).meters;
    expect(all.length).toBe(meterAgentsMax);
    expect(all.reduce((sum, { read }) => sum + Number(read?.bytes), 0)).toBe(names);
  });

  test('tells nothing where it was not asked to, or where nothing is counted', async () => {
    expect((await broker.forests.getStatus({ forest: 'published' })).meters).toEqual([]);
    const without = await startTestBroker({ settings: { meters: 'off' } });
    await without.context.publish({ author: 'ann', operations: [putText('/a/x', 'x')] });
    await without.context.get({ author: 'ann', path: '/a/x' });
    const { meters: none, metersPosition, cachedTokenPrice } = await status('default', without);
    expect([none, metersPosition, cachedTokenPrice]).toEqual([[], 0n, 0]);
    expect(await (await fetch(`${without.url}/metrics`)).text()).not.toContain('hyperloom_meter');
    await without.close();
  });

  test('refuses names that no agent may have, on every way of reading', async () => {
    const author = 'x'.repeat(authorBytesMax + 1);
    const { context } = broker;
    const refusals = [
      await refusalOf(context.get({ path: '/a', author })),
      await refusalOf(context.batchGet({ paths: ['/a'], author })),
      await refusalOf(context.list({ author })),
      await refusalOf(
        until(context.subscribe({ patterns: ['/a'], author })[Symbol.asyncIterator](), () => true),
      ),
    ];
    for (const refusal of refusals)
      expect(refusal).toMatchObject({
        code: 'InvalidArgument',
        reason: 'LIMIT_EXCEEDED',
        fields: ['author'],
      });
  });
});

/** Reads on until something comes. */
async function until(
  reader: AsyncIterator<SubscribeResponse>,
  isIt: (response: SubscribeResponse) => boolean,
): Promise<void> {
  for (;;) {
    const { value, done } = await reader.next();
    if (done === true) throw new Error('the subscription ended');
    if (isIt(value)) return;
  }
}
