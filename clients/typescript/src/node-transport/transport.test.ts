/**
 * Goal: calls to a gRPC server of another make end as the gRPC specification says, however they end.
 * Method: a real `@grpc/grpc-js` server on loopback whose methods fail on demand, and plain sockets for worse.
 */
import { create } from '@bufbuild/protobuf';
import {
  ServerCredentials,
  status,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { createServer as createHttpServer } from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
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
import {
  GetResponseSchema,
  PublishStreamResponseSchema,
  SubscribeResponseSchema,
  type GetRequest,
  type PublishStreamRequest,
  type PublishStreamResponse,
} from '../gen/hyperloom/v1/context_service_pb.ts';
import {
  BackupResponseSchema,
  RestoreResponseSchema,
  type RestoreRequest,
} from '../gen/hyperloom/v1/forest_service_pb.ts';
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
    expect(await client.getOrUndefined('/missing')).toBeUndefined();
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

  test('closing the client ends what is under way', async () => {
    await using server = await serveGrpc({ Get: () => undefined });
    const client = connect(server.address, { retry: false });
    const outcome = client.get('/a');
    client.destroy();
    await expect(outcome).rejects.toThrow(HyperloomError);
    await expect(client.get('/a')).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('streams', () => {
  test('bring messages in order, and hold a fast server back while the program is busy', async () => {
    let written = 0;
    const chunk = new Uint8Array(64 * 1024);
    await using server = await serveGrpc({
      Backup: (call: ServerWritableStream<object, object>) => {
        const more = (): void => {
          while (written < 2_000) {
            written += 1;
            const room = call.write(create(BackupResponseSchema, { chunk, revision: BigInt(written) }));
            if (!room) {
              call.once('drain', more);
              return;
            }
          }
          call.end();
        };
        more();
      },
    });
    await using client = connect(server.address);
    let received = 0;
    let writtenAhead = 0;
    for await (const bytes of client.forests.backup()) {
      received += bytes.length / chunk.length;
      // A call that is answered shows that the server had every chance to go on meanwhile.
      if (received === 1) await client.forests.list().catch(() => (writtenAhead = written));
    }
    expect(writtenAhead).toBeGreaterThan(0);
    expect(writtenAhead).toBeLessThan(1_500);
    expect(received).toBe(2_000);
  });

  test('leaving the loop cancels the call at the server', async () => {
    const cancelled = Promise.withResolvers<void>();
    await using server = await serveGrpc({
      Backup: (call: ServerWritableStream<object, object>) => {
        call.on('cancelled', () => cancelled.resolve());
        call.write(create(BackupResponseSchema, { chunk: Uint8Array.of(1) }));
      },
    });
    await using client = connect(server.address);
    for await (const bytes of client.forests.backup()) {
      expect(bytes).toEqual(Uint8Array.of(1));
      break;
    }
    await cancelled.promise;
  });

  test('a status after messages is thrown behind them', async () => {
    await using server = await serveGrpc({
      Backup: (call: ServerWritableStream<object, object>) => {
        call.write(create(BackupResponseSchema, { chunk: Uint8Array.of(1) }));
        call.emit('error', refusal(status.DATA_LOSS, 'damaged'));
      },
    });
    await using client = connect(server.address);
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const bytes of client.forests.backup()) chunks.push(bytes);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'DATA_LOSS' });
    expect(chunks).toEqual([Uint8Array.of(1)]);
  });

  test('uploads send every piece and bring the one answer', async () => {
    await using server = await serveGrpc({
      Restore: (call: AsyncIterable<RestoreRequest>, answer: Answer) => {
        void (async () => {
          let name = '';
          let bytes = 0;
          for await (const request of call) {
            name ||= request.forest;
            bytes += request.chunk.length;
          }
          answer(null, create(RestoreResponseSchema, { forest: { name, storedBytes: BigInt(bytes) } }));
        })();
      },
    });
    await using client = connect(server.address);
    const pieces = [new Uint8Array(200_000), new Uint8Array(10)];
    expect(await client.forests.restore('copy', pieces)).toMatchObject({
      name: 'copy',
      storedBytes: 200_010,
    });
  });

  test('an upload that is refused early stops with the refusal', async () => {
    await using server = await serveGrpc({
      Restore: (_call: object, answer: Answer) => answer(refusal(status.ALREADY_EXISTS, 'it is there'), null),
    });
    await using client = connect(server.address);
    const endless = (async function* () {
      for (;;) yield new Uint8Array(60_000);
    })();
    await expect(client.forests.restore('copy', endless)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });

  test('a subscription puts large events together from their parts, over a lost stream too, and drops repetitions', async () => {
    const starts: unknown[] = [];
    const message = (content: object) => create(SubscribeResponseSchema, { message: content as never });
    const part = (position: bigint, path: string, partsLeft: number) =>
      message({ case: 'event', value: { revision: position, position, partsLeft, changes: [{ path }] } });
    await using server = await serveGrpc({
      Subscribe: (call: ServerWritableStream<{ start: unknown }, object>) => {
        starts.push(call.request.start);
        if (starts.length === 1) {
          call.write(message({ case: 'snapshot', value: { nodes: [node], revision: 4n } }));
          call.emit('error', refusal(status.UNAVAILABLE, 'cut within the snapshot'));
        } else if (starts.length === 2) {
          call.write(message({ case: 'snapshot', value: { nodes: [node], revision: 5n } }));
          call.write(
            message({ case: 'snapshot', value: { nodes: [{ ...node, path: '/b' }], revision: 5n } }),
          );
          call.write(message({ case: 'bookmark', value: { revision: 5n, position: 10n } }));
          call.write(part(11n, '/x', 0));
          call.write(part(12n, '/1', 1));
          call.emit('error', refusal(status.UNAVAILABLE, 'cut within an event'));
        } else {
          call.write(part(11n, '/x', 0));
          call.write(part(12n, '/1', 1));
          call.write(part(12n, '/2', 0));
          call.write(part(13n, '/y', 0));
          call.emit('error', refusal(status.OUT_OF_RANGE, 'compacted'));
        }
      },
    });
    await using client = connect(server.address, { random: () => 0 });
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const item of client.subscribe('/**')) {
        if (item.kind === 'snapshot')
          seen.push(
            item.nodes.map(({ path }) => path),
            item.revision,
          );
        else if (item.kind === 'event') seen.push(item.event.changes.map(({ path }) => path));
      }
    })();
    await expect(watching).rejects.toThrow(RevisionError);
    expect(seen).toEqual([['/a', '/b'], 5, ['/x'], ['/1', '/2'], ['/y']]);
    expect(starts).toMatchObject([
      { case: 'snapshot' },
      { case: 'snapshot' },
      { case: 'afterPosition', value: 11n },
    ]);
  });

  test('publishes survive a stream that is cut between diff and outcome, each applied once and in order', async () => {
    const applied: string[] = [];
    const outcomes = new Map<string, bigint>();
    let streams = 0;
    await using server = await serveGrpc({
      PublishStream: (call: ServerDuplexStream<PublishStreamRequest, PublishStreamResponse>) => {
        streams += 1;
        let left = streams < 4 ? 40 : Infinity;
        call.on('data', ({ publish }: PublishStreamRequest) => {
          const id = publish?.requestId ?? '';
          const repeated = outcomes.has(id);
          if (!repeated) {
            applied.push(publish?.operations[0]?.path ?? '');
            outcomes.set(id, BigInt(applied.length));
          }
          left -= 1;
          if (left === 0) call.emit('error', refusal(status.UNAVAILABLE, 'cut'));
          if (left <= 0) return;
          const value = { revision: outcomes.get(id) ?? 0n, repeated };
          call.write(create(PublishStreamResponseSchema, { outcome: { case: 'published', value } }));
        });
        call.on('end', () => call.end());
      },
    });
    await using client = connect(server.address, { random: () => 0 });
    const paths = Array.from({ length: 300 }, (_, index) => `/n/${index}`);
    const published = await Promise.all(paths.map((path) => client.put(path, 'x')));
    expect(applied).toEqual(paths);
    expect(published.map(({ revision }) => revision)).toEqual(paths.map((_, index) => index + 1));
    expect(streams).toBe(4);
  });
});
