/**
 * Goal: the operation of forests: making, listing, deleting, compacting, backing up, restoring, and their standing. Method: a
 * whole broker on a real socket, with its journal in a temporary folder, called through connect-node.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RestoreRequestSchema } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';

let folder: string;
let broker: TestBroker;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-forests-'));
  broker = await startTestBroker({
    settings: { journal: 'embedded', data: join(folder, 'not', 'there', 'yet') },
  });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
  await rm(folder, { recursive: true });
});

describe('a forest', () => {
  test('is made, written to on its own, listed and deleted', async () => {
    const { forest } = await broker.forests.createForest({ name: 'one' });
    expect(forest).toMatchObject({ name: 'one', revision: 0n, nodes: 0n, ghosts: 0n, compactedRevision: 0n });
    await broker.context.publish({ forest: 'one', operations: [putText('/a', 'x')] });
    expect((await refusalOf(broker.context.get({ path: '/a' }))).reason).toBe('NODE_NOT_FOUND');
    const { forests } = await broker.forests.listForests({});
    expect(forests.map(({ name, revision }) => [name, revision])).toEqual([
      ['default', 0n],
      ['one', 1n],
    ]);
    expect(forests[1]?.storedBytes).toBeGreaterThan(0n);
    await broker.forests.deleteForest({ name: 'one' });
    expect(await refusalOf(broker.context.get({ forest: 'one', path: '/a' }))).toMatchObject({
      code: 'NotFound',
      reason: 'FOREST_NOT_FOUND',
      metadata: { forest: 'one' },
    });
    await broker.forests.createForest({ name: 'one' });
    expect((await refusalOf(broker.context.get({ forest: 'one', path: '/a' }))).reason).toBe(
      'NODE_NOT_FOUND',
    );
  });

  test('is refused where it is there, is protected, or has no name', async () => {
    expect(await refusalOf(broker.forests.createForest({ name: 'default' }))).toMatchObject({
      code: 'AlreadyExists',
      reason: 'FOREST_EXISTS',
    });
    const names = ['', 'Upper', '../up', 'a/b', '-a', 'x'.repeat(64), 'dot.ted', 'a\u0000'];
    for (const name of names) {
      expect(await refusalOf(broker.forests.createForest({ name }))).toMatchObject({
        code: 'InvalidArgument',
        reason: 'INVALID_REQUEST',
        fields: ['name'],
      });
    }
    expect(await refusalOf(broker.forests.deleteForest({ name: 'default' }))).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'FOREST_PROTECTED',
    });
    expect((await refusalOf(broker.forests.deleteForest({ name: 'nowhere' }))).reason).toBe(
      'FOREST_NOT_FOUND',
    );
    expect((await refusalOf(broker.forests.deleteForest({}))).fields).toEqual(['name']);
  });

  test('gives up history and keeps its state', async () => {
    await broker.forests.createForest({ name: 'compact' });
    for (let index = 0; index < 10; index += 1) {
      await broker.context.publish({ forest: 'compact', operations: [putText('/a', String(index))] });
    }
    expect((await broker.forests.compact({ forest: 'compact', revision: 7n })).compactedRevision).toBe(7n);
    const at = async (atRevision: bigint) =>
      (await broker.context.get({ forest: 'compact', path: '/a', view: { atRevision } })).node?.value?.kind
        .value;
    expect(await at(7n)).toBe('6');
    expect(await refusalOf(at(6n))).toMatchObject({
      code: 'OutOfRange',
      reason: 'REVISION_COMPACTED',
      metadata: { revision: '6', oldest_revision: '7' },
    });
    expect((await broker.forests.compact({ forest: 'compact' })).compactedRevision).toBe(10n);
    expect((await refusalOf(broker.forests.compact({ forest: 'compact', revision: 11n }))).reason).toBe(
      'REVISION_IN_FUTURE',
    );
  });

  test('tells how it and the broker are', async () => {
    await broker.context.publish({ operations: [putText('/status', 'x')], requestId: 'status-1' });
    await broker.context.beginGhost({});
    const status = await broker.forests.getStatus({ includeStateHash: true });
    expect(status).toMatchObject({
      version: '0.0.0-test',
      journal: 'embedded',
      writeStopReason: '',
      requestIds: 1n,
      subscriptions: 0n,
    });
    expect(status.forest).toMatchObject({ name: 'default', nodes: 1n, ghosts: 1n });
    expect(status.stateHash).toMatch(/^[0-9a-f]{32}$/);
    expect(status.stateHashPosition).toBe(status.position);
    expect((await broker.forests.getStatus({})).stateHash).toBe('');
    expect((await refusalOf(broker.forests.getStatus({ forest: 'nowhere' }))).reason).toBe(
      'FOREST_NOT_FOUND',
    );
  });
});

async function backupOf(forest: string): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of broker.forests.backup({ forest })) chunks.push(chunk);
  return chunks;
}

function restore(forest: string, chunks: readonly Uint8Array[]) {
  async function* upload(): AsyncGenerator<MessageInitShape<typeof RestoreRequestSchema>> {
    yield { forest };
    for (const chunk of chunks) yield { chunk };
  }
  return broker.forests.restore(upload());
}

describe('a backup', () => {
  test('restores the same state under another name, ghosts and request ids included', async () => {
    await broker.forests.createForest({ name: 'source' });
    const request = {
      forest: 'source',
      requestId: 'kept',
      operations: Array.from({ length: 3_000 }, (_, index) => putText(`/n/${index}`, 'v'.repeat(200))),
    };
    const { revision } = await broker.context.publish(request);
    const { ghost } = await broker.context.beginGhost({ forest: 'source' });
    await broker.context.publish({
      forest: 'source',
      ghostId: ghost?.id ?? '',
      operations: [putText('/g', 'x')],
    });
    const chunks = await backupOf('source');
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.every((chunk) => chunk.length <= 65_536)).toBe(true);
    const restored = await restore('copy', chunks);
    expect(restored.forest).toMatchObject({ name: 'copy', revision, nodes: 3_000n, ghosts: 1n });
    expect((await broker.context.get({ forest: 'copy', path: '/n/2999' })).node?.modifiedRevision).toBe(
      revision,
    );
    const { node } = await broker.context.get({
      forest: 'copy',
      path: '/g',
      view: { ghostId: ghost?.id ?? '' },
    });
    expect(node?.stagedSequence).toBe(1n);
    expect(await broker.context.publish({ ...request, forest: 'copy', requestId: 'new' })).toMatchObject({
      revision: revision + 1n,
    });
    expect((await refusalOf(restore('copy', chunks))).reason).toBe('FOREST_EXISTS');
  });

  test('is refused where it is damaged, cut off or nothing at all, and nothing is restored', async () => {
    const whole = Buffer.concat(await backupOf('source'));
    const flipped = Buffer.from(whole);
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
    for (const bytes of [flipped, whole.subarray(0, -10), Buffer.from('nonsense'), Buffer.alloc(0)]) {
      const refused = await refusalOf(restore('damaged', [bytes]));
      expect(refused).toMatchObject({ code: 'DataLoss', reason: 'BACKUP_DAMAGED' });
    }
    expect((await refusalOf(broker.context.list({ forest: 'damaged' }))).reason).toBe('FOREST_NOT_FOUND');
    expect(await refusalOf(restore('', [whole]))).toMatchObject({
      reason: 'INVALID_REQUEST',
      fields: ['forest'],
    });
  });

  test('whose upload names another forest on the way is refused', async () => {
    async function* upload(): AsyncGenerator<MessageInitShape<typeof RestoreRequestSchema>> {
      yield { forest: 'first' };
      yield { forest: 'second' };
    }
    const refused = await refusalOf(broker.forests.restore(upload()));
    expect(refused).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['forest'] });
    // Whoever comes next is not held up by the one that was given up.
    await broker.forests.createForest({ name: 'next' });
  });
});
