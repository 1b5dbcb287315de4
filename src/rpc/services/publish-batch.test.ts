/**
 * Goal: messages with several diffs are taken apart, and outcomes put together, exactly as generated code would. Method: generated
 * code on the other side, and a sink that is driven by hand.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { publishesPerMessageMax } from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import {
  PublishRequestSchema,
  PublishStreamRequestSchema,
  type PublishStreamResponse,
  PublishStreamResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import { EncodedMessage, type Sink } from '../transport.ts';
import { OutcomeSink, slicesOf } from './publish-batch.ts';
import { framePublished } from './publish-bytes.ts';

function request(count: number): Uint8Array {
  const publishes = Array.from({ length: count }, (_, index) => ({
    requestId: 'r'.repeat(index % 300),
    author: String(index),
  }));
  const [publish, ...more] = publishes;
  const init = publish === undefined ? { more } : { publish, more };
  return toBinary(PublishStreamRequestSchema, create(PublishStreamRequestSchema, init));
}

function refused(message: string): EncodedMessage {
  const outcome = { case: 'refused', value: { code: 9, message } } as const;
  const response = create(PublishStreamResponseSchema, { outcome });
  return new EncodedMessage(toBinary(PublishStreamResponseSchema, response));
}

function sinkOf(): {
  readonly outcomes: OutcomeSink;
  readonly sent: PublishStreamResponse[];
  readonly state: { hasRoom: boolean; drain: () => void };
} {
  const sent: PublishStreamResponse[] = [];
  const state = { hasRoom: true, drain: (): void => undefined };
  const sink = {
    writeEncoded: ({ bytes }: EncodedMessage) => {
      sent.push(fromBinary(PublishStreamResponseSchema, bytes));
      return state.hasRoom;
    },
    onDrain: (callback: () => void) => {
      state.drain = callback;
    },
  };
  return { outcomes: new OutcomeSink(sink as unknown as Sink<PublishStreamResponse>), sent, state };
}

const published = (revision: number): EncodedMessage =>
  EncodedMessage.ofFrame(framePublished({ revision, sequence: 0 }, false));

test('several diffs in a message are what generated code reads in it', () => {
  for (const count of [2, 3, 500, publishesPerMessageMax]) {
    const authors = (slicesOf(request(count)) ?? []).map(
      ({ bytes }) => fromBinary(PublishRequestSchema, bytes).author,
    );
    expect(authors).toEqual(Array.from({ length: count }, (_, index) => String(index)));
  }
});

test('one diff, none, and whatever is not whole are left to others', () => {
  for (const bytes of [
    request(0),
    request(1),
    new Uint8Array([8, 1]),
    new Uint8Array([10]),
    new Uint8Array([18, 0]),
  ])
    expect(slicesOf(bytes)).toBeNull();
  const whole = request(5);
  const cuts = [...whole.keys()].filter((end) => slicesOf(whole.subarray(0, end)) !== null);
  // Cut between two diffs it is a smaller message.
  expect(cuts.length).toBe(3);
});

test('bytes without sense are never taken for diffs beyond their end', () => {
  const random = seededRandom(1);
  for (let run = 0; run < 2_000; run += 1) {
    const bytes = Uint8Array.from({ length: random.below(40) }, () => random.below(24));
    const slices = slicesOf(bytes) ?? [];
    expect(slices.reduce((sum, slice) => sum + slice.bytes.length + 2, 0)).toBeLessThanOrEqual(bytes.length);
  }
});

test('more diffs than a message may hold end the stream', () => {
  expect(() => slicesOf(request(publishesPerMessageMax + 1))).toThrow(/over the limit of 1000/);
});

test('outcomes travel one by one until the client shows that it reads several', () => {
  const { outcomes, sent } = sinkOf();
  outcomes.writeEncoded(published(1));
  outcomes.writeEncoded(refused('no'));
  expect(sent.map(({ outcome, more }) => [outcome.case, more.length])).toEqual([
    ['published', 0],
    ['refused', 0],
  ]);
});

test('outcomes of one turn travel together, in order, whatever their size', async () => {
  const { outcomes, sent } = sinkOf();
  outcomes.join();
  const messages = Array.from({ length: publishesPerMessageMax + 10 }, (_, index) =>
    index % 3 === 0 ? refused('x'.repeat(index * 20)) : published(index),
  );
  for (const message of messages) outcomes.writeEncoded(message);
  await Promise.resolve();
  expect(sent.map(({ more }) => 1 + more.length)).toEqual([publishesPerMessageMax, 10]);
  const told = sent.flatMap(({ outcome, more }) => [outcome, ...more.map((each) => each.outcome)]);
  expect(told).toEqual(messages.map(({ bytes }) => fromBinary(PublishStreamResponseSchema, bytes).outcome));
  outcomes.writeEncoded(published(7));
  await Promise.resolve();
  expect(sent.length).toBe(3);
});

test('a sink that is full says so until it has drained', async () => {
  const { outcomes, sent, state } = sinkOf();
  let drained = 0;
  outcomes.onDrain(() => (drained += 1));
  outcomes.join();
  state.hasRoom = false;
  expect(outcomes.writeEncoded(published(1))).toBe(true);
  await Promise.resolve();
  expect(outcomes.writeEncoded(published(2))).toBe(false);
  await Promise.resolve();
  state.hasRoom = true;
  state.drain();
  expect([drained, sent.length]).toEqual([1, 2]);
  expect(outcomes.writeEncoded(published(3))).toBe(true);
});
