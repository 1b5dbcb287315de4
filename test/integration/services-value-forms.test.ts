/**
 * Goal: clients read messages as JSON and write JSON as messages, readers that are pinned to an older version of a schema go on
 * reading, and whatever cannot be told says why. Method: a whole broker on a real socket, descriptor sets that `buf` made, and stock clients.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { ChangeDetail } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { SubscribeRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { FormProblem, type Value, ValueForm } from '../../src/gen/hyperloom/v1/node_pb.ts';
import type { Node, SchemaPinSchema } from '../../src/gen/hyperloom/v1/node_pb.ts';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import {
  bytes,
  copy,
  putJson,
  putText,
  refusalOf,
  remove,
  startTestBroker,
  text,
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

const versions = [
  'string claim = 1 [(buf.validate.field).string.max_len = 20];',
  'string claim = 1 [(buf.validate.field).string.max_len = 20]; int64 seen_at = 2;',
].map((fields) => acme(`message Note { option (hyperloom.v1.node).path = "/{s}/notes/{n}"; ${fields} }`));
const [first, second] = versions as [Uint8Array, Uint8Array];
const note = messageOf(second, 'acme.v1.Note');
const asJson = { form: ValueForm.JSON };

let broker: TestBroker;
/** The revisions of the two versions. */
const registered: bigint[] = [];
beforeAll(async () => {
  broker = await startTestBroker();
  // Written by a client that knows more than the first version, which is the only one then.
  await register('notes', first);
  await publish(putMessage('/s/notes/a', note, { claim: 'x', seenAt: '9007199254740993' }));
  await register('notes', second);
  await publish(putJson('/s/json', { a: 1 }), putText('/s/text', 'x'));
  await publish(putEncoded('/s/free', 'acme.v1.Note', encoded(note, { claim: 'free' })));
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

const publish = (...operations: Operation[]) => broker.context.publish({ operations });

async function register(name: string, set: Uint8Array): Promise<void> {
  const { schema } = await broker.schemas.registerSchema({ name, definition: protobuf(set) });
  registered.push(schema?.revision ?? 0n);
}

function putMessageJson(path: string, json: unknown): Operation {
  const value = bytes(typeof json === 'string' ? json : JSON.stringify(json));
  return create(OperationSchema, {
    path,
    action: { case: 'put', value: { kind: { case: 'messageJson', value } } },
  });
}

const problemNames = new Map(Object.entries(FormProblem).map(([name, number]) => [number as number, name]));

/** A value in short: its JSON, or what it is and why it is not JSON. */
function shown(value: Value | undefined): string {
  const kind = value?.kind;
  if (kind?.case === 'json') return text(kind.value);
  const problem = value?.formProblem ?? FormProblem.UNSPECIFIED;
  return `${kind?.case ?? 'nothing'}${problem === FormProblem.UNSPECIFIED ? '' : ` ${problemNames.get(problem)}`}`;
}

const shownNodes = (nodes: readonly Node[]) => nodes.map(({ path, value }) => `${path} ${shown(value)}`);
const whole = '{"claim":"x","seenAt":"9007199254740993"}';

describe('a read as JSON', () => {
  test('tells messages as ProtoJSON, and all else as it is', async () => {
    const { node } = await broker.context.get({ path: '/s/notes/a', values: asJson });
    expect(shown(node?.value)).toBe(whole);
    expect(node?.valueBytes).toBe(BigInt(encoded(note, JSON.parse(whole) as never).length));
    const paths = ['/s/notes/a', '/s/json', '/s/text', '/s/free'];
    const { nodes } = await broker.context.batchGet({ paths, values: asJson });
    const told = [`/s/notes/a ${whole}`, '/s/json {"a":1}', '/s/text text', '/s/free message UNBOUND'];
    expect(shownNodes(nodes)).toEqual(told);
    const listed = await broker.context.list({ path: '/s', values: asJson });
    expect(shownNodes(listed.nodes).filter((line) => told.includes(line))).toHaveLength(4);
    const stored = await broker.context.list({ path: '/s', values: { form: ValueForm.STORED } });
    expect(shownNodes(stored.nodes)).toContain('/s/notes/a message');
    const keys = await broker.context.list({ path: '/s', values: asJson, detail: 2 });
    expect(keys.nodes.every(({ value }) => value === undefined)).toBe(true);
  });

  test('converts by the version that was in force at the revision', async () => {
    const at = async (atRevision: bigint) =>
      shown(
        (await broker.context.get({ path: '/s/notes/a', view: { atRevision }, values: asJson })).node?.value,
      );
    expect(await at((registered[0] as bigint) + 1n)).toBe('{"claim":"x"}');
    expect(await at((registered[1] as bigint) - 1n)).toBe('{"claim":"x"}');
    expect(await at(registered[1] as bigint)).toBe(whole);
  });

  test('pages with values that are larger than they are stored', async () => {
    const name = `COLOR_${'X'.repeat(1_000)}`;
    const set = acme(`enum Color { COLOR_UNSPECIFIED = 0; ${name} = 1; }
      message Palette { option (hyperloom.v1.node).path = "/large/{n}"; repeated Color colors = 1; }`);
    await register('palettes', set);
    const palette = messageOf(set, 'acme.v1.Palette');
    const large = (count: number) => ({ colors: new Array<number>(count).fill(1) });
    await publish(...[1, 2, 3].map((n) => putMessage(`/large/${n}`, palette, large(1_500))));
    const page = await broker.context.list({ path: '/large', values: asJson });
    expect(page.nodes).toHaveLength(2);
    const { nextPageToken: pageToken } = page;
    const rest = await broker.context.list({ path: '/large', values: asJson, pageToken });
    expect(rest.nodes.map(({ value }) => value?.kind.case)).toEqual(['json']);
    await publish(putMessage('/large/1', palette, large(4_000)));
    const { node } = await broker.context.get({ path: '/large/1', values: asJson });
    expect(shown(node?.value)).toBe('message TOO_LARGE');
    expect(shownParts(await snapshotOf({ patterns: ['/large/*'], values: asJson }))).toEqual([
      ['message TOO_LARGE'],
      ['json'],
      ['json'],
    ]);
    const { differences } = await broker.context.diff({
      path: '/large',
      sides: { case: 'revisions', value: { fromRevision: registered[2] as bigint } },
      form: ValueForm.JSON,
    });
    expect(differences).toHaveLength(3);
    const told: string[] = [];
    const historyFrom = async (token: string): Promise<string> => {
      const page = { path: '/large', form: ValueForm.JSON, pageToken: token };
      const { events, nextPageToken } = await broker.context.history(page);
      told.push(events.map(({ changes, partsLeft }) => `${changes.length}/${partsLeft}`).join(' '));
      return nextPageToken;
    };
    expect(await historyFrom(await historyFrom(''))).toBe('');
    expect(told).toEqual(['1/2 1/1', '1/0 1/0']);
  });

  test('tells events, differences and history', async () => {
    const before = await publish(putMessageJson('/e/notes/a', { claim: 'one' }));
    const { revision } = await publish(
      putMessageJson('/e/notes/a', { claim: 'two' }),
      copy('/e/notes/b', '/e/notes/a'),
    );
    const [event] = await eventsOf({
      patterns: ['/e/**'],
      start: { case: 'afterRevision', value: before.revision },
      detail: ChangeDetail.RESULT,
      includePrevious: true,
      values: asJson,
    });
    const told = event?.changes.map(({ action, result, previous }) =>
      [action.case === 'put' ? action.value : undefined, result?.value, previous?.value].map(shown).join(' '),
    );
    expect(told).toEqual([
      '{"claim":"two"} {"claim":"two"} {"claim":"one"}',
      'nothing {"claim":"two"} nothing',
      '{"claim":"two"} {"claim":"two"} nothing',
    ]);
    const { events } = await broker.context.history({ path: '/e/notes/a', form: ValueForm.JSON });
    expect(
      events.map(({ changes }) =>
        changes.map(({ action }) => (action.case === 'put' ? shown(action.value) : action.case)),
      ),
    ).toEqual([['{"claim":"one"}'], ['{"claim":"two"}', 'copy']]);
    const sides = {
      case: 'revisions',
      value: { fromRevision: before.revision, toRevision: revision },
    } as const;
    const { differences } = await broker.context.diff({ sides, form: ValueForm.JSON });
    expect(
      differences.map((each) => `${each.path} ${shown(each.before?.value)} ${shown(each.after?.value)}`),
    ).toEqual(['/e/notes/a {"claim":"one"} {"claim":"two"}', '/e/notes/b nothing {"claim":"two"}']);
    expect(
      shown(
        (await broker.context.history({ path: '/e/notes/a' })).events[0]?.changes[0]?.action.value as Value,
      ),
    ).toBe('message');
  });

  test('tells what a ghost has staged, its events and its differences', async () => {
    const { ghost } = await broker.context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    await broker.context.publish({
      ghostId,
      operations: [putMessageJson('/g/notes/a', { claim: 'staged' })],
    });
    const { nodes } = await broker.context.batchGet({
      paths: ['/g/notes/a', '/s/notes/a'],
      view: { ghostId },
      values: asJson,
    });
    expect(shownNodes(nodes)).toEqual(['/g/notes/a {"claim":"staged"}', `/s/notes/a ${whole}`]);
    const { differences } = await broker.context.diff({
      sides: { case: 'ghostId', value: ghostId },
      form: ValueForm.JSON,
    });
    expect(differences.map(({ after }) => shown(after?.value))).toEqual(['{"claim":"staged"}']);
    const patterns = ['/g/notes/*'];
    const scope = { case: 'ghostId', value: ghostId } as const;
    expect(shownParts(await snapshotOf({ patterns, scope, values: asJson }))).toEqual([['json']]);
    const start = { case: 'afterPosition', value: 0n } as const;
    const events = await eventsOf({ patterns, scope, start, values: asJson }, 2);
    expect(
      events.flatMap(({ changes }) => changes.map(({ action }) => shown(action.value as Value))),
    ).toEqual(['{"claim":"staged"}']);
  });

  test('shares the events of subscribers who asked for the same, and tells others otherwise', async () => {
    const start = { case: 'now' } as const;
    const patterns = ['/shared/**'];
    const watches = [asJson, asJson, {}].map((values) =>
      eventsOf({ patterns, start: { ...start, value: {} }, values }),
    );
    await Promise.all(watches.map(({ ready }) => ready));
    await publish(putMessageJson('/shared/notes/a', { claim: 'x' }));
    const told = (await Promise.all(watches)).map((events) =>
      shown(events[0]?.changes[0]?.action.value as Value),
    );
    expect(told).toEqual(['{"claim":"x"}', '{"claim":"x"}', 'message']);
  });
});

describe('JSON for a message', () => {
  test('is stored as that message', async () => {
    await publish(putMessageJson('/in/notes/a', '{"claim":"x","seen_at":9007199254740993}'));
    const { node } = await broker.context.get({ path: '/in/notes/a' });
    expect(node?.value?.kind).toMatchObject({
      case: 'message',
      value: {
        typeUrl: 'type.googleapis.com/acme.v1.Note',
        value: encoded(note, JSON.parse(whole) as never),
      },
    });
  });

  test('is refused field by field where it is none, and by the rules of the schema where it is', async () => {
    const json = { claim: 1, clam: 'x', seenAt: 1.5 };
    const refused = await refusalOf(publish(putText('/in/free', 'x'), putMessageJson('/in/notes/bad', json)));
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason: 'SCHEMA_VIOLATION' });
    expect(refused.metadata).toEqual({
      path: '/in/notes/bad',
      schema: 'notes',
      version: '2',
      violations: '3',
    });
    expect(refused.fields).toEqual(
      ['claim', 'clam', 'seen_at'].map((field) => `operations[1].put.message_json.${field}`),
    );
    const long = await refusalOf(publish(putMessageJson('/in/notes/bad', { claim: 'x'.repeat(21) })));
    expect(long.fields).toEqual(['operations[0].put.value.claim']);
    const broken = await refusalOf(publish(putMessageJson('/in/notes/bad', '{')));
    expect(broken).toMatchObject({ reason: 'INVALID_VALUE', fields: ['operations[0].put.message_json'] });
    expect((await refusalOf(broker.context.get({ path: '/in/free' }))).reason).toBe('NODE_NOT_FOUND');
  });

  test('needs a schema of a message at its path', async () => {
    const free = await refusalOf(publish(putMessageJson('/in/free', {})));
    expect(free).toMatchObject({ reason: 'UNBOUND_PATH', fields: ['operations[0].put.message_json'] });
    await broker.schemas.registerSchema({ name: 'plain', definition: jsonSchema('/plain/{x}', {}) });
    const plain = await refusalOf(publish(putMessageJson('/plain/x', {})));
    expect(plain).toMatchObject({ reason: 'SCHEMA_VIOLATION', fields: ['operations[0].put.message_json'] });
    expect(plain.message).toContain('a message where JSON is due');
  });

  test('is bounded as JSON and as a message', async () => {
    const set = acme(
      'message Ids { option (hyperloom.v1.node).path = "/ids/{n}"; repeated fixed64 ids = 1; }',
    );
    await register('ids', set);
    const text = await refusalOf(publish(putMessageJson('/in/notes/a', ' '.repeat(2 ** 21 + 1))));
    expect(text).toMatchObject({ reason: 'LIMIT_EXCEEDED', metadata: { limit: 'valueBytesMax' } });
    const grown = await refusalOf(
      publish(putMessageJson('/ids/a', { ids: new Array<number>(300_000).fill(1) })),
    );
    expect(grown).toMatchObject({ reason: 'LIMIT_EXCEEDED', fields: ['operations[0].put.message_json'] });
  });

  test('is the same request when it is sent again, whatever has become of its schema', async () => {
    const set = (fields: string) =>
      acme(`message Again { option (hyperloom.v1.node).path = "/again/{n}"; ${fields} }`);
    await register('again', set('string gone = 1; string kept = 2;'));
    const request = { requestId: 'again-1', operations: [putMessageJson('/again/a', { gone: 'x' })] };
    const { revision } = await broker.context.publish(request);
    await register('again', set('reserved 1; reserved "gone"; string kept = 2;'));
    expect(await broker.context.publish(request)).toMatchObject({ revision, repeated: true });
    const other = { ...request, operations: [putMessageJson('/again/a', { kept: 'x' })] };
    expect((await refusalOf(broker.context.publish(other))).reason).toBe('REQUEST_ID_REUSED');
    const anew = { ...request, requestId: 'again-2' };
    expect((await refusalOf(broker.context.publish(anew))).reason).toBe('SCHEMA_VIOLATION');
  });

  test('is taken on a stream, in its order', async () => {
    async function* sent() {
      yield { publish: { operations: [putMessageJson('/stream/notes/a', { clam: 'x' })] } };
      yield { publish: { operations: [putMessageJson('/stream/notes/a', { claim: 'x' })] } };
    }
    const told: (string | undefined)[] = [];
    for await (const { outcome } of broker.context.publishStream(sent()))
      told.push(outcome.case === 'refused' ? outcome.value.reason : outcome.case);
    expect(told).toEqual(['SCHEMA_VIOLATION', 'published']);
  });
});

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
    const view = { atRevision: registered[0] as bigint };
    const { revision } = await broker.context.get({ path: '/', view, values: pinned(2n) });
    expect(revision).toBe(registered[0]);
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
      await register('tasks', old);
      await publish(putMessageJson('/tasks/a', { title: 'old' }));
      ghostId = (await broker.context.beginGhost({})).ghost?.id ?? '';
      await broker.context.publish({
        ghostId,
        operations: [putMessageJson('/tasks/g', { title: 'staged' })],
      });
      watch = eventsOf({ patterns: ['/tasks/**'], start: { case: 'now', value: {} }, values }, 3);
      await watch.ready;
      // Nothing is left that a version would have to get along with, so the name can mean something else.
      ({ revision: last } = await publish(putMessageJson('/tasks/b', { title: 'last' })));
      ({ revision: last } = await publish(remove('/tasks')));
      await register('tasks', other);
      ({ revision: last } = await publish(putText('/elsewhere', 'x')));
      await register('tasks', task('int32 title = 1;'));
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
        expect(await refusalOf(eventsOf({ patterns: ['/**'], start, values }))).toMatchObject(refusal());
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

