/**
 * Goal: a ghost brings a version of a schema that stored values do not get along with, together with values that do. Method: a real broker
 * with a JSON Schema, whose second version wants numbers where the first wanted texts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  connect,
  gate,
  GateRevertedError,
  PreconditionFailedError,
  StateError,
  type Client,
  type SchemaMigration,
} from './index.ts';
import { Broker } from './testing/broker.ts';

let broker: Broker;
let clients: Client;

beforeAll(async () => {
  broker = await Broker.start();
  clients = connect(broker.address);
});

afterAll(async () => {
  clients.destroy();
  await broker[Symbol.asyncDispose]();
});

const definition = (sure: 'string' | 'number') => ({
  kind: 'json_schema' as const,
  json: JSON.stringify({ type: 'object', required: ['sure'], properties: { sure: { type: sure } } }),
  path: '/{session}/notes/{note}',
});
const migration: SchemaMigration = { name: 'notes', definition: definition('number') };

/** A forest of the test's own with the first version and two values. */
async function forestWithValues(name: string): Promise<Client> {
  await clients.forests.create(name);
  const client = clients.as({ forest: name, author: 'migrator' });
  await client.schemas.register('notes', definition('string'));
  for (const note of ['a', 'b']) await client.put(`/s/notes/${note}`, { sure: 'half' });
  return client;
}

const versionOf = async (client: Client) => (await client.schemas.get('notes')).version;

test('its commit writes the values and puts the version into force, as one revision', async () => {
  const client = await forestWithValues('migrated');
  await expect(client.schemas.register('notes', definition('number'))).rejects.toThrow(StateError);
  await using ghost = await client.ghost({ migration });
  expect(ghost.info.migrationSchema).toBe('notes');
  await ghost.put('/s/notes/a', { sure: 0.5 });
  const early: unknown = await ghost.commit().catch((error: unknown) => error);
  expect(early).toMatchObject({ reason: 'SCHEMA_STORED' });
  expect((early as StateError).violations[0]?.field).toContain('/s/notes/b');
  expect(ghost.over).toBe(false);
  expect(await versionOf(client)).toBe(1);
  await ghost.put('/s/notes/b', { sure: 0.9 });
  const committed = await ghost.commit();
  expect(committed).toMatchObject({ schemaVersion: 2, operations: 2 });
  expect(await client.schemas.get('notes')).toMatchObject({ version: 2, revision: committed.revision });
  expect((await client.get('/s/notes/b')).value).toEqual({ sure: 0.9 });
  await using plain = await client.ghost();
  expect(plain.info.migrationSchema).toBe('');
  expect((await plain.commit()).schemaVersion).toBe(0);
});

test('speculation migrates too: what does not fit the coming version is done again', async () => {
  const client = await forestWithValues('speculated');
  const done = await client.speculate({
    migration,
    gates: [gate.schema('revert')],
    work: async (ghost, { number }) => {
      for (const { path } of await client.list('/s/notes').all())
        await ghost.put(path, { sure: number === 1 ? 'half' : 0.5 });
    },
  });
  expect(done.attempts).toBe(2);
  expect(await versionOf(client)).toBe(2);
  await using ghost = await client.ghost({ gates: [gate.schema('revert')] });
  await expect(ghost.put('/s/notes/a', { sure: 'half' })).rejects.toThrow(GateRevertedError);
});

test('a version that others have registered meanwhile is not passed over', async () => {
  const client = await forestWithValues('overtaken');
  await using ghost = await client.ghost({ migration: { ...migration, expectedVersion: 7 } });
  for (const note of ['a', 'b']) await ghost.put(`/s/notes/${note}`, { sure: 1 });
  await expect(ghost.commit()).rejects.toThrow(PreconditionFailedError);
  expect(await versionOf(client)).toBe(1);
});
