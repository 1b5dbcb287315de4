/**
 * Goal: several addresses are one client, which sees what it has written whichever of them answers.
 * Method: a clock that is moved by hand; gRPC servers that take down what they are asked; and two ways to one real broker, that are cut.
 */
import { create } from '@bufbuild/protobuf';
import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { Proxy } from '../../../../test/consistency/proxy.ts';
import {
  GetResponseSchema,
  PublishResponseSchema,
  type GetRequest,
} from '../gen/hyperloom/v1/context_service_pb.ts';
import { endpointRestMs } from '../limits.ts';
import { Broker } from '../testing/broker.ts';
import { refusal, serveGrpc } from '../testing/grpc-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { connect } from './connect.ts';
import { Endpoints } from './endpoints.ts';

const picks = (endpoints: Endpoints<string>, count: number): string =>
  Array.from({ length: count }, () => endpoints.pick()).join('');

test('the first is taken while it can be reached, and another stays in its place', async () => {
  const clock = new ManualClock();
  const endpoints = new Endpoints(['a', 'b', 'c'], 'pick_first', clock);
  expect(picks(endpoints, 3)).toBe('aaa');
  endpoints.failed('a');
  expect(picks(endpoints, 3)).toBe('bbb');
  await clock.advance(endpointRestMs + 1);
  expect(picks(endpoints, 2)).toBe('bb');
  endpoints.failed('b');
  endpoints.failed('c');
  expect(picks(endpoints, 2)).toBe('aa');
});

test('each is taken in turn, but for those that failed a moment ago', async () => {
  const clock = new ManualClock();
  const endpoints = new Endpoints(['a', 'b', 'c'], 'round_robin', clock);
  expect(picks(endpoints, 4)).toBe('abca');
  endpoints.failed('b');
  expect(picks(endpoints, 4)).toBe('caca');
  await clock.advance(endpointRestMs + 1);
  expect(picks(endpoints, 3)).toBe('bca');
  endpoints.failed('b');
  endpoints.answered('b');
  expect(picks(endpoints, 3)).toBe('bca');
});

test('where all have failed, the one that has rested most is tried', async () => {
  const clock = new ManualClock();
  const endpoints = new Endpoints(['a', 'b'], 'pick_first', clock);
  endpoints.failed('b');
  await clock.advance(1);
  endpoints.failed('a');
  expect(endpoints.pick()).toBe('b');
});

test('whichever replica answers, a read asks for what this client has written and seen', async () => {
  const asked: (bigint | 'linearizable' | undefined)[][] = [[], []];
  const replica = (place: number) => ({
    Get: ({ request }: ServerUnaryCall<GetRequest, object>, answer: sendUnaryData<object>) => {
      const { consistency } = request.view ?? {};
      asked[place]?.push(
        consistency?.case === 'atLeastRevision'
          ? consistency.value
          : consistency?.case === 'linearizable'
            ? 'linearizable'
            : undefined,
      );
      const node = { path: '/a', value: { kind: { case: 'text', value: 'x' } } } as const;
      answer(null, create(GetResponseSchema, { node, revision: 9n }));
    },
    Publish: (_call: unknown, answer: sendUnaryData<object>) =>
      answer(null, create(PublishResponseSchema, { revision: 7n })),
  });
  await using one = await serveGrpc(replica(0));
  await using two = await serveGrpc(replica(1));
  await using client = connect([one.address, two.address], { loadBalancing: 'round_robin' });
  await client.get('/a', { consistency: 'linearizable' });
  await client.as({ author: 'fresh' }).get('/a');
  const writer = client.as({ author: 'writer' });
  await writer.put('/a', 'x', { lockWaitMs: 1 });
  await writer.get('/a');
  await writer.get('/a');
  expect(new Set(asked[0])).toEqual(new Set(['linearizable', 9n]));
  expect(new Set(asked[1])).toEqual(new Set(['linearizable', 7n]));
});

test('a broker that says that it is away is left for another', async () => {
  let tries = 0;
  await using away = await serveGrpc({
    Get: (_call: unknown, answer: sendUnaryData<object>) => {
      tries += 1;
      answer(refusal(status.UNAVAILABLE, 'stopping', []));
    },
  });
  const node = { path: '/a', value: { kind: { case: 'text', value: 'x' } } } as const;
  await using there = await serveGrpc({
    Get: (_call: unknown, answer: sendUnaryData<object>) =>
      answer(null, create(GetResponseSchema, { node, revision: 1n })),
  });
  await using client = connect(`127.0.0.1:1, ${away.address},${there.address}`);
  for (let count = 0; count < 3; count += 1) expect((await client.get('/a')).value).toBe('x');
  expect(tries).toBe(1);
});

test.each(['pick_first', 'round_robin'] as const)(
  'publishes and subscriptions live through the loss of a way to the broker (%s)',
  async (loadBalancing) => {
    await using broker = await Broker.start();
    const port = (): number => Number(broker.address.split(':')[1]);
    const ways = [new Proxy(port), new Proxy(port)] as const;
    try {
      const addresses = await Promise.all(ways.map((way) => way.listen()));
      await using client = connect(addresses, { author: 'writer', loadBalancing, timeoutMs: 60_000 });
      const count = 2_000;
      const seen: unknown[] = [];
      const watching = (async () => {
        for await (const { changes } of client.subscribe('/log', { start: { afterRevision: 0 } }).events()) {
          for (const change of changes) if (change.action === 'append') seen.push(change.addition);
          if (seen.length === count) return;
        }
      })();
      const outcomes: Promise<unknown>[] = [];
      for (let index = 0; index < count; index += 1) {
        await client.ready();
        outcomes.push(client.append('/log', [index]));
        if (index === 500) ways[0].close();
        if (index % 500 === 250) ways[1].cut(() => true);
        if (index % 100 === 0) expect(await client.find('/none')).toBe(undefined);
      }
      await Promise.all(outcomes);
      await watching;
      const numbers = Array.from({ length: count }, (_, index) => index);
      expect((await client.get('/log')).value).toEqual(numbers);
      expect(seen).toEqual(numbers.map((number) => [number]));
    } finally {
      for (const way of ways) way.close();
    }
  },
);
