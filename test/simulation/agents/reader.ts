/** Reads the trunk in every way there is, now and in the past, and notes what it saw. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Node } from '../../../src/gen/hyperloom/v1/node_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import { factsOf } from '../model.ts';
import { places } from './publisher.ts';

const { method } = ContextService;

export async function read(client: Client): Promise<void> {
  let newest = 0;
  while (client.isOpen) {
    newest = Math.max(newest, await looking(client, () => readOnce(client, newest)));
    await client.sleep(10);
  }
}

/** Reads, and notes refusals that should not be. 0 where nothing was shown. */
export async function looking(client: Client, look: () => Promise<number>): Promise<number> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const isGone = error.reason === 'REVISION_COMPACTED' && client.history.compactedMax > 0;
    const isExpected = error.isUnknown || error.reason === 'NODE_NOT_FOUND' || isGone;
    client.expect('no bug', isExpected, () => `a read was refused: ${error.reason} ${error.message}`);
    return 0;
  }
}

async function readOnce(client: Client, newest: number): Promise<number> {
  const place = client.below(places);
  switch (client.below(5)) {
    case 0: {
      const path = `/${client.oneOf('log', 'n', 'items', 'json')}/${place}`;
      const invokedMs = client.nowMs;
      const { node, revision } = await client.call(method.get, { path });
      return note(client, invokedMs, revision, { paths: [path], found: node === undefined ? [] : [node] });
    }
    case 1: {
      const paths = [`/p/${place}/a`, `/p/${place}/b`];
      const invokedMs = client.nowMs;
      const { nodes, revision } = await client.call(method.batchGet, { paths });
      return note(client, invokedMs, revision, { paths, found: nodes });
    }
    case 2: {
      // Its own writes: whatever it has seen, it sees again.
      const consistency = { case: 'atLeastRevision' as const, value: BigInt(newest) };
      const invokedMs = client.nowMs;
      const path = `/p/${place}/a`;
      const { nodes, revision } = await client.call(method.batchGet, {
        paths: [path],
        view: { consistency },
      });
      const what = (): string => `a read of at least revision ${newest} showed ${revision}`;
      client.expect('strictly serializable', Number(revision) >= newest, what);
      return note(client, invokedMs, revision, { paths: [path], found: nodes });
    }
    case 3:
      return await list(client, 0);
    default:
      return newest === 0 ? 0 : await list(client, 1 + client.below(newest));
  }
}

/** Lists everything, in small pages that must all show one revision. */
async function list(client: Client, atRevision: number): Promise<number> {
  const invokedMs = client.nowMs;
  const nodes: Node[] = [];
  let revision = 0n;
  let pageToken = '';
  do {
    const view = { atRevision: BigInt(atRevision) };
    const request = { path: '/', pageSize: 5, view, pageToken };
    const page = await client.call(method.list, request);
    const shown = revision;
    const what = (): string => `pages of one listing show revisions ${shown} and ${page.revision}`;
    client.expect('atomic', shown === 0n || page.revision === shown, what);
    revision = page.revision;
    nodes.push(...page.nodes);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return note(client, invokedMs, revision, { paths: null, found: nodes }, atRevision === 0);
}

interface Found {
  /** What was asked for; `null`: everything. */
  readonly paths: readonly string[] | null;
  readonly found: readonly Node[];
}

function note(
  client: Client,
  invokedMs: number,
  revision: bigint,
  { paths, found }: Found,
  isLinearizable = true,
): number {
  const known = found.filter(({ value }) => value !== undefined);
  client.history.reads.push({
    client: client.name,
    invokedMs,
    completedMs: client.nowMs,
    revision: Number(revision),
    isLinearizable,
    nodes: new Map([
      ...(paths ?? []).map((path) => [path, null] as const),
      ...known.map((node) => [node.path, factsOf(node)] as const),
    ]),
    listed: paths === null ? '/' : null,
  });
  return Number(revision);
}
