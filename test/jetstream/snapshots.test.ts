/**
 * Goal: on a real NATS server snapshots make a start short and the stream bounded, and lose nothing. Method: real brokers with a small snapshot
 * threshold, one of which is killed while it shares; the stream and the bucket are looked at from outside.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { ObjectMissing } from '../../src/journal/agreed-objects.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import { JetStream } from '../../src/journal/jetstream/jetstream.ts';
import { manifestsIn } from '../../src/sequencer/agreed/snapshot-sharing.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { putText, refusalOf } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';
import { NatsCluster } from './nats-server.ts';
import { connectPatiently } from './patience.ts';

let nats: NatsCluster;
let folder: string;
const running: { readonly broker: BrokerProcess; readonly clients: TestClients }[] = [];

beforeAll(async () => {
  nats = await NatsCluster.start();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-snapshots-'));
});
afterEach(async () => {
  for (const { broker, clients } of running.splice(0)) {
    clients.cut();
    await broker.stop('SIGKILL');
  }
});
afterAll(async () => {
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

const snapshotBytes = 64 * 1024;

async function startBroker(prefix: string): Promise<TestClients> {
  const name = `${prefix}-${running.length}`;
  const options = ['--journal', nats.address(`prefix=${prefix}`), '--log-level', 'warn'];
  const broker = new BrokerProcess(join(folder, name), [
    ...options,
    '--snapshot-journal-bytes',
    String(snapshotBytes),
  ]);
  await broker.start();
  const clients = connectPatiently(`http://${broker.address}`);
  running.push({ broker, clients });
  return clients;
}

async function looking<T>(prefix: string, look: (jetStream: JetStream) => Promise<T>): Promise<T> {
  const address = parseJetStreamAddress(nats.address(`prefix=${prefix}`));
  const jetStream = await JetStream.connect(address, systemClock, () => undefined);
  try {
    return await look(jetStream);
  } finally {
    await jetStream.close();
  }
}

/** Publishes by one client until the stream of a prefix begins later. */
function writeUntilCut(prefix: string, { context }: TestClients, path: string): Promise<void> {
  return looking(prefix, async (jetStream) => {
    const log = await jetStream.openLog('default');
    const { first } = await log.bounds();
    for (let round = 0; round < 2_000; round += 1) {
      const texts = Array.from({ length: 20 }, (_, index) => putText(`${path}/${index}`, 'x'.repeat(500)));
      await context.publish({ operations: texts });
      if ((await log.bounds()).first > first) return;
    }
    throw new Error('the stream was not cut');
  });
}

async function hashOf({ context, forests }: TestClients): Promise<string> {
  await context.listGhosts({});
  const { stateHash, stateHashPosition } = await forests.getStatus({ includeStateHash: true });
  return `${stateHash} at ${stateHashPosition}`;
}

test('brokers begin with what others have shared, also where these were killed while sharing, or have given up history', async () => {
  const one = await startBroker('STORY');
  await one.context.publish({ operations: [putText('/first', 'here')] });
  await writeUntilCut('STORY', one, '/a');
  const two = await startBroker('STORY');
  expect(await hashOf(two)).toBe(await hashOf(one));
  const past = await two.context.get({ path: '/first', view: { atRevision: 1n } });
  expect(past.node?.modifiedRevision).toBe(1n);
  const { events } = await two.context.history({ path: '/first' });
  expect(events.map(({ revision }) => revision)).toEqual([1n]);
  // The kill comes at no chosen moment: the broker shares a snapshot most of the time.
  const writing = writeUntilCut('STORY', one, '/b').catch(() => undefined);
  const before = await one.context.get({ path: '/first' });
  const [first] = running;
  first?.clients.cut();
  await first?.broker.stop('SIGKILL');
  await writing;
  const { revision } = await two.context.get({ path: '/first' });
  expect(revision).toBeGreaterThanOrEqual(before.revision);
  const { compactedRevision } = await two.forests.compact({ revision });
  expect(compactedRevision).toBe(revision);
  const late = await startBroker('STORY');
  for (const { context } of [two, late]) {
    const view = { atRevision: revision - 1n };
    const refused = await refusalOf(context.get({ path: '/first', view }));
    expect(refused).toMatchObject({ reason: 'REVISION_COMPACTED' });
    const { node } = await context.get({ path: '/first', view: { atRevision: revision } });
    expect(node?.modifiedRevision).toBe(1n);
  }
  expect(await hashOf(late)).toBe(await hashOf(two));
});

describe('a bucket', () => {
  test('gives back what was put into it, and knows what it has', async () => {
    await looking('BUCKET', async (jetStream) => {
      const objects = await jetStream.openObjects('default');
      expect(await objects.names()).toEqual([]);
      const bytes = new Uint8Array(3_000_000).map((_, index) => index * 7);
      await objects.put('one-all', bytes);
      await objects.put('two', Uint8Array.of(1));
      expect(await objects.names()).toEqual(['one-all', 'two']);
      expect(manifestsIn(await objects.names())).toEqual(['one-all']);
      expect(Buffer.compare(await objects.get('one-all'), bytes)).toBe(0);
      await objects.remove('two');
      await objects.remove('never there');
      expect(await objects.names()).toEqual(['one-all']);
      await expect(objects.get('two')).rejects.toThrow(ObjectMissing);
    });
  });
});
