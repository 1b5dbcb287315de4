/**
 * Goal: gRPC clients get from the transport what the protocol promises. Method: the real server on a real socket, called by
 * grpc-js, which shares no code with it; where a client of good manners cannot do what is tested, by bare `node:http2`.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { compressionAlgorithms, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../src/gen/google/rpc/status_pb.ts';
import { create } from '@bufbuild/protobuf';
import { collect, EchoClient, first } from '../support/echo-client.ts';
import { type EchoServer, startEchoServer, until } from '../support/echo-server.ts';
import { EchoRequestSchema, type EchoResponse } from '../support/gen/echo_pb.ts';

describe.each(['node', 'own'] as const)('on the engine %s,', (http2) => {
  let server: EchoServer;
  let client: EchoClient;
  beforeAll(async () => {
    server = await startEchoServer({ http2, limits: { messageBytesMax: 1024 * 1024 } });
    client = new EchoClient(server.port, { 'grpc.max_receive_message_length': -1 });
  });
  afterAll(async () => {
    client.close();
    await server.transport.close(0);
  });
  afterEach(() => {
    server.echo.cancelled.length = 0;
  });

  describe('a gRPC call', () => {
    test('with one request and one reply', async () => {
      const { response } = await client.unary({ text: 'hello', payload: Uint8Array.of(1, 2, 3) });
      expect(response?.text).toBe('hello');
      expect([...(response?.payload ?? [])]).toEqual([1, 2, 3]);
    });

    test('with an empty request message', async () => {
      const { response, error } = await client.unary({});
      expect(error).toBeUndefined();
      expect(response?.text).toBe('');
    });

    test('with a reply that takes many frames and more than one flow-control window', async () => {
      const { response } = await client.unary({ responseBytes: 5_000_000 });
      expect(response?.payload.length).toBe(5_000_000);
    });

    test('with a request that takes many frames', async () => {
      const payload = new Uint8Array(900_000).map((_, index) => index % 251);
      const { response } = await client.unary({ payload });
      expect(Buffer.from(response?.payload ?? []).equals(payload)).toBe(true);
    });

    test('with a stream of replies, in order', async () => {
      const { messages, status: ended } = await collect(client.serverStream({ count: 5_000, text: 'x' }));
      expect(messages.map((message) => message.count)).toEqual(
        Array.from({ length: 5_000 }, (_, index) => index + 1),
      );
      expect(ended.code).toBe(status.OK);
    });

    test('with a stream of no replies', async () => {
      const { messages, status: ended } = await collect(client.serverStream({ count: 0 }));
      expect(messages).toEqual([]);
      expect(ended.code).toBe(status.OK);
    });

    test('with a stream of requests', async () => {
      const texts = Array.from({ length: 1_000 }, (_, index) => String(index));
      const { response } = await client.clientStream(texts.map((text) => ({ text })));
      expect(response?.count).toBe(1_000);
      expect(response?.text).toBe(texts.join(','));
    });

    test('with streams both ways, each reply before the next request', async () => {
      const call = client.bidiStream();
      for (let index = 0; index < 20; index += 1) {
        call.write(create(EchoRequestSchema, { text: String(index) }));
        expect((await first<EchoResponse>(call, 'data')).text).toBe(String(index));
      }
      call.end();
      call.resume();
      await first(call, 'end');
    });

    test('with streams both ways, many in flight, where replies are larger than any buffer', async () => {
      const call = client.bidiStream();
      const collected = collect(call);
      for (let index = 0; index < 400; index += 1) {
        call.write(create(EchoRequestSchema, { count: index, responseBytes: 20_000 }));
      }
      call.end();
      const { messages } = await collected;
      expect(messages.map((message) => message.count)).toEqual(
        Array.from({ length: 400 }, (_, index) => index),
      );
    });

    test('reaches the service with its metadata, text and binary', async () => {
      const metadata = new Metadata();
      metadata.set('X-Echo', 'value');
      metadata.set('x-echo-bin', Buffer.from([0, 255, 128, 7]));
      const { response } = await client.unary({}, metadata);
      expect(response?.metadata).toBe('value');
      expect([...(response?.binaryMetadata ?? [])]).toEqual([0, 255, 128, 7]);
    });

    test('in a hundred streams at once on one connection', async () => {
      const calls = Array.from({ length: 100 }, (_, index) => client.unary({ text: String(index) }));
      const texts = (await Promise.all(calls)).map((outcome) => outcome.response?.text);
      expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
    });
  });

  describe('a refusal', () => {
    test('carries code, message with any characters, and details', async () => {
      const { error } = await client.unary({ text: 'Grüße, 100 %\n世界', refuseWith: 'ABORTED' });
      expect(error?.code).toBe(status.ABORTED);
      expect(error?.details).toBe('refused: Grüße, 100 %\n世界');
      const info = detailOf(error);
      expect(info?.reason).toBe('ASKED_TO');
      expect(info?.metadata['text']).toBe('Grüße, 100 %\n世界');
    });

    test('after replies comes behind all of them', async () => {
      const { messages, status: ended } = await collect(
        client.serverStream({ count: 300, refuseWith: 'OUT_OF_RANGE', text: 'end' }),
      );
      expect(messages.length).toBe(300);
      expect(ended.code).toBe(status.OUT_OF_RANGE);
      expect(ended.details).toBe('refused: end');
    });

    test('in the middle of a stream of requests ends the call at once', async () => {
      const { error } = await client.clientStream([
        { text: 'a' },
        { refuseWith: 'PERMISSION_DENIED' },
        { text: 'b' },
      ]);
      expect(error?.code).toBe(status.PERMISSION_DENIED);
    });

    test('with a message and details that no client would take is shortened', async () => {
      const { error } = await client.unary({ text: 'é'.repeat(50_000), refuseWith: 'NOT_FOUND' });
      expect(error?.code).toBe(status.NOT_FOUND);
      expect(error?.details.length).toBeGreaterThan(500);
      expect(error?.details.endsWith('…')).toBe(true);
    });

    test("of the service's own mistake tells nothing of it and reaches the log", async () => {
      const before = server.mistakes.length;
      for (const outcome of [
        await client.unary({ crash: true }),
        await client.clientStream([{ crash: true }]),
      ]) {
        expect(outcome.error?.code).toBe(status.INTERNAL);
        expect(outcome.error?.details).not.toContain('secret');
      }
      const { status: ended } = await collect(client.serverStream({ count: 1, crash: true }));
      expect(ended.code).toBe(status.INTERNAL);
      expect(server.mistakes.slice(before).map(String)).toEqual(
        Array(3).fill('TypeError: a secret of the implementation'),
      );
    });

    test('answers a method that does not exist', async () => {
      const { error } = await client.unary({}, new Metadata(), { method: 'Nothing' });
      expect(error?.code).toBe(status.UNIMPLEMENTED);
    });

    test('answers a request larger than the limit', async () => {
      const { error } = await client.unary({ payload: new Uint8Array(1024 * 1024 + 1) });
      expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
      expect(error?.details).toContain('1048576');
    });
  });

  describe('the deadline of a call', () => {
    test('that passes while the service works ends it and tells the service', async () => {
      const { error } = await client.unary({ hang: true }, new Metadata(), { deadline: Date.now() + 60 });
      expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
      await until(() => server.echo.cancelled.length === 1);
    });

    test('that passes in the middle of a stream ends it behind what was sent', async () => {
      const { messages, status: ended } = await collect(
        client.serverStream({ count: 3, hang: true }, { deadline: Date.now() + 150 }),
      );
      expect(messages.length).toBe(3);
      expect(ended.code).toBe(status.DEADLINE_EXCEEDED);
      await until(() => server.echo.cancelled.length === 1);
    });
  });

  describe('a cancelled call', () => {
    test('is known to the service, whatever its kind', async () => {
      const streaming = client.serverStream({ count: 1, hang: true });
      streaming.on('error', () => undefined);
      await first(streaming, 'data');
      streaming.cancel();
      await until(() => server.echo.cancelled.includes('ServerStream'));
      const both = client.bidiStream();
      both.on('error', () => undefined);
      both.write(create(EchoRequestSchema, { hang: true }));
      await first(both, 'data');
      both.cancel();
      await until(() => server.echo.cancelled.length === 2);
      expect(server.echo.cancelled).toEqual(['ServerStream', 'BidiStream']);
    });

    test('is known while the client does not read', async () => {
      const unread = client.serverStream({ count: 100_000, responseBytes: 10_000 });
      unread.on('error', () => undefined);
      await first(unread, 'metadata');
      unread.cancel();
      await until(() => server.echo.cancelled.length === 1);
      expect(server.echo.cancelled).toEqual(['ServerStream']);
    });
  });

  describe('backpressure', () => {
    test('keeps what waits for a slow reader near the high-water mark', async () => {
      const stream = client.serverStream({ count: 2_000, responseBytes: 10_000 });
      const { messages } = await collect(stream);
      expect(messages.length).toBe(2_000);
      expect(server.echo.queuedBytesMax()).toBeLessThan(256 * 1024 + 20_100);
    });
  });

  describe('compression', () => {
    test('of requests is understood, for one message and for many', async () => {
      const options = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
      const zipping = new EchoClient(server.port, options);
      const payload = new Uint8Array(200_000).fill(7);
      expect((await zipping.unary({ payload })).response?.payload.length).toBe(200_000);
      const texts = Array.from({ length: 50 }, (_, index) => String(index));
      const { response } = await zipping.clientStream(texts.map((text) => ({ text, payload })));
      expect(response?.text).toBe(texts.join(','));
      zipping.close();
    });

    test('of requests does not get round the size limit', async () => {
      const options = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
      const zipping = new EchoClient(server.port, options);
      const { error } = await zipping.unary({ payload: new Uint8Array(3_000_000) });
      expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
      zipping.close();
    });
  });

  function detailOf(error: ServiceError | undefined) {
    const [bytes] = error?.metadata.get('grpc-status-details-bin') ?? [];
    if (!(bytes instanceof Buffer)) return undefined;
    const [detail] = fromBinary(StatusSchema, bytes).details;
    return detail === undefined ? undefined : anyUnpack(detail, ErrorInfoSchema);
  }

  test('a service that does not stop writing to a client that does not read is cut off at the limit', async () => {
    const own = await startEchoServer({
      http2,
      limits: { replyBytesQueuedMax: 100_000, replyBytesHighWater: 10_000_000 },
    });
    const ownClient = new EchoClient(own.port);
    const stream = ownClient.serverStream({ count: 100, responseBytes: 50_000 });
    const { status: ended } = await collect(stream);
    expect(ended.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(own.echo.cancelled).toEqual(['ServerStream']);
    ownClient.close();
    await own.transport.close(0);
  });
});
