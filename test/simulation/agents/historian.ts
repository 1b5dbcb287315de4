/**
 * Works with the past: copies subtrees out of old revisions, begins ghosts on them, takes whole revisions back, and asks what
 * changed and who did it.
 */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import { copyFrom } from '../requests.ts';
import { workInGhosts } from './ghost-worker.ts';
import { places } from './publisher.ts';
import { looking } from './reader.ts';

const { method } = ContextService;

export async function rummage(client: Client): Promise<void> {
  while (client.isOpen) {
    const newest = await looking(client, () => newestRevision(client));
    if (newest > 0) await rummageOnce(client, newest);
    await client.sleep(15);
  }
}

export async function newestRevision(client: Client): Promise<number> {
  return Number((await client.call(method.batchGet, { paths: ['/p'] })).revision);
}

async function rummageOnce(client: Client, newest: number): Promise<void> {
  const revision = 1 + client.below(newest);
  switch (client.below(5)) {
    case 0:
    case 1:
      return copyOld(client, revision);
    case 2:
      await looking(client, () => diff(client, revision, 1 + client.below(newest)));
      return;
    case 3:
      await looking(client, () => blame(client, revision));
      return;
    default:
      await looking(client, () => readHistory(client, revision));
  }
}

async function copyOld(client: Client, revision: number): Promise<void> {
  const token = client.token();
  const source = `/p/${client.below(places)}`;
  const operations = [copyFrom(`/p/${client.below(places)}`, source, revision)];
  const requestId = `copy ${token}`;
  const request = { operations, requestId, author: client.name };
  const note = { requestId, operations };
  await client.write(method.publish, request, note, ({ revision: made }) => made);
}

async function diff(client: Client, one: number, other: number): Promise<number> {
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  const paths: string[] = [];
  let pageToken = '';
  do {
    const revisions = { fromRevision: BigInt(from), toRevision: BigInt(to) };
    const sides = { case: 'revisions' as const, value: revisions };
    const page = await client.call(method.diff, { sides, pageSize: 4, pageToken });
    for (const { path, before, after } of page.differences)
      if (before?.value !== undefined || after?.value !== undefined) paths.push(path);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  client.history.diffs.push({ client: client.name, from, to, paths });
  return to;
}

/** Whoever is blamed for a value did it at the revision at which the node says that it was changed. */
async function blame(client: Client, revision: number): Promise<number> {
  const { lines } = await client.call(method.blame, { path: '/p', depth: 3, atRevision: BigInt(revision) });
  for (const { node, event } of lines) {
    if (event === undefined || node === undefined || node.version === 0n) continue;
    const what = (): string =>
      `${node.path} changed at ${node.modifiedRevision}, and revision ${event.revision} is blamed`;
    client.expect('strictly serializable', event.revision === node.modifiedRevision, what);
  }
  return revision;
}

/** The history from a revision on, in small pages; it is compared with what there is at the end. */
async function readHistory(client: Client, afterRevision: number): Promise<number> {
  const events: Event[] = [];
  let pageToken = '';
  do {
    const request = { afterRevision: BigInt(afterRevision), pageSize: 5, pageToken };
    const page = await client.call(method.history, request);
    events.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  client.history.chronicle.push(...events);
  return Number(events.at(-1)?.revision ?? afterRevision);
}

/** Takes back trunk revisions that are not old. */
export async function takeBack(client: Client): Promise<void> {
  while (client.isOpen) {
    const newest = await looking(client, () => newestRevision(client));
    if (newest > 0) {
      const revision = Math.max(1, newest - client.below(4));
      const target = { case: 'revision' as const, value: BigInt(revision) };
      const requestId = `take back ${client.token()}`;
      const request = { target, reason: 'it was wrong', author: client.name, requestId };
      await client.write(method.revert, request, { requestId }, ({ revision: made }) => made);
    }
    await client.sleep(40);
  }
}

/** Works in ghosts that stand on old revisions. */
export async function workInThePast(client: Client): Promise<void> {
  let newest = 0;
  const look = async (): Promise<void> => {
    while (client.isOpen) {
      newest = Math.max(newest, await newestRevision(client).catch(unlessRefused));
      await client.sleep(60);
    }
  };
  const wanted = (): { baseRevision: bigint } => ({
    baseRevision: BigInt(newest === 0 ? 0 : Math.max(1, newest - client.below(20))),
  });
  await Promise.all([look(), workInGhosts(client, wanted)]);
}

function unlessRefused(error: unknown): number {
  if (error instanceof CallFailure) return 0;
  throw error;
}
