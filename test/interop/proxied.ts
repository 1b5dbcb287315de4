/** What must hold of a broker behind a proxy, for each proxy alike. */
import { type Client, createClient, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContextService, type SubscribeResponse } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { type Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { appendText, putText, refusalOf } from '../support/broker.ts';
import type { InteropBroker } from './broker.ts';
import { textOf, textOfMessage } from './texts.ts';

/** A way to the broker that tests take. */
export interface Way {
  readonly name: string;
  /** Made for each test anew. */
  readonly transport: () => Transport;
  /** Requests may go on while replies come. */
  readonly isTwoWay: boolean;
}

/** gRPC over plain-text HTTP/2. */
export function grpcWay(url: () => string): Way {
  const transport = (): Transport => {
    const sessionManager = new Http2SessionManager(url());
    return createGrpcTransport({ baseUrl: url(), sessionManager, readMaxBytes: 64 * 1024 * 1024 });
  };
  return { name: 'gRPC over HTTP/2', transport, isTwoWay: true };
}

/** What browsers and scripts speak. */
export function webWays(url: () => string): readonly Way[] {
  const options = () => ({ baseUrl: url(), httpVersion: '1.1', readMaxBytes: 64 * 1024 * 1024 }) as const;
  return [
    {
      name: 'Connect over HTTP/1.1',
      transport: () => createConnectTransport({ ...options(), useBinaryFormat: false }),
      isTwoWay: false,
    },
    { name: 'gRPC-Web over HTTP/1.1', transport: () => createGrpcWebTransport(options()), isTwoWay: false },
  ];
}

/** Tests of one way. What one begins ends with it. */
export function testWay({ name, transport, isTwoWay }: Way, brokerOf: () => InteropBroker): void {
  let over = new AbortController();
  beforeEach(() => {
    over = new AbortController();
  });
  afterEach(async () => {
    over.abort();
    while ((await subscriptionsOf(brokerOf())) > 0n);
  });
  const course: Course = {
    path: `/proxied/${name.replaceAll(/\W/g, '')}`,
    clientOf: () => createClient(ContextService, transport()),
    over: () => over,
  };
  testCalls(course);
  testStreams(course, brokerOf);
  if (isTwoWay) testTwoWay(course);
}

interface Course {
  readonly path: string;
  /** A client of its own for each test. */
  readonly clientOf: () => Client<typeof ContextService>;
  /** Ends what the running test has begun. */
  readonly over: () => AbortController;
}

async function subscriptionsOf({ forests }: InteropBroker): Promise<bigint> {
  return (await forests.getStatus({})).subscriptions;
}

function testCalls({ path, clientOf }: Course): void {
  test('writes and reads', async () => {
    const client = clientOf();
    for (let round = 0; round < 50; round += 1) {
      await client.publish({ operations: [putText(path, `round ${round}`)] });
      const { node } = await client.get({ path });
      expect(node?.value?.kind).toEqual({ case: 'text', value: `round ${round}` });
    }
  });

  test('tells what was wrong, with all details', async () => {
    const refused = await refusalOf(clientOf().publish({ operations: [putText('no path', 'x')] }));
    expect(refused).toMatchObject({ code: 'InvalidArgument', fields: ['operations[0].path'] });
    expect(refused.reason).not.toBe('');
  });

  test('carries two megabytes in one message both ways', async () => {
    const client = clientOf();
    const text = '0123456789abcdef'.repeat(131_072);
    await client.publish({ operations: [putText(path, text)] });
    const { node } = await client.get({ path });
    expect(textOf(node?.value) === text).toBe(true);
  });
}

function testStreams({ path, clientOf, over }: Course, brokerOf: () => InteropBroker): void {
  test('brings what happens as it happens', async () => {
    const client = clientOf();
    await client.publish({ operations: [putText(path, 'before')] });
    const responses = follow(client, path, over());
    expect(await nextText(responses)).toBe('before');
    for (let round = 0; round < 20; round += 1) {
      await client.publish({ operations: [putText(path, `round ${round}`)] });
      expect(await nextText(responses)).toBe(`round ${round}`);
    }
  });

  test('tells the broker that nobody listens any more', async () => {
    const client = clientOf();
    await client.publish({ operations: [putText(path, 'before')] });
    const responses = follow(client, path, over());
    expect(await nextText(responses)).toBe('before');
    expect(await subscriptionsOf(brokerOf())).toBe(1n);
    over().abort();
    await expect(nextText(responses)).rejects.toThrow(/abort|cancel/i);
    while ((await subscriptionsOf(brokerOf())) > 0n);
  });

  test('has a hundred streams at once', async () => {
    const client = clientOf();
    await client.publish({ operations: [putText(path, 'before')] });
    const all = Array.from({ length: 100 }, () => follow(client, path, over()));
    await Promise.all(all.map(async (each) => expect(await nextText(each)).toBe('before')));
    await client.publish({ operations: [putText(path, 'after')] });
    await Promise.all(all.map(async (each) => expect(await nextText(each)).toBe('after')));
  });
}

function testTwoWay({ path, clientOf, over }: Course): void {
  test('answers each message of a stream while others are still to come', async () => {
    const outbox = new Outbox();
    const outcomes = clientOf().publishStream(outbox, { signal: over().signal })[Symbol.asyncIterator]();
    for (let round = 0; round < 50; round += 1) {
      outbox.send([appendText(`${path}/stream`, '.')]);
      expect((await outcomes.next()).value?.outcome.case).toBe('published');
    }
    outbox.end();
    expect((await outcomes.next()).done).toBe(true);
  });
}

/** What a subscription brings, until it is given up. */
function follow(
  client: Client<typeof ContextService>,
  path: string,
  over: AbortController,
): AsyncIterator<SubscribeResponse> {
  const responses = client.subscribe({ patterns: [path] }, { signal: over.signal });
  return responses[Symbol.asyncIterator]();
}

/** Requests of a stream, sent one at a time. */
class Outbox {
  #wake: (() => void) | undefined;
  readonly #waiting: (readonly Operation[] | null)[] = [];

  send(operations: readonly Operation[]): void {
    this.#waiting.push(operations);
    this.#wake?.();
  }

  end(): void {
    this.#waiting.push(null);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<{ publish: { operations: Operation[] } }> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === null) return;
      if (next !== undefined) yield { publish: { operations: [...next] } };
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** The first text in the next message that is no bookmark. */
async function nextText(responses: AsyncIterator<SubscribeResponse>): Promise<string> {
  for (;;) {
    const next = await responses.next();
    if (next.done === true) return 'the end';
    const text = textOfMessage(next.value);
    if (text !== undefined) return text;
  }
}
