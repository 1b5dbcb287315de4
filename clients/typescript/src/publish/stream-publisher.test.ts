/**
 * Goal: diffs keep their order, are answered each once, and survive broken streams without being sent out of order or forgotten.
 * Method: a scripted stream and a clock that is moved by hand; the frames that were written are decoded by generated code.
 */
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../diagnostics.ts';
import {
  CancelledError,
  DeadlineExceededError,
  HyperloomError,
  InvalidRequestError,
  makeError,
  PreconditionFailedError,
  ResourceExhaustedError,
  type Code,
} from '../errors.ts';
import {
  PublishStreamRequestSchema,
  PublishStreamResponseSchema,
} from '../gen/hyperloom/v1/context_service_pb.ts';
import { publishesQueuedMax } from '../limits.ts';
import { FrameReader } from '../node-transport/frame-reader.ts';
import { operation } from '../operation.ts';
import { ManualClock, settled } from '../testing/manual-clock.ts';
import type { StreamReceiver } from '../transport.ts';
import type { Diff, OutcomeObserver, Published } from './diff.ts';
import { StreamPublisher } from './stream-publisher.ts';

const observer: OutcomeObserver = { onPublished: () => undefined };

/** One stream as the broker sees it. */
class FakeStream {
  readonly receiver: StreamReceiver;
  writes = 0;
  cancelled = false;
  readonly ids: string[] = [];
  readonly #reader = new FrameReader((bytes, start, end) => {
    this.ids.push(
      fromBinary(PublishStreamRequestSchema, bytes.subarray(start, end)).publish?.requestId ?? '',
    );
  });

  constructor(receiver: StreamReceiver) {
    this.receiver = receiver;
  }

  write(frames: Uint8Array): void {
    this.writes += 1;
    this.#reader.push(frames);
  }

  cancel(): void {
    this.cancelled = true;
  }

  answer(outcome: NonNullable<MessageInitShape<typeof PublishStreamResponseSchema>['outcome']>): void {
    const bytes = toBinary(PublishStreamResponseSchema, create(PublishStreamResponseSchema, { outcome }));
    this.receiver.onMessage(bytes, 0, bytes.length);
  }

  accept(revision: number): void {
    this.answer({ case: 'published', value: { revision: BigInt(revision) } });
  }

  break(code: Code = 'UNAVAILABLE'): void {
    this.receiver.onEnd(makeError({ code, message: 'broken by the test' }));
  }
}

function setUp(options: { inFlightMax?: number; bytesInFlightMax?: number; retry?: boolean } = {}) {
  const clock = new ManualClock();
  const streams: FakeStream[] = [];
  const diagnostics: Diagnostic[] = [];
  const publisher = new StreamPublisher({
    open: (receiver) => {
      const stream = new FakeStream(receiver);
      streams.push(stream);
      return stream;
    },
    clock,
    random: () => 0.5,
    retry: true,
    inFlightMax: 100,
    bytesInFlightMax: 1_000_000,
    diagnostics: (diagnostic) => diagnostics.push(diagnostic),
    ...options,
  });
  const publish = (id: string, limits = {}, text = 'x'): Promise<Published> =>
    publisher.publish(diffOf(id, text), { timeoutMs: 10_000, ...limits }, observer);
  return { clock, streams, diagnostics, publisher, publish };
}

function diffOf(requestId: string, text: string): Diff {
  const nothing = {
    preconditions: [],
    author: 'agent',
    label: '',
    basis: [],
    forest: '',
    ghostId: '',
    fencingTokens: [],
    edition: 0,
    traceParent: '',
    lockWaitMs: 0,
  };
  return { ...nothing, requestId, operations: [operation.put('/a', text)] };
}

/** The outcome as a word, so that whole runs can be compared. */
function told(outcome: Promise<Published>): Promise<string> {
  return outcome.then(
    (published) => `revision ${published.revision}`,
    (error: unknown) => (error instanceof HyperloomError ? error.code : String(error)),
  );
}

describe('order and batching', () => {
  test('what is published in one turn goes out in one write, and outcomes find their callers in order', async () => {
    const { clock, streams, publish } = setUp();
    const outcomes = ['1', '2', '3'].map((id) => told(publish(id)));
    expect(streams).toHaveLength(0);
    clock.endTurn();
    const stream = only(streams);
    expect(stream.writes).toBe(1);
    expect(stream.ids).toEqual(['1', '2', '3']);
    for (const revision of [7, 8, 9]) stream.accept(revision);
    expect(await Promise.all(outcomes)).toEqual(['revision 7', 'revision 8', 'revision 9']);
  });

  test('a refusal is one diff’s outcome and does not disturb its neighbours', async () => {
    const { clock, streams, publish } = setUp();
    const outcomes = ['1', '2', '3'].map((id) => publish(id));
    const second = outcomes[1];
    second?.catch(() => undefined);
    clock.endTurn();
    const stream = only(streams);
    stream.accept(1);
    stream.answer({
      case: 'refused',
      value: { code: 10, message: 'no', reason: 'PRECONDITION_FAILED', metadata: { path: '/a' } },
    });
    stream.accept(2);
    expect(await outcomes[0]).toEqual({ revision: 1, sequence: 0, repeated: false, edition: 0 });
    await expect(second).rejects.toThrow(PreconditionFailedError);
    await expect(second).rejects.toMatchObject({ reason: 'PRECONDITION_FAILED', metadata: { path: '/a' } });
    expect(await outcomes[2]).toMatchObject({ revision: 2 });
  });

  test('a message over the limit is refused here and sent to nobody', async () => {
    const { clock, streams, publish } = setUp();
    await expect(publish('1', {}, 'x'.repeat(17 * 1024 * 1024))).rejects.toThrow(InvalidRequestError);
    clock.endTurn();
    expect(streams).toHaveLength(0);
  });
});

