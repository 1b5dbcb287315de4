/**
 * Goal: calls to a gRPC server of another make end as the gRPC specification says, however they end.
 * Method: a real `@grpc/grpc-js` server on loopback whose methods fail on demand, and plain sockets for worse.
 */
import { create } from '@bufbuild/protobuf';
import { ServerCredentials, status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { createServer as createHttpServer } from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { testTls } from '../../../../test/support/tls.ts';
import {
  AccessError,
  ConflictError,
  DeadlineExceededError,
  HyperloomError,
  InvalidRequestError,
  NotFoundError,
  RevisionError,
  UnavailableError,
} from '../errors.ts';
import { BadRequestSchema, ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.ts';
import { GetResponseSchema, type GetRequest } from '../gen/hyperloom/v1/context_service_pb.ts';

import { ConflictKind, ConflictReportSchema } from '../gen/hyperloom/v1/ghost_pb.ts';
import { refusal, serveGrpc } from '../testing/grpc-server.ts';
import { connect } from './connect.ts';

type Get = ServerUnaryCall<GetRequest, object>;
type Answer = sendUnaryData<object>;

const node = { path: '/a', value: { kind: { case: 'text', value: 'hello' } } } as const;
const found = create(GetResponseSchema, { node, revision: 7n });

describe('unary calls', () => {
  test('carry request, metadata and deadline, and bring the answer back', async () => {
    let seen: { path: string; token: unknown; leftMs: number } | undefined;
    await using server = await serveGrpc({
      Get: (call: Get, answer: Answer) => {
        const leftMs = Number(call.getDeadline()) - Date.now();
        seen = { path: call.request.path, token: call.metadata.get('authorization'), leftMs };
        answer(null, found);
      },
    });
    await using client = connect(server.address, { metadata: { authorization: 'Bearer x' } });
    expect(await client.get('/a', { timeoutMs: 5_000 })).toMatchObject({
      path: '/a',
      value: 'hello',
      kind: 'text',
    });
    expect(seen).toMatchObject({ path: '/a', token: ['Bearer x'] });
    expect(seen?.leftMs).toBeGreaterThan(4_000);
    expect(seen?.leftMs).toBeLessThanOrEqual(5_000);
    expect(client.newestRevision).toBe(7);
  });

  test('take answers of several megabytes', async () => {
    const value = 'é'.repeat(1_500_000);
    await using server = await serveGrpc({
      Get: (_call: Get, answer: Answer) =>
        answer(
          null,
          create(GetResponseSchema, { node: { path: '/a', value: { kind: { case: 'text', value } } } }),
        ),
    });
    await using client = connect(server.address);
    expect((await client.get('/a')).value).toBe(value);
  });

  test('turn status details into typed errors', async () => {
    const info = (reason: string, metadata: Record<string, string>) => ({
      schema: ErrorInfoSchema,
      message: create(ErrorInfoSchema, { reason, domain: 'hyperloom.dev', metadata }),
    });
    const fieldViolations = [{ field: 'path', description: 'begins with /' }];
    const violations = { schema: BadRequestSchema, message: create(BadRequestSchema, { fieldViolations }) };
    const conflicts = [{ path: '/a', kind: ConflictKind.VALUE, trunk: node, message: 'both' }];
    const report = {
      schema: ConflictReportSchema,
      message: create(ConflictReportSchema, { conflicts, total: 3n }),
    };
    const refusals: Readonly<Record<string, Error>> = {
      '/missing': refusal(status.NOT_FOUND, 'no node at ünïcode', [
        info('NODE_NOT_FOUND', { path: '/missing' }),
      ]),
      '/old': refusal(status.OUT_OF_RANGE, 'gone', [info('REVISION_COMPACTED', { oldest_revision: '40' })]),
      '/bad': refusal(status.INVALID_ARGUMENT, 'bad', [violations]),
      '/both': refusal(status.ABORTED, 'conflict', [info('CONFLICT', {})].concat(report as never)),
      '/secret': refusal(status.PERMISSION_DENIED, 'no'),
    };
    await using server = await serveGrpc({
      Get: (call: Get, answer: Answer) => answer(refusals[call.request.path] ?? null, found),
    });
    await using client = connect(server.address);
    const missing = await client.get('/missing').catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(NotFoundError);
    expect(missing).toMatchObject({
      message: 'no node at ünïcode',
      reason: 'NODE_NOT_FOUND',
      metadata: { path: '/missing' },
    });
    expect(await client.find('/missing')).toBeUndefined();
    const old = await client.get('/old').catch((error: unknown) => error);
    expect(old).toBeInstanceOf(RevisionError);
    expect(old).toMatchObject({ oldestRevision: 40, newestRevision: undefined });
    const bad = client.get('/bad');
    await expect(bad).rejects.toThrow(InvalidRequestError);
    await expect(bad).rejects.toMatchObject({ violations: fieldViolations });
    const both = client.get('/both');
    await expect(both).rejects.toThrow(ConflictError);
    await expect(both).rejects.toMatchObject({
      total: 3,
      conflicts: [
        { path: '/a', kind: 'value', base: undefined, trunk: { value: 'hello' }, ghost: undefined },
      ],
    });
    await expect(client.get('/secret')).rejects.toThrow(AccessError);
  });

  test('end at their deadline, here and at the server', async () => {
    const cancelled = Promise.withResolvers<void>();
    await using server = await serveGrpc({
      Get: (call: Get) => call.on('cancelled', () => cancelled.resolve()),
    });
    await using client = connect(server.address);
    await expect(client.get('/a', { timeoutMs: 60 })).rejects.toThrow(DeadlineExceededError);
    await cancelled.promise;
  });

  test('end with the reason of an aborted signal, here and at the server', async () => {
    const [started, cancelled] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await using server = await serveGrpc({
      Get: (call: Get) => {
        call.on('cancelled', () => cancelled.resolve());
        started.resolve();
      },
    });
    await using client = connect(server.address);
    const controller = new AbortController();
    const outcome = client.get('/a', { signal: controller.signal });
    outcome.catch(() => undefined);
    await started.promise;
    controller.abort(new Error('not needed any more'));
    await expect(outcome).rejects.toThrow('not needed any more');
    await cancelled.promise;
    await expect(client.get('/a', { signal: controller.signal })).rejects.toThrow('not needed any more');
  });

  test('are tried again while the server says UNAVAILABLE', async () => {
    let calls = 0;
    await using server = await serveGrpc({
      Get: (_call: Get, answer: Answer) => {
        calls += 1;
        answer(calls < 3 ? refusal(status.UNAVAILABLE, 'starting') : null, found);
      },
    });
    const retries: string[] = [];
    await using client = connect(server.address, {
      onDiagnostic: ({ kind }) => retries.push(kind),
      random: () => 0,
    });
    expect((await client.get('/a')).value).toBe('hello');
    expect(retries).toEqual(['retry', 'retry']);
  });
});

describe('connections', () => {
  test('nobody there is UNAVAILABLE, at once without retries', async () => {
    await using client = connect('127.0.0.1:1', { retry: false });
    await expect(client.get('/a')).rejects.toThrow(UnavailableError);
    await expect(client.put('/a', 1)).rejects.toThrow(UnavailableError);
  });

  test('a broker that comes back on the same port is found again', async () => {
    const methods = { Get: (_call: Get, answer: Answer) => answer(null, found) };
    const first = await serveGrpc(methods);
    await using client = connect(first.address, { random: () => 0 });
    await client.get('/a');
    first.kill();
    const waiting = client.get('/a');
    await using second = await serveGrpc(methods, first.port);
    expect((await waiting).value).toBe('hello');
    expect(second.port).toBe(first.port);
  });

  test('a graceful shutdown lets the call under way end, and no new one begins on that connection', async () => {
    const started = Promise.withResolvers<() => void>();
    const server = await serveGrpc({
      Get: (_call: Get, answer: Answer) => started.resolve(() => answer(null, found)),
    });
    await using client = connect(server.address, { retry: false });
    const first = client.get('/a');
    const finish = await started.promise;
    const down = server.shutDown();
    await expect
      .poll(() => client.get('/b').catch((error: unknown) => error))
      .toBeInstanceOf(UnavailableError);
    finish();
    expect((await first).value).toBe('hello');
    await down;
  });

  test('TLS with a given authority works, and without it the certificate is refused', async () => {
    const pair = { private_key: Buffer.from(testTls.key), cert_chain: Buffer.from(testTls.certificate) };
    const credentials = ServerCredentials.createSsl(null, [pair]);
    await using server = await serveGrpc(
      { Get: (_call: Get, answer: Answer) => answer(null, found) },
      0,
      credentials,
    );
    await using trusting = connect(`https://localhost:${server.port}`, {
      tls: { authority: testTls.certificate },
    });
    expect((await trusting.get('/a')).value).toBe('hello');
    await using doubting = connect(`localhost:${server.port}`, { tls: true, retry: false });
    await expect(doubting.get('/a')).rejects.toThrow(/certificate/);
  });

  test('an HTTP server that is no broker is recognised', async () => {
    const http = createHttpServer((_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' });
      response.end('<h1>not here</h1>');
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    await using client = connect(`127.0.0.1:${(http.address() as AddressInfo).port}`);
    await expect(client.get('/a')).rejects.toMatchObject({ code: 'UNIMPLEMENTED', message: /HTTP 404/ });
    client.destroy();
    http.close();
  });

  test('a socket that speaks something else, or hangs up, is UNAVAILABLE', async () => {
    for (const greeting of ['HTTP/1.1 400 Bad Request\r\n\r\n', '']) {
      const raw = createServer((socket) => socket.on('error', () => undefined).end(greeting));
      await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
      await using client = connect(`127.0.0.1:${(raw.address() as AddressInfo).port}`, { retry: false });
      await expect(client.get('/a')).rejects.toThrow(UnavailableError);
      raw.close();
    }
  });

  test('closing the client in any moment of its connecting ends it quietly', async () => {
    await using server = await serveGrpc({});
    for (let turns = 0; turns < 12; turns += 1) {
      for (let repetition = 0; repetition < 10; repetition += 1) {
        const client = connect(server.address);
        const outcome = client.get('/a').catch((error: unknown) => error);
        for (let turn = 0; turn < turns; turn += 1) await setImmediate();
        client.destroy();
        expect(await outcome).toBeInstanceOf(HyperloomError);
      }
    }
  });

  test('closing the client ends what is under way', async () => {
    await using server = await serveGrpc({ Get: () => undefined });
    const client = connect(server.address, { retry: false });
    const outcome = client.get('/a');
    client.destroy();
    await expect(outcome).rejects.toThrow(HyperloomError);
    await expect(client.get('/a')).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
