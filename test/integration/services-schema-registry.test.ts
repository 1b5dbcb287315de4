/**
 * Goal: schemas are versioned, tried before they count, read back as of any revision, and replaced only by versions that stored values
 * and clients get along with; a forest can be strict. Method: a whole broker on a real socket, descriptor sets that `buf` made,
 * and stock clients.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnboundPaths } from '../../src/gen/hyperloom/v1/schema_pb.ts';
import { copy, putJson, putText, refusalOf, remove, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { acme, encoded, jsonSchema, messageOf, protobuf, putMessage } from '../support/schemas.ts';

const notes = acme(`
message ResearchNote {
  option (hyperloom.v1.node).path = "/{session}/notes/{note}";
  string claim = 1 [(buf.validate.field).string.min_len = 1];
}`);
const counters = jsonSchema('/{session}/counters/{name}', { type: 'integer', minimum: 0, maximum: 10 });

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.schemas.registerSchema({ name: 'notes', definition: protobuf(notes), author: 'owner' });
  await broker.schemas.registerSchema({ name: 'counters', definition: counters });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

const publish = (...operations: ReturnType<typeof putText>[]) => broker.context.publish({ operations });

describe('the registry', () => {
  test('gives a schema back byte for byte, and lists the newest of each', async () => {
    const { schema } = await broker.schemas.getSchema({ name: 'notes' });
    expect(schema).toMatchObject({ name: 'notes', version: 1n, author: 'owner' });
    expect(Buffer.from(notes).equals((schema?.definition?.kind.value ?? '') as Uint8Array)).toBe(true);
    expect(schema?.bindings).toMatchObject([
      { path: '/{session}/notes/{note}', messageType: 'acme.v1.ResearchNote' },
    ]);
    const { schemas } = await broker.schemas.listSchemas({});
    expect(schemas.map(({ name }) => name)).toEqual(['counters', 'notes']);
    expect(schemas.every(({ definition }) => definition === undefined)).toBe(true);
  });

  test('makes a version of what is new and nothing of what is there', async () => {
    const register = (maximum: number, expectedVersion = 0n) =>
      broker.schemas.registerSchema({
        name: 'versions',
        definition: jsonSchema('/versions/{x}', { maximum }),
        expectedVersion,
      });
    const first = await register(1);
    expect(first).toMatchObject({ unchanged: false, schema: { version: 1n } });
    expect(await register(1)).toMatchObject({ unchanged: true, schema: { version: 1n } });
    const second = await register(2, 1n);
    expect(second).toMatchObject({ unchanged: false, schema: { version: 2n } });
    expect((await refusalOf(register(3, 1n))).metadata).toMatchObject({
      condition: 'expected_version',
      actual: '2',
    });
    const at = async (atRevision: bigint) =>
      (await broker.schemas.getSchema({ name: 'versions', atRevision })).schema?.version;
    expect(await at(first.schema?.revision ?? 0n)).toBe(1n);
    expect(await at(second.schema?.revision ?? 0n)).toBe(2n);
    const before = (first.schema?.revision ?? 0n) - 1n;
    const missing = await refusalOf(broker.schemas.getSchema({ name: 'versions', atRevision: before }));
    expect(missing).toMatchObject({ code: 'NotFound', reason: 'SCHEMA_NOT_FOUND' });
    const { schemas } = await broker.schemas.listSchemas({ atRevision: before });
    expect(schemas.map(({ name }) => name)).not.toContain('versions');
    const old = await broker.schemas.getSchema({ name: 'versions', version: 1n });
    expect(old.schema?.definition).toMatchObject(jsonSchema('/versions/{x}', { maximum: 1 }));
  });

  test('answers a repeated request with the first outcome, refusals included', async () => {
    const definition = jsonSchema('/again/{x}', { maximum: 1 });
    const ask = () => broker.schemas.registerSchema({ name: 'again', definition, requestId: 'r-1' });
    const first = await ask();
    expect(await ask()).toEqual({ ...first, repeated: true });
    await publish(putJson('/stored/x', 'x'));
    const stored = jsonSchema('/stored/{x}', { type: 'number' });
    const bad = () => broker.schemas.registerSchema({ name: 'stored', definition: stored, requestId: 'r-2' });
    const refused = await refusalOf(bad());
    expect(refused).toMatchObject({ reason: 'SCHEMA_STORED', fields: ['/stored/x'] });
    await publish(putJson('/stored/x', 1));
    expect(await refusalOf(bad())).toEqual(refused);
  });

  test('tries a schema without registering it', async () => {
    await publish(putJson('/tried/x', 'x'));
    const { revision } = await publish(putJson('/tried/y', 1));
    const definition = jsonSchema('/tried/{x}', { type: 'number' });
    const tried = await broker.schemas.validateSchema({ name: 'tried', definition });
    expect(tried).toMatchObject({ reason: 'SCHEMA_STORED', revision });
    expect(tried.problems).toMatchObject([{ rule: 'type', subject: '/tried/x', message: 'must be number' }]);
    const fine = await broker.schemas.validateSchema({
      name: 'tried',
      definition: jsonSchema('/tried/{x}', {}),
    });
    expect(fine).toMatchObject({ reason: '', schema: { version: 1n, revision: revision + 1n } });
    expect((await refusalOf(broker.schemas.getSchema({ name: 'tried' }))).reason).toBe('SCHEMA_NOT_FOUND');
  });

  test('keeps a binding as long as there is something under it', async () => {
    const register = (path: string) =>
      broker.schemas.registerSchema({ name: 'moving', definition: jsonSchema(path, {}) });
    await register('/moving/a/{x}');
    await publish(putJson('/moving/a/1', 1));
    const refused = await refusalOf(register('/moving/b/{x}'));
    expect(refused).toMatchObject({ reason: 'SCHEMA_BREAKING', fields: ['/moving/a/{x}'] });
    await publish(remove('/moving/a'));
    await register('/moving/b/{y}');
    await publish(putText('/moving/a/1', 'free again'));
  });
});

describe('the next version of a schema', () => {
  const evolving = (fields: string, name = 'Evolving') =>
    acme(`message ${name} { option (hyperloom.v1.node).path = "/evolving/{n}"; ${fields} }`);
  const register = (set: Uint8Array) =>
    broker.schemas.registerSchema({ name: 'evolving', definition: protobuf(set) });
  const first = evolving('string claim = 1; string by = 2;');
  const value = { claim: 'wet', by: 'a' };
  beforeAll(async () => {
    await register(first);
    await publish(putMessage('/evolving/a', messageOf(first, 'acme.v1.Evolving'), value));
  });

  test('is refused by the names of rules that buf has where old values or clients would not get along', async () => {
    const renamed = evolving('string claim = 1; int32 author = 2;');
    const refused = await refusalOf(register(renamed));
    expect(refused).toMatchObject({ code: 'FailedPrecondition', reason: 'SCHEMA_BREAKING' });
    expect(refused.metadata).toMatchObject({ schema: 'evolving', version: '1', violations: '3' });
    expect(refused.fields).toEqual(['by', 'by', 'by'].map((field) => `acme.v1.Evolving.${field}`));
    const definition = protobuf(renamed);
    const { problems, reason } = await broker.schemas.validateSchema({ name: 'evolving', definition });
    expect(reason).toBe('SCHEMA_BREAKING');
    expect(problems.map(({ rule }) => rule)).toEqual([
      'FIELD_SAME_NAME',
      'FIELD_SAME_JSON_NAME',
      'FIELD_WIRE_JSON_COMPATIBLE_TYPE',
    ]);
    const other = await refusalOf(register(evolving('string claim = 1; string by = 2;', 'Other')));
    expect(other).toMatchObject({ reason: 'SCHEMA_BREAKING', fields: ['/evolving/{n}'] });
  });

  test('names what is stored and does not fit its rules, and is in force as soon as all does', async () => {
    const tighter = evolving(
      'string claim = 1 [(buf.validate.field).string.min_len = 5]; string by = 2; int32 more = 3;',
    );
    const refused = await refusalOf(register(tighter));
    expect(refused).toMatchObject({ code: 'FailedPrecondition', reason: 'SCHEMA_STORED' });
    expect(refused.fields).toEqual(['/evolving/a#claim']);
    const type = messageOf(tighter, 'acme.v1.Evolving');
    // The broker does not know the new field yet, and keeps it.
    await publish(putMessage('/evolving/a', type, { claim: 'water is wet', more: 7 }));
    expect(await register(tighter)).toMatchObject({ schema: { version: 2n }, unchanged: false });
    const { node } = await broker.context.get({ path: '/evolving/a' });
    const stored = encoded(type, { claim: 'water is wet', more: 7 });
    expect(node?.value?.kind).toMatchObject({ case: 'message', value: { value: stored } });
    const old = putMessage('/evolving/b', messageOf(first, 'acme.v1.Evolving'), value);
    expect((await refusalOf(publish(old))).fields).toEqual(['operations[0].put.value.claim']);
    const { schema } = await broker.schemas.getSchema({ name: 'evolving', version: 1n });
    expect(schema?.definition).toMatchObject({ kind: { case: 'descriptorSet' } });
  });
});

test('a strict forest takes nothing where there is no schema', async () => {
  await broker.forests.createForest({ name: 'strict' });
  const forest = 'strict';
  const set = (unboundPaths: UnboundPaths) => broker.schemas.setUnboundPaths({ forest, unboundPaths });
  await broker.context.publish({ forest, operations: [putText('/in/the/way', 'x')] });
  const refused = await refusalOf(set(UnboundPaths.REFUSED));
  expect(refused).toMatchObject({ reason: 'SCHEMA_STORED', fields: ['/in/the/way'] });
  await broker.context.publish({ forest, operations: [remove('/in')] });
  const { revision } = await set(UnboundPaths.REFUSED);
  expect((await set(UnboundPaths.REFUSED)).revision).toBe(revision);
  await broker.schemas.registerSchema({ forest, name: 'counters', definition: counters });
  await broker.context.publish({ forest, operations: [putJson('/s/counters/a', 1)] });
  const unbound = broker.context.publish({
    forest,
    operations: [putJson('/s/counters/a', 2), putText('/s/b', 'x')],
  });
  expect(await refusalOf(unbound)).toMatchObject({
    code: 'InvalidArgument',
    reason: 'UNBOUND_PATH',
    metadata: { path: '/s/b' },
    fields: ['operations[1].path'],
  });
  const copied = broker.context.publish({ forest, operations: [copy('/t/other', '/s/counters')] });
  expect((await refusalOf(copied)).metadata).toEqual({ path: '/t/other/a' });
  const told = async (atRevision: bigint) =>
    (await broker.schemas.listSchemas({ forest, atRevision })).unboundPaths;
  expect([await told(revision - 1n), await told(0n)]).toEqual([UnboundPaths.FREE, UnboundPaths.REFUSED]);
  await set(UnboundPaths.FREE);
  await broker.context.publish({ forest, operations: [putText('/s/b', 'x')] });
});

test('subscribers and history go on over a registration, and past revisions before it are still there', async () => {
  await broker.forests.createForest({ name: 'watched' });
  const forest = 'watched';
  await broker.context.publish({ forest, operations: [putText('/a', '1')] });
  const { schema } = await broker.schemas.registerSchema({
    forest,
    name: 'n',
    definition: jsonSchema('/n/{x}', {}),
  });
  await broker.context.publish({ forest, operations: [putText('/a', '2')] });
  const { events } = await broker.context.history({ forest });
  expect(events.map(({ revision, label, changes }) => [revision, label, changes.length])).toEqual([
    [1n, '', 1],
    [2n, 'schema n', 0],
    [3n, '', 1],
  ]);
  expect(schema?.revision).toBe(2n);
  const old = await broker.context.get({ forest, path: '/a', view: { atRevision: 2n } });
  expect(old.node?.value?.kind.value).toBe('1');
  const none = broker.context.revert({ forest, target: { case: 'revision', value: 2n } });
  expect((await refusalOf(none)).reason).toBe('INVALID_REQUEST');
});