describe('the window', () => {
  test('no more than the window is in flight; the rest goes out as outcomes come', async () => {
    const { clock, streams, publisher, publish } = setUp({ inFlightMax: 2 });
    const outcomes = ['1', '2', '3', '4', '5'].map((id) => told(publish(id)));
    clock.endTurn();
    const stream = only(streams);
    expect(stream.ids).toEqual(['1', '2']);
    let ready = false;
    void publisher.ready().then(() => (ready = true));
    stream.accept(1);
    clock.endTurn();
    expect(stream.ids).toEqual(['1', '2', '3']);
    for (const revision of [2, 3]) {
      stream.accept(revision);
      clock.endTurn();
    }
    await settled();
    expect(ready).toBe(false);
    stream.accept(4);
    await settled();
    expect(ready).toBe(true);
    clock.endTurn();
    stream.accept(5);
    await publisher.flush();
    expect(await Promise.all(outcomes)).toHaveLength(5);
    expect(stream.ids).toEqual(['1', '2', '3', '4', '5']);
  });

  test('the window counts bytes too, but one diff larger than it still goes', async () => {
    const { clock, streams, publish } = setUp({ bytesInFlightMax: 100 });
    const outcomes = [told(publish('1', {}, 'x'.repeat(500))), told(publish('2'))];
    clock.endTurn();
    const stream = only(streams);
    expect(stream.ids).toEqual(['1']);
    stream.accept(1);
    clock.endTurn();
    expect(stream.ids).toEqual(['1', '2']);
    stream.accept(2);
    expect(await Promise.all(outcomes)).toEqual(['revision 1', 'revision 2']);
  });

  test('who never waits is refused before the memory fills', async () => {
    const { publisher, publish } = setUp();
    const outcomes: Promise<string>[] = [];
    for (let count = 0; count < publishesQueuedMax; count += 1) outcomes.push(told(publish(String(count))));
    await expect(publish('one too many')).rejects.toThrow(ResourceExhaustedError);
    publisher.close();
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['CANCELLED']));
  });
});

test('a flush waits for what was published before it, and for nothing that comes later', async () => {
  const { clock, streams, publisher, publish } = setUp();
  const flushed: string[] = [];
  for (const id of ['1', '2', '3']) {
    void told(publish(id));
    void publisher.flush().then(() => flushed.push(id));
  }
  void told(publish('4'));
  clock.endTurn();
  only(streams).accept(1);
  await settled();
  expect(flushed).toEqual(['1']);
  only(streams).accept(2);
  only(streams).accept(3);
  await settled();
  expect(flushed).toEqual(['1', '2', '3']);
  publisher.close();
});

