/**
 * Goal: nothing that can be sent to the port harms the broker, and what is wrong is said. Method: requests by hand on bare
 * HTTP/2 and bare sockets; after each kind of abuse an ordinary call must still be served. Random bytes come from a seed.
 */
import { toBinary } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import type { ClientHttp2Session } from 'node:http2';
import { gzipSync, gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { EchoClient } from '../support/echo-client.ts';
import { type EchoServer, startEchoServer, until } from '../support/echo-server.ts';
import { EchoRequestSchema } from '../support/gen/echo_pb.ts';
import {
  callRaw,
  grpcHeaders,
  http2Preface as preface,
  openSession,
  rawFrame,
  sendBytes,
  statusOf,
} from '../support/raw-grpc.ts';

describe.each(['node', 'own'] as const)('on the engine %s,', (http2) => {
  const hello = toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: 'hello' }));
  let server: EchoServer;
  let session: ClientHttp2Session;
  beforeAll(async () => {
    server = await startEchoServer({
      http2,
      limits: {
        messageBytesMax: 1024 * 1024,
        incompleteRequestBytesMax: 1_500_000,
        metadataBytesMax: 8_192,
        firstBytesMsMax: 200,
        httpHeadersMsMax: 300,
        httpRequestMsMax: 600,
        streamsPerConnectionMax: 50,
      },
    });
    session = await openSession(server.port);
  });
  afterAll(async () => {
    session.destroy();
    await server.transport.close(0);
  });

  /** An ordinary call on a connection of its own. */
  async function expectStillServing(): Promise<void> {
    const client = new EchoClient(server.port);
    expect((await client.unary({ text: 'still here' })).response?.text).toBe('still here');
    client.close();
  }

  describe('a message', () => {
    afterEach(expectStillServing);

    test('may come byte by byte', async () => {
      const bytes = [...rawFrame(hello)].map((byte) => Uint8Array.of(byte));
      const reply = await callRaw(session, grpcHeaders(), bytes);
      expect(statusOf(reply).code).toBe('0');
      expect(reply.body.subarray(5).toString()).toContain('hello');
    });

    test('may share its chunk with others', async () => {
      const path = '/hyperloom.test.v1.EchoService/ClientStream';
      const frame = rawFrame(hello);
      const all = Buffer.concat([frame, frame, frame]);
      const reply = await callRaw(session, grpcHeaders({ ':path': path }), [
        all.subarray(0, 17),
        all.subarray(17),
      ]);
      expect(reply.body.toString()).toContain('hello,hello,hello');
    });

    test('cut off by the end of the stream is refused', async () => {
      const reply = await callRaw(session, grpcHeaders(), [rawFrame(hello, 0, hello.length + 1)]);
      expect(statusOf(reply)).toEqual({ code: '3', message: 'the request ended in the middle of a message' });
    });

    test('with unknown flags is refused', async () => {
      expect(statusOf(await callRaw(session, grpcHeaders(), [rawFrame(hello, 6)])).code).toBe('3');
    });

    test('announced larger than the limit is refused before it comes', async () => {
      const reply = await callRaw(session, grpcHeaders(), [rawFrame(hello, 0, 0xffffffff)]);
      expect(statusOf(reply).code).toBe('8');
      expect(statusOf(reply).message).toContain('4294967295');
    });

    test('that is no encoding of its type is refused', async () => {
      const reply = await callRaw(session, grpcHeaders(), [rawFrame(Uint8Array.of(0x0a, 0xff, 0x01))]);
      expect(statusOf(reply).code).toBe('3');
    });

    test('missing, or one too many, is refused', async () => {
      expect(statusOf(await callRaw(session, grpcHeaders(), [])).code).toBe('12');
      expect(statusOf(await callRaw(session, grpcHeaders(), [rawFrame(hello), rawFrame(hello)])).code).toBe(
        '12',
      );
    });

    test('left incomplete by many streams at once is bounded over all of them', async () => {
      const part = rawFrame(new Uint8Array(400_000), 0, 1_000_000);
      const streams = Array.from({ length: 5 }, () => session.request(grpcHeaders()));
      const heads: unknown[] = [];
      for (const stream of streams) {
        stream.on('error', () => undefined);
        stream.on('response', (head) => heads.push(head['grpc-status']));
        stream.write(part);
      }
      await until(() => heads.length > 0);
      expect(heads).toContain('8');
      for (const stream of streams) stream.close(8);
    });
  });

  describe('compression', () => {
    afterEach(expectStillServing);

    test('that the broker does not know is refused with what it knows', async () => {
      const reply = await callRaw(session, grpcHeaders({ 'grpc-encoding': 'snappy' }), [rawFrame(hello)]);
      expect(statusOf(reply).code).toBe('12');
      expect(reply.headers['grpc-accept-encoding']).toBe('identity,gzip');
    });

    test('that no header announced is refused', async () => {
      expect(statusOf(await callRaw(session, grpcHeaders(), [rawFrame(gzipSync(hello), 1)])).code).toBe('13');
    });

    test('that is none is refused', async () => {
      const headers = grpcHeaders({ 'grpc-encoding': 'gzip' });
      expect(statusOf(await callRaw(session, headers, [rawFrame(hello, 1)])).code).toBe('3');
    });

    test('of zeros a thousand times larger is stopped at the limit', async () => {
      const headers = grpcHeaders({ 'grpc-encoding': 'gzip' });
      const bomb = gzipSync(new Uint8Array(200_000_000));
      expect(bomb.length).toBeLessThan(1024 * 1024);
      const reply = await callRaw(session, headers, [rawFrame(bomb, 1)]);
      expect(statusOf(reply).code).toBe('8');
    });

    test('of replies is used for large ones when the client takes it, and only then', async () => {
      const large = toBinary(EchoRequestSchema, create(EchoRequestSchema, { responseBytes: 300_000 }));
      const plain = await callRaw(session, grpcHeaders(), [rawFrame(large)]);
      expect(plain.headers['grpc-encoding']).toBeUndefined();
      expect(plain.body[0]).toBe(0);
      const accepts = grpcHeaders({ 'grpc-accept-encoding': 'identity,deflate,gzip' });
      const zipped = await callRaw(session, accepts, [rawFrame(large)]);
      expect(zipped.headers['grpc-encoding']).toBe('gzip');
      expect(zipped.body[0]).toBe(1);
      expect(gunzipSync(zipped.body.subarray(5)).equals(plain.body.subarray(5))).toBe(true);
      const small = await callRaw(session, accepts, [rawFrame(hello)]);
      expect(small.body[0]).toBe(0);
    });
  });

  describe('headers', () => {
    afterEach(expectStillServing);

    test.each([
      ['no content type', { 'content-type': '' }, 415],
      ['a content type that is not ours', { 'content-type': 'text/plain' }, 415],
    ])('with %s are refused', async (_name, more, status) => {
      expect((await callRaw(session, grpcHeaders(more), [rawFrame(hello)])).headers[':status']).toBe(status);
    });

    test.each([
      ['application/grpc+proto', 'application/grpc+proto'],
      ['application/grpc;charset=utf-8', 'application/grpc+proto'],
      ['application/grpc', 'application/grpc'],
    ])('with content type %s are served', async (given, answered) => {
      const reply = await callRaw(session, grpcHeaders({ 'content-type': given }), [rawFrame(hello)]);
      expect(reply.headers['content-type']).toBe(answered);
      expect(statusOf(reply).code).toBe('0');
    });

    test('with another method than POST are refused', async () => {
      const reply = await callRaw(session, grpcHeaders({ ':method': 'PUT' }), [rawFrame(hello)]);
      expect(reply.headers[':status']).toBe(405);
    });

    test('without te are refused, since a proxy may be dropping trailers', async () => {
      const { te: _te, ...headers } = grpcHeaders();
      expect(statusOf(await callRaw(session, headers, [rawFrame(hello)])).code).toBe('3');
    });

    test.each(['', '5', 'S', '-1S', '123456789S', '1.5S', '1s', '٣S'])(
      'with grpc-timeout %j are refused',
      async (value) => {
        const reply = await callRaw(session, grpcHeaders({ 'grpc-timeout': value }), [rawFrame(hello)]);
        expect(statusOf(reply).code).toBe('3');
      },
    );

    test.each(['99999999H', '5M', '60S', '10000m', '9000000u', '99999999n'])(
      'with grpc-timeout %s are served',
      async (value) => {
        const reply = await callRaw(session, grpcHeaders({ 'grpc-timeout': value }), [rawFrame(hello)]);
        expect(statusOf(reply).code).toBe('0');
      },
    );

    test('with a deadline that has passed are answered without bothering the service', async () => {
      const reply = await callRaw(session, grpcHeaders({ 'grpc-timeout': '0n' }), [rawFrame(hello)]);
      expect(statusOf(reply).code).toBe('4');
    });

    test('larger than the limit are refused', async () => {
      const own = await openSession(server.port);
      const reply = await callRaw(own, grpcHeaders({ 'x-large': 'v'.repeat(20_000) }), [rawFrame(hello)]);
      expect(statusOf(reply).code).not.toBe('0');
      expect(reply.body.length).toBe(0);
      own.destroy();
    });

    test('in too great a number are refused', async () => {
      const own = await openSession(server.port);
      const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, '1']));
      const reply = await callRaw(own, grpcHeaders(many), [rawFrame(hello)]);
      expect(statusOf(reply).code).not.toBe('0');
      own.destroy();
    });

    test('with binary metadata that is no base64 show the service none', async () => {
      const reply = await callRaw(session, grpcHeaders({ 'x-echo-bin': '!!' }), [rawFrame(hello)]);
      expect(statusOf(reply).code).toBe('0');
    });

    test.each(['/%', '/%zz/%', '/hyperloom.test.v1.EchoService/%E0%A4%A', '/'])(
      'with the path %s are refused',
      async (path) => {
        expect(statusOf(await callRaw(session, grpcHeaders({ ':path': path }), [rawFrame(hello)])).code).toBe(
          '12',
        );
        const web = { ':method': 'POST', ':path': path, 'content-type': 'application/json' };
        expect((await callRaw(session, web, [Buffer.from('{}')])).headers[':status']).toBeGreaterThanOrEqual(
          400,
        );
      },
    );
  });

  describe('a connection', () => {
    afterEach(expectStillServing);

    test('that says nothing is closed', async () => {
      expect((await sendBytes(server.port, new Uint8Array(0))).length).toBe(0);
    });

    test('that stops within the preface is closed', async () => {
      expect((await sendBytes(server.port, preface.subarray(0, 10))).length).toBe(0);
    });

    test('that sends HTTP/1.1 headers too slowly is closed', async () => {
      const answer = await sendBytes(server.port, Buffer.from('POST / HTTP/1.1\r\nHost: x\r\nX-Slow: '));
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
    });

    test('that sends its HTTP/1.1 body too slowly is closed', async () => {
      const head =
        'POST /hyperloom.test.v1.EchoService/Unary HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
      const answer = await sendBytes(server.port, Buffer.from(head));
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
    });

    test('that speaks no known protocol is told so and closed', async () => {
      const answer = await sendBytes(
        server.port,
        Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
      );
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    });

    test('that sends nonsense after the preface is closed', async () => {
      const answer = await sendBytes(server.port, Buffer.concat([preface, Buffer.alloc(100, 0xff)]));
      expect(answer.toString('latin1')).not.toContain('HTTP/1.1');
    });

    test('whose preface comes byte by byte is served', async () => {
      const { connect } = await import('node:net');
      const socket = connect(server.port, '127.0.0.1');
      socket.setNoDelay(true);
      for (const byte of preface) {
        await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
      expect(answer[3]).toBe(4);
      socket.destroy();
    });

    test('that is lost in the middle of calls cancels them', async () => {
      const own = await openSession(server.port);
      const hang = rawFrame(toBinary(EchoRequestSchema, create(EchoRequestSchema, { hang: true })));
      const before = server.echo.cancelled.length;
      for (let index = 0; index < 5; index += 1) {
        const stream = own.request(grpcHeaders());
        stream.on('error', () => undefined);
        stream.end(hang);
      }
      await new Promise((resolve) => own.ping(resolve));
      own.destroy();
      await until(() => server.echo.cancelled.length === before + 5);
      expect(new Set(server.echo.cancelled.slice(before))).toEqual(new Set(['Unary']));
    });

    test('gets no more streams at once than the limit', async () => {
      const own = await openSession(server.port);
      expect(own.remoteSettings.maxConcurrentStreams).toBe(50);
      own.destroy();
    });
  });

  test('random bytes on the port, with and without a preface, leave the broker serving', async () => {
    const seed = 20_261_121;
    console.log(`seed ${seed}`);
    const random = seededRandom(seed);
    const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random.below(256)));
    const valid = Buffer.concat([preface, Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);
    for (let round = 0; round < 30; round += 1) {
      const sent = Array.from({ length: 8 }, () => {
        const noise = bytes(random.below(2_000));
        return sendBytes(server.port, random.below(2) === 0 ? noise : Buffer.concat([valid, noise]), true);
      });
      await Promise.all(sent);
    }
    await expectStillServing();
    expect(server.mistakes).toEqual([]);
    await expectStillServing();
  });

  test('random frames of gRPC get an answer each, and leave the broker serving', async () => {
    const seed = 7;
    console.log(`seed ${seed}`);
    const random = seededRandom(seed);
    for (let round = 0; round < 300; round += 1) {
      const payload = Buffer.from(Array.from({ length: random.below(64) }, () => random.below(256)));
      const length = random.below(4) === 0 ? random.below(2 ** 32) : payload.length;
      const path = `/hyperloom.test.v1.EchoService/${['Unary', 'ClientStream', 'ServerStream'][random.below(3)]}`;
      const headers = grpcHeaders({
        ':path': path,
        'grpc-encoding': random.below(2) === 0 ? 'gzip' : 'identity',
        'grpc-timeout': '2S',
      });
      const reply = await callRaw(session, headers, [rawFrame(payload, random.below(3), length)]);
      expect(statusOf(reply).code).toMatch(/^\d+$/);
      expect(statusOf(reply).code).not.toBe('2');
    }
    expect(server.mistakes).toEqual([]);
    await expectStillServing();
  });
});