type Subscribe = MessageInitShape<typeof SubscribeRequestSchema>;

/** The first events of a subscription. */
interface Events extends Promise<Event[]> {
  /** It has begun. */
  readonly ready: Promise<void>;
  readonly seen: readonly Event[];
}

function eventsOf(request: Subscribe, count: number = 1): Events {
  const seen: Event[] = [];
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const abort = new AbortController();
  const isLast = (event: Event): boolean => seen.push(event) === count;
  const read = async (): Promise<Event[]> => {
    for await (const { message } of broker.context.subscribe(request, { signal: abort.signal })) {
      if (message.case === 'bookmark') resolve();
      if (message.case === 'event' && isLast(message.value)) break;
    }
    abort.abort();
    return seen;
  };
  const events = read();
  events.catch(() => resolve());
  return Object.assign(events, { ready, seen });
}

/** The parts of a snapshot. */
async function snapshotOf(request: Subscribe): Promise<(readonly Node[])[]> {
  const parts: (readonly Node[])[] = [];
  const abort = new AbortController();
  for await (const { message } of broker.context.subscribe(request, { signal: abort.signal })) {
    if (message.case === 'snapshot') parts.push(message.value.nodes);
    if (message.case === 'bookmark') break;
  }
  abort.abort();
  return parts;
}

const shownParts = (parts: (readonly Node[])[]) =>
  parts.map((nodes) => nodes.map(({ value }) => (value?.kind.case === 'json' ? 'json' : shown(value))));
