/** Gives up old history, makes backups, and restores them into forests of its own, whole and damaged ones. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { RestoreResponse } from '../../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { ForestService, RestoreRequestSchema } from '../../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { create } from '@bufbuild/protobuf';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import { factsOf } from '../model.ts';
import type { Woods } from './forester.ts';
import { refusalOf } from './forester.ts';
import { newestRevision } from './historian.ts';
import { looking } from './reader.ts';

const { compact, backup, restore, deleteForest } = ForestService.method;
/** How long an upload may take. */
const uploadMsMax = 400;

/** Compacts, after it has written down what goes: history that is given up cannot be asked for at the end. */
export async function giveUp(client: Client): Promise<void> {
  while (client.isOpen) {
    await client.sleep(120);
    const newest = await looking(client, () => newestRevision(client));
    const revision = newest - client.below(20);
    if (revision <= client.history.compactedMax) continue;
    if (!(await chronicle(client, revision))) continue;
    client.history.compactedMax = revision;
    const requestId = `compact ${client.token()}`;
    const done = await client.ask(compact, { revision: BigInt(revision), requestId });
    const what = (): string => `compacted to ${done.compactedRevision}, and ${revision} was asked for`;
    client.expect('bounded', Number(done.compactedRevision) >= revision, what);
  }
}

/** Reads all events up to a revision. False where it did not get them. */
async function chronicle(client: Client, revision: number): Promise<boolean> {
  const { chronicle: known, compactedMax } = client.history;
  try {
    let pageToken = '';
    let after = compactedMax;
    do {
      const request = { afterRevision: BigInt(compactedMax), pageSize: 100, pageToken };
      const page = await client.call(ContextService.method.history, request);
      known.push(...page.events);
      after = Math.max(after, ...page.events.map((event) => Number(event.revision)));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return after >= revision;
  } catch (error) {
    if (error instanceof CallFailure && error.isUnknown) return false;
    throw error;
  }
}

export async function backUp(client: Client, woods: Woods): Promise<void> {
  while (client.isOpen) {
    await client.sleep(150);
    const taken = await download(client);
    if (taken === null) continue;
    const name = `${client.name}-copy`;
    if (client.below(4) === 0) await restoreDamaged(client, name, taken.chunks);
    await restoreAndCheck(client, name, taken, woods);
  }
}

interface Taken {
  readonly revision: number;
  readonly chunks: readonly Uint8Array[];
}

/** A backup, unless the connection broke on the way. */
function download(client: Client): Promise<Taken | null> {
  const chunks: Uint8Array[] = [];
  let revision = 0;
  return new Promise((resolve) => {
    client.stream(
      backup,
      {},
      {
        message(response) {
          chunks.push(response.chunk);
          revision = Number(response.revision);
        },
        end(failure) {
          const what = (): string => `a backup ended with ${failure?.code} ${failure?.reason}`;
          client.expect('no bug', failure === null || failure.isUnknown, what);
          resolve(failure === null ? { revision, chunks } : null);
        },
      },
    );
  });
}

/** The restored forest is the one that was backed up, as it was at the revision that the backup names. */
async function restoreAndCheck(
  client: Client,
  name: string,
  { revision, chunks }: Taken,
  woods: Woods,
): Promise<void> {
  const invokedMs = client.nowMs;
  const requestId = `restore ${client.token()}`;
  await settled(client, () => upload(client, name, requestId, chunks));
  woods.set(name, true);
  const again = await settled(client, () => upload(client, name, requestId, chunks));
  client.expect('exactly once', again.repeated, () => `${requestId} restored ${name} twice`);
  const shown = await client.ask(ContextService.method.list, { forest: name, path: '/', pageSize: 10_000 });
  const found = shown.nodes.filter(({ value }) => value !== undefined);
  client.history.reads.push({
    client: `${client.name}, who restored a backup,`,
    invokedMs,
    completedMs: client.nowMs,
    revision,
    isLinearizable: false,
    nodes: new Map(found.map((node) => [node.path, factsOf(node)])),
    listed: '/',
  });
  await client.ask(deleteForest, { name, requestId: `delete ${client.token()}` });
  woods.set(name, false);
}

/** Nothing comes of a backup in which one bit is wrong. */
async function restoreDamaged(client: Client, name: string, chunks: readonly Uint8Array[]): Promise<void> {
  client.fault('damaged upload');
  const damaged = chunks.map((chunk) => chunk.slice());
  const chunk = damaged[client.below(damaged.length)];
  const at = client.below(chunk?.length ?? 1);
  if (chunk !== undefined) chunk[at] = (chunk[at] ?? 0) ^ (1 << client.below(8));
  const requestId = `restore damaged ${client.token()}`;
  const refusal = await refusalOf(() => settled(client, () => upload(client, name, requestId, damaged)));
  client.expect('durable', refusal === 'BACKUP_DAMAGED', () => `a damaged backup: ${refusal}`);
}

async function settled<T>(client: Client, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CallFailure) || !error.isUnknown) throw error;
      await client.sleep(30);
    }
  }
}

function upload(
  client: Client,
  forest: string,
  requestId: string,
  chunks: readonly Uint8Array[],
): Promise<RestoreResponse> {
  return new Promise((resolve, reject) => {
    let answer: RestoreResponse | null = null;
    const stream = client.stream(restore, null, {
      message(response) {
        answer = response;
      },
      end(failure) {
        timer.cancel();
        if (answer !== null) resolve(answer);
        else reject(failure ?? new CallFailure('UNAVAILABLE', '', 'no answer'));
      },
    });
    const timer = client.surroundings.scheduler.after(uploadMsMax, () => {
      stream.cancel();
      reject(new CallFailure('DEADLINE_EXCEEDED', '', 'the upload took too long'));
    });
    for (const [index, chunk] of chunks.entries())
      stream.send(create(RestoreRequestSchema, index === 0 ? { forest, requestId, chunk } : { chunk }));
    stream.halfClose();
  });
}
