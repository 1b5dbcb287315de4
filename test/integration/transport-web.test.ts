/**
 * Goal: every web protocol reaches the same services with the same answers. Method: connect-node's clients over each
 * protocol and HTTP version against the real server, and plain requests for what browsers and curl do.
 */
import { Code, ConnectError, createClient, type Transport as ConnectTransport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { afterAll, describe, expect, test } from 'vitest';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts';
import { type EchoServer, startEchoServer, until } from '../support/echo-server.ts';
import { EchoService } from '../support/gen/echo_pb.ts';
import { callRaw, grpcHeaders, openSession } from '../support/raw-grpc.ts';

describe.each(['node', 'own'] as const)('on the engine %s,', async (http2) => {
  const server: EchoServer = await startEchoServer({
    http2,
    limits: { messageBytesMax: 1024 * 1024 },
    routes: (request, response) => {
      if (request.url === '/crash') throw new Error('a route fails');
      if (request.url !== '/') return false;
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end('plain');
      return true;
    },
  });
  const baseUrl = `http://127.0.0.1:${server.port}`;
  afterAll(() => server.transport.close(0));

  const one = { baseUrl, httpVersion: '1.1' } as const;
  const two = { baseUrl, httpVersion: '2' } as const;
  const transports: readonly (readonly [string, ConnectTransport, boolean])[] = [
    ['Connect with binary over HTTP/1.1', createConnectTransport({ ...one, useBinaryFormat: true }), false],
    ['Connect with JSON over HTTP/1.1', createConnectTransport({ ...one, useBinaryFormat: false }), false],
    ['Connect with GET over HTTP/1.1', createConnectTransport({ ...one, useHttpGet: true }), false],
    ['Connect with JSON over HTTP/2', createConnectTransport({ ...two, useBinaryFormat: false }), true],
    ['gRPC-Web over HTTP/1.1', createGrpcWebTransport(one), false],
    ['gRPC-Web over HTTP/2', createGrpcWebTransport(two), true],
    ['gRPC with binary', createGrpcTransport({ baseUrl }), true],
    ['gRPC with JSON', createGrpcTransport({ baseUrl, useBinaryFormat: false }), true],
  ];

  test.each(transports.filter(([, , bothWays]) => bothWays))(
    '%s serves streams both ways',
    async (_, transport) => {
      const texts: string[] = [];
      for await (const { text } of createClient(EchoService, transport).bidiStream(repeat(100)))
        texts.push(text);
      expect(texts).toEqual(Array.from({ length: 100 }, (_unused, index) => String(index)));
    },
  );

  describe.each(transports)('%s', (name, transport) => {
    const client = createClient(EchoService, transport);

    test('serves calls with one request and one reply', async () => {
      const headers = { 'x-echo': 'seen', 'x-echo-bin': Buffer.from([9, 200]).toString('base64') };
      for (const call of [client.unary, client.lookup]) {
        const response = await call({ text: 'hello', payload: Uint8Array.of(4, 5) }, { headers });
        expect(response.text).toBe('hello');
        expect([...response.payload]).toEqual([4, 5]);
        expect(response.metadata).toBe('seen');
        expect([...response.binaryMetadata]).toEqual([9, 200]);
      }
    });

    test('serves streams of replies', async () => {
      const counts: number[] = [];
      for await (const response of client.serverStream({ count: 500 })) counts.push(response.count);
      expect(counts).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    });

    test('serves streams of requests', async () => {
      const response = await client.clientStream(repeat(100));
      expect(response.count).toBe(100);
    });

    test('carries refusals with their details, also behind replies', async () => {
      const error = await refusal(client.unary({ text: 'é %', refuseWith: 'FAILED_PRECONDITION' }));
      expect(error.code).toBe(Code.FailedPrecondition);
      expect(error.rawMessage).toBe('refused: é %');
      expect(error.findDetails(ErrorInfoSchema).map((info) => info.reason)).toEqual(['ASKED_TO']);
      let received = 0;
      const late = await refusal(
        (async () => {
          for await (const _ of client.serverStream({ count: 5, refuseWith: 'ABORTED' })) received += 1;
        })(),
      );
      expect([received, late.code]).toEqual([5, Code.Aborted]);
    });

    test("keeps the service's own mistakes to itself", async () => {
      const error = await refusal(client.unary({ crash: true }));
      expect(error.code).toBe(Code.Internal);
      expect(error.message).not.toContain('secret');
      expect(String(server.mistakes.at(-1))).toContain('secret');
    });

    test('ends calls at their deadline and tells the service', async () => {
      server.echo.cancelled.length = 0;
      const error = await refusal(client.unary({ hang: true }, { timeoutMs: 80 }));
      expect(error.code).toBe(Code.DeadlineExceeded);
      await until(() => server.echo.cancelled.length === 1);
    });

    test('tells the service of cancelled streams', async () => {
      server.echo.cancelled.length = 0;
      const abort = new AbortController();
      const error = await refusal(
        (async () => {
          for await (const _ of client.serverStream({ count: 1, hang: true }, { signal: abort.signal }))
            abort.abort();
        })(),
      );
      expect(error.code).toBe(Code.Canceled);
      await until(() => server.echo.cancelled.length === 1);
    });

    test('refuses requests larger than the limit', async () => {
      const error = await refusal(client.unary({ payload: new Uint8Array(1024 * 1024 + 1) }));
      expect(error.code).toBe(Code.ResourceExhausted);
    });

    test('answers methods that do not exist', async () => {
      const missing = { ...EchoService.method.unary, name: 'Missing' };
      const call = transport.unary(missing, undefined, undefined, undefined, {});
      expect((await refusal(call)).code).toBe(Code.Unimplemented);
    });
  });

  describe('pages of', () => {
    const path = '/hyperloom.test.v1.EchoService/Unary';
    const post = (origin: string) =>
      fetch(baseUrl + path, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"text":"hi"}',
      });

    test.each(['http://localhost:5173', 'https://127.0.0.1'])('%s may call', async (origin) => {
      const response = await post(origin);
      expect(await response.json()).toEqual({ text: 'hi' });
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    });

    test.each([
      'https://example.org',
      'null',
      'http://localhost.example.org',
      'http://127.0.0.1.example.org',
    ])('%s may not', async (origin) => {
      const response = await post(origin);
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    });

    test('the broker itself may call, whatever it is called', async () => {
      const response = await post(baseUrl);
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    });

    test('an allowed origin may ask first', async () => {
      const response = await fetch(baseUrl + path, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:5173',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-hyperloom',
        },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-methods')).toContain('POST');
      expect(response.headers.get('access-control-allow-headers')).toBe('content-type,x-hyperloom');
    });

    test('configured origins may call, and then only those', async () => {
      const own = await startEchoServer({ http2, origins: ['https://debug.example.org'] });
      const call = (origin: string) =>
        fetch(`http://127.0.0.1:${own.port}${path}`, {
          method: 'POST',
          headers: { origin, 'content-type': 'application/json' },
          body: '{}',
        });
      expect((await call('https://debug.example.org')).status).toBe(200);
      expect((await call('http://localhost:5173')).status).toBe(403);
      await own.transport.close(0);
    });
  });

  describe('plain HTTP', () => {
    test('reaches the routes, and what they leave is not found', async () => {
      expect(await (await fetch(`${baseUrl}/`)).text()).toBe('plain');
      expect((await fetch(`${baseUrl}/nothing`)).status).toBe(404);
      expect(
        (await fetch(`${baseUrl}/hyperloom.test.v1.EchoService/Nothing`, { method: 'POST' })).status,
      ).toBe(404);
    });

    test('survives a route that throws', async () => {
      expect((await fetch(`${baseUrl}/crash`)).status).toBe(500);
      expect(String(server.mistakes.at(-1))).toContain('a route fails');
    });

    test.each([
      ['connect-timeout-ms', '9999999999', 'application/json', '{"text":"hi"}'],
      ['grpc-timeout', '99999999H', 'application/grpc+json', '\0\0\0\0\u000d{"text":"hi"}'],
    ])('with a deadline in weeks or centuries (%s) is answered', async (name, value, type, body) => {
      const warnings: string[] = [];
      const note = (warning: Error): void => void warnings.push(warning.name);
      process.on('warning', note);
      const session = await openSession(server.port);
      const headers = grpcHeaders({ [name]: value, 'content-type': type });
      const { body: answer } = await callRaw(session, headers, [Buffer.from(body)]);
      session.close();
      process.off('warning', note);
      expect(answer.toString()).toContain('"text":"hi"');
      // With it a timer would fire at once, and the answer be a matter of luck.
      expect(warnings).not.toContain('TimeoutOverflowWarning');
    });

    test('with a body that is no JSON is refused', async () => {
      const response = await fetch(`${baseUrl}/hyperloom.test.v1.EchoService/Unary`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"text":',
      });
      expect(response.status).toBe(400);
      expect(((await response.json()) as { code: string }).code).toBe('invalid_argument');
    });
  });

  async function* repeat(count: number) {
    for (let index = 0; index < count; index += 1) yield { text: String(index) };
  }

  async function refusal(call: Promise<unknown>): Promise<ConnectError> {
    try {
      await call;
    } catch (error) {
      return ConnectError.from(error);
    }
    throw new Error('the call was not refused');
  }
});
