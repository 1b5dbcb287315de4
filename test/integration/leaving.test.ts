/**
 * Goal: connections that have reached their age, and a broker that stops, let go of everybody in good order: streams end behind a
 * bookmark and with the reason, calls that run go on for the grace, and a broker that is about to stop is served as before until load
 * balancers have noticed. Method: a real broker on real sockets, on each HTTP/2 engine; its long timers go off when the test says so.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { request as requestHttp1 } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { afterEach, describe, expect, test } from 'vitest';
import {
  Health,
  HealthCheckResponse_ServingStatus as Serving,
} from '../../src/gen/grpc/health/v1/health_pb.ts';
import { ContextService, GetRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';
import { HeldClock } from '../support/held-clock.ts';
import { callRaw, grpcHeaders } from '../support/raw-grpc.ts';

const ageMs = 1_000_000;
const graceMs = 3_000_000;
const noticeMs = 200_000;

describe.each(['own', 'node'] as const)('on the engine %s,', (http2) => {
  const running: TestBroker[] = [];
  async function start(settings: Readonly<Record<string, string>>) {
    const clock = new HeldClock();
    const broker = await startTestBroker({ settings: { http2, ...settings }, clock });
    running.push(broker);
    return { clock, broker };
  }
  afterEach(async () => {
    for (const broker of running.splice(0)) {
      expect(broker.fatal).toEqual([]);
      await broker.close();
    }
  });

  describe('a connection that has reached its age', () => {
    const aging = { 'connection-age-ms-max': String(ageMs), 'connection-age-grace-ms': String(graceMs) };
    const reachAge = (clock: HeldClock): void => {
      clock.fire(ageMs, 0.1);
      clock.fire(graceMs);
    };
    const moved = { code: 'Unavailable', reason: 'NOT_SERVING', metadata: { cause: 'connection' } };

    test('ends its subscriptions behind a bookmark, wherever they go on is nothing missed', async () => {
      const { clock, broker } = await start(aging);
      const { context } = broker.connect();
      const watch = follow(context.subscribe({ patterns: ['/a'], start: { case: 'now', value: {} } }));
      await watch.until(({ message }) => message.case === 'bookmark');
      await broker.context.publish({ operations: [putText('/a', '1')] });
      await broker.context.publish({ operations: [putText('/b', '1')] });
      await watch.until(({ message }) => message.case === 'event');
      clock.fire(ageMs, 0.1);
      await broker.connect().context.publish({ operations: [putText('/a', 'in the grace')] });
      await watch.until(({ message }) => message.case === 'event');
      clock.fire(graceMs);
      expect(await refusalOf(watch.rest)).toMatchObject(moved);
      const last = watch.seen.at(-1)?.message;
      expect(last).toMatchObject({ case: 'bookmark', value: { revision: 3n } });
      const behind = { case: 'afterRevision', value: 3n } as const;
      const resumed = follow(context.subscribe({ patterns: ['/a'], start: behind }));
      await context.publish({ operations: [putText('/a', '2')] });
      const event = await resumed.until(({ message }) => message.case === 'event');
      expect(event.message).toMatchObject({ value: { revision: 4n } });
    });

    test('ends every other stream that has no end of its own, behind what was asked for', async () => {
      const { clock, broker } = await start(aging);
      const { reviews, context } = broker.connect();
      const reviewed = follow(reviews.subscribeReviews({ reviewer: 'eve' }));
      await reviewed.until(({ message }) => message.case === 'bookmark');
      const outcomes = follow(context.publishStream(publishesFor(3)));
      for (let count = 0; count < 3; count += 1) await outcomes.until(() => outcomes.seen.length > count);
      const health = createClient(Health, createGrpcTransport({ baseUrl: broker.url }));
      const watched = follow(health.watch({}));
      await watched.until(({ status }) => status === Serving.SERVING);
      reachAge(clock);
      for (const stream of [reviewed, outcomes, watched])
        expect(await refusalOf(stream.rest)).toMatchObject(moved);
      expect(outcomes.seen.map(({ outcome }) => outcome.case)).toEqual([
        'published',
        'published',
        'published',
      ]);
      expect(reviewed.seen.at(-1)?.message.case).toBe('bookmark');
    });

    test('ends subscriptions of the web in the same way', async () => {
      const { clock, broker } = await start(aging);
      const transport = createConnectTransport({ baseUrl: broker.url, httpVersion: '2' });
      const watch = follow(createClient(ContextService, transport).subscribe({ patterns: ['/a'] }));
      await watch.until(({ message }) => message.case === 'bookmark');
      reachAge(clock);
      expect(await refusalOf(watch.rest)).toMatchObject(moved);
    });

    test('lets calls go on that run, until the grace has passed', async () => {
      const { clock, broker } = await start(aging);
      const held = await lockOn(broker.connect().locks, '/held', 'holder');
      const early = lockOn(broker.connect().locks, '/held', 'early');
      await expect.poll(() => waiting(broker)).toBe(1n);
      const late = refusalOf(lockOn(broker.connect().locks, '/held', 'late'));
      await expect.poll(() => waiting(broker)).toBe(2n);
      clock.fire(ageMs, 0.1);
      const { locks } = broker.connect();
      await locks.releaseLock({ lockId: held.lock?.id ?? '', leaseId: held.lock?.leaseId ?? '' });
      expect((await early).lock?.id).not.toBe('');
      clock.fire(graceMs);
      expect(await late).toMatchObject({ code: 'Unavailable', reason: 'NOT_SERVING' });
    });
  });

  describe('a broker that is told to stop', () => {
    test('says so first, and serves everybody as before until it was noticed', async () => {
      const { clock, broker } = await start({ 'drain-notice-ms': String(noticeMs) });
      const health = createClient(Health, createGrpcTransport({ baseUrl: broker.url }));
      const readiness = follow(health.watch({}));
      await readiness.until(({ status }) => status === Serving.SERVING);
      const watch = follow(broker.context.subscribe({ patterns: ['/a'] }));
      await watch.until(({ message }) => message.case === 'bookmark');
      const stopped = broker.broker.stop();
      await readiness.until(({ status }) => status === Serving.NOT_SERVING);
      await publishOnce(broker, '/a');
      await watch.until(({ message }) => message.case === 'event');
      expect(await connectionHeader(broker)).toBe('close');
      clock.fire(noticeMs);
      for (const stream of [watch, readiness])
        expect(await refusalOf(stream.rest)).toMatchObject({ code: 'Unavailable', reason: 'NOT_SERVING' });
      expect(watch.seen.at(-1)?.message).toMatchObject({ case: 'bookmark', value: { revision: 1n } });
      await stopped;
      const refused = broker.connect().context.get({ path: '/a' });
      expect(await refusalOf(refused)).toMatchObject({ code: 'Unavailable', reason: '' });
    });

    test('tells clients to come again elsewhere before it ends their streams', async () => {
      const { broker } = await start({});
      const session = connectHttp2(broker.url);
      const order: string[] = [];
      const over = new Promise<void>((resolve) => {
        session.on('goaway', () => order.push('goaway'));
        const stream = session.request(grpcHeaders({ ':path': '/grpc.health.v1.Health/Watch' }));
        stream.end(Buffer.alloc(5));
        stream.once('data', () => void broker.broker.stop());
        stream.on('trailers', () => {
          order.push('the end of the stream');
          resolve();
        });
      });
      await over;
      expect(order).toEqual(['goaway', 'the end of the stream']);
      session.destroy();
    });

    test('ends subscriptions of HTTP/1.1 behind a bookmark', async () => {
      const { broker } = await start({});
      const transport = createConnectTransport({ baseUrl: broker.url, httpVersion: '1.1' });
      const watch = follow(createClient(ContextService, transport).subscribe({ patterns: ['/a'] }));
      await watch.until(({ message }) => message.case === 'bookmark');
      await publishOnce(broker, '/b');
      void broker.broker.stop();
      expect(await refusalOf(watch.rest)).toMatchObject({ code: 'Unavailable', reason: 'NOT_SERVING' });
      expect(watch.seen.at(-1)?.message).toMatchObject({ case: 'bookmark', value: { revision: 1n } });
    });

    test('serves what was on its way when it said so, or says that it was not looked at', async () => {
      const { broker } = await start({});
      const session = connectHttp2(broker.url);
      await callRaw(session, grpcHeaders({ ':path': '/grpc.health.v1.Health/Check' }), [Buffer.alloc(5)]);
      // The client cannot have heard of it yet.
      void broker.broker.stop();
      const reply = await callRaw(session, grpcHeaders({ ':path': '/grpc.health.v1.Health/Check' }), [
        Buffer.alloc(5),
      ]);
      const isServed = reply.trailers['grpc-status'] === '0';
      const refusedStream = 7;
      expect(isServed || (http2 === 'node' && reply.resetCode === refusedStream)).toBe(true);
      session.destroy();
    });
  });

  describe('pings of clients', () => {
    test('too many of them, for nothing, end the connection', async () => {
      const { broker } = await start({ 'client-ping-ms-min': '60000' });
      const session = connectHttp2(broker.url);
      session.on('error', () => undefined);
      const told = new Promise<unknown[]>((resolve) => session.on('goaway', (...all) => resolve(all)));
      const closed = new Promise<void>((resolve) => session.on('close', resolve));
      while (!session.destroyed) {
        // Answers to the last of them do not come any more.
        session.ping(() => undefined);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const [code, , words] = await told;
      expect([code, String(words)]).toEqual([11, 'too_many_pings']);
      await closed;
    });

    test('beside calls they are welcome', async () => {
      const { broker } = await start({ 'client-ping-ms-min': '60000' });
      const session = connectHttp2(broker.url);
      for (let turn = 0; turn < 20; turn += 1) {
        await new Promise((resolve) => session.ping(resolve));
        const headers = grpcHeaders({ ':path': '/grpc.health.v1.Health/Check' });
        expect((await callRaw(session, headers, [Buffer.alloc(5)])).trailers['grpc-status']).toBe('0');
      }
      session.destroy();
    });

    test('and so is one for each part of a long answer, by which clients measure the way', async () => {
      const { broker } = await start({ 'client-ping-ms-min': '60000' });
      await broker.context.publish({ operations: [putText('/long', 'x'.repeat(1_000_000))] });
      const session = connectHttp2(broker.url);
      const stream = session.request(grpcHeaders({ ':path': '/hyperloom.v1.ContextService/Get' }));
      const request = toBinary(GetRequestSchema, create(GetRequestSchema, { path: '/long' }));
      stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, request.length]), request]));
      let [parts, bytes] = [0, 0];
      for await (const part of stream as AsyncIterable<Buffer>) {
        [parts, bytes] = [parts + 1, bytes + part.length];
        await new Promise((resolve) => session.ping(resolve));
      }
      expect(parts).toBeGreaterThan(10);
      expect(bytes).toBeGreaterThan(1_000_000);
      expect(session.destroyed).toBe(false);
      session.destroy();
    });
  });
});

/** A stream of answers, of which all are kept. */
interface Followed<Message> {
  readonly seen: readonly Message[];
  /** Resolves with the next message, of those that were not asked for yet, for which that holds. */
  until(holds: (message: Message) => boolean): Promise<Message>;
  /** Settles when the stream has ended. */
  readonly rest: Promise<void>;
}

