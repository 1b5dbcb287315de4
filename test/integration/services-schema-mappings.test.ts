/**
 * Goal: a version of a schema that stored values do not get along with comes into force with a mapping of fields, with every value
 * mapped and in one revision; or it does not, and nothing is changed. Method: a whole broker in memory on a real socket, descriptor
 * sets that `buf` made, and stock clients.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { create, fromBinary, toJson } from '@bufbuild/protobuf';
import type { DescMessage, JsonValue, MessageInitShape } from '@bufbuild/protobuf';
import { HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { GhostState } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { MappingRuleSchema } from '../../src/gen/hyperloom/v1/schema_pb.ts';
import type { SchemaMappingSchema } from '../../src/gen/hyperloom/v1/schema_pb.ts';
import { describeRefusal, putText, refusalOf, remove, startTestBroker } from '../support/broker.ts';
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

const setOf = (fields: string) =>
  acme(`message Note { option (hyperloom.v1.node).path = "/{session}/notes/{note}"; ${fields} }
        message Origin { string url = 1; int32 page = 2; }`);
const first = setOf('string claim = 1; string sure = 2; Origin origin = 3; int64 seen = 4;');
const second = setOf(
  'string text = 2; double sure = 1; string url = 3; string seen = 4; repeated string tags = 5;',
);
const strict = setOf(
  'string claim = 1; double sure = 2 [(buf.validate.field).double.lte = 1]; Origin origin = 3; int64 seen = 4;',
);
const [oldNote, newNote] = [messageOf(first, 'acme.v1.Note'), messageOf(second, 'acme.v1.Note')];

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

type Rules = readonly MessageInitShape<typeof MappingRuleSchema>[];

/** Fields that both requests about a schema have. */
interface Request {
  readonly forest: string;
  readonly name: string;
  readonly definition: ReturnType<typeof protobuf>;
  readonly mapping: MessageInitShape<typeof SchemaMappingSchema>;
}

const move = (from: string, to: string) =>
  create(MappingRuleSchema, { kind: { case: 'move', value: { from, to } } });
const drop = (field: string) => create(MappingRuleSchema, { kind: { case: 'drop', value: field } });
const constant = (field: string, json: unknown) =>
  create(MappingRuleSchema, {
    kind: { case: 'constant', value: { field, json: new TextEncoder().encode(JSON.stringify(json)) } },
  });
/** All fields of the first version come to the second one. */
const whole = [
  move('claim', 'text'),
  move('sure', 'sure'),
  move('origin.url', 'url'),
  drop('origin.page'),
  move('seen', 'seen'),
  constant('tags', ['mapped']),
];

/** A forest with a schema and notes. */
class Story {
  readonly forest: string;

  private constructor(forest: string) {
    this.forest = forest;
  }

  static async begin(forest: string): Promise<Story> {
    await broker.forests.createForest({ name: forest });
    const story = new Story(forest);
    await broker.schemas.registerSchema({ forest, name: 'notes', definition: protobuf(first) });
    await story.publish(
      putMessage('/s/notes/a', oldNote, {
        claim: 'wet',
        sure: '0.5',
        origin: { url: 'u', page: 3 },
        seen: '9007199254740993',
      }),
      putMessage('/s/notes/b', oldNote, { claim: 'dry', sure: '1e-1' }),
      putText('/s/free', 'x'),
    );
    return story;
  }

  publish(...operations: ReturnType<typeof putText>[]) {
    return broker.context.publish({ forest: this.forest, operations });
  }

  request(rules: Rules, set = second, more: object = {}): Request {
    const messages = rules.length === 0 ? [] : [{ messageType: 'acme.v1.Note', rules: [...rules], ...more }];
    const { forest } = this;
    return { forest, name: 'notes', definition: protobuf(set), mapping: { messages } };
  }

  register(rules: Rules, set = second, more: object = {}) {
    return broker.schemas.registerSchema(this.request(rules, set, more));
  }

  async note(path: string, type: DescMessage, atRevision = 0n): Promise<JsonValue> {
    const { node } = await broker.context.get({ forest: this.forest, path, view: { atRevision } });
    const kind = node?.value?.kind;
    return kind?.case === 'message' ? toJson(type, fromBinary(type, kind.value.value)) : null;
  }

