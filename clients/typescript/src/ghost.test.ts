/**
 * Goal: ghosts stay alive as long as their client, and are never committed with a hole in them.
 * Method: a gRPC server that loses staged work or forgets ghosts on demand; time is moved by hand where it matters.
 */
import { create } from '@bufbuild/protobuf';
import type { sendUnaryData, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import {
  BeginGhostResponseSchema,
  GetGhostResponseSchema,
  KeepAliveResponseSchema,
  PublishStreamResponseSchema,
  type KeepAliveRequest,
  type PublishStreamRequest,
  type PublishStreamResponse,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { GhostState } from './gen/hyperloom/v1/ghost_pb.ts';
import { GhostKeeper, type KeptGhost } from './ghost-keeper.ts';
import { Caller } from './caller.ts';
import { connect, GhostOverError } from './index.ts';
import { NodeTransport } from './node-transport/transport.ts';
import { parseAddress } from './node-transport/address.ts';
import { serveGrpc } from './testing/grpc-server.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { systemClock } from './time.ts';

type Answer = sendUnaryData<object>;
const ghost = { id: 'ghost_1', state: GhostState.LIVE, ttl: { seconds: 60n } };

/** Stages diffs under the numbers given, as a broker would that was restarted in between. */
function staging(sequences: readonly bigint[], standing: bigint) {
  let next = 0;
  return {
    BeginGhost: (_call: object, answer: Answer) => answer(null, create(BeginGhostResponseSchema, { ghost })),
    GetGhost: (_call: object, answer: Answer) =>
      answer(null, create(GetGhostResponseSchema, { ghost: { ...ghost, sequence: standing } })),
    PublishStream: (call: ServerDuplexStream<PublishStreamRequest, PublishStreamResponse>) => {
      call.on('data', () => {
        const value = { sequence: sequences[next] ?? 0n };
        next += 1;
        call.write(create(PublishStreamResponseSchema, { outcome: { case: 'published', value } }));
      });
      call.on('end', () => call.end());
    },
  };
}

test('a diff whose number does not grow tells that staged work was lost', async () => {
  await using server = await serveGrpc(staging([1n, 2n, 2n], 2n));
  const client = connect(server.address);
  const ghost = await client.ghost();
  await ghost.put('/a', 1);
  await ghost.put('/b', 1);
  await expect(ghost.put('/c', 1)).rejects.toThrow(GhostOverError);
  client.destroy();
});

test('a commit is refused here when the broker knows less of the ghost than it has acknowledged', async () => {
  await using server = await serveGrpc(staging([1n, 2n, 3n], 2n));
  const client = connect(server.address);
  const ghost = await client.ghost();
  for (const path of ['/a', '/b', '/c']) await ghost.put(path, 1);
  await expect(ghost.commit()).rejects.toThrow(/lost staged work/);
  client.destroy();
});

test('signs of life come three times within the shortest ttl, all ghosts in one, until the broker says that one is over', async () => {
  const beats: (readonly string[])[] = [];
  await using server = await serveGrpc({
    KeepAlive: (call: ServerUnaryCall<KeepAliveRequest, object>, answer: Answer) => {
      beats.push(call.request.ghostIds);
      answer(
        null,
        create(KeepAliveResponseSchema, { liveGhostIds: call.request.ghostIds.filter((id) => id !== 'b') }),
      );
    },
  });
  const transport = new NodeTransport({
    address: parseAddress(server.address, false),
    tls: {},
    clock: systemClock,
    metadata: {},
  });
  const clock = new ManualClock();
  const diagnostics = (): void => undefined;
  const caller = new Caller({ transport, clock, random: () => 0, retry: true, diagnostics });
  const keeper = new GhostKeeper(caller, clock, diagnostics);
  const over: string[] = [];
  const kept = (id: string, ttlMs: number): KeptGhost => ({
    forest: '',
    id,
    ttlMs,
    onOver: () => over.push(id),
  });
  const first = kept('a', 90_000);
  keeper.keep(first);
  keeper.keep(kept('b', 30_000));
  await clock.advance(9_999);
  expect(beats).toEqual([]);
  await clock.advance(1);
  await expect.poll(() => over).toEqual(['b']);
  expect(beats).toEqual([['a', 'b']]);
  await clock.advance(10_000);
  await expect.poll(() => beats).toEqual([['a', 'b'], ['a']]);
  keeper.release(first);
  expect(clock.timers).toBe(0);
  transport.close();
});