function follow<Message>(messages: AsyncIterable<Message>): Followed<Message> {
  const seen: Message[] = [];
  let next = 0;
  let wake = (): void => undefined;
  const rest = (async () => {
    try {
      for await (const message of messages) {
        seen.push(message);
        wake();
      }
    } finally {
      wake();
    }
  })();
  let isOver = false;
  rest.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const until = async (holds: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const message = seen[next];
      if (message === undefined) {
        if (isOver) throw new Error('the stream ended before');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      next += 1;
      if (holds(message)) return message;
    }
  };
  return { seen, until, rest };
}

/** Publishes on a connection of its own. */
async function publishOnce(broker: TestBroker, path: string): Promise<void> {
  const clients = broker.connect();
  await clients.context.publish({ operations: [putText(path, 'x')] });
  clients.cut();
}

/** So many publishes, and then nothing for as long as the stream lives. */
async function* publishesFor(count: number) {
  for (let number = 0; number < count; number += 1)
    yield { publish: { operations: [putText('/stream', String(number))], requestId: `stream-${number}` } };
  await new Promise(() => undefined);
}

function lockOn(locks: TestBroker['locks'], path: string, author: string) {
  const targets = [{ path, mode: LockMode.EXCLUSIVE }];
  return locks.acquireLock({ targets, author, wait: { seconds: 3_600n } });
}

async function waiting(broker: TestBroker): Promise<bigint> {
  return (await broker.forests.getStatus({})).locksWaiting;
}

/** What an answer over HTTP/1.1 says of its connection. */
function connectionHeader({ broker }: TestBroker): Promise<string | undefined> {
  const options = {
    host: '127.0.0.1',
    port: broker.address.port,
    path: '/grpc.health.v1.Health/Check',
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'keep-alive' },
  };
  return new Promise((resolve, reject) => {
    const asked = requestHttp1(options, (response) => {
      response.resume();
      resolve(response.headers.connection);
    });
    asked.on('error', reject);
    asked.end('{}');
  });
}