  async standing() {
    const { revision } = await broker.context.get({ forest: this.forest, path: '/s/notes/a' });
    const { schema } = await broker.schemas.getSchema({ forest: this.forest, name: 'notes' });
    const { ghosts } = await broker.context.listGhosts({ forest: this.forest });
    return { revision, version: schema?.version, ghosts: ghosts.length };
  }
}

describe('a version with a mapping', () => {
  test('moves, converts, sets and drops fields of all values, in one revision with the version', async () => {
    const story = await Story.begin('mapped');
    const { forest } = story;
    const before = await story.standing();
    expect(
      (await refusalOf(broker.schemas.registerSchema({ ...story.request([]), mapping: undefined }))).reason,
    ).toBe('SCHEMA_BREAKING');
    const request = { ...story.request(whole), requestId: 'm-1', author: 'ada' };
    const done = await broker.schemas.registerSchema(request);
    const revision = before.revision + 1n;
    expect(done).toMatchObject({
      unchanged: false,
      repeated: false,
      mappedValues: 2n,
      schema: { version: 2n, revision },
    });
    expect(await story.note('/s/notes/a', newNote)).toEqual({
      text: 'wet',
      sure: 0.5,
      url: 'u',
      seen: '9007199254740993',
      tags: ['mapped'],
    });
    expect(await story.note('/s/notes/b', newNote)).toEqual({ text: 'dry', sure: 0.1, tags: ['mapped'] });
    expect(await story.note('/s/notes/b', oldNote, before.revision)).toEqual({ claim: 'dry', sure: '1e-1' });
    expect(await story.standing()).toEqual({ revision, version: 2n, ghosts: 0 });
    // Asked again it is answered alike; without the id it finds nothing to do, and maps nothing twice.
    expect(await broker.schemas.registerSchema(request)).toEqual({ ...done, repeated: true });
    expect(await story.register(whole)).toMatchObject({ unchanged: true, mappedValues: 0n });
    expect((await refusalOf(broker.schemas.registerSchema({ ...request, author: 'bob' }))).reason).toBe(
      'REQUEST_ID_REUSED',
    );
    const { events } = await broker.context.history({ forest, scope: HistoryScope.EVERYTHING });
    expect(events.filter((event) => event.author === 'ada').at(-1)).toMatchObject({ revision });
    await story.publish(putMessage('/s/notes/c', newNote, { text: 'new' }));
  });

  test('is tried without anything being changed', async () => {
    const story = await Story.begin('tried');
    const before = await story.standing();
    const { forest, name, definition, mapping } = story.request(whole);
    const tried = await broker.schemas.validateSchema({ forest, name, definition, mapping });
    expect(tried).toMatchObject({
      reason: '',
      mappedValues: 2n,
      schema: { version: 2n },
      revision: before.revision,
    });
    await story.publish(putMessage('/s/notes/c', oldNote, { sure: 'very' }));
    const refused = await broker.schemas.validateSchema({ forest, name, definition, mapping });
    expect(refused).toMatchObject({
      reason: 'SCHEMA_STORED',
      mappedValues: 0n,
      problems: [{ rule: 'MAPPING_VALUE', subject: '/s/notes/c#sure' }],
    });
    expect(refused.schema).toBeUndefined();
    const gap = story.request([move('claim', 'text')]);
    const open = await broker.schemas.validateSchema({
      forest,
      name,
      definition,
      mapping: gap.mapping,
    });
    expect(open).toMatchObject({ reason: 'INVALID_REQUEST' });
    expect(open.problems.map(({ subject }) => subject)).toEqual(Array(3).fill('mapping.messages[0]'));
    expect(await story.standing()).toEqual({ ...before, revision: before.revision + 1n });
    const { events } = await broker.context.history({ forest, scope: HistoryScope.EVERYTHING });
    expect(events.some((event) => event.ghostId !== '')).toBe(false);
  });

  test('names each value that cannot be mapped, and each that would not fit', async () => {
    const story = await Story.begin('unmapped');
    await story.publish(
      putMessage('/s/notes/c', oldNote, { sure: 'very' }),
      putMessage('/s/notes/d', oldNote, { sure: '2' }),
    );
    const before = await story.standing();
    const refused = await refusalOf(story.register([move('sure', 'sure')], strict));
    expect(refused).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'SCHEMA_STORED',
      metadata: { schema: 'notes', violations: '2' },
    });
    expect(refused.fields).toEqual(['/s/notes/c#sure', '/s/notes/d#sure']);
    expect(await story.standing()).toEqual(before);
    await story.publish(remove('/s/notes/c'), remove('/s/notes/d'));
    expect(await story.register([move('sure', 'sure')], strict)).toMatchObject({ mappedValues: 2n });
    expect(await story.note('/s/notes/a', messageOf(strict, 'acme.v1.Note'))).toEqual({
      claim: 'wet',
      sure: 0.5,
      origin: { url: 'u', page: 3 },
      seen: '9007199254740993',
    });
  });

  test('refuses to round integers, and to lose fields that it does not know unless it is told to', async () => {
    const story = await Story.begin('lossless');
    const toDouble = setOf('string claim = 1; string sure = 2; Origin origin = 3; double seen = 4;');
    expect(await refusalOf(story.register([move('seen', 'seen')], toDouble))).toMatchObject({
      reason: 'SCHEMA_STORED',
      fields: ['/s/notes/a#seen'],
    });
    const later = messageOf(setOf('string claim = 1; string more = 9;'), 'acme.v1.Note');
    await story.publish(
      putEncoded('/s/notes/a', 'acme.v1.Note', encoded(later, { claim: 'wet', more: 'kept' })),
    );
    const refused = await refusalOf(story.register(whole));
    expect(refused).toMatchObject({ reason: 'SCHEMA_STORED', fields: ['/s/notes/a'] });
    expect(refused.message).toContain('MAPPING_UNKNOWN_FIELDS');
    expect(await story.register(whole, second, { dropUnknownFields: true })).toMatchObject({
      mappedValues: 2n,
    });
    expect(await story.note('/s/notes/a', newNote)).toEqual({ text: 'wet', tags: ['mapped'] });
  });

  test('passes beside writers, whose values are mapped as well or come after it', async () => {
    const story = await Story.begin('writers');
    const many = Array.from({ length: 300 }, (_, index) =>
      putMessage(`/s/notes/n${index}`, oldNote, { sure: '0.5' }),
    );
    await story.publish(...many);
    const mapping = { isOver: false };
    const write = async (who: string): Promise<void> => {
      for (const turn of Array(1_000).keys()) {
        if (mapping.isOver) return;
        const note = putMessage(`/s/notes/${who}${turn % 7}`, oldNote, { claim: `${turn}`, sure: '0.25' });
        const written = story.publish(note, putText(`/s/${who}`, `${turn}`));
        // By the coming version these bytes are no valid message.
        const refused = await written.then(() => null, describeRefusal);
        if (refused === null) continue;
        expect(refused.reason).toBe('SCHEMA_VIOLATION');
        return;
      }
    };
    const writers = ['x', 'y'].map(write);
    const done = await story.register(whole).finally(() => (mapping.isOver = true));
    await Promise.all(writers);
    const revision = done.schema?.revision ?? 0n;
    const { nodes } = await broker.context.list({
      forest: story.forest,
      path: '/s/notes',
      view: { atRevision: revision },
    });
    expect(BigInt(nodes.length)).toBe(done.mappedValues);
    for (const { path } of nodes)
      expect(await story.note(path, newNote, revision)).toMatchObject({ tags: ['mapped'] });
    expect(await story.standing()).toMatchObject({ version: 2n, ghosts: 0 });
  });

  test('leaves nodes bound to their leases', async () => {
    const story = await Story.begin('leased');
    const { forest } = story;
    const { lease } = await broker.locks.grantLease({ forest, ttl: { seconds: 60n, nanos: 0 } });
    const leaseId = lease?.id ?? '';
    await story.publish({ ...putMessage('/s/notes/a', oldNote, { sure: '0.5' }), leaseId });
    await story.register(whole);
    await broker.locks.endLease({ forest, leaseId });
    const { nodes } = await broker.context.list({ forest, path: '/s/notes' });
    expect(nodes.map(({ path }) => path)).toEqual(['/s/notes/b']);
  });

  test('is refused while others hold locks on the values', async () => {
    const story = await Story.begin('locked');
    const { forest } = story;
    const held = await broker.locks.acquireLock({
      forest,
      targets: [{ path: '/s/notes', mode: LockMode.EXCLUSIVE }],
    });
    const before = await story.standing();
    expect((await refusalOf(story.register(whole))).reason).toBe('LOCKED');
    expect(await story.standing()).toEqual(before);
    const [lockId, leaseId] = [held.lock?.id ?? '', held.lease?.id ?? ''];
    await broker.locks.releaseLock({ forest, lockId, leaseId, endLease: true });
    expect(await story.register(whole)).toMatchObject({ mappedValues: 2n });
  });

  test('is refused where there is no version before, another is expected, or values are left at paths that go', async () => {
    const story = await Story.begin('refused');
    const { forest } = story;
    const before = await story.standing();
    expect(
      (await refusalOf(broker.schemas.registerSchema({ ...story.request(whole), name: 'other' }))).reason,
    ).toBe('SCHEMA_NOT_FOUND');
    expect(
      await refusalOf(broker.schemas.registerSchema({ ...story.request(whole), expectedVersion: 7n })),
    ).toMatchObject({
      reason: 'PRECONDITION_FAILED',
      metadata: { condition: 'expected_version', actual: '1' },
    });
    const moved = acme(
      'message Note { option (hyperloom.v1.node).path = "/{s}/memos/{n}"; string claim = 1; }',
    );
    expect(await refusalOf(story.register([drop('sure')], moved))).toMatchObject({
      reason: 'INVALID_REQUEST',
      fields: ['mapping.messages[0].message_type'],
    });
    expect(await refusalOf(story.register([], moved))).toMatchObject({
      reason: 'SCHEMA_BREAKING',
      fields: ['/{session}/notes/{note}'],
    });
    const json = { ...story.request(whole), definition: jsonSchema('/{session}/notes/{note}', {}) };
    expect(await refusalOf(broker.schemas.registerSchema(json))).toMatchObject({
      reason: 'INVALID_REQUEST',
      fields: ['mapping'],
    });
    expect(await story.standing()).toEqual(before);
    const over = await broker.context.listGhosts({ forest, state: GhostState.REVERTED });
    expect(over.ghosts.every((ghost) => ghost.migrationSchema === 'notes')).toBe(true);
    expect(over.ghosts.length).toBe(1);
  });
});

