/**
 * Goal: where a schema is bound, nothing gets in that does not fit, whoever writes it and in whatever way, and the refusal names
 * each field and rule; schemas are versioned, are read back as of any revision, and outlive a restart. Method: a whole broker
 * on a real socket, descriptor sets that `buf` made, and stock clients.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnboundPaths } from '../../src/gen/hyperloom/v1/schema_pb.ts';
import {
  appendItems,
  bytes,
  copy,
  increment,
  putJson,
  putText,
  refusalOf,
  remove,
  startTestBroker,
} from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import {
  acme,
  encoded,
  jsonSchema,
  messageOf,
  protobuf,
  putEncoded,
  putMessage,
} from '../support/schemas.ts';

const notes = acme(`
message ResearchNote {
  option (hyperloom.v1.node).path = "/{session}/notes/{note}";
  option (buf.validate.message).cel = {
    id: "note.sources_or_doubt", message: "needs a source to be this sure",
    expression: "this.confidence < 0.9 || size(this.sources) > 0"
  };
  string claim = 1 [(buf.validate.field).string.min_len = 1];
  repeated string sources = 2 [(buf.validate.field).repeated.items.string.uri = true];
  double confidence = 3 [(buf.validate.field).double = {gte: 0, lte: 1}];
}`);
const note = messageOf(notes, 'acme.v1.ResearchNote');
const counters = jsonSchema('/{session}/counters/{name}', { type: 'integer', minimum: 0, maximum: 10 });
const plans = jsonSchema('/{session}/plans/{plan}', {
  type: 'object',
  properties: { goal: { type: 'string', minLength: 1 }, steps: { type: 'array', items: { type: 'string' } } },
  required: ['goal'],
  additionalProperties: false,
});

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.schemas.registerSchema({ name: 'notes', definition: protobuf(notes), author: 'owner' });
  await broker.schemas.registerSchema({ name: 'counters', definition: counters });
  await broker.schemas.registerSchema({ name: 'plans', definition: plans });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

const good = { claim: 'water is wet', sources: ['https://example.com/1'], confidence: 0.5 };
const publish = (...operations: ReturnType<typeof putText>[]) => broker.context.publish({ operations });

describe('a path that is bound to a message', () => {
  test('takes that message and gives it back byte for byte, unknown fields included', async () => {
    const unknown = Uint8Array.of(0xa2, 0x06, 0x01, 0x78);
    const bytes = new Uint8Array([...encoded(note, good), ...unknown]);
    await publish(putEncoded('/s/notes/a', note.typeName, bytes));
    const { node } = await broker.context.get({ path: '/s/notes/a' });
    expect(node?.value?.kind).toMatchObject({ case: 'message', value: { value: bytes } });
  });

  test('names each field and rule that a message breaks, and the operation', async () => {
    const bad = { claim: '', sources: ['https://example.com', 'no uri'], confidence: 1.5 };
    const refused = await refusalOf(
      publish(putText('/s/free', 'x'), putMessage('/s/notes/bad', note, bad), putText('/s/free', 'y')),
    );
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason: 'SCHEMA_VIOLATION' });
    expect(refused.metadata).toEqual({
      path: '/s/notes/bad',
      schema: 'notes',
      version: '1',
      violations: '3',
    });
    expect(refused.fields).toEqual([
      'operations[1].put.value.claim',
      'operations[1].put.value.sources[1]',
      'operations[1].put.value.confidence',
    ]);
    expect(refused.message).toContain('string.min_len');
    expect((await refusalOf(broker.context.get({ path: '/s/free' }))).reason).toBe('NODE_NOT_FOUND');
  });

  test('asks the rules in CEL', async () => {
    const refused = await refusalOf(
      publish(putMessage('/s/notes/bad', note, { claim: 'x', confidence: 0.95 })),
    );
    expect(refused.message).toContain('note.sources_or_doubt: needs a source to be this sure');
  });

  test.each([
    ['a text', putText('/s/notes/x', 'x'), 'a text where acme.v1.ResearchNote is due'],
    ['JSON', putJson('/s/notes/x', good), 'JSON where acme.v1.ResearchNote is due'],
    ['another message', putEncoded('/s/notes/x', 'acme.v1.Other', new Uint8Array()), 'acme.v1.Other where'],
    [
      'bytes that are no message',
      putEncoded('/s/notes/x', note.typeName, Uint8Array.of(10, 200)),
      'encoding',
    ],
    ['a copy of something else', copy('/s/notes/x', '/s/elsewhere'), '/s/notes/x: a text where'],
    ['the first item of an array', appendItems('/s/notes/x', 1), 'JSON where'],
    ['a number', increment('/s/notes/x', 1n), 'JSON where'],
  ])('refuses %s', async (_, operation, told) => {
    await publish(putText('/s/elsewhere', 'x'));
    const refused = await refusalOf(publish(operation));
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason: 'SCHEMA_VIOLATION' });
    expect(refused.message).toContain(told);
  });

  test('lets alone what lies above, below and beside it', async () => {
    await publish(putText('/s/notes', 'x'), putText('/s/notes/a/b', 'x'), putText('/s/other/a', 'x'));
    await publish(remove('/s/notes/a'));
    expect((await refusalOf(broker.context.get({ path: '/s/notes/a/b' }))).reason).toBe('NODE_NOT_FOUND');
  });

  test('is checked on a stream as well', async () => {
    const requests = [{ claim: '' }, good].map((json, index) => ({
      publish: { operations: [putMessage(`/stream/notes/${index}`, note, json)] },
    }));
    async function* sent() {
      yield* requests;
    }
    const cases: (string | undefined)[] = [];
    for await (const { outcome } of broker.context.publishStream(sent())) {
      cases.push(outcome.case === 'refused' ? outcome.value.reason : outcome.case);
    }
    expect(cases).toEqual(['SCHEMA_VIOLATION', 'published']);
  });
});

describe('a path with a JSON Schema', () => {
  test('counts what a value would be: after an increment, a merge, an append', async () => {
    await publish(putJson('/j/counters/a', 9), putJson('/j/plans/p', { goal: 'x' }));
    await publish(increment('/j/counters/a', 1n));
    const refused = await refusalOf(publish(increment('/j/counters/a', 1n)));
    expect(refused.fields).toEqual(['operations[0].increment.value']);
    expect(refused.message).toContain('maximum: must be <= 10');
    const merge = (patch: unknown) => ({
      path: '/j/plans/p',
      action: { case: 'merge' as const, value: { jsonPatch: bytes(JSON.stringify(patch)) } },
    });
    await broker.context.publish({ operations: [merge({ steps: ['a'] })] });
    const bad = broker.context.publish({ operations: [merge({ goal: null, steps: [1], more: true })] });
    const told = await refusalOf(bad);
    expect([...told.fields].sort()).toEqual([
      'operations[0].merge.value.goal',
      'operations[0].merge.value.more',
      'operations[0].merge.value.steps[0]',
    ]);
    expect((await refusalOf(publish(appendItems('/j/plans/p', 1)))).reason).toBe('WRONG_TYPE');
    expect((await refusalOf(publish(appendItems('/j2/plans/p', 1)))).reason).toBe('SCHEMA_VIOLATION');
  });

  test('looks at the last of several changes of a path, not at those between', async () => {
    await publish(putJson('/k/counters/a', 99), putJson('/k/counters/a', 3));
    await publish(putJson('/k/counters/b', 99), remove('/k/counters'));
    const refused = await refusalOf(publish(putJson('/k/counters/c', 3), increment('/k/counters/c', 8n)));
    expect(refused.fields).toEqual(['operations[1].increment.value']);
  });
});

describe('copies', () => {
  test('are checked at each path that they come to', async () => {
    await publish(putJson('/from/free/a', 3), putJson('/from/free/b', 30));
    const refused = await refusalOf(publish(putText('/to/x', 'x'), copy('/to/counters', '/from/free')));
    expect(refused.fields).toEqual(['operations[1].copy.value']);
    expect(refused.message).toContain('/to/counters/b');
    await publish(remove('/from/free/b'), copy('/to/counters', '/from/free'));
  });

  test('of one session to another take what is there', async () => {
    await publish(putJson('/one/counters/a', 3), putMessage('/one/notes/a', note, good));
    await publish(copy('/two', '/one'));
    expect((await broker.context.get({ path: '/two/notes/a' })).node?.version).toBe(1n);
  });

  test('do not smuggle in what the same diff put in between', async () => {
    await publish(putJson('/three/counters/a', 3));
    const operations = [
      putJson('/three/counters/a', 99),
      copy('/four', '/three'),
      putJson('/three/counters/a', 3),
    ];
    expect((await refusalOf(broker.context.publish({ operations }))).message).toContain('/four/counters/a');
  });

  test('from a past revision are checked against the schema of now', async () => {
    const { revision } = await publish(putJson('/past/free', 99));
    await publish(remove('/past'));
    const refused = await refusalOf(publish(copy('/past/counters/a', '/past/free', revision)));
    expect(refused.reason).toBe('SCHEMA_VIOLATION');
  });
});

describe('ghosts', () => {
  test('refuse what does not fit when it is staged, and stay as they are', async () => {
    const { ghost } = await broker.context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    await broker.context.publish({ ghostId, operations: [putJson('/g/counters/a', 1)] });
    const bad = broker.context.publish({ ghostId, operations: [putJson('/g/counters/a', -1)] });
    expect((await refusalOf(bad)).fields).toEqual(['operations[0].put.value']);
    expect((await broker.context.commit({ ghostId })).operations).toBe(1n);
  });

  test('are checked again when they are committed: what counts is the value on the newest trunk', async () => {
    await publish(putJson('/h/counters/a', 5));
    const { ghost } = await broker.context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    await broker.context.publish({ ghostId, operations: [increment('/h/counters/a', 4n)] });
    await publish(increment('/h/counters/a', 4n));
    const refused = await refusalOf(broker.context.commit({ ghostId }));
    expect(refused).toMatchObject({ reason: 'SCHEMA_VIOLATION', fields: ['/h/counters/a'] });
    expect(refused.metadata).toMatchObject({ path: '/h/counters/a', schema: 'counters' });
    await publish(increment('/h/counters/a', -4n));
    await broker.context.commit({ ghostId });
  });

  test('are checked against a schema that came after they were staged', async () => {
    const { ghost } = await broker.context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    await broker.context.publish({ ghostId, operations: [putText('/late/x', 'x')] });
    await broker.schemas.registerSchema({
      name: 'late',
      definition: jsonSchema('/late/{x}', { type: 'number' }),
    });
    expect((await refusalOf(broker.context.commit({ ghostId }))).fields).toEqual(['/late/x']);
  });
});

test('taking back a revision is refused where the old value does not fit any more', async () => {
  await publish(putText('/back/x', 'old'));
  const { revision } = await publish(putJson('/back/x', 1));
  await broker.schemas.registerSchema({
    name: 'back',
    definition: jsonSchema('/back/{x}', { type: 'number' }),
  });
  const refused = await refusalOf(broker.context.revert({ target: { case: 'revision', value: revision } }));
  expect(refused).toMatchObject({ reason: 'SCHEMA_VIOLATION', fields: ['/back/x'] });
});

describe('the registry', () => {
  test('gives a schema back byte for byte, and lists the newest of each', async () => {
    const { schema } = await broker.schemas.getSchema({ name: 'notes' });
    expect(schema).toMatchObject({ name: 'notes', version: 1n, author: 'owner' });
    expect(Buffer.from(notes).equals((schema?.definition?.kind.value ?? '') as Uint8Array)).toBe(true);
    expect(schema?.bindings).toMatchObject([
      { path: '/{session}/notes/{note}', messageType: 'acme.v1.ResearchNote' },
    ]);
    const { schemas } = await broker.schemas.listSchemas({});
    expect(schemas.map(({ name }) => name)).toEqual(['back', 'counters', 'late', 'notes', 'plans']);
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
