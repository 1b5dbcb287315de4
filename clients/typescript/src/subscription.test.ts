/**
 * Goal: a subscription notices a broker that has gone silent, and gives up only when it should.
 * Method: a transport whose streams say what the test says, and a clock that is moved by hand.
 */
import { create, type MessageShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { connectOver, type ClientOptions } from './client.ts';
import type { Diagnostic } from './diagnostics.ts';
import { makeError, RevisionError, UnavailableError } from './errors.ts';
import { SubscribeResponseSchema, type SubscribeRequest } from './gen/hyperloom/v1/context_service_pb.ts';
import { silenceMsMax } from './limits.ts';
import { ManualClock, settled } from './testing/manual-clock.ts';
import type { CallLimits, Transport } from './transport.ts';

type Message = MessageShape<typeof SubscribeResponseSchema>;
type Script = (request: SubscribeRequest, signal: AbortSignal) => AsyncIterable<Message>;

const bookmark = (position: bigint): Message =>
  create(SubscribeResponseSchema, { message: { case: 'bookmark', value: { revision: position, position } } });

/** A stream that says `messages` and then nothing until it is given up. */
async function* silentAfter(messages: readonly Message[], signal: AbortSignal): AsyncGenerator<Message> {
  yield* messages;
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

function setUp(scripts: readonly Script[], options: ClientOptions = {}) {
  const clock = new ManualClock();
  const requests: SubscribeRequest[] = [];
  const diagnostics: Diagnostic[] = [];
  const unused = (): never => {
    throw new Error('not used here');
  };
  const transport: Transport = {
    openPublishStream: undefined,
    unary: unused,
    clientStreaming: unused,
    close: () => undefined,
    serverStreaming: ((_method: unknown, request: SubscribeRequest, limits: CallLimits) => {
      requests.push(request);
      const script = scripts[requests.length - 1];
      if (script === undefined || limits.signal === undefined) throw new Error('one stream too many');
      return script(request, limits.signal);
    }) as unknown as Transport['serverStreaming'],
  };
  const onDiagnostic = (diagnostic: Diagnostic): number => diagnostics.push(diagnostic);
  const client = connectOver(transport, { clock, random: () => 0.5, onDiagnostic, ...options });
  return { clock, requests, diagnostics, client };
}

test('a broker that says nothing for too long is given up, and the next stream resumes behind the last bookmark', async () => {
  const { clock, requests, diagnostics, client } = setUp([
    (_, signal) => silentAfter([bookmark(5n)], signal),
    (_, signal) => silentAfter([bookmark(9n)], signal),
  ]);
  const items = client.subscribe('/**', { bookmarks: true })[Symbol.asyncIterator]();
  expect((await items.next()).value).toMatchObject({ kind: 'snapshot', nodes: [], position: 5 });
  const next = items.next();
  await settled();
  await clock.advance(silenceMsMax - 1);
  expect(diagnostics).toEqual([]);
  await clock.advance(2_000);
  expect((await next).value).toMatchObject({ kind: 'bookmark', position: 9 });
  expect(diagnostics).toMatchObject([{ kind: 'subscription_lost', error: { code: 'UNAVAILABLE' } }]);
  expect(requests.map(({ start }) => start.case)).toEqual(['snapshot', 'afterPosition']);
  await items.return();
  expect(clock.timers).toBe(0);
});

test('words of the broker keep the stream, however slowly they come', async () => {
  let say: ((message: Message) => void) | undefined;
  const { clock, diagnostics, client } = setUp([
    async function* () {
      yield bookmark(1n);
      for (;;) yield await new Promise<Message>((resolve) => (say = resolve));
    },
  ]);
  const items = client.subscribe('/**', { bookmarks: true })[Symbol.asyncIterator]();
  await items.next();
  for (let position = 2n; position < 8n; position += 1n) {
    const next = items.next();
    await settled();
    await clock.advance(silenceMsMax - 2_000);
    say?.(bookmark(position));
    expect((await next).value).toMatchObject({ position: Number(position) });
  }
  expect(diagnostics).toEqual([]);
});

test('an error that another try cannot change is thrown at once', async () => {
  const { client } = setUp([
    async function* () {
      yield* [];
      throw makeError({ code: 'OUT_OF_RANGE', message: 'compacted', metadata: { oldest_revision: '7' } });
    },
  ]);
  const items = client.subscribe('/**')[Symbol.asyncIterator]();
  await expect(items.next()).rejects.toThrow(RevisionError);
});

test('without retries, or after the client was closed, a lost stream is thrown', async () => {
  const lost: Script = async function* () {
    yield* [];
    throw makeError({ code: 'UNAVAILABLE', message: 'lost' });
  };
  const once = setUp([lost], { retry: false });
  await expect(once.client.subscribe('/**')[Symbol.asyncIterator]().next()).rejects.toThrow(UnavailableError);
  const closed = setUp([lost]);
  const next = closed.client.subscribe('/**')[Symbol.asyncIterator]().next();
  next.catch(() => undefined);
  await settled();
  closed.client.destroy();
  await closed.clock.advance(5_000);
  await expect(next).rejects.toThrow(UnavailableError);
});

test('what was watched goes into the basis of the next publish: a whole subtree as one entry', async () => {
  const event = (position: bigint, path: string): Message =>
    create(SubscribeResponseSchema, {
      message: { case: 'event', value: { revision: position, position, changes: [{ path }] } },
    });
  const stream: Script = (_, signal) =>
    silentAfter([bookmark(1n), event(4n, '/a/b/c'), event(6n, '/a/d')], signal);
  const { client } = setUp([stream, stream]);
  for (const [pattern, basis] of [
    ['/a/**', [{ path: '/a', revision: 6, extent: 'subtree' }]],
    [
      '/*/d',
      [
        { path: '/a/b/c', revision: 4, extent: 'node' },
        { path: '/a/d', revision: 6, extent: 'node' },
      ],
    ],
  ] as const) {
    let left = 2;
    for await (const event of client.subscribe(pattern).events()) {
      expect(event.changes).toHaveLength(1);
      left -= 1;
      if (left === 0) break;
    }
    expect(takeBasis(client)).toEqual(basis);
  }
});

function takeBasis(client: unknown): unknown {
  return (client as { agent: { basis: { take(): unknown } } }).agent.basis.take();
}
