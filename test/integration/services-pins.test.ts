/**
 * Goal: readers that are pinned to a version of a schema go on reading whatever later versions write, up to the first one that theirs does not
 * get along with. Method: a whole broker on a real socket, descriptor sets that `buf` made, and stock clients.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { type SchemaPinSchema, type Value, ValueForm } from '../../src/gen/hyperloom/v1/node_pb.ts';
import { putText, refusalOf, remove, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import type { Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { acme, encoded, jsonSchema, protobuf, putMessage } from '../support/schemas.ts';
import {
  asJson,
  eventsOf,
  note,
  putMessageJson,
  register,
  shown,
  versions,
  whole,
} from '../support/value-forms.ts';

let broker: TestBroker;
let registered = 0n;
beforeAll(async () => {
  broker = await startTestBroker();
  registered = await register(broker, 'notes', versions[0]);
  await register(broker, 'notes', versions[1]);
  await publish(putMessage('/s/notes/a', note, JSON.parse(whole) as never));
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

const publish = (...operations: Operation[]) => broker.context.publish({ operations });

describe('a reader that is pinned', () => {
  type Pins = MessageInitShape<typeof SchemaPinSchema>[];
  const pinned = (version: bigint, form: ValueForm = ValueForm.JSON) => ({
    form,
    pins: [{ schema: 'notes', version }] as Pins,
  });

  test('reads what later versions write: by its own version as JSON, with all its bytes as it is stored', async () => {
    const get = async (values: ReturnType<typeof pinned>) =>
      (await broker.context.get({ path: '/s/notes/a', values })).node?.value;
    expect(shown(await get(pinned(1n)))).toBe('{"claim":"x"}');
    expect(shown(await get(pinned(2n)))).toBe(whole);
    const stored = await get(pinned(1n, ValueForm.STORED));
    expect(stored?.kind).toMatchObject({ value: { value: encoded(note, JSON.parse(whole) as never) } });
  });

  test('reads old revisions too', async () => {
    const view = { atRevision: registered };
    const { revision } = await broker.context.get({ path: '/', view, values: pinned(2n) });
    expect(revision).toBe(registered);
  });

  test.each([
    ['a schema that is not there', [{ schema: 'nobody', version: 1n }], 'SCHEMA_NOT_FOUND', undefined],
    ['a version that is not there', [{ schema: 'notes', version: 9n }], 'SCHEMA_NOT_FOUND', undefined],
    ['no version', [{ schema: 'notes' }], 'INVALID_REQUEST', 'values.pins[0].version'],
    ['no schema', [{ version: 1n }], 'INVALID_REQUEST', 'values.pins[0].schema'],
    [
      'one schema twice',
      [1n, 2n].map((version) => ({ schema: 'notes', version })),
      'INVALID_REQUEST',
      'values.pins[1].schema',
    ],
    ['a JSON Schema', [{ schema: 'counters', version: 1n }], 'INVALID_REQUEST', 'values.pins[0].schema'],
    [
      'too many',
      Array.from({ length: 101 }, () => ({ schema: 'notes', version: 1n })),
      'LIMIT_EXCEEDED',
      'values.pins',
    ],
  ] as const)('is refused for %s', async (_, pins, reason, field) => {
    await broker.schemas.registerSchema({ name: 'counters', definition: jsonSchema('/counters/{x}', {}) });
    const refused = await refusalOf(broker.context.get({ path: '/s/text', values: { pins: [...pins] } }));
    expect(refused.reason).toBe(reason);
    expect(refused.fields).toEqual(field === undefined ? [] : [field]);
  });

  describe('through a migration', () => {
    const setOf = (type: string) =>
      acme(`message Plan { option (hyperloom.v1.node).path = "/plans/{n}"; ${type} goal = 1; }`);
    const pins = [{ schema: 'plans', version: 1n }];
    const values = { ...asJson, pins };
    const definition = protobuf(setOf('double'));
    const begin = async () =>
      (await broker.context.beginGhost({ migration: { name: 'plans', definition } })).ghost?.id ?? '';
    const goals = async (revision: bigint, ghostId = '') => {
      const scope = HistoryScope.EVERYTHING;
      const { events } = await broker.context.history({ afterRevision: revision, scope, ...asJson });
      const told = events.filter((event) => event.ghostId === ghostId && event.changes.length > 0);
      return told.map(({ changes }) => shown(changes[0]?.action.value as Value));
    };

    test('reads on as it was, while others read what it brought', async () => {
      await register(broker, 'plans', setOf('string'));
      const { revision: last } = await publish(putMessageJson('/plans/a', { goal: 'far' }));
      const ghostId = await begin();
      const fresh = [putMessageJson('/plans/a', { goal: 7.5 })];
      await broker.context.publish({ ghostId, operations: fresh });
      const read = async (more: object) => {
        const { node, revision } = await broker.context.get({ path: '/plans/a', values, ...more });
        return `${revision} ${shown(node?.value)}`;
      };
      expect(await read({ view: { ghostId }, values: asJson })).toBe(`${last} {"goal":7.5}`);
      const staged = await refusalOf(read({ view: { ghostId } }));
      expect(staged.metadata).toEqual({ schema: 'plans', version: '1', in_force: '2', last_revision: '0' });
      expect(await goals(last, ghostId)).toEqual(['{"goal":7.5}']);
      const { revision } = await broker.context.commit({ ghostId });
      expect(await read({ values: asJson })).toBe(`${revision} {"goal":7.5}`);
      expect(await read({})).toBe(`${last} {"goal":"far"}`);
      expect(await goals(last - 1n, ghostId)).toEqual(['{"goal":7.5}', '{"goal":7.5}']);
      const [event] = await eventsOf(broker, {
        patterns: ['/plans/*'],
        start: { case: 'afterRevision', value: last },
        includePrevious: true,
        values: asJson,
      });
      const [change] = event?.changes ?? [];
      expect([change?.previous?.value, change?.action.value as Value].map(shown)).toEqual([
        '{"goal":"far"}',
        '{"goal":7.5}',
      ]);
      const pinned = {
        patterns: ['/plans/*'],
        start: { case: 'afterRevision', value: last } as const,
        values,
      };
      expect((await refusalOf(eventsOf(broker, pinned))).metadata).toMatchObject({
        last_revision: String(last),
      });
    });

    test('tells as it is what a migration has staged that was taken back', async () => {
      const { revision } = await publish(putText('/plans-before', 'x'));
      const { ghost } = await broker.context.beginGhost({
        migration: { name: 'plans', definition: protobuf(setOf('string')) },
      });
      const ghostId = ghost?.id ?? '';
      await broker.context.publish({ ghostId, operations: [putMessageJson('/plans/a', { goal: 'near' })] });
      expect(await goals(revision, ghostId)).toEqual(['{"goal":"near"}']);
      await broker.context.revert({ target: { case: 'ghostId', value: ghostId } });
      expect(await goals(revision, ghostId)).toEqual(['message SUPERSEDED']);
    });
  });

  describe('to a version that the one in force does not get along with', () => {
    const task = (fields: string) =>
      acme(`message Task { option (hyperloom.v1.node).path = "/tasks/{n}"; ${fields} }`);
    const other = acme('message Other { option (hyperloom.v1.node).path = "/others/{n}"; string name = 1; }');
    const values = { form: ValueForm.JSON, pins: [{ schema: 'tasks', version: 1n }] as Pins };
    let last = 0n;
    let ghostId = '';
    let watch: ReturnType<typeof eventsOf>;
    beforeAll(async () => {
      const old = task('string title = 1;');
      await register(broker, 'tasks', old);
      await publish(putMessageJson('/tasks/a', { title: 'old' }));
      ghostId = (await broker.context.beginGhost({})).ghost?.id ?? '';
      await broker.context.publish({
        ghostId,
        operations: [putMessageJson('/tasks/g', { title: 'staged' })],
      });
      watch = eventsOf(broker, { patterns: ['/tasks/**'], start: { case: 'now', value: {} }, values }, 3);
      await watch.ready;
      // Nothing is left that a version would have to get along with, so the name can mean something else.
      ({ revision: last } = await publish(putMessageJson('/tasks/b', { title: 'last' })));
      ({ revision: last } = await publish(remove('/tasks')));
      await register(broker, 'tasks', other);
      ({ revision: last } = await publish(putText('/elsewhere', 'x')));
      await register(broker, 'tasks', task('int32 title = 1;'));
      await publish(putMessageJson('/tasks/a', { title: 7 }));
    });
    const refusal = () => ({
      reason: 'SCHEMA_SUPERSEDED',
      code: 'FailedPrecondition',
      metadata: { schema: 'tasks', version: '1', in_force: '3', last_revision: String(last) },
    });

    test('reads the last revision before that', async () => {
      expect((await broker.context.get({ path: '/elsewhere', values })).revision).toBe(last);
      const { nodes, revision } = await broker.context.batchGet({
        paths: ['/tasks/a', '/elsewhere'],
        values,
      });
      expect([nodes.map(({ path }) => path), revision]).toEqual([['/elsewhere'], last]);
      const page = await broker.context.list({ path: '/', depth: 1, pageSize: 1, values });
      expect(page.revision).toBe(last);
      const next = await broker.context.list({
        path: '/',
        depth: 1,
        pageSize: 1,
        values,
        pageToken: page.nextPageToken,
      });
      expect(next.revision).toBe(last);
      const view = { consistency: { case: 'atLeastRevision', value: last } } as const;
      expect((await broker.context.get({ path: '/elsewhere', view, values })).revision).toBe(last);
      const atRevision = last - 4n;
      const { node } = await broker.context.get({ path: '/tasks/a', view: { atRevision }, values });
      expect(shown(node?.value)).toBe('{"title":"old"}');
    });

    test('is refused what lies beyond, and told how far it can read', async () => {
      const views = [
        { atRevision: last + 1n },
        { consistency: { case: 'atLeastRevision', value: last + 1n } } as const,
        { ghostId },
      ];
      for (const view of views)
        expect(await refusalOf(broker.context.get({ path: '/elsewhere', view, values }))).toMatchObject(
          refusal(),
        );
      for (const start of [
        { case: 'snapshot', value: {} },
        { case: 'now', value: {} },
      ] as const)
        expect(await refusalOf(eventsOf(broker, { patterns: ['/**'], start, values }))).toMatchObject(
          refusal(),
        );
    });

    test('is told by its subscription up to there', async () => {
      expect(await refusalOf(watch)).toMatchObject(refusal());
      expect(watch.seen.map(({ changes }) => changes.map(({ action }) => action.case))).toEqual([
        ['put'],
        ['delete'],
      ]);
      expect(shown(watch.seen[0]?.changes[0]?.action.value as Value)).toBe('{"title":"last"}');
    });

    test('does not hold others back: what was staged before is told as it is, with why', async () => {
      const read = (path: string, view = {}) => broker.context.get({ path, view, values: asJson });
      expect(shown((await read('/tasks/a')).node?.value)).toBe('{"title":7}');
      expect(shown((await read('/tasks/g', { ghostId })).node?.value)).toBe('message SUPERSEDED');
      expect(shown((await read('/tasks/a', { ghostId })).node?.value)).toBe('{"title":"old"}');
    });
  });
});
