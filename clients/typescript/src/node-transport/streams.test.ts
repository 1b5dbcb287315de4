/**
 * Goal: streams to and from a gRPC server of another make flow, pause and end as the gRPC specification says, however they end.
 * Method: a real `@grpc/grpc-js` server on loopback whose methods fail on demand, and plain sockets for worse.
 */
import { create } from '@bufbuild/protobuf';
import {
  status,
  type ServerDuplexStream,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';

import { describe, expect, test } from 'vitest';

import { RevisionError } from '../errors.ts';

import {
  PublishStreamResponseSchema,
  SubscribeResponseSchema,
  type PublishStreamRequest,
  type PublishStreamResponse,
} from '../gen/hyperloom/v1/context_service_pb.ts';
import {
  BackupResponseSchema,
  RestoreResponseSchema,
  type RestoreRequest,
} from '../gen/hyperloom/v1/forest_service_pb.ts';

import { refusal, serveGrpc } from '../testing/grpc-server.ts';
import { connect } from './connect.ts';

type Answer = sendUnaryData<object>;

const node = { path: '/a', value: { kind: { case: 'text', value: 'hello' } } } as const;

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
      // Before the last position seen: it may have had more events than the one that came.
      { case: 'afterPosition', value: 10n },
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