describe('broken streams', () => {
  test('what has no outcome goes out again, in order, after a pause', async () => {
    const { clock, streams, diagnostics, publish } = setUp();
    const outcomes = ['1', '2', '3'].map((id) => told(publish(id)));
    clock.endTurn();
    only(streams).accept(1);
    only(streams).break();
    const late = told(publish('4'));
    clock.endTurn();
    expect(streams).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ kind: 'publish_stream_lost', resending: 2 }]);
    await clock.advance(3_000);
    expect(streams[1]?.ids).toEqual(['2', '3', '4']);
    for (const revision of [2, 3, 4]) streams[1]?.accept(revision);
    expect(await Promise.all([...outcomes, late])).toEqual([
      'revision 1',
      'revision 2',
      'revision 3',
      'revision 4',
    ]);
  });

  test('outcomes of a stream that was given up are not taken for those of the next', async () => {
    const { clock, streams, publish } = setUp();
    const outcomes = ['1', '2'].map((id) => told(publish(id)));
    clock.endTurn();
    const first = only(streams);
    first.break();
    first.accept(100);
    first.break();
    await clock.advance(3_000);
    expect(streams).toHaveLength(2);
    streams[1]?.accept(1);
    streams[1]?.accept(2);
    expect(await Promise.all(outcomes)).toEqual(['revision 1', 'revision 2']);
  });

  test('a broker that cannot write just now is asked again from that diff on', async () => {
    const { clock, streams, publish } = setUp();
    const outcomes = ['1', '2', '3'].map((id) => told(publish(id)));
    clock.endTurn();
    const first = only(streams);
    first.accept(1);
    first.answer({ case: 'refused', value: { code: 14, message: 'stopping', reason: 'NOT_SERVING' } });
    first.accept(99);
    expect(first.cancelled).toBe(true);
    await clock.advance(3_000);
    expect(streams[1]?.ids).toEqual(['2', '3']);
    streams[1]?.accept(2);
    streams[1]?.accept(3);
    expect(await Promise.all(outcomes)).toEqual(['revision 1', 'revision 2', 'revision 3']);
  });

  test('without retries a broken stream fails what is in flight', async () => {
    const { clock, streams, publish } = setUp({ retry: false });
    const outcomes = ['1', '2'].map((id) => told(publish(id)));
    clock.endTurn();
    only(streams).break();
    expect(await Promise.all(outcomes)).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
  });

  test('being refused access fails everything at once', async () => {
    const { clock, streams, publish } = setUp();
    const outcomes = ['1', '2'].map((id) => told(publish(id)));
    clock.endTurn();
    only(streams).break('PERMISSION_DENIED');
    expect(await Promise.all(outcomes)).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED']);
    expect(clock.timers).toBe(0);
  });

  test('a diff that breaks every stream is given up, and those behind it go on', async () => {
    const { clock, streams, publish } = setUp();
    const outcomes = ['poison', '2'].map((id) => told(publish(id, { timeoutMs: 60_000 })));
    clock.endTurn();
    // That the broker is away says nothing about what is sent to it.
    const breaks = Array.from({ length: 12 }, (_, at) => (at % 4 === 0 ? 'UNAVAILABLE' : 'INTERNAL'));
    for (const [count, code] of breaks.entries()) {
      expect(streams[count]?.ids).toEqual(['poison', '2']);
      streams[count]?.break(code);
      await clock.advance(1_500);
    }
    expect(streams[12]?.ids).toEqual(['2']);
    streams[12]?.accept(1);
    expect(await Promise.all(outcomes)).toEqual(['INTERNAL', 'revision 1']);
  });
});

describe('callers that stop waiting', () => {
  test('a deadline ends the wait, and the outcome that still comes is nobody else’s', async () => {
    const { clock, streams, publish } = setUp();
    const hasty = publish('1', { timeoutMs: 50 });
    hasty.catch(() => undefined);
    const patient = told(publish('2'));
    clock.endTurn();
    await clock.advance(60);
    await expect(hasty).rejects.toThrow(DeadlineExceededError);
    only(streams).accept(1);
    only(streams).accept(2);
    expect(await patient).toBe('revision 2');
  });

  test('the error of a deadline tells why the broker was not reached', async () => {
    const { clock, streams, publish } = setUp();
    const outcome = publish('1', { timeoutMs: 30 });
    outcome.catch(() => undefined);
    clock.endTurn();
    only(streams).break();
    await clock.advance(31);
    await expect(outcome).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      cause: { code: 'UNAVAILABLE' },
    });
  });

  test('an abort before the diff was sent keeps it from being sent', async () => {
    const { clock, streams, publish } = setUp({ inFlightMax: 1 });
    const first = told(publish('1'));
    const controller = new AbortController();
    const second = publish('2', { signal: controller.signal });
    const third = told(publish('3'));
    clock.endTurn();
    controller.abort(new Error('changed my mind'));
    await expect(second).rejects.toThrow('changed my mind');
    const stream = only(streams);
    stream.accept(1);
    clock.endTurn();
    stream.accept(2);
    expect(await Promise.all([first, third])).toEqual(['revision 1', 'revision 2']);
    expect(stream.ids).toEqual(['1', '3']);
  });

  test('an abort after it was sent does not shift the outcomes of the others, not even over a lost stream', async () => {
    const { clock, streams, publish } = setUp();
    const controller = new AbortController();
    const first = publish('1', { signal: controller.signal });
    const second = told(publish('2'));
    clock.endTurn();
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    only(streams).break();
    await clock.advance(3_000);
    expect(streams[1]?.ids).toEqual(['2']);
    streams[1]?.accept(5);
    expect(await second).toBe('revision 5');
  });

  test('closing fails everything that has no outcome, and refuses what comes later', async () => {
    const { clock, streams, publisher, publish } = setUp();
    const outcome = publish('1');
    outcome.catch(() => undefined);
    clock.endTurn();
    publisher.close();
    await expect(outcome).rejects.toThrow(CancelledError);
    await expect(publish('2')).rejects.toThrow(CancelledError);
    expect(only(streams).cancelled).toBe(true);
    await publisher.flush();
  });
});

function only(streams: readonly FakeStream[]): FakeStream {
  const [stream] = streams;
  if (stream === undefined || streams.length > 1)
    throw new Error(`expected one stream, there are ${streams.length}`);
  return stream;
}
