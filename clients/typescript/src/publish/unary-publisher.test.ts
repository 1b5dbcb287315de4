/**
 * Goal: publishes that are calls of their own keep their place behind those before them, and wait for them no longer than their callers do.
 * Method: a transport whose answers a test holds back, and a clock that is moved by hand.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { connectOver, type Client } from '../client.ts';
import { DeadlineExceededError } from '../errors.ts';
import { PublishStreamResponseSchema, type PublishRequest } from '../gen/hyperloom/v1/context_service_pb.ts';
import { fakeTransport } from '../testing/fake-transport.ts';
import { ManualClock, settled } from '../testing/manual-clock.ts';
import type { ByteStream, CallLimits, StreamReceiver } from '../transport.ts';

/** What goes over a stream is answered when the test says so; what is a call of its own at once. */
function setUpStream() {
  const clock = new ManualClock();
  const receivers: StreamReceiver[] = [];
  const calls: string[] = [];
  const transport = {
    ...fakeTransport({
      Publish: ({ requestId }: PublishRequest) => {
        calls.push(requestId);
        return { revision: 2n };
      },
    }),
    openPublishStream: (receiver: StreamReceiver): ByteStream => {
      receivers.push(receiver);
      return { write: () => undefined, cancel: () => undefined };
    },
  };
  const answer = (): void => {
    const outcome = { case: 'published', value: { revision: 1n } } as const;
    const bytes = toBinary(PublishStreamResponseSchema, create(PublishStreamResponseSchema, { outcome }));
    receivers[0]?.onMessage(bytes, 0, bytes.length);
  };
  return { clock, calls, answer, client: connectOver(transport, { clock, random: () => 0.5 }) };
}

/** What promises are rejected with. Asked for at once, so that no rejection counts as unhandled. */
async function reasonsOf(...outcomes: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const all = await Promise.allSettled(outcomes);
  return all.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined));
}

/** Begins to publish on the stream, without an end. */
function publishForEver(client: Client, clock: ManualClock): void {
  client.put('/busy', 1).catch(() => undefined);
  clock.endTurn();
}

test('a publish that waits for locks goes out behind those before it, whatever is published after it', async () => {
  const { clock, calls, answer, client } = setUpStream();
  publishForEver(client, clock);
  const waiting = client.put('/a', 1, { lockWaitMs: 100, requestId: 'waiting' });
  publishForEver(client, clock);
  await settled();
  expect(calls).toEqual([]);
  answer();
  expect(await waiting).toMatchObject({ revision: 2 });
  expect(calls).toEqual(['waiting']);
  client.destroy();
});

test('a publish that waits for locks ends with its deadline or its signal where those before it have no outcome', async () => {
  const { clock, calls, client } = setUpStream();
  publishForEver(client, clock);
  const late = client.put('/a', 1, { lockWaitMs: 100, timeoutMs: 500 });
  const givenUp = new AbortController();
  const aborted = client.put('/a', 1, { lockWaitMs: 100, signal: givenUp.signal });
  const failures = reasonsOf(late, aborted);
  givenUp.abort(new Error('enough'));
  await clock.advance(500);
  expect(await failures).toEqual([expect.any(DeadlineExceededError), new Error('enough')]);
  expect(calls).toEqual([]);
  client.destroy();
});

test('a client closes behind what was published until then, whatever is published meanwhile', async () => {
  const { clock, answer, client } = setUpStream();
  const first = client.put('/a', 1);
  clock.endTurn();
  const closed = client.close();
  publishForEver(client, clock);
  answer();
  expect(await first).toMatchObject({ revision: 1 });
  await closed;
});

/** A client without a stream, as in browsers: the first publish is answered when the test says so. */
function setUpCalls() {
  const clock = new ManualClock();
  const calls: string[] = [];
  const first = Promise.withResolvers<void>();
  const transport = fakeTransport({
    Publish: async ({ requestId }: PublishRequest) => {
      calls.push(requestId);
      if (requestId === 'first') await first.promise;
      return { revision: 1n };
    },
  });
  const client = connectOver(transport, { clock, random: () => 0.5 });
  const publish = (requestId: string, limits: CallLimits = {}) =>
    client.put('/a', 1, { requestId, ...limits });
  return { clock, calls, publish, answer: first.resolve };
}

test('without a stream, a publish ends with its deadline or its signal although its turn has not come', async () => {
  const { clock, calls, publish, answer } = setUpCalls();
  const first = publish('first');
  const late = publish('late', { timeoutMs: 500 });
  const givenUp = new AbortController();
  const aborted = publish('aborted', { signal: givenUp.signal });
  const refused = publish('refused', { signal: AbortSignal.abort(new Error('no')) });
  const failures = reasonsOf(late, aborted, refused);
  givenUp.abort(new Error('enough'));
  await clock.advance(500);
  expect(await failures).toEqual([expect.any(DeadlineExceededError), new Error('enough'), new Error('no')]);
  const last = publish('last');
  await settled();
  // Order holds: those that were given up let nobody past.
  expect(calls).toEqual(['first']);
  answer();
  await Promise.all([first, last]);
  expect(calls).toEqual(['first', 'last']);
});
