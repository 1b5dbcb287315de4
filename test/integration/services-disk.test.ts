/**
 * Goal: what a bad disk does to the broker is told as it is, and nothing that it damaged is served. Method: a whole broker on a
 * real socket, on the simulated disk, whose bits turn over and whose operations fail while it runs.
 */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import { JournalDamage } from '../../src/journal/journal.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';

const firstSegment = '/data/forests/default/segments/0000000000000001.segment';

async function start(): Promise<{ broker: TestBroker; disk: SimulatedFileSystem }> {
  const random = seededRandom(1);
  const disk = new SimulatedFileSystem({ random });
  const store = await DataFolder.open('/data', { clock: systemClock, random, fileSystem: disk });
  return { broker: await startTestBroker({ store }), disk };
}

async function backupOf({ forests }: TestBroker): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of forests.backup({})) chunks.push(chunk);
  return chunks;
}

test('a journal that is damaged while the broker runs stops it when it is read, and is not served', async () => {
  const { broker, disk } = await start();
  const { revision } = await broker.context.publish({ operations: [putText('/a', 'kept')] });
  expect((await broker.context.history({})).events).toHaveLength(Number(revision));
  // In the first record, behind the sector of the file's header.
  disk.flipBit(firstSegment, 550, 3);
  expect((await refusalOf(broker.context.history({}))).code).toBe('Internal');
  expect(broker.fatal).toEqual([expect.any(JournalDamage)]);
  await broker.close();
});

test('a backup that cannot be durable is refused for the reason of all writes', async () => {
  const { broker, disk } = await start();
  await broker.context.publish({ operations: [putText('/a', 'kept')] });
  disk.failAt(1, 'EIO');
  const reasons = [
    (await refusalOf(broker.context.publish({ operations: [putText('/b', 'lost')] }))).reason,
    (await refusalOf(backupOf(broker))).reason,
  ];
  expect(reasons).toEqual(['JOURNAL_UNAVAILABLE', 'JOURNAL_UNAVAILABLE']);
  expect(broker.fatal).toEqual([]);
  await broker.close();
});

test('forests that cannot be made any more are told of as a journal that takes no writes', async () => {
  const { broker, disk } = await start();
  disk.failAt(1, 'EIO');
  const create = { name: 'more', requestId: 'create' };
  expect((await refusalOf(broker.forests.createForest(create))).reason).toBe('JOURNAL_UNAVAILABLE');
  expect(broker.log.join()).toContain('registry of forests');
  await broker.close();
});

test('a restore that the disk interrupts anywhere can be repeated', async () => {
  const { broker, disk } = await start();
  await broker.context.publish({ operations: [putText('/a', 'kept')] });
  const chunks = await backupOf(broker);
  async function* upload() {
    for (const [index, chunk] of chunks.entries()) yield index === 0 ? { forest: 'copy', chunk } : { chunk };
  }
  let interrupted = 0;
  for (;;) {
    disk.failAt(interrupted + 1, 'ENOSPC');
    const refused = await broker.forests.restore(upload()).catch((error: unknown) => error);
    if (!(refused instanceof Error)) break;
    interrupted += 1;
    expect((await refusalOf(Promise.reject(refused))).reason).toBe('JOURNAL_UNAVAILABLE');
    await broker.forests.restore(upload());
    const { node } = await broker.context.get({ forest: 'copy', path: '/a' });
    expect(node?.value?.kind.value).toBe('kept');
    await broker.forests.deleteForest({ name: 'copy' });
  }
  expect(interrupted).toBeGreaterThan(10);
  expect(broker.fatal).toEqual([]);
  await broker.close();
});
