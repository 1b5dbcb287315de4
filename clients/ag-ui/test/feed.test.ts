/**
 * Goal: AG-UI's own client, fed with deltas, ends with the same state as a read of the broker, whatever was done meanwhile. Method: its HttpAgent
 * at a real endpoint over a real broker; the state is compared with a document that is made from a listing, in another way.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EventType } from '@ag-ui/core';
import {
  connect,
  json,
  operation,
  type Client,
  type JsonValue,
  type Operation,
  type PutValue,
} from '@hyperloom/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { seededRandom, type SeededRandom } from '../../typescript/src/testing/seeded-random.ts';
import { feed, type FeedEvent, type FeedOptions } from '../src/index.ts';
import { Endpoint, stateAt, Watcher } from './support/agent.ts';
import { documentOf } from './support/document.ts';

let broker: Broker;
let client: Client;
let trees = 0;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(broker.address, { author: 'tester', timeoutMs: 60_000 });
});

afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

/** A subtree of the test's own. */
function newTree(): string {
  trees += 1;
  return `/test_${trees}/state`;
}

async function all(options: FeedOptions): Promise<readonly FeedEvent[]> {
  const events: FeedEvent[] = [];
  for await (const event of feed(client, { follow: false, ...options })) events.push(event);
  return events;
}

/** Deltas of changes, one after the other, as the feed tells them live. */
async function deltasOf(tree: string, changes: readonly Operation[][]): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  const events = feed(client, { state: tree });
  await events.next();
  for (const change of changes) {
    await client.publish(change);
    const { value } = await events.next();
    told.push(value !== undefined && 'delta' in value ? value.delta : value);
  }
  await events.return();
  return told;
}

describe('a delta', () => {
  test('is as small as the change', async () => {
    const tree = newTree();
    await client.put(tree + '/notes', ['a']);
    const steps = await deltasOf(tree, [
      [operation.append(`${tree}/notes`, ['b', 'c'])],
      [operation.put(`${tree}/a~b/x`, 1)],
      [operation.increment(`${tree}/a~b/x`, 2)],
      [operation.merge(`${tree}/plan`, { goal: 'x', done: { one: 1 } })],
      [operation.merge(`${tree}/plan`, { done: { one: null, two: 2 } })],
      [operation.put(`${tree}/notes/inner`, 'text')],
      [operation.append(`${tree}/notes/inner`, ' and more')],
      [operation.append(`${tree}/notes`, ['d'])],
      [operation.delete(`${tree}/notes`, 'node')],
      [operation.delete(`${tree}/notes`)],
    ]);
    expect(steps).toEqual([
      [
        { op: 'add', path: '/notes/-', value: 'b' },
        { op: 'add', path: '/notes/-', value: 'c' },
      ],
      [{ op: 'add', path: '/a~0b', value: { x: 1 } }],
      [{ op: 'replace', path: '/a~0b/x', value: 3 }],
      [{ op: 'add', path: '/plan', value: { goal: 'x', done: { one: 1 } } }],
      [
        { op: 'remove', path: '/plan/done/one' },
        { op: 'add', path: '/plan/done/two', value: 2 },
      ],
      [{ op: 'replace', path: '/notes', value: { '': ['a', 'b', 'c'], inner: 'text' } }],
      [{ op: 'replace', path: '/notes/inner', value: 'text and more' }],
      [{ op: 'add', path: '/notes//-', value: 'd' }],
      [{ op: 'remove', path: '/notes/' }],
      [{ op: 'remove', path: '/notes' }],
    ]);
  });

  test('comes once a revision, with that revision', async () => {
    const tree = newTree();
    const events = feed(client, { state: tree });
    expect((await events.next()).value).toMatchObject({ type: 'STATE_SNAPSHOT', snapshot: {} });
    const { revision } = await client.publish([
      operation.put(`${tree}/a`, 1),
      operation.put(`${tree}/b`, { c: null }),
    ]);
    expect((await events.next()).value).toEqual({
      type: 'STATE_DELTA',
      delta: [
        { op: 'add', path: '/a', value: 1 },
        { op: 'add', path: '/b', value: { c: null } },
      ],
      metadata: { hyperloom: { revision } },
    });
    await events.return();
  });

  test('that libraries refuse, or that is longer than the state, is a snapshot', async () => {
    const tree = newTree();
    const large = Array.from({ length: 1_001 }, (_, index) => operation.put(`${tree}/n${index}`, index));
    const [danger, long] = await deltasOf(tree, [[operation.put(`${tree}/__proto__/x`, 1)], large]);
    expect(danger).toMatchObject({ type: 'STATE_SNAPSHOT' });
    expect(JSON.stringify(danger)).toContain('"__proto__":{"x":1}');
    expect(long).toMatchObject({ type: 'STATE_SNAPSHOT', snapshot: { n1000: 1_000 } });
  });

  test('tells what JSON has no place for in words', async () => {
    const tree = newTree();
    await client.publish([
      operation.put(`${tree}/bytes`, new Uint8Array([1, 2])),
      operation.put(`${tree}/large`, json('[12345678901234567890, 1.5]')),
    ]);
    const [event] = await all({ state: tree });
    expect(event).toMatchObject({
      snapshot: { bytes: { base64: 'AQI=' }, large: ['12345678901234567890', 1.5] },
    });
  });
});

