/**
 * Goal: ghosts are never committed with a hole in them. How they stay alive is tested in `keeper.test.ts`.
 * Method: a gRPC server that loses staged work on demand.
 */
import { create } from '@bufbuild/protobuf';
import type { sendUnaryData, ServerDuplexStream } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import {
  BeginGhostResponseSchema,
  GetGhostResponseSchema,
  PublishStreamResponseSchema,
  type PublishStreamRequest,
  type PublishStreamResponse,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { GhostState } from './gen/hyperloom/v1/ghost_pb.ts';
import { connect, GhostOverError } from './index.ts';
import { serveGrpc } from './testing/grpc-server.ts';

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
