/**
 * Goal: whatever is asked of a ghost says up to which edition this process knows it, so that the broker can refuse to build on what a
 * crash has taken; and that it comes behind all that was published. How ghosts stay alive is tested in `keeper.test.ts`, and that the broker refuses in its own tests.
 * Method: a gRPC server that tells editions, and notes those that it is told; where order counts, a stream that is answered by hand.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { status, type sendUnaryData, type ServerDuplexStream, type ServerUnaryCall } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { connectOver } from './client.ts';
import { ErrorInfoSchema } from './gen/google/rpc/error_details_pb.ts';
import {
  BeginGhostResponseSchema,
  CheckpointResponseSchema,
  PublishStreamResponseSchema,
  RevertResponseSchema,
  type BeginGhostRequest,
  type CheckpointRequest,
  type CommitRequest,
  type PublishStreamRequest,
  type PublishStreamResponse,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { GhostState } from './gen/hyperloom/v1/ghost_pb.ts';
import { connect, GhostInterruptedError } from './index.ts';
import { fakeTransport } from './testing/fake-transport.ts';
import { refusal, serveGrpc } from './testing/grpc-server.ts';
import { ManualClock, settled } from './testing/manual-clock.ts';
import type { ByteStream, StreamReceiver } from './transport.ts';

type Answer = sendUnaryData<object>;
type Asked<Request> = ServerUnaryCall<Request, object>;

const run = 2 ** 32;

/** Tells the editions given, one with each answer, and notes in `known` which ones it is told. */
function editions(told: readonly number[], known: bigint[]) {
  let next = 0;
  const edition = (): bigint => BigInt(told[next++] ?? 0);
  const hear = (said: bigint): void => void known.push(said);
  return {
    BeginGhost({ request }: Asked<BeginGhostRequest>, answer: Answer) {
      hear(request.parentEdition);
      const ghost = { id: 'ghost_1', state: GhostState.LIVE, ttl: { seconds: 60n }, edition: edition() };
      answer(null, create(BeginGhostResponseSchema, { ghost }));
    },
    Checkpoint({ request }: Asked<CheckpointRequest>, answer: Answer) {
      hear(request.edition);
      answer(null, create(CheckpointResponseSchema, { edition: edition() }));
    },
    Revert(_call: object, answer: Answer) {
      answer(null, create(RevertResponseSchema, { edition: edition() }));
    },
    Commit({ request }: Asked<CommitRequest>, answer: Answer) {
      hear(request.edition);
      const message = create(ErrorInfoSchema, { reason: 'GHOST_INTERRUPTED', domain: 'hyperloom.dev' });
      answer(refusal(status.ABORTED, 'what was done last is lost', [{ schema: ErrorInfoSchema, message }]));
    },
    PublishStream(call: ServerDuplexStream<PublishStreamRequest, PublishStreamResponse>) {
      call.on('data', ({ publish }: PublishStreamRequest) => {
        hear(publish?.edition ?? -1n);
        const value = { sequence: 1n, edition: edition() };
        call.write(create(PublishStreamResponseSchema, { outcome: { case: 'published', value } }));
      });
      call.on('end', () => call.end());
    },
  };
}

test('each request says the newest edition that was told, and an interrupted ghost has an error of its own', async () => {
  const known: bigint[] = [];
  const told = [run + 1, run + 2, run + 2, run + 3, run + 4, 5];
  await using server = await serveGrpc(editions(told, known));
  const client = connect(server.address);
  const ghost = await client.ghost();
  await ghost.put('/a', 1);
  await ghost.checkpoint('here');
  await ghost.rewind();
  await ghost.put('/b', 1);
  await ghost.ghost();
  await expect(ghost.commit()).rejects.toThrow(GhostInterruptedError);
  expect(known.map((each) => Number(each) % run)).toEqual([0, 1, 2, 3, 4, 4]);
  client.destroy();
});

test('answers that overtake one another take nothing back; another run of the broker counts from its own beginning', async () => {
  const known: bigint[] = [];
  await using server = await serveGrpc(editions([run + 1, run + 5, run + 4, 2 * run + 2, 0], known));
  const client = connect(server.address);
  const ghost = await client.ghost();
  for (const path of ['/a', '/b', '/c', '/d']) await ghost.put(path, 1);
  expect(known.map(Number)).toEqual([0, run + 1, run + 5, run + 5, 2 * run + 2]);
  client.destroy();
});

test.each(['commit', 'checkpoint', 'rewind', 'revert', 'ghost'] as const)(
  '%s waits for each publish that has no outcome, whatever has become of the newest',
  async (step) => {
    const asked: string[] = [];
    const receivers: StreamReceiver[] = [];
    const answer =
      (what: string, content: object = {}) =>
      () => {
        asked.push(what);
        return content;
      };
    const ghostAnswer = { ghost: { id: 'ghost_1', state: GhostState.LIVE, ttl: { seconds: 60n } } };
    const transport = {
      ...fakeTransport({
        BeginGhost: answer('begin', ghostAnswer),
        Commit: answer('commit'),
        Checkpoint: answer('checkpoint'),
        Revert: answer('revert'),
      }),
      openPublishStream: (receiver: StreamReceiver): ByteStream => {
        receivers.push(receiver);
        return { write: () => undefined, cancel: () => undefined };
      },
    };
    const clock = new ManualClock();
    const client = connectOver(transport, { clock, random: () => 0.5 });
    const ghost = await client.ghost();
    const first = ghost.put('/a', 1);
    const givenUp = new AbortController();
    const second = ghost.put('/b', 1, { signal: givenUp.signal });
    givenUp.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    clock.endTurn();
    const stepped = step === 'checkpoint' ? ghost.checkpoint('here') : ghost[step]();
    await settled();
    expect(asked).toEqual(['begin']);
    const outcome = { case: 'published', value: { sequence: 1n } } as const;
    const bytes = toBinary(PublishStreamResponseSchema, create(PublishStreamResponseSchema, { outcome }));
    receivers[0]?.onMessage(bytes, 0, bytes.length);
    await first;
    await stepped;
    expect(asked).toHaveLength(2);
    client.destroy();
  },
);
