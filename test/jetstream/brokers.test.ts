/**
 * Goal: broker processes on one stream are one forest while they and NATS are killed and stopped: what was acknowledged is there once, reads are never
 * behind it, and all state hashes are the same. Method: real brokers, a real `nats-server`, clients that repeat a request under its id at
 * another broker until it is answered.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durationFromMs, durationMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SubscribeResponse } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { connectClients, putText, refusalOf } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';
import { NatsCluster } from './nats-server.ts';
import type { NatsServer } from './nats-server.ts';
import { answered } from './patience.ts';

let nats: NatsCluster;
let folder: string;
const running: Running[] = [];

interface Running {
  readonly broker: BrokerProcess;
  clients: TestClients;
  /** The test itself has cut its connection. */
  isCut: boolean;
}

beforeAll(async () => {
  nats = await NatsCluster.start();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-replicas-'));
});
afterEach(async () => {
  for (const { broker, clients } of running.splice(0)) {
    clients.cut();
    await broker.stop('SIGKILL');
  }
});
afterAll(async () => {
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

/** Brokers that share a forest of their own. */
async function start(count: number, prefix: string, on = nats): Promise<void> {
  const starts = Array.from({ length: count }, async (_, index) => {
    const options = ['--journal', on.address(`prefix=${prefix}`), '--log-level', 'warn'];
    const broker = new BrokerProcess(join(folder, `${prefix}-${index}`), options);
    await broker.start();
    return { broker, clients: connectClients(`http://${broker.address}`), isCut: false };
  });
  running.push(...(await Promise.all(starts)));
}

function at(index: number): Running {
  const one = running[index % running.length];
  if (one === undefined) throw new Error('none was started');
  return one;
}

async function again(index: number): Promise<void> {
  const one = at(index);
  one.isCut = true;
  one.clients.cut();
  await one.broker.stop('SIGKILL');
  await one.broker.start();
  one.clients = connectClients(`http://${one.broker.address}`);
  one.isCut = false;
}

/** Publishes until some broker has answered, under one request id. Returns the revision. */
async function publish(index: number, path: string, text: string): Promise<bigint> {
  const request = { requestId: `${path} ${text}`, operations: [putText(path, text)] };
  for (let attempt = index; ; attempt += 1) {
    const one = at(attempt);
    const { clients } = one;
    try {
      const { revision } = await clients.context.publish(request, { timeoutMs: 5_000 });
      return revision;
    } catch (error) {
      const { code } = ConnectError.from(error);
      const passes = [Code.Unavailable, Code.DeadlineExceeded, Code.Canceled];
      if (!passes.includes(code) && !one.isCut && clients === one.clients) throw error;
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }
}

async function hashes(): Promise<string[]> {
  const all: string[] = [];
  for (const { clients } of running) {
    // It waits until this broker has seen everything.
    await answered(() => clients.context.listGhosts({}));
    const { stateHash, stateHashPosition } = await clients.forests.getStatus({ includeStateHash: true });
    all.push(`${stateHash} at ${stateHashPosition}`);
  }
  return all;
}

test('any of them takes any request, and shows what the others have acknowledged', async () => {
  await start(3, 'ANY');
  for (let index = 0; index < 30; index += 1) {
    const revision = await publish(index, '/a', `${index}`);
    expect(revision).toBe(BigInt(index + 1));
    const { node } = await answered(() => at(index + 1).clients.context.get({ path: '/a' }));
    expect(node?.modifiedRevision).toBe(revision);
  }
  expect(new Set(await hashes()).size).toBe(1);
});

test.each([1, 3])(
  'what was acknowledged is there once, while brokers and one of %i servers are killed',
  async (servers) => {
    await using own = await NatsCluster.start(servers);
    await start(3, 'KILLS', own);
    const writers = 8;
    const each = 25;
    const acknowledged = new Set<bigint>();
    const waiting: { readonly writes: number; readonly resolve: () => void }[] = [];
    const reachedWrites = (writes: number): Promise<void> =>
      new Promise((resolve) => {
        if (acknowledged.size >= writes) resolve();
        else waiting.push({ writes, resolve });
      });
    const write = async (writer: number): Promise<void> => {
      for (let round = 0; round < each; round += 1) {
        acknowledged.add(await publish(writer + round, `/writers/${writer}`, `${round}`));
        for (const { writes, resolve } of waiting) if (acknowledged.size >= writes) resolve();
      }
    };
    const faults = async (): Promise<void> => {
      const reached = (share: number): Promise<void> => reachedWrites(writers * each * share);
      await reached(0.2);
      await again(0);
      await reached(0.5);
      await own.servers[0]?.end();
      // Two of three go on.
      if (servers > 1) await reached(0.6);
      await own.servers[0]?.start();
      own.servers[1]?.pause();
      await reached(0.7);
      own.servers[1]?.resume();
      await again(1);
    };
    await Promise.all([faults(), ...Array.from({ length: writers }, (_, writer) => write(writer))]);
    expect(acknowledged.size).toBe(writers * each);
    const all = await hashes();
    expect(new Set(all).size, all.join(', ')).toBe(1);
    const { forest } = await at(2).clients.forests.getStatus({});
    expect(forest?.revision).toBe(BigInt(writers * each));
  },
);

/** The server that a broker is connected to. */
async function serverOfBroker({ servers }: NatsCluster): Promise<NatsServer> {
  for (const server of servers) {
    const answer = await fetch(`http://127.0.0.1:${server.monitorPort}/connz`);
    const { connections } = (await answer.json()) as { readonly connections: readonly { name?: string }[] };
    if (connections.some(({ name }) => name === 'hyperloom')) return server;
  }
  throw new Error('the broker is connected to none');
}

test('a broker leaves a server of NATS that stands still for another one', async () => {
  await using own = await NatsCluster.start(3);
  await start(1, 'LEFT', own);
  await publish(0, '/a', 'before');
  const still = await serverOfBroker(own);
  still.pause();
  try {
    expect(await publish(0, '/a', 'behind')).toBe(2n);
  } finally {
    still.resume();
  }
});

/** How old each bookmark says that this broker's view may be, in milliseconds. */
async function* bookmarkAges(answers: AsyncIterable<SubscribeResponse>): AsyncGenerator<number> {
  for await (const { message } of answers)
    if (message.case === 'bookmark')
      yield message.value.age === undefined ? NaN : durationMs(message.value.age);
}

async function until(ages: AsyncGenerator<number>, isIt: (ageMs: number) => boolean): Promise<void> {
  for (;;) {
    const { done, value } = await ages.next();
    if (done === true) throw new Error('the subscription ended');
    if (isIt(value)) return;
  }
}

test('while NATS stands still writes are unavailable, stale reads and subscriptions go on and say how old they are, so does what is asked about the past, and all resumes by itself', async () => {
  await start(2, 'STILL');
  const { context } = at(0).clients;
  await publish(0, '/a', 'before');
  const stale = { path: '/a', view: { consistency: { case: 'stale', value: {} } } } as const;
  const marks = bookmarkAges(context.subscribe({ patterns: ['/**'], bookmarkInterval: durationFromMs(100) }));
  await until(marks, () => true);
  // Who waits for all that was acknowledged sees what is not old at all.
  expect((await answered(() => context.get({ path: '/a' }))).age).toBeUndefined();
  const [server] = nats.servers;
  server?.pause();
  try {
    await server?.standsStill();
    const refused = await refusalOf(context.publish({ operations: [putText('/a', 'during')] }));
    expect(refused).toMatchObject({ code: 'Unavailable', reason: 'JOURNAL_UNAVAILABLE' });
    expect(await refusalOf(context.get({ path: '/a' }))).toMatchObject({ code: 'Unavailable' });
    const { differences } = await context.diff({
      sides: { case: 'revisions', value: { fromRevision: 0n, toRevision: 1n } },
    });
    expect(differences.map(({ path }) => path)).toEqual(['/a']);
    const { lines } = await context.blame({ path: '/a', atRevision: 1n });
    expect(lines.map(({ event }) => event?.revision)).toEqual([1n]);
    expect((await context.search({ query: 'before', atRevision: 1n })).hits).toHaveLength(1);
    for (let ageMs = 0; ageMs < 1_500;) {
      const { node, age } = await context.get(stale);
      expect(node?.modifiedRevision).toBe(1n);
      const now = age === undefined ? -1 : durationMs(age);
      expect(now).toBeGreaterThanOrEqual(ageMs);
      ageMs = now;
    }
    // Subscriptions go on, and say it too.
    await until(marks, (ageMs) => ageMs >= 1_500);
  } finally {
    server?.resume();
  }
  expect(await publish(1, '/a', 'after')).toBeGreaterThan(1n);
  await until(marks, (ageMs) => ageMs < 1_500);
  expect(new Set(await hashes()).size).toBe(1);
});
