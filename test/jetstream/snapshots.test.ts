/**
 * Goal: on a real NATS server snapshots make a start short and the stream bounded, and lose nothing. Method: real brokers with a small snapshot
 * threshold, one of which is killed while it shares; the stream and the bucket are looked at from outside.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { ObjectMissing } from '../../src/journal/agreed-objects.ts';
import { manifestsIn } from '../../src/sequencer/agreed/snapshot-sharing.ts';
import { putText, refusalOf } from '../support/broker.ts';
import { BrokersOnNats, hashOf } from './brokers-on-nats.ts';
import type { BrokerOnNats } from './brokers-on-nats.ts';

const on = new BrokersOnNats('snapshots');

function startBroker(prefix: string): Promise<BrokerOnNats> {
  return on.start(prefix, ['--snapshot-journal-bytes', String(64 * 1024)]);
}

/** Publishes by one client until the stream of a prefix begins later. */
function writeUntilCut(prefix: string, { clients: { context } }: BrokerOnNats, path: string): Promise<void> {
  return on.looking(prefix, async (jetStream) => {
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

test('brokers begin with what others have shared, also where these were killed while sharing, or have given up history', async () => {
  const one = await startBroker('STORY');
  await one.clients.context.publish({ operations: [putText('/first', 'here')] });
  await writeUntilCut('STORY', one, '/a');
  const two = await startBroker('STORY');
  expect(await hashOf(two)).toBe(await hashOf(one));
  const past = await two.clients.context.get({ path: '/first', view: { atRevision: 1n } });
  expect(past.node?.modifiedRevision).toBe(1n);
  const { events } = await two.clients.context.history({ path: '/first' });
  expect(events.map(({ revision }) => revision)).toEqual([1n]);
  // The kill comes at no chosen moment: the broker shares a snapshot most of the time.
  const writing = writeUntilCut('STORY', one, '/b').catch(() => undefined);
  const before = await one.clients.context.get({ path: '/first' });
  one.clients.cut();
  await one.broker.stop('SIGKILL');
  await writing;
  const { revision } = await two.clients.context.get({ path: '/first' });
  expect(revision).toBeGreaterThanOrEqual(before.revision);
  const { compactedRevision } = await two.clients.forests.compact({ revision });
  expect(compactedRevision).toBe(revision);
  const late = await startBroker('STORY');
  for (const {
    clients: { context },
  } of [two, late]) {
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
    await on.looking('BUCKET', async (jetStream) => {
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

  test('is read without consumers, and not beyond what was written', async () => {
    await on.looking('READ', async (jetStream) => {
      const objects = await jetStream.openObjects('default');
      const bytes = new Uint8Array(1_300_000).map((_, index) => index * 7);
      await objects.put('whole', bytes);
      await objects.put('none', new Uint8Array());
      for (let round = 0; round < 3; round += 1) {
        expect(await objects.get('whole')).toEqual(bytes);
        expect(await objects.get('none')).toEqual(new Uint8Array());
        expect(await objects.names()).toEqual(['none', 'whole']);
      }
      const connection = await connect({ servers: on.nats.address().replace('nats://', '') });
      const { streams } = await jetstreamManager(connection);
      const stream = 'OBJ_READ_default';
      const { state } = await streams.info(stream, { subjects_filter: '$O.READ_default.C.>' });
      expect(state.consumer_count).toBe(0);
      expect(Object.values(state.subjects ?? {})).toEqual([3]);
      await streams.deleteMessage(stream, 2);
      await connection.close();
      await expect(objects.get('whole')).rejects.toThrow(/is not what was stored/);
    });
  });

  test('has nothing left of what was removed', async () => {
    await on.looking('GONE', async (jetStream) => {
      const objects = await jetStream.openObjects('default');
      const names = ['one', 'two>>>???', 'three', 'kept'];
      for (const name of names) await objects.put(name, new Uint8Array(10));
      for (const name of names.slice(0, 3)) await objects.remove(name);
      expect(await objects.names()).toEqual(['kept']);
      const connection = await connect({ servers: on.nats.address().replace('nats://', '') });
      const { streams } = await jetstreamManager(connection);
      const { state } = await streams.info('OBJ_GONE_default');
      await connection.close();
      expect(state.messages).toBe(2);
    });
  });
});
