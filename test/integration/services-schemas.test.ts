/**
 * Goal: where a schema is bound, nothing gets in that does not fit, whoever writes it and in whatever way, and the refusal names
 * each field and rule. Method: a whole broker on a real socket, descriptor sets that `buf` made, and stock clients.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
