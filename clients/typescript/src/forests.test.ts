/**
 * Goal: what is done to forests is done once, though it may be asked for several times. Method: a transport whose first answers get
 * lost; that the broker keeps its side is tested in `test/integration/exactly-once.test.ts`.
 */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { connectOver } from './client.ts';
import { makeError, UnavailableError } from './errors.ts';
import type { RestoreRequest } from './gen/hyperloom/v1/forest_service_pb.ts';
import { fakeTransport } from './testing/fake-transport.ts';

const away = (): Error => makeError({ code: 'UNAVAILABLE', message: 'the answer was lost' });

/** A client whose first calls, as many as said, get no answer; and what the broker got. */
function setUp(lost: number) {
  const got: (readonly [string, string])[] = [];
  const uploads: Uint8Array[][] = [];
  const take =
    (method: string, answer: object = {}) =>
    async (request: { readonly requestId: string }): Promise<object> => {
      got.push([method, request.requestId]);
      if (got.length <= lost) throw away();
      return answer;
    };
  const transport = {
    ...fakeTransport({
      CreateForest: take('create', { forest: { name: 'team' } }),
      DeleteForest: take('delete'),
      Compact: take('compact', { compactedRevision: 3n }),
    }),
    async clientStreaming<I extends DescMessage, O extends DescMessage>(
      _method: unknown,
      requests: AsyncIterable<MessageShape<I>>,
    ): Promise<MessageShape<O>> {
      const chunks: Uint8Array[] = [];
      uploads.push(chunks);
      let id = '';
      for await (const message of requests) {
        const { requestId, chunk } = message as unknown as RestoreRequest;
        id ||= requestId;
        if (chunk.length > 0) chunks.push(chunk);
      }
      return (await take('restore', { forest: { name: 'team' } })({
        requestId: id,
      })) as unknown as MessageShape<O>;
    },
  };
  return { client: connectOver(transport, { random: () => 0 }), got, uploads };
}

test.each([
  ['create', (client: ReturnType<typeof connectOver>) => client.forests.create('team')],
  ['delete', (client: ReturnType<typeof connectOver>) => client.forests.delete('team')],
  ['compact', (client: ReturnType<typeof connectOver>) => client.forests.compact('team', 3)],
  [
    'restore',
    (client: ReturnType<typeof connectOver>) => client.forests.restore('team', [Uint8Array.of(1, 2)]),
  ],
] as const)('%s is asked for again under the same request id when the answer was lost', async (name, act) => {
  const { client, got } = setUp(2);
  await act(client);
  expect(got.map(([method]) => method)).toEqual([name, name, name]);
  expect(new Set(got.map(([, requestId]) => requestId)).size).toBe(1);
  expect(got[0]?.[1]).not.toBe('');
});

test('a backup is sent again from its first piece', async () => {
  const { client, uploads } = setUp(1);
  const pieces = [Uint8Array.of(1), Uint8Array.of(2)];
  expect(await client.forests.restore('team', pieces)).toMatchObject({ name: 'team' });
  expect(uploads).toEqual([pieces, pieces]);
});

test('a backup that comes as a stream is not sent again, since its pieces are gone', async () => {
  const { client, uploads } = setUp(1);
  const stream = function* (): Generator<Uint8Array> {
    yield Uint8Array.of(1);
  };
  await expect(client.forests.restore('team', stream())).rejects.toThrow(UnavailableError);
  expect(uploads).toHaveLength(1);
});
