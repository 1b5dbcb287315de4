/** Works in ghosts: stages, reads its own writes, sets checkpoints, goes back, and in the end commits, reverts or vanishes. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Client } from '../client.ts';
import type { GhostRecord } from '../history.ts';
import { textOf } from '../model.ts';
import { CallFailure } from '../network.ts';
import { putText } from './publisher.ts';

export async function workInGhosts(client: Client): Promise<void> {
  while (client.surroundings.isOpen()) {
    try {
      await oneGhost(client);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      const expected = error.isUnknown || ghostIsGone.has(error.reason) || error.reason === 'CONFLICT';
      if (!expected)
        client.surroundings.history.bugs.push(
          `a ghost's worker was refused: ${error.reason} ${error.message}`,
        );
    }
    await client.sleep(30);
  }
}

/** A crash may take an unfinished speculation, or the newest of it; an expiry takes one whose worker was cut off. */
const ghostIsGone = new Set(['GHOST_NOT_FOUND', 'GHOST_OVER', 'GHOST_INTERRUPTED', 'CHECKPOINT_NOT_FOUND']);

async function oneGhost(client: Client): Promise<void> {
  const { method } = ContextService;
  const begun = await client.ask(method.beginGhost, {
    requestId: `ghost ${client.token()}`,
    ttl: { seconds: 1n, nanos: 0 },
    author: client.name,
  });
  const ghostId = begun.ghost?.id ?? '';
  const record: GhostRecord = {
    client: client.name,
    ghostId,
    baseRevision: Number(begun.ghost?.baseRevision ?? 0n),
    kept: [],
    dropped: [],
    end: 'unknown',
    commitRequestId: '',
  };
  client.surroundings.history.ghosts.push(record);
  const known = { edition: begun.ghost?.edition ?? 0n, starts: 0 };
  // Its own place, so that what it commits conflicts with nobody but other ghosts.
  const place = client.below(3);
  let checkpointAt = -1;
  for (let step = client.below(6); step >= 0; step -= 1) {
    await stage(client, record, known, place);
    await readBack(client, record, known, place);
    if (checkpointAt < 0 && client.below(3) === 0) {
      const request = {
        ghostId,
        name: 'here',
        requestId: `checkpoint ${client.token()}`,
        edition: known.edition,
      };
      known.edition = (await client.ask(method.checkpoint, request)).edition;
      checkpointAt = record.kept.length;
    } else if (checkpointAt >= 0 && client.below(3) === 0) {
      const rewound = await client.ask(method.revert, {
        target: { case: 'rewind', value: { ghostId, checkpoint: 'here' } },
        reason: 'tried again',
        requestId: `rewind ${client.token()}`,
      });
      known.edition = rewound.edition;
      record.dropped.push(...record.kept.splice(checkpointAt));
    }
    await client.sleep(8);
  }
  await finish(client, record, known);
}

/** The edition of the ghost that its worker was told last, and how often the broker had been started before it staged last. */
interface Known {
  edition: bigint;
  starts: number;
}

async function stage(client: Client, record: GhostRecord, known: Known, place: number): Promise<void> {
  const token = client.token();
  const operations = [putText(`/g/${place}/a`, token), putText(`/g/${place}/b`, token)];
  const requestId = `staged ${token}`;
  record.kept.push(token);
  known.starts = client.surroundings.starts();
  const request = { ghostId: record.ghostId, operations, requestId, edition: known.edition };
  known.edition = (await client.ask(ContextService.method.publish, request)).edition;
}

async function readBack(client: Client, record: GhostRecord, known: Known, place: number): Promise<void> {
  const paths = [`/g/${place}/a`, `/g/${place}/b`];
  const view = { ghostId: record.ghostId };
  const { nodes } = await client.ask(ContextService.method.batchGet, { paths, view });
  const texts = nodes.map(({ value }) => textOf(value));
  const newest = record.kept.at(-1);
  // What a restart has taken is not there to be read; who builds on it is refused.
  if (client.surroundings.starts() !== known.starts) return;
  if (texts.length === 2 && texts.every((text) => text === newest)) return;
  client.surroundings.history.bugs.push(
    `isolated: ghost ${record.ghostId} shows ${texts.join(' and ')} where ${newest} was staged last`,
  );
}

async function finish(client: Client, record: GhostRecord, known: Known): Promise<void> {
  const { ghostId } = record;
  const how = client.below(5);
  if (how === 0) return;
  if (how === 1) {
    const target = { case: 'ghostId' as const, value: ghostId };
    await client.ask(ContextService.method.revert, {
      target,
      reason: 'no use',
      requestId: `revert ${client.token()}`,
    });
    record.end = 'reverted';
    return;
  }
  record.commitRequestId = `commit ${client.token()}`;
  const request = { ghostId, requestId: record.commitRequestId, author: client.name, edition: known.edition };
  const done = await client.write(
    ContextService.method.commit,
    request,
    [...record.kept],
    ({ revision }) => revision,
  );
  if (done !== undefined) record.end = 'committed';
}