describe('rules are refused with their place:', () => {
  const fieldsOf = async (story: Story, rules: Rules, set = second) =>
    (await refusalOf(story.register(rules, set))).fields;

  test('what is not there, cannot be there, or is there twice', async () => {
    const story = await Story.begin('rules');
    const at = (index: number, what: string) => `mapping.messages[0].rules[${index}].${what}`;
    expect(await fieldsOf(story, [...whole.slice(1), move('claims', 'text')])).toContain(at(5, 'move.from'));
    expect(await fieldsOf(story, [...whole.slice(1), move('claim', 'texts')])).toEqual([at(5, 'move.to')]);
    expect(await fieldsOf(story, [...whole, drop('nothing')])).toEqual([at(6, 'drop')]);
    expect(await fieldsOf(story, [...whole, drop('origin')])).toContain(at(2, 'move.from'));
    expect(await fieldsOf(story, [...whole, constant('text', 'x')])).toEqual([at(6, 'constant.field')]);
    expect(await fieldsOf(story, [...whole.slice(0, 5), constant('tags', 'x')])).toEqual([
      at(5, 'constant.json'),
    ]);
    expect(await fieldsOf(story, [constant('sure', 1)], strict)).toEqual([at(0, 'constant.field')]);
    expect(await fieldsOf(story, [create(MappingRuleSchema)])).toEqual(['mapping.messages[0].rules[0]']);
    expect(await fieldsOf(story, [move('', 'a')])).toEqual([at(0, 'move.from')]);
    expect(await fieldsOf(story, [move('a', 'b c')])).toEqual([at(0, 'move.to')]);
    expect((await story.standing()).version).toBe(1n);
  });
});
