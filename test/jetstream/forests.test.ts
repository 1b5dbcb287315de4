/**
 * Goal: brokers on one NATS have the same forests: made, restored and deleted by any of them, and known after a restart; the audit log is one of them. Method:
 * real brokers on a real server, one of which asks who calls.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import type { RestoreRequestSchema } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { putText, refusalOf } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';
import { BrokersOnNats } from './brokers-on-nats.ts';

const on = new BrokersOnNats('forests');

async function startBroker(...options: readonly string[]): Promise<TestClients> {
  return (await on.start('FOREST_TEST', options)).clients;
}

async function namesAt({ forests }: TestClients): Promise<string[]> {
  const { forests: all } = await forests.listForests({});
  return all.map(({ name }) => name);
}

test('forests come and go for all brokers, also where these ask who calls', async () => {
  const one = await startBroker();
  const two = await startBroker();
  await one.forests.createForest({ name: 'team', requestId: 'r' });
  const again = await two.forests.createForest({ name: 'team', requestId: 'r' });
  expect(again.repeated).toBe(true);
  const { revision } = await two.context.publish({ forest: 'team', operations: [putText('/a', '1')] });
  const { node } = await one.context.get({ forest: 'team', path: '/a' });
  expect(node?.modifiedRevision).toBe(revision);
  expect(await refusalOf(one.context.get({ path: '/a' }))).toMatchObject({ reason: 'NODE_NOT_FOUND' });

  const backup: Uint8Array[] = [];
  for await (const { chunk } of one.forests.backup({ forest: 'team' })) backup.push(chunk);
  const parts = async function* (): AsyncGenerator<MessageInitShape<typeof RestoreRequestSchema>> {
    for (const chunk of backup) yield { forest: 'copy', chunk };
  };
  await two.forests.restore(parts());
  const restored = await one.context.get({ forest: 'copy', path: '/a' });
  expect(restored.node?.modifiedRevision).toBe(revision);

  await two.forests.deleteForest({ name: 'team' });
  expect(await namesAt(one)).toEqual(['copy', 'default']);
  expect(await refusalOf(one.context.get({ forest: 'team', path: '/a' }))).toMatchObject({
    reason: 'FOREST_NOT_FOUND',
  });

  const policy = { version: 1, grants: [], audit: { record: ['refusals'] } };
  await writeFile(join(on.folder, 'access.yaml'), JSON.stringify(policy));
  const access = ['--access', join(on.folder, 'access.yaml'), '--tokens', join(on.folder, 'tokens.json')];
  const guarded = await startBroker(...access);
  expect(await refusalOf(guarded.context.get({ path: '/a' }))).toMatchObject({ code: 'Unauthenticated' });
  await expect.poll(() => namesAt(one), { timeout: 60_000 }).toEqual(['audit', 'copy', 'default']);
  const isWritten = async (): Promise<number> => {
    const { nodes } = await one.context.list({ forest: 'audit', path: '/' });
    return nodes.length;
  };
  await expect.poll(isWritten, { timeout: 60_000 }).toBeGreaterThan(0);
});
