/**
 * Goal: events that are put together are read by generated code as what they were, in order, and what comes between them stays there.
 * Method: a sink that is driven by hand.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { eventBatchBytesMax } from '../../base/limits.ts';
import {
  type SubscribeResponse,
  SubscribeResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import { EncodedMessage, type Sink } from '../transport.ts';
import { EventSink } from './event-sink.ts';

function event(position: number, label = ''): EncodedMessage {
  const value = { position: BigInt(position), label } as const;
  const message = create(SubscribeResponseSchema, { message: { case: 'event', value } });
  return new EncodedMessage(toBinary(SubscribeResponseSchema, message));
}

function bookmark(position: number): SubscribeResponse {
  const value = { position: BigInt(position) };
  return create(SubscribeResponseSchema, { message: { case: 'bookmark', value } });
}

interface Side {
  readonly events: EventSink;
  readonly sent: SubscribeResponse[];
  readonly encoded: EncodedMessage[];
  readonly state: { hasRoom: boolean; drain: () => void };
}

function sinkOf(isBatching = true): Side {
  const sent: SubscribeResponse[] = [];
  const encoded: EncodedMessage[] = [];
  const state = { hasRoom: true, drain: (): void => undefined };
  const sink: Sink<SubscribeResponse> = {
    queuedBytes: 0,
    write: (message) => {
      sent.push(message);
      return state.hasRoom;
    },
    writeEncoded: (message) => {
      encoded.push(message);
      sent.push(fromBinary(SubscribeResponseSchema, message.bytes));
      return state.hasRoom;
    },
    onDrain: (callback) => {
      state.drain = callback;
    },
  };
  return { events: new EventSink(sink, isBatching), sent, encoded, state };
}

/** The positions in each message. */
function positions(sent: readonly SubscribeResponse[]): number[][] {
  return sent.map(({ message, more }) => {
    if (message.case !== 'event' && message.case !== 'bookmark') throw new Error(`a ${message.case}`);
    return [message.value, ...more].map(({ position }) => Number(position));
  });
}

test('events of one turn travel together, whatever their size', async () => {
  const { events, sent } = sinkOf();
  const labels = Array.from({ length: 200 }, (_, index) => 'x'.repeat(index));
  labels.forEach((label, index) => events.writeEvent(event(index + 1, label)));
  expect(sent).toEqual([]);
  await Promise.resolve();
  expect(positions(sent)).toEqual([labels.map((_, index) => index + 1)]);
  expect(sent[0]?.more.map(({ label }) => label)).toEqual(labels.slice(1));
  events.writeEvent(event(201));
  await Promise.resolve();
  expect(positions(sent)[1]).toEqual([201]);
});

test('a client that did not ask for it is sent one in each message', () => {
  const { events, sent } = sinkOf(false);
  for (const position of [1, 2, 3]) events.writeEvent(event(position));
  expect(positions(sent)).toEqual([[1], [2], [3]]);
});

test('a bookmark stays behind the events that it covers', async () => {
  const { events, sent } = sinkOf();
  events.writeEvent(event(1));
  events.writeEvent(event(2));
  events.write(bookmark(2));
  events.writeEvent(event(3));
  await Promise.resolve();
  expect(positions(sent)).toEqual([[1, 2], [2], [3]]);
  expect(sent.map(({ message }) => message.case)).toEqual(['event', 'bookmark', 'event']);
});

test('no message of several is larger than the limit', async () => {
  const { events, sent, encoded } = sinkOf();
  const large = 'x'.repeat(eventBatchBytesMax / 3);
  for (let position = 1; position <= 5; position += 1) events.writeEvent(event(position, large));
  events.writeEvent(event(6, 'x'.repeat(eventBatchBytesMax * 2)));
  events.writeEvent(event(7));
  await Promise.resolve();
  expect(positions(sent)).toEqual([[1, 2], [3, 4], [5], [6], [7]]);
  for (const [index, { bytes }] of encoded.entries())
    if (index !== 3) expect(bytes.length).toBeLessThanOrEqual(eventBatchBytesMax);
});

test('subscribers that are sent the same share the bytes, and others do not', async () => {
  const [first, second, other, shorter] = [sinkOf(), sinkOf(), sinkOf(), sinkOf()];
  const all = [1, 2, 3, 4].map((position) => event(position));
  const told: readonly (readonly [Side, readonly EncodedMessage[]])[] = [
    [first, all],
    [other, all.filter((_, index) => index !== 1)],
    [second, all],
    [shorter, all.slice(0, 3)],
  ];
  for (const [side, messages] of told) for (const message of messages) side.events.writeEvent(message);
  await Promise.resolve();
  expect(positions(first.sent)).toEqual([[1, 2, 3, 4]]);
  expect(positions(second.sent)).toEqual([[1, 2, 3, 4]]);
  expect(positions(other.sent)).toEqual([[1, 3, 4]]);
  expect(positions(shorter.sent)).toEqual([[1, 2, 3]]);
  const [alike, again] = [sinkOf(), sinkOf()];
  for (const side of [alike, again]) for (const message of all) side.events.writeEvent(message);
  await Promise.resolve();
  expect(alike.encoded[0]).toBe(again.encoded[0]);
});

test('a sink that is full says so until it has drained', async () => {
  const { events, sent, state } = sinkOf();
  let drained = 0;
  events.onDrain(() => (drained += 1));
  state.hasRoom = false;
  expect(events.writeEvent(event(1))).toBe(true);
  await Promise.resolve();
  expect(events.writeEvent(event(2))).toBe(false);
  await Promise.resolve();
  state.hasRoom = true;
  state.drain();
  expect([drained, sent.length]).toEqual([1, 2]);
  expect(events.writeEvent(event(3))).toBe(true);
});
