/**
 * Goal: a version of a schema that stored values and clients do not get along with comes into force with a ghost that has put every
 * value anew, in one revision with them; or it does not, and nothing is changed. Method: a whole broker in memory on a real
 * socket, descriptor sets that `buf` made, and stock clients.
 */
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrationsPerForestMax } from '../../src/base/limits.ts';
import { HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { GateSchema, GateState, ViolationAction } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import { GhostState } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import { copy, putJson, putText, refusalOf, remove, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { reviewedBy } from '../support/reviewing.ts';
import { acme, encoded, jsonSchema, messageOf, protobuf, putMessage } from '../support/schemas.ts';

const setOf = (fields: string) =>
  acme(`message Note { option (hyperloom.v1.node).path = "/{session}/notes/{note}"; ${fields} }`);
const first = setOf('string claim = 1; string sure = 2;');
const second = setOf('string claim = 1; double sure = 2;');
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

type BeginInit = NonNullable<Parameters<TestBroker['context']['beginGhost']>[0]>;

/** A forest with a schema and two notes, and the way to the next version of the schema. */
class Story {
  readonly forest: string;

  private constructor(forest: string) {
    this.forest = forest;
  }

  static async begin(forest: string): Promise<Story> {
    await broker.forests.createForest({ name: forest });
    const story = new Story(forest);
    await broker.schemas.registerSchema({ forest, name: 'notes', definition: protobuf(first) });
    await story.publish('', old('/s/notes/a', 'half'), old('/s/notes/b', 'very'), putText('/s/free', 'x'));
    return story;
  }

  publish(ghostId: string, ...operations: ReturnType<typeof putText>[]) {
    return broker.context.publish({ forest: this.forest, ghostId, operations });
  }

  async migrate(more: BeginInit = {}, definition = protobuf(second)): Promise<string> {
    const migration = { name: 'notes', definition };
    const { ghost } = await broker.context.beginGhost({
      forest: this.forest,
      migration,
      ...more,
    } as BeginInit);
    return ghost?.id ?? '';
  }

  commit(ghostId: string, requestId = '') {
    return broker.context.commit({ forest: this.forest, ghostId, requestId });
  }

  async version(atRevision = 0n): Promise<bigint | undefined> {
    const { schema } = await broker.schemas.getSchema({ forest: this.forest, name: 'notes', atRevision });
    return schema?.version;
  }

  async ghost(ghostId: string) {
    return (await broker.context.getGhost({ forest: this.forest, ghostId })).ghost;
  }
}

const old = (path: string, sure: string) => putMessage(path, oldNote, { claim: 'wet', sure });
const fresh = (path: string, sure: number) => putMessage(path, newNote, { claim: 'wet', sure });

describe('a ghost that brings a version of a schema', () => {
  test('puts values anew and the version into force in one revision; older revisions are as they were', async () => {
    const story = await Story.begin('one-revision');
    const { forest } = story;
    const plain = broker.schemas.registerSchema({ forest, name: 'notes', definition: protobuf(second) });
    expect((await refusalOf(plain)).reason).toBe('SCHEMA_BREAKING');
    const ghostId = await story.migrate({ label: 'to numbers' });
    expect((await story.ghost(ghostId))?.migrationSchema).toBe('notes');
    await story.publish(ghostId, fresh('/s/notes/a', 0.5), fresh('/s/notes/b', 0.9));
    // Everybody else goes on under the version before.
    await story.publish('', old('/t/notes/c', 'not'), remove('/t'));
    expect(await story.version()).toBe(1n);
    const done = await story.commit(ghostId, 'm-1');
    expect(done).toMatchObject({ operations: 2n, schemaVersion: 2n });
    expect(await story.commit(ghostId, 'm-1')).toEqual({ ...done, repeated: true });
    expect([await story.version(done.revision - 1n), await story.version(done.revision)]).toEqual([1n, 2n]);
    const at = async (atRevision: bigint) =>
      (await broker.context.get({ forest, path: '/s/notes/a', view: { atRevision } })).node?.value?.kind;
    const valueOf = (type: typeof oldNote, sure: unknown) => ({
      case: 'message',
      value: { value: encoded(type, { claim: 'wet', sure } as never) },
    });
    expect(await at(done.revision - 1n)).toMatchObject(valueOf(oldNote, 'half'));
    expect(await at(done.revision)).toMatchObject(valueOf(newNote, 0.5));
    await story.publish('', fresh('/s/notes/d', 0.1));
    expect((await refusalOf(story.publish('', old('/s/notes/d', 'not')))).reason).toBe('SCHEMA_VIOLATION');
    const { events } = await broker.context.history({ forest, scope: HistoryScope.EVERYTHING });
    const begun = events.find((event) => event.label === 'to numbers');
    expect(begun?.transition?.ghost?.migrationSchema).toBe('notes');
    const over = await story.ghost(ghostId);
    expect(over).toMatchObject({ state: GhostState.COMMITTED, migrationSchema: 'notes' });
  });

  test('is not committed while a stored value is as it was, names it, and passes when it is put', async () => {
    const story = await Story.begin('incomplete');
    const ghostId = await story.migrate();
    await story.publish(ghostId, fresh('/s/notes/a', 0.5));
    const refused = await refusalOf(story.commit(ghostId));
    expect(refused).toMatchObject({ code: 'FailedPrecondition', reason: 'SCHEMA_BREAKING' });
    expect(refused.metadata).toMatchObject({ schema: 'notes', version: '1', violations: '1' });
    expect(refused.fields).toEqual(['/s/notes/b']);
    expect(refused.message).toContain('MIGRATION_INCOMPLETE');
    // What others write meanwhile is seen as well, and a copy of an old value is an old value.
    await story.publish('', old('/s/notes/late', 'half'));
    await story.publish(ghostId, fresh('/s/notes/b', 0.5));
    expect((await refusalOf(story.commit(ghostId))).fields).toEqual(['/s/notes/late']);
    await story.publish(ghostId, fresh('/s/notes/late', 0.5));
    expect((await refusalOf(story.commit(ghostId))).reason).toBe('CONFLICT');
    expect(await story.version()).toBe(1n);
    await story.publish('', remove('/s/notes/late'));
    expect(await story.commit(ghostId)).toMatchObject({ operations: 3n, schemaVersion: 2n });
  });

  test('does not take a copy of an old value for a new one', async () => {
    const story = await Story.begin('copied');
    // It fits the coming version, and yet its field that is not set meant something else.
    const { revision } = await story.publish('', old('/s/notes/b', ''));
    const ghostId = await story.migrate();
    await story.publish(ghostId, fresh('/s/notes/a', 0.5), fresh('/s/notes/b', 0.9));
    await story.publish(ghostId, copy('/s/notes/b', '/s/notes/b', revision));
    expect((await refusalOf(story.commit(ghostId))).fields).toEqual(['/s/notes/b']);
    expect(await story.version()).toBe(1n);
    await story.publish(ghostId, fresh('/s/notes/b', 0.9));
    expect(await story.commit(ghostId)).toMatchObject({ schemaVersion: 2n });
  });

  test('conflicts with newer changes of what it has put', async () => {
    const story = await Story.begin('conflict');
    const ghostId = await story.migrate();
    await story.publish(ghostId, fresh('/s/notes/a', 0.5), fresh('/s/notes/b', 0.5));
    await story.publish('', old('/s/notes/a', 'newer'));
    expect(await refusalOf(story.commit(ghostId))).toMatchObject({
      reason: 'CONFLICT',
      conflicts: ['/s/notes/a'],
    });
    expect([await story.version(), (await story.ghost(ghostId))?.state]).toEqual([1n, GhostState.LIVE]);
  });

  test('refuses what does not fit the coming version, in ghosts within it too, unless it collects', async () => {
    const story = await Story.begin('judged');
    const { forest } = story;
    const strict = protobuf(
      setOf('string claim = 1 [(buf.validate.field).string.min_len = 5]; string sure = 2;'),
    );
    const ghostId = await story.migrate({}, strict);
    const refused = await refusalOf(story.publish(ghostId, old('/s/notes/a', 'half')));
    expect(refused).toMatchObject({
      reason: 'SCHEMA_VIOLATION',
      metadata: { schema: 'notes', version: '2' },
      fields: ['operations[0].put.value.claim'],
    });
    const child = (await broker.context.beginGhost({ forest, parentGhostId: ghostId })).ghost;
    expect(child?.migrationSchema).toBe('');
    const inner = child?.id ?? '';
    expect((await refusalOf(story.publish(inner, old('/s/notes/a', 'half')))).reason).toBe(
      'SCHEMA_VIOLATION',
    );
    const long = (path: string) => putMessage(path, oldNote, { claim: 'water is wet' });
    await story.publish(inner, long('/s/notes/a'));
    await story.commit(inner);
    const stored = await refusalOf(story.commit(ghostId));
    expect(stored).toMatchObject({ reason: 'SCHEMA_STORED', fields: ['/s/notes/b#claim'] });
    const gates = [
      create(GateSchema, { kind: { case: 'schema', value: { onViolation: ViolationAction.COLLECT } } }),
    ];
    const collecting = await story.migrate({ gates }, strict);
    await story.publish(collecting, old('/s/notes/a', 'half'), long('/s/notes/b'));
    const [standing] = (await story.ghost(collecting))?.gates ?? [];
    expect(standing).toMatchObject({
      state: GateState.CLOSED,
      violations: [{ path: '/s/notes/a', field: 'claim', rule: 'string.min_len' }],
    });
    expect((await refusalOf(story.commit(collecting))).reason).toBe('SCHEMA_VIOLATION');
    // Nothing breaks clients here, so what fits may stay as it is.
    await story.publish(collecting, long('/s/notes/a'));
    expect(await story.commit(collecting)).toMatchObject({ schemaVersion: 2n, operations: 3n });
  });

  test('asks reviewers when all fits, and looks once more when they have approved', async () => {
    const story = await Story.begin('reviewed');
    const { forest } = story;
    const ghostId = await story.migrate({ gates: [reviewedBy('ada')] });
    expect((await refusalOf(story.commit(ghostId))).reason).toBe('SCHEMA_BREAKING');
    await story.publish(ghostId, fresh('/s/notes/a', 0.5), fresh('/s/notes/b', 0.5));
    const approve = async () => {
      const { edition = 0n } = (await story.ghost(ghostId)) ?? {};
      await broker.reviews.review({ forest, ghostId, reviewer: 'ada', edition, decision: 1 });
    };
    const asked = async () => {
      while (!((await story.ghost(ghostId))?.commitPending ?? false));
    };
    const refused = refusalOf(story.commit(ghostId));
    await asked();
    await story.publish('', old('/s/notes/late', 'half'));
    await approve();
    expect(await refused).toMatchObject({ reason: 'SCHEMA_BREAKING', fields: ['/s/notes/late'] });
    await story.publish('', remove('/s/notes/late'));
    const done = story.commit(ghostId);
    expect(await done).toMatchObject({ schemaVersion: 2n });
  });

  test('brings a version that nothing stands against without any value, and none where it is there', async () => {
    const story = await Story.begin('empty');
    const wider = protobuf(setOf('string claim = 1; string sure = 2; int32 more = 3;'));
    const done = await story.commit(await story.migrate({}, wider));
    expect(done).toMatchObject({ operations: 0n, schemaVersion: 2n });
    expect(await story.version(done.revision)).toBe(2n);
    const { events } = await broker.context.history({ forest: story.forest });
    expect(events.at(-1)?.revision).toBe(done.revision);
    const again = await story.commit(await story.migrate({}, wider));
    expect(again).toMatchObject({ revision: 0n, schemaVersion: 2n });
    expect(await story.version()).toBe(2n);
  });

  test('leaves nothing at paths that are bound no more', async () => {
    const story = await Story.begin('moved');
    const moved = protobuf(
      acme('message Note { option (hyperloom.v1.node).path = "/{s}/memos/{n}"; string claim = 1; }'),
    );
    const ghostId = await story.migrate({}, moved);
    await story.publish(ghostId, putMessage('/s/memos/a', oldNote, { claim: 'wet' }), remove('/s/notes/a'));
    const refused = await refusalOf(story.commit(ghostId));
    expect(refused).toMatchObject({ reason: 'SCHEMA_BREAKING', fields: ['/{session}/notes/{note}'] });
    await story.publish(ghostId, remove('/s/notes/b'));
    expect(await story.commit(ghostId)).toMatchObject({ schemaVersion: 2n });
    await story.publish('', putText('/s/notes/a', 'free again'));
  });

  test('turns messages into JSON where the schema is a JSON Schema from now on', async () => {
    const story = await Story.begin('to-json');
    const json = jsonSchema('/{session}/notes/{note}', { type: 'object', required: ['claim'] });
    const ghostId = await story.migrate({}, json);
    await story.publish(ghostId, putJson('/s/notes/a', { claim: 'wet' }));
    expect((await refusalOf(story.commit(ghostId))).fields).toEqual(['/s/notes/b']);
    await story.publish(ghostId, putJson('/s/notes/b', { claim: 'wet' }));
    expect(await story.commit(ghostId)).toMatchObject({ schemaVersion: 2n });
  });

  test('is refused at its commit where the schema has another version by then', async () => {
    const story = await Story.begin('expected');
    const { forest } = story;
    const migration = { name: 'notes', definition: protobuf(second), expectedVersion: 1n };
    const ghostId = await story.migrate({ migration });
    await story.publish(ghostId, fresh('/s/notes/a', 0.5), fresh('/s/notes/b', 0.5));
    const wider = protobuf(setOf('string claim = 1; string sure = 2; int32 more = 3;'));
    await broker.schemas.registerSchema({ forest, name: 'notes', definition: wider });
    expect(await refusalOf(story.commit(ghostId))).toMatchObject({
      reason: 'PRECONDITION_FAILED',
      metadata: { condition: 'expected_version', actual: '2' },
    });
    const other = await story.migrate(
      {},
      protobuf(setOf('string claim = 1; double sure = 2; int32 more = 3;')),
    );
    await story.publish(other, fresh('/s/notes/a', 0.5), fresh('/s/notes/b', 0.5));
    expect(await story.commit(other)).toMatchObject({ schemaVersion: 3n });
  });
});

describe('bad input is refused:', () => {
  const fields = async (migration: BeginInit['migration'], more: BeginInit = {}) => {
    const refused = await refusalOf(broker.context.beginGhost({ migration, ...more } as BeginInit));
    return [refused.reason, ...refused.fields].join(' ');
  };
  const definition = jsonSchema('/bad/{x}', {});

  test('no name, no definition, a definition that is none, a parent, paths of others, too many', async () => {
    expect(await fields({ definition })).toBe('INVALID_REQUEST migration.name');
    expect(await fields({ name: 'a b', definition })).toBe('INVALID_REQUEST migration.name');
    expect(await fields({ name: 'a' })).toBe('INVALID_REQUEST migration.definition');
    const set = { name: 'a', definition: protobuf(Uint8Array.of(1)) };
    expect(await fields(set)).toMatch(/^INVALID_SCHEMA migration\.definition\.descriptor_set/);
    const wrong = { name: 'a', definition: jsonSchema('/bad/{x', {}) };
    expect(await fields(wrong)).toBe('INVALID_SCHEMA migration.definition.json_schema.path');
    const { ghost } = await broker.context.beginGhost({});
    const inside = { parentGhostId: ghost?.id ?? '' };
    expect(await fields({ name: 'a', definition }, inside)).toBe('INVALID_REQUEST migration');
    await broker.schemas.registerSchema({ name: 'taken', definition });
    expect(await fields({ name: 'a', definition: jsonSchema('/{a}/{b}', {}) })).toBe('SCHEMA_OVERLAP');
    const many = { name: 'taken', definition };
    for (let count = 0; count < migrationsPerForestMax; count += 1)
      await broker.context.beginGhost({ migration: many });
    expect(await fields(many)).toBe('QUOTA_EXCEEDED');
  });
});
