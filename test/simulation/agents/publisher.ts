/** Publishes diffs to the trunk, one call each. */
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { DeleteScope, Presence } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import {
  appendItem,
  appendText,
  copyFrom,
  increment,
  mergeJson,
  putJson,
  putText,
  remove,
} from '../requests.ts';
import type { OperationInit, PreconditionInit } from '../requests.ts';

/** How many different places there are of each kind: few, so that agents meet. */
export const places = 4;

/** A pair of nodes that always hold the same text, if diffs are atomic. */
export function putPair(client: Client, token: string): OperationInit[] {
  const place = client.below(places);
  return [putText(`/p/${place}/a`, token), putText(`/p/${place}/b`, token)];
}

export interface Diff {
  readonly operations: OperationInit[];
  /** The texts that it leaves behind. */
  readonly tokens: string[];
}

/** A random diff, and the texts that it leaves behind. */
export function randomDiff(client: Client): Diff {
  const token = client.token();
  const place = client.below(places);
  switch (client.below(12)) {
    case 0:
    case 1:
    case 2:
      return { operations: putPair(client, token), tokens: [token] };
    case 3:
    case 4:
      return { operations: [appendText(`/log/${place}`, `[${token}]`)], tokens: [token] };
    case 5:
      return { operations: [appendItem(`/items/${place}`, JSON.stringify({ token }))], tokens: [token] };
    case 6:
      return { operations: [increment(`/n/${place}`, amount(client))], tokens: [] };
    case 7:
      return { operations: [mergeJson(`/json/${place}`, patch(client, token))], tokens: [] };
    case 8:
      return { operations: [remove(`/p/${place}`)], tokens: [] };
    case 9:
      return severalOfOnePath(client, token);
    default: {
      // Where there is nothing to copy yet, the diff makes something first.
      const made = [putText(`/p/${place}/a`, token), putText(`/p/${place}/b`, token)];
      const copied = copyFrom(`/p/${(place + 1) % places}`, `/p/${place}`, 0);
      return { operations: [...made, copied], tokens: [token] };
    }
  }
}

/** Now and then more than a double can hold. */
function amount(client: Client): bigint {
  const small = BigInt(1 + client.below(9));
  return client.below(6) === 0 ? small + 2n ** 53n : small;
}

function patch(client: Client, token: string): string {
  const inner = client.below(3) === 0 ? { inner: { [`k${client.below(2)}`]: token } } : {};
  const key = `k${client.below(3)}`;
  return JSON.stringify({ [key]: client.below(4) === 0 ? null : token, ...inner });
}

/** Operations that build on one another within their diff. */
function severalOfOnePath(client: Client, token: string): Diff {
  const path = `/mixed/${client.below(places)}`;
  const node = { scope: DeleteScope.NODE };
  const operations: OperationInit[] = [
    putJson(path, JSON.stringify({ token })),
    mergeJson(path, JSON.stringify({ more: client.below(10) })),
    putText(`${path}/below`, token),
    ...(client.below(2) === 0 ? [{ path, action: { case: 'delete' as const, value: node } }] : []),
  ];
  return { operations, tokens: [token] };
}

export async function publish(client: Client): Promise<void> {
  while (client.isOpen) {
    const { operations, tokens } = randomDiff(client);
    const requestId = `request ${client.token()}`;
    const preconditions = client.below(4) === 0 ? await conditions(client, operations[0]?.path ?? '') : [];
    const request = { operations, preconditions, requestId, author: client.name };
    const note = { requestId, tokens, operations, preconditions };
    await client.write(ContextService.method.publish, request, note, ({ revision }) => revision);
    await client.sleep(12);
  }
}

/** Something that held when the client looked; it may hold no more when the diff comes. */
async function conditions(client: Client, path: string): Promise<PreconditionInit[]> {
  try {
    const { nodes, revision } = await client.call(ContextService.method.batchGet, { paths: [path] });
    const [node] = nodes;
    if (node === undefined || client.below(4) === 0)
      return [{ path, condition: { case: 'presence', value: Presence.ABSENT } }];
    return [
      client.oneOf<PreconditionInit>(
        { path, condition: { case: 'presence', value: Presence.PRESENT } },
        { path, condition: { case: 'modifiedRevision', value: node.modifiedRevision } },
        { path, condition: { case: 'version', value: node.version } },
        { path, condition: { case: 'subtreeUnchangedSince', value: revision } },
      ),
    ];
  } catch (error) {
    if (error instanceof CallFailure) return [];
    throw error;
  }
}
