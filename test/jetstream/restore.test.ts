/**
 * Goal: a backup is restored into forests that brokers on one NATS share and that are empty, while these run: for all of them, and whole or not at all where
 * the broker that was asked is killed. Method: real brokers on a real server; one of them is killed when what it has stored so far is seen from outside, the other
 * one is asked again under the same request id.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import type { RestoreRequestSchema, RestoreResponse } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { decodeAgreedEntry } from '../../src/codec/agreed-entry.ts';
import { verifyShared } from '../../src/inspection/shared-address.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import type { JetStream } from '../../src/journal/jetstream/jetstream.ts';
import { StreamsDestination } from '../../src/moving/streams-destination.ts';
import { putText, refusalOf } from '../support/broker.ts';
import { BrokersOnNats, hashOf, quickly } from './brokers-on-nats.ts';
import type { BrokerOnNats } from './brokers-on-nats.ts';
import { answered } from './patience.ts';

const on = new BrokersOnNats('restored');
const prefix = 'RESTORED';

/** A backup of a forest with a past and a ghost, in more than one piece. */
async function backupOf({ clients: { context, forests } }: BrokerOnNats): Promise<Uint8Array[]> {
  await forests.createForest({ name: 'source' });
  for (let round = 0; round < 20; round += 1) {
    const texts = Array.from({ length: 50 }, (_, index) =>
      putText(`/a/${round}/${index}`, 'x'.repeat(1_000)),
    );
    await context.publish({ forest: 'source', operations: texts });
  }
  await context.beginGhost({ forest: 'source', label: 'tried', ttl: { seconds: 600n } });
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of forests.backup({ forest: 'source' })) chunks.push(chunk);
  return chunks;
}

interface Restoring {
  readonly forest: string;
  readonly requestId: string;
  readonly backup: readonly Uint8Array[];
  /** Told when part of it was sent. */
  readonly onSent?: () => void;
}

function restore(
  { clients: { forests } }: BrokerOnNats,
  { forest, requestId, backup, onSent = () => undefined }: Restoring,
): Promise<RestoreResponse> {
  const parts = async function* (): AsyncGenerator<MessageInitShape<typeof RestoreRequestSchema>> {
    for (const [index, chunk] of backup.entries()) {
      yield { forest, requestId, chunk };
      if (index === 1) onSent();
    }
  };
  return answered(() => forests.restore(parts()));
}

/** The log of a forest by its name, which is another one each time. */
async function logOf(jetStream: JetStream, forest: string): Promise<string> {
  const names = await jetStream.names();
  const log = names.find((name) => name.startsWith(`${forest}-X`));
  if (log === undefined) throw new Error(`no log of ${forest} is among ${names.join(', ')}`);
  return log;
}

/** Whether an object is there that was stored to be restored from. */
async function isStored(jetStream: JetStream, forest: string): Promise<boolean> {
  const objects = await jetStream.openObjects(await logOf(jetStream, forest));
  return (await objects.names()).some((name) => name.includes('-into_'));
}

async function isInLog(jetStream: JetStream, forest: string): Promise<boolean> {
  const log = await jetStream.openLog(await logOf(jetStream, forest));
  const { last } = await log.bounds();
  for await (const { sequence, payload } of log.follow(1)) {
    if (decodeAgreedEntry(payload).restored !== null) return true;
    if (sequence >= last) return false;
  }
  return false;
}

const steps = {
  sent: async () => true,
  stored: isStored,
  agreed: isInLog,
};

test('a backup is restored into empty forests for all brokers, also where one is killed at any step of it', async () => {
  let one = await on.start(prefix, [], quickly);
  const two = await on.start(prefix, [], quickly);
  const backup = await backupOf(one);
  for (const forest of Object.keys(steps)) await two.clients.forests.createForest({ name: forest });
  const first = { forest: 'default', requestId: 'r-default', backup };
  const { forest: told } = await restore(one, first);
  expect([told?.revision, told?.ghosts]).toEqual([20n, 1n]);
  const expected = await hashOf(two);
  expect(await hashOf(one)).toBe(expected);
  const { node } = await two.clients.context.get({ path: '/a/7/9' });
  expect(node?.modifiedRevision).toBe(8n);
  expect(await refusalOf(restore(two, { ...first, requestId: 'another' }))).toMatchObject({
    reason: 'FOREST_EXISTS',
  });

  for (const [forest, isReached] of Object.entries(steps)) {
    const request = { forest, requestId: `r-${forest}`, backup };
    const sent = Promise.withResolvers<void>();
    const standing = { isOver: false };
    const asked = restore(one, { ...request, onSent: sent.resolve }).catch(() => undefined);
    void asked.then(() => (standing.isOver = true));
    await sent.promise;
    await on.looking(prefix, async (jetStream) => {
      while (!standing.isOver && !(await isReached(jetStream, forest)));
    });
    one.clients.cut();
    await one.broker.stop('SIGKILL');
    await asked;
    await restore(two, request);
    expect(await hashOf(two, forest), forest).toBe(expected);
    one = await on.again(one);
    expect(await hashOf(one, forest), forest).toBe(expected);
    expect((await restore(one, request)).repeated).toBe(true);
  }

  // Nothing was written to it, and it is in use all the same: no other forest is moved into its place.
  const address = parseJetStreamAddress(on.nats.address(`prefix=${prefix}`));
  const moved = { forest: 'default', from: 'elsewhere', leftMsMax: 0 };
  const destination = await StreamsDestination.open({ kind: 'streams', address }, moved);
  expect(await destination.hasForest()).toBe(true);
  await destination.close();

  for (const forest of ['', ...Object.keys(steps)])
    await one.clients.context.publish({ forest, operations: [putText('/behind', 'x')] });
  for (const forest of ['', ...Object.keys(steps)])
    expect(await hashOf(two, forest), forest).toBe(await hashOf(one, forest));
  for await (const { damages } of verifyShared(on.nats.address(`prefix=${prefix}`), () => undefined))
    expect(damages).toEqual([]);
}, 600_000);
