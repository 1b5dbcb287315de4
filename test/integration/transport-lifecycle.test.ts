/**
 * Goal: connections begin, age and end as clients expect, with and without TLS, and the standard services answer. Method: the
 * real server on real sockets; time is the machine's, shortened by limits, and every wait is for a condition.
 */
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { credentials, status } from '@grpc/grpc-js';
import { connect } from 'node:http2';
import { afterEach, describe, expect, test } from 'vitest';
import {
  Health as HealthService,
  HealthCheckResponse_ServingStatus as Serving,
} from '../../src/gen/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../../src/gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../src/gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { Health } from '../../src/rpc/standard/health.ts';
import { reflectionMethods } from '../../src/rpc/standard/reflection.ts';
import { collect, EchoClient, first } from '../support/echo-client.ts';
import { type EchoServer, startEchoServer, until } from '../support/echo-server.ts';
import { EchoRequestSchema, EchoService } from '../support/gen/echo_pb.ts';
import { http2Preface, openSession, sendBytes } from '../support/raw-grpc.ts';
import { testTls } from '../support/tls.ts';

describe.each(['node', 'own'] as const)('on the engine %s,', (http2) => {
  const running: EchoServer[] = [];
  async function start(...options: Parameters<typeof startEchoServer>): Promise<EchoServer> {
    const [given, tls] = options;
    const server = await startEchoServer({ http2, ...given }, tls);
    running.push(server);
    return server;
  }
  afterEach(async () => {
    for (const server of running.splice(0)) await server.transport.close(0);
  });

  describe('closing', () => {
    test('lets running calls end, and takes no new connections', async () => {
      const server = await start();
      const client = new EchoClient(server.port);
      const call = client.bidiStream();
      call.write(create(EchoRequestSchema, { text: 'before' }));
      await first(call, 'data');
      const closed = server.transport.close(30_000);
      const collected = collect(call);
      call.write(create(EchoRequestSchema, { text: 'after' }));
      call.end();
      const { messages, status: ended } = await collected;
      expect(messages.map((message) => message.text)).toEqual(['after']);
      expect(ended.code).toBe(status.OK);
      await closed;
      expect((await client.unary({})).error?.code).toBe(status.UNAVAILABLE);
      client.close();
    });

    test('tells connections to go away at once', async () => {
      const server = await start();
      const session = await openSession(server.port);
      const goaway = first(session, 'goaway');
      const closed = server.transport.close(30_000);
      expect(await goaway).toBe(0);
      await closed;
    });

    test('gives up calls that outlast the grace, with UNAVAILABLE and word to the service', async () => {
      const server = await start();
      const client = new EchoClient(server.port);
      const collected = collect(client.serverStream({ count: 1, hang: true }));
      await until(() => server.echo.queuedBytesMax() > 0);
      await server.transport.close(50);
      expect((await collected).status.code).toBe(status.UNAVAILABLE);
      expect(server.echo.cancelled).toEqual(['ServerStream']);
      client.close();
    });

    test('does the same for calls of the web protocols', async () => {
      const server = await start();
      const baseUrl = `http://127.0.0.1:${server.port}`;
      const calls = (['1.1', '2'] as const).map((httpVersion) => {
        const client = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion }));
        return client.unary({ hang: true }).catch((error: unknown) => ConnectError.from(error).code);
      });
      await until(() => server.echo.started() === 2);
      await server.transport.close(50);
      expect(await Promise.all(calls)).toEqual([Code.Unavailable, Code.Unavailable]);
    });

    test('ends at once when there is nothing to wait for, and may be asked for twice', async () => {
      const server = await start();
      const session = await openSession(server.port);
      await Promise.all([server.transport.close(600_000), server.transport.close(0)]);
      expect(session.destroyed || session.closed).toBe(true);
    });
  });

  describe('a connection', () => {
    test('is pinged while it is quiet', async () => {
      const server = await start({ limits: { keepaliveMs: 20 } });
      const session = await openSession(server.port);
      let pings = 0;
      session.on('ping', () => {
        pings += 1;
      });
      await until(() => pings >= 3);
      expect(session.destroyed).toBe(false);
      session.destroy();
    });

    test('that does not answer pings is dropped', async () => {
      const server = await start({ limits: { keepaliveMs: 30, keepaliveAnswerMsMax: 30 } });
      const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
      const received = await sendBytes(server.port, Buffer.concat([http2Preface, settings]));
      expect(frameTypes(received)).toContain(6);
    });

    test('without calls is told to go away when it was idle for too long', async () => {
      const server = await start({ limits: { keepaliveMs: 20, connectionIdleMsMax: 60 } });
      const session = await openSession(server.port);
      expect(await first(session, 'goaway')).toBe(0);
      await first(session, 'close');
    });

    test('is told to go away when it has reached its age, and its calls may end', async () => {
      const server = await start({ limits: { connectionAgeMsMax: 60, connectionAgeGraceMs: 30_000 } });
      const session = await openSession(server.port);
      const call = session.request({
        ':method': 'POST',
        ':path': '/hyperloom.test.v1.EchoService/BidiStream',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      await first(session, 'goaway');
      const trailers = first<Record<string, string>>(call, 'trailers');
      call.end();
      call.resume();
      expect((await trailers)['grpc-status']).toBe('0');
      await first(session, 'close');
    });
  });

  describe('with TLS', () => {
    test('gRPC clients are served', async () => {
      const server = await start({}, testTls);
      const client = new EchoClient(server.port, {}, credentials.createSsl(Buffer.from(testTls.certificate)));
      expect((await client.unary({ text: 'secret' })).response?.text).toBe('secret');
      client.close();
    });

    test('web clients are served over both versions of HTTP', async () => {
      const server = await start({}, testTls);
      const baseUrl = `https://localhost:${server.port}`;
      const nodeOptions = { ca: testTls.certificate };
      for (const httpVersion of ['1.1', '2'] as const) {
        const transport = createConnectTransport({ baseUrl, httpVersion, nodeOptions });
        const client = createClient(EchoService, transport);
        expect((await client.unary({ text: httpVersion })).text).toBe(httpVersion);
      }
    });

    test('a client without a certificate of the authority is refused where one is asked for', async () => {
      const server = await start({}, { ...testTls, clientAuthority: testTls.certificate });
      const trusted = { ca: testTls.certificate, cert: testTls.certificate, key: testTls.key };
      const baseUrl = `https://localhost:${server.port}`;
      const known = createClient(EchoService, createGrpcTransport({ baseUrl, nodeOptions: trusted }));
      expect((await known.unary({ text: 'known' })).text).toBe('known');
      const nodeOptions = { ca: testTls.certificate };
      const unknown = createClient(
        EchoService,
        createConnectTransport({ baseUrl, httpVersion: '2', nodeOptions }),
      );
      await expect(unknown.unary({})).rejects.toThrow(ConnectError);
    });

    test('clients without TLS are refused, and the others still served', async () => {
      const server = await start({}, testTls);
      const session = connect(`http://127.0.0.1:${server.port}`);
      session.on('error', () => undefined);
      await first(session, 'close');
      const client = new EchoClient(server.port, {}, credentials.createSsl(Buffer.from(testTls.certificate)));
      expect((await client.unary({ text: 'ok' })).response?.text).toBe('ok');
      client.close();
    });
  });

  describe('health', () => {
    test('knows what is served, and tells those who watch of each change', async () => {
      const health = new Health(['a.Service']);
      const server = await start({ methods: health.methods });
      const client = createClient(
        HealthService,
        createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` }),
      );
      const check = async (service: string) => (await client.check({ service })).status;
      expect(await check('')).toBe(Serving.NOT_SERVING);
      health.setAll(true);
      health.set('a.Service', false);
      expect([await check(''), await check('a.Service')]).toEqual([Serving.SERVING, Serving.NOT_SERVING]);
      const unknown = await client
        .check({ service: 'b' })
        .catch((error: unknown) => ConnectError.from(error).code);
      expect(unknown).toBe(Code.NotFound);
      expect(Object.keys((await client.list({})).statuses).sort()).toEqual(['', 'a.Service']);
      const seen: Serving[] = [];
      for await (const { status: serving } of client.watch({ service: 'a.Service' })) {
        seen.push(serving);
        if (seen.length === 1) health.set('a.Service', true);
        if (seen.length === 2) health.shutDown();
        if (seen.length === 3) break;
      }
      expect(seen).toEqual([Serving.NOT_SERVING, Serving.SERVING, Serving.NOT_SERVING]);
      health.setAll(true);
      expect(await check('')).toBe(Serving.NOT_SERVING);
    });

    test('lets a service be watched before it is known', async () => {
      const health = new Health([]);
      const server = await start({ methods: health.methods });
      const client = createClient(
        HealthService,
        createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` }),
      );
      const seen: Serving[] = [];
      for await (const { status: serving } of client.watch({ service: 'late' })) {
        seen.push(serving);
        if (seen.length === 2) break;
        health.set('late', true);
      }
      expect(seen).toEqual([Serving.SERVICE_UNKNOWN, Serving.SERVING]);
    });
  });

  describe.each([
    ['v1', ServerReflection],
    ['v1alpha', ServerReflectionAlpha as unknown as typeof ServerReflection],
  ])('reflection %s', (_version, service) => {
    async function ask(question: { case: string; value: unknown }) {
      const server = await start({ methods: reflectionMethods([EchoService, HealthService]) });
      const client = createClient(
        service,
        createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` }),
      );
      const asked = (async function* () {
        yield { host: 'h', messageRequest: question } as never;
      })();
      for await (const { messageResponse } of client.serverReflectionInfo(asked)) return messageResponse;
      throw new Error('no answer');
    }

    test('lists the services, itself included', async () => {
      const answer = await ask({ case: 'listServices', value: '' });
      const names =
        answer.case === 'listServicesResponse' ? answer.value.service.map(({ name }) => name) : [];
      expect(names).toEqual([
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
        'hyperloom.test.v1.EchoService',
      ]);
    });

    test.each([
      'hyperloom.test.v1.EchoService',
      'hyperloom.test.v1.EchoService.Unary',
      'hyperloom.test.v1.EchoRequest.text',
    ])('gives descriptors for %s from which a client can be built', async (symbol) => {
      const answer = await ask({ case: 'fileContainingSymbol', value: symbol });
      const bytes = answer.case === 'fileDescriptorResponse' ? answer.value.fileDescriptorProto : [];
      const file = bytes.map((each) => fromBinary(FileDescriptorProtoSchema, each));
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
      expect(registry.getService('hyperloom.test.v1.EchoService')?.methods.length).toBe(5);
    });

    test('finds files by name, and says what it does not find', async () => {
      const found = await ask({ case: 'fileByFilename', value: 'grpc/health/v1/health.proto' });
      expect(found.case).toBe('fileDescriptorResponse');
      const missing = await ask({ case: 'fileByFilename', value: 'no/such.proto' });
      expect(missing.case === 'errorResponse' ? missing.value.errorCode : 0).toBe(status.NOT_FOUND);
      const none = await ask({ case: 'allExtensionNumbersOfType', value: 'hyperloom.test.v1.EchoRequest' });
      expect(none.case === 'allExtensionNumbersResponse' ? none.value.extensionNumber : [0]).toEqual([]);
    });
  });

  /** The types of the HTTP/2 frames in `bytes`, in order. */
  function frameTypes(bytes: Buffer): number[] {
    const types: number[] = [];
    for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
      types.push(bytes[at + 3] ?? -1);
    return types;
  }
});