const names = ['a', 'b~1', 'c"d', 'ä ☃', '__proto__', 'constructor', '0', '01', '-'];

/** Something that may be done. */
function randomChange(random: SeededRandom, tree: string): Operation {
  const path = [tree, ...random.many(3, () => random.pick(names))].join('/');
  const value = random.pick<PutValue>([
    null,
    1,
    { x: { y: [1, null] }, z: 'z' },
    ['i'],
    'text',
    true,
    12_345_678_901_234_567n,
  ]);
  switch (random.below(9)) {
    case 0:
      return operation.append(path, ['more', { n: 1 }]);
    case 1:
      return operation.append(path, ' text');
    case 2:
      return operation.merge(
        path,
        random.pick<JsonValue>([{ x: { y: null, q: 1 } }, { z: null }, { added: [1] }]),
      );
    case 3:
      return operation.increment(path, 2);
    case 4:
      return operation.delete(path);
    case 5:
      return operation.delete(path, 'node');
    case 6:
      return operation.copy(`${tree}/${random.pick(names)}`, path);
    default:
      return operation.put(path, value);
  }
}

test.each([1, 2, 3])('random changes with seed %i lead to the same state as a read', async (seed) => {
  const tree = newTree();
  const random = seededRandom(seed);
  await using endpoint = await Endpoint.start(client, stateAt(tree));
  const watcher = new Watcher(endpoint.url);
  let last = 0;
  const run = watcher.run(() => last > 0 && watcher.revision >= last);
  for (let round = 0; round < 150; round += 1) {
    const changes = [randomChange(random, tree), ...random.many(2, () => randomChange(random, tree))];
    // Many fit nothing that is there, and are refused.
    await client.publish(changes).catch(() => undefined);
  }
  last = (await client.publish([operation.put(`${tree}/end`, seed)])).revision;
  await run;
  expect(watcher.agent.state).toEqual(await documentOf(client, tree));
  expect(watcher.types().filter((type) => type === 'STATE_DELTA').length).toBeGreaterThan(30);
});

