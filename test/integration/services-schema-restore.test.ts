/**
 * Goal: a backup with schemas comes back with them, and one whose values its own schemas refuse does not come back at all: restoring
 * is a way in. Method: a whole broker in memory on a real socket; backups that it makes, and backups of states that nothing has
 * checked, as another version of a validator may have left them.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeSnapshot } from '../../src/codec/snapshot-encoder.ts';
import { freezeForest } from '../../src/codec/snapshot-source.ts';
import { GateState, ViolationAction } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import type { RestoreRequestSchema } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { UnboundPaths } from '../../src/gen/hyperloom/v1/schema_pb.ts';
import { writeBackup } from '../../src/rpc/backup-format.ts';
import type { RegisterSchema } from '../../src/state/schemas/schema.ts';
import { put } from '../support/forests.ts';
import { common, Machine } from '../support/machine.ts';
import { putJson, putText, refusalOf, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { jsonSchema } from '../support/schemas.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

function restore(forest: string, chunks: readonly Uint8Array[]) {
  async function* upload(): AsyncGenerator<MessageInitShape<typeof RestoreRequestSchema>> {
    yield { forest };
    for (const chunk of chunks) yield { chunk };
  }
  return broker.forests.restore(upload());
}

test('a backup with schemas comes back with all versions, and they are in force', async () => {
  const forest = 'typed';
  await broker.forests.createForest({ name: forest });
  const register = (maximum: number) => {
    const definition = jsonSchema('/{s}/numbers/{n}', { type: 'integer', maximum });
    return broker.schemas.registerSchema({ forest, name: 'numbers', definition, author: 'owner' });
  };
  await register(20);
  await broker.context.publish({ forest, operations: [putJson('/s/numbers/a', 9)] });
  const second = await register(10);
  await broker.schemas.setUnboundPaths({ forest, unboundPaths: UnboundPaths.REFUSED });
  const begin = async (more: object) =>
    (await broker.context.beginGhost({ forest, ...more })).ghost?.id ?? '';
  const collecting = await begin({
    gates: [{ kind: { case: 'schema', value: { onViolation: ViolationAction.COLLECT } } }],
  });
  // What a ghost has collected is no part of the trunk, and is judged at its commit.
  const stage = { ghostId: collecting, operations: [putJson('/s/numbers/b', 11)] };
  await broker.context.publish({ forest, ...stage });
  const definition = jsonSchema('/{s}/numbers/{n}', { type: 'integer', maximum: 5 });
  const migrating = await begin({ migration: { name: 'numbers', definition } });
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of broker.forests.backup({ forest })) chunks.push(chunk);
  await restore('typed-copy', chunks);
  const of = { forest: 'typed-copy' };
  const { schema } = await broker.schemas.getSchema({ ...of, name: 'numbers' });
  expect(schema).toMatchObject({ version: 2n, revision: second.schema?.revision ?? -1n, author: 'owner' });
  expect((await broker.schemas.getSchema({ ...of, name: 'numbers', version: 1n })).schema?.version).toBe(1n);
  expect((await broker.schemas.listSchemas(of)).unboundPaths).toBe(UnboundPaths.REFUSED);
  const refusedOf = async (operation: ReturnType<typeof putText>) =>
    (await refusalOf(broker.context.publish({ ...of, operations: [operation] }))).reason;
  expect(await refusedOf(putJson('/s/numbers/a', 11))).toBe('SCHEMA_VIOLATION');
  expect(await refusedOf(putText('/free', 'x'))).toBe('UNBOUND_PATH');
  const { ghost } = await broker.context.getGhost({ ...of, ghostId: collecting });
  expect(ghost?.gates).toMatchObject([{ state: GateState.CLOSED, violations: [{ path: '/s/numbers/b' }] }]);
  const { edition = 0n } = (await broker.context.getGhost({ ...of, ghostId: migrating })).ghost ?? {};
  const put = { operations: [putJson('/s/numbers/a', 5)], edition };
  const staged = await broker.context.publish({ ...of, ghostId: migrating, ...put });
  const done = await broker.context.commit({ ...of, ghostId: migrating, edition: staged.edition });
  expect(done).toMatchObject({ schemaVersion: 3n });
});

/** A backup of a state in which everything was taken as it came. */
async function backupOf(machine: Machine): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  async function* encoded() {
    yield* encodeSnapshot(freezeForest(machine.state));
  }
  for await (const chunk of writeBackup(encoded())) chunks.push(chunk.slice());
  return chunks;
}

const numbers: RegisterSchema = {
  kind: 'register_schema',
  name: 'numbers',
  format: 'json_schema',
  definition: '{"type":"integer","maximum":10}',
  bindings: [{ template: { segments: ['{s}', 'numbers', '{n}'] }, messageType: '' }],
  ...common,
};

test('a backup whose values its own schemas refuse is refused, and leaves nothing behind', async () => {
  const machine = new Machine();
  machine.apply(numbers);
  machine.publish([put('/s/numbers/a', '9', 'json'), put('/s/numbers/b', '11', 'json')]);
  machine.publish([put('/s/numbers/c', 'x'), put('/s/free', 'x')]);
  const chunks = await backupOf(machine);
  const refused = await refusalOf(restore('unfit', chunks));
  expect(refused).toMatchObject({
    code: 'FailedPrecondition',
    reason: 'SCHEMA_STORED',
    fields: ['/s/numbers/b', '/s/numbers/c'],
  });
  const { forests } = await broker.forests.listForests({});
  expect(forests.map(({ name }) => name)).not.toContain('unfit');
  machine.publish([put('/s/numbers/b', '10', 'json'), put('/s/numbers/c', '1', 'json')]);
  await restore('unfit', await backupOf(machine));
  expect((await broker.context.get({ forest: 'unfit', path: '/s/numbers/b' })).node?.version).toBe(2n);
});

test('a backup of a strict forest with values at paths of no schema is refused', async () => {
  const machine = new Machine();
  machine.apply(numbers);
  machine.publish([put('/s/numbers/a', '9', 'json'), put('/s/free', 'x')]);
  machine.apply({ kind: 'set_unbound_paths', refused: true, ...common });
  const refused = await refusalOf(restore('unbound', await backupOf(machine)));
  expect(refused).toMatchObject({ reason: 'SCHEMA_STORED', fields: ['/s/free'] });
});
