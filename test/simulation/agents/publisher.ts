/** Publishes diffs to the trunk, one call each. */
import type { MessageInitShape } from '@bufbuild/protobuf';

import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { OperationSchema } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { Presence } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Client } from '../client.ts';

export type OperationInit = MessageInitShape<typeof OperationSchema>;

/** How many different places there are of each kind: few, so that agents meet. */
const places = 4;

export function putText(path: string, text: string): OperationInit {
  return { path, action: { case: 'put', value: { kind: { case: 'text', value: text } } } };
}

/** A pair of nodes that always hold the same text, if diffs are atomic. */
export function putPair(client: Client, token: string): OperationInit[] {
  const place = client.below(places);
  return [putText(`/p/${place}/a`, token), putText(`/p/${place}/b`, token)];
}

/** A random diff, and the texts that it leaves behind. */
export function randomDiff(client: Client): { operations: OperationInit[]; tokens: string[] } {
  const token = client.token();
  const place = client.below(places);
  switch (client.below(10)) {
    case 0:
    case 1:
    case 2:
      return { operations: putPair(client, token), tokens: [token] };
    case 3:
    case 4:
    case 5: {
      const value = { addition: { case: 'text' as const, value: `[${token}]` } };
      return { operations: [{ path: `/log/${place}`, action: { case: 'append', value } }], tokens: [token] };
    }
    case 6:
    case 7: {
      const amount = { amount: { case: 'integer' as const, value: BigInt(1 + client.below(9)) } };
      return {
        operations: [{ path: `/n/${place}`, action: { case: 'increment', value: amount } }],
        tokens: [],
      };
    }
    case 8:
      return { operations: [{ path: `/p/${place}`, action: { case: 'delete', value: {} } }], tokens: [] };
    default: {
      const value = { sourcePath: `/p/${place}`, sourceRevision: 0n };
      const target = `/p/${(place + 1) % places}`;
      // Where there is nothing to copy yet, the diff makes something first.
      const operations = [...[putText(`/p/${place}/a`, token), putText(`/p/${place}/b`, token)]];
      return {
        operations: [...operations, { path: target, action: { case: 'copy', value } }],
        tokens: [token],
      };
    }
  }
}

export async function publish(client: Client): Promise<void> {
  while (client.surroundings.isOpen()) {
    const { operations, tokens } = randomDiff(client);
    const requestId = `request ${client.token()}`;
    const mustBeNew = client.below(8) === 0;
    const preconditions = mustBeNew
      ? [
          {
            path: operations[0]?.path ?? '',
            condition: { case: 'presence' as const, value: Presence.ABSENT },
          },
        ]
      : [];
    const request = { operations, preconditions, requestId, author: client.name };
    await client.write(ContextService.method.publish, request, tokens, ({ revision }) => revision);
    await client.sleep(12);
  }
}