describe('a run', () => {
  test('goes on from the revision that the client has, in one delta', async () => {
    const tree = newTree();
    await client.put(`${tree}/list`, [1, 2]);
    await using endpoint = await Endpoint.start(client, stateAt(tree));
    const watcher = new Watcher(endpoint.url);
    await watcher.run(undefined, { follow: false });
    expect(watcher.types()).toEqual(['RUN_STARTED', 'STATE_SNAPSHOT', 'RUN_FINISHED']);
    const afterRevision = watcher.revision;

    await watcher.run(undefined, { follow: false, afterRevision });
    expect(watcher.types()).toEqual(['RUN_STARTED', 'RUN_FINISHED']);

    await client.append(`${tree}/list`, [3]);
    await client.put(`${tree}/new`, 'x');
    await watcher.run(undefined, { follow: false, afterRevision });
    expect(watcher.events.find(({ type }) => type === EventType.STATE_DELTA)).toMatchObject({
      delta: [
        { op: 'add', path: '/list/-', value: 3 },
        { op: 'add', path: '/new', value: 'x' },
      ],
    });
    expect(watcher.types()).toEqual(['RUN_STARTED', 'STATE_DELTA', 'RUN_FINISHED']);
    expect(watcher.agent.state).toEqual(await documentOf(client, tree));
  });

  test('begins anew where the revision is gone, or not there yet', async () => {
    const forests = client.as({ forest: 'compacted' });
    await client.forests.create('compacted');
    await forests.put('/s/a', 1);
    await forests.put('/s/a', 2);
    await client.forests.compact('compacted', 2);
    for (const afterRevision of [1, 99]) {
      const events: FeedEvent[] = [];
      for await (const event of feed(forests, { state: '/s', follow: false, afterRevision }))
        events.push(event);
      expect(events).toMatchObject([{ type: 'STATE_SNAPSHOT', snapshot: { a: 2 } }]);
    }
  });

  test('goes on over a kill of the broker, with nothing lost and nothing twice', async () => {
    const tree = newTree();
    await client.put(`${tree}/log`, ['before']);
    await using endpoint = await Endpoint.start(client, stateAt(tree));
    const watcher = new Watcher(endpoint.url);
    let last = Infinity;
    const run = watcher.run(() => watcher.revision >= last);
    await client.append(`${tree}/log`, ['one']);
    await broker.kill();
    await broker.restart();
    await client.append(`${tree}/log`, ['two']);
    last = (await client.append(`${tree}/log`, ['three'])).revision;
    await run;
    expect(watcher.agent.state).toEqual({ log: ['before', 'one', 'two', 'three'] });
    expect(watcher.types().filter((type) => type === 'STATE_SNAPSHOT')).toHaveLength(1);
  });

  test('may be told a whole forest', async () => {
    await client.forests.create('whole');
    const forest = client.as({ forest: 'whole' });
    await forest.put('/a/b', 1);
    const events: FeedEvent[] = [];
    for await (const event of feed(forest, { state: '/', follow: false })) events.push(event);
    expect(events).toMatchObject([{ snapshot: { a: { b: 1 } } }]);
  });
});

describe('a ghost', () => {
  test('is told as it sees the state: what it stages, takes back, and how it ends', async () => {
    const tree = newTree();
    await client.put(`${tree}/plan`, { step: 0 });
    const ghost = await client.ghost();
    await using endpoint = await Endpoint.start(client, () => ({ state: tree, ghost: ghost.id }));
    const watcher = new Watcher(endpoint.url);
    const run = watcher.run();
    await watcher.sees({ plan: { step: 0 } });
    await ghost.put(`${tree}/draft`, 'try');
    await ghost.checkpoint('here');
    await ghost.merge(`${tree}/plan`, { step: 1 });
    await ghost.copy(`${tree}/plan`, `${tree}/copied`);
    await watcher.sees({ draft: 'try', plan: { step: 1 }, copied: { step: 1 } });
    await ghost.rewind({ checkpoint: 'here' });
    await watcher.sees({ draft: 'try', plan: { step: 0 } });
    await client.put(`${tree}/plan`, { step: 'of others' });
    await ghost.put(`${tree}/last`, 1);
    await watcher.sees({ draft: 'try', plan: { step: 0 }, last: 1 });
    const { revision } = await ghost.commit();
    await run;
    const end = watcher.events.find(({ type }) => type === EventType.CUSTOM);
    const value = { ghost: ghost.id, kind: 'committed', reason: '', revision };
    expect(end).toMatchObject({ name: 'hyperloom.ghost', value });
    expect(watcher.types().at(-1)).toBe('RUN_FINISHED');
  });

  test('that is reverted says why', async () => {
    const tree = newTree();
    const ghost = await client.ghost();
    const events = feed(client, { state: tree, ghost: ghost.id });
    await events.next();
    await ghost.revert('not good');
    expect((await events.next()).value).toMatchObject({ value: { kind: 'reverted', reason: 'not good' } });
    expect((await events.next()).done).toBe(true);
  });
});

test('the example tells what it promises', async () => {
  const example = join(import.meta.dirname, '../examples/feed.ts');
  const hooks = join(import.meta.dirname, 'support/resolve.ts');
  const env = { ...process.env, HYPERLOOM_ADDRESS: broker.address };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', hooks, example], {
    env,
  });
  expect({ stdout, stderr }).toEqual({
    stdout:
      'STATE_SNAPSHOT {"notes":[],"task":"compare three databases"}\n' +
      'STATE_DELTA [{"op":"add","path":"/notes/-","value":"etcd sorts its keys"}]\n' +
      'STATE_DELTA [{"op":"replace","path":"/task","value":"done"}]\n' +
      'the copy: {"notes":["etcd sorts its keys"],"task":"done"}\n',
    stderr: '',
  });
});
