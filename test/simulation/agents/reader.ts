/** Reads the trunk in every way there is, now and in the past, and notes what it saw. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Node } from '../../../src/gen/hyperloom/v1/node_pb.ts';
import type { Client } from '../client.ts';
import { CallFailure } from '../network.ts';
import { textOf } from '../model.ts';

export async function read(client: Client): Promise<void> {
  let newest = 0;
  while (client.surroundings.isOpen()) {
    try {
      newest = Math.max(newest, await readOnce(client, newest));
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (!error.isUnknown && error.reason !== 'NODE_NOT_FOUND' && error.reason !== 'REVISION_COMPACTED')
        client.surroundings.history.bugs.push(`a read was refused: ${error.reason} ${error.message}`);
    }
    await client.sleep(10);
  }
}

async function readOnce(client: Client, newest: number): Promise<number> {
  const place = client.below(4);
  const pair = [`/p/${place}/a`, `/p/${place}/b`];
  switch (client.below(4)) {
    case 0: {
      const invokedMs = client.surroundings.scheduler.nowMs;
      const response = await client.call(ContextService.method.get, { path: `/log/${place}` });
      note(
        client,
        invokedMs,
        response.revision,
        [`/log/${place}`],
        response.node === undefined ? [] : [response.node],
      );
      return Number(response.revision);
    }
    case 1: {
      const invokedMs = client.surroundings.scheduler.nowMs;
      const response = await client.call(ContextService.method.batchGet, { paths: pair });
      note(client, invokedMs, response.revision, pair, response.nodes);
      return Number(response.revision);
    }
    case 2:
      return await list(client, 0);
    default:
      return newest === 0 ? 0 : await list(client, 1 + client.below(newest));
  }
}

/** Lists everything, in small pages that must all show one revision. */
async function list(client: Client, atRevision: number): Promise<number> {
  const invokedMs = client.surroundings.scheduler.nowMs;
  const nodes: Node[] = [];
  let revision = 0n;
  let pageToken = '';
  do {
    const view = { atRevision: BigInt(atRevision) };
    const request =
      pageToken === '' ? { path: '/', pageSize: 5, view } : { path: '/', pageSize: 5, view, pageToken };
    const page = await client.call(ContextService.method.list, request);
    if (revision !== 0n && page.revision !== revision)
      client.surroundings.history.bugs.push(`pages of one listing show ${revision} and ${page.revision}`);
    revision = page.revision;
    nodes.push(...page.nodes);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  note(client, invokedMs, revision, null, nodes, atRevision === 0);
  return Number(revision);
}

function note(
  client: Client,
  invokedMs: number,
  revision: bigint,
  paths: readonly string[] | null,
  found: readonly Node[],
  isLinearizable = true,
): void {
  const nodes = new Map<string, string | null>((paths ?? []).map((path) => [path, null]));
  for (const { path, value } of found) if (value !== undefined) nodes.set(path, textOf(value));
  client.surroundings.history.reads.push({
    client: client.name,
    invokedMs,
    completedMs: client.surroundings.scheduler.nowMs,
    revision: Number(revision),
    isLinearizable,
    nodes,
    listed: paths === null ? '/' : null,
  });
}
