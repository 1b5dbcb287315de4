/**
 * Goal: clients read messages as JSON and write JSON as messages, wherever they ask for it, and what cannot be told or taken says why.
 * Method: a whole broker on a real socket, descriptor sets that `buf` made, and stock clients.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ChangeDetail } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { type Node, type Value, ValueForm } from '../../src/gen/hyperloom/v1/node_pb.ts';
import type { Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { ValueForms } from '../../src/schema/value-forms.ts';
import { copy, putJson, putText, refusalOf, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { acme, encoded, jsonSchema, messageOf, putEncoded, putMessage } from '../support/schemas.ts';
import {
  asJson,
  eventsOf,
  note,
  putMessageJson,
  register,
  shown,
  shownParts,
  snapshotOf,
  versions,
  whole,
} from '../support/value-forms.ts';

let broker: TestBroker;
/** The revisions of the two versions. */
const registered: bigint[] = [];
beforeAll(async () => {
  broker = await startTestBroker();
  // Written by a client that knows more than the first version, which is the only one then.
  registered.push(await register(broker, 'notes', versions[0]));
  await publish(putMessage('/s/notes/a', note, { claim: 'x', seenAt: '9007199254740993' }));
  registered.push(await register(broker, 'notes', versions[1]));
  await publish(putJson('/s/json', { a: 1 }), putText('/s/text', 'x'));
  await publish(putEncoded('/s/free', 'acme.v1.Note', encoded(note, { claim: 'free' })));
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

const publish = (...operations: Operation[]) => broker.context.publish({ operations });

const shownNodes = (nodes: readonly Node[]) => nodes.map(({ path, value }) => `${path} ${shown(value)}`);

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
    const registration = await register(broker, 'palettes', set);
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
    expect(shownParts(await snapshotOf(broker, { patterns: ['/large/*'], values: asJson }))).toEqual([
      ['message TOO_LARGE'],
      ['json'],
      ['json'],
    ]);
    const { differences } = await broker.context.diff({
      path: '/large',
      sides: { case: 'revisions', value: { fromRevision: registration } },
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
    const [event] = await eventsOf(broker, {
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
    expect(shownParts(await snapshotOf(broker, { patterns, scope, values: asJson }))).toEqual([['json']]);
    const start = { case: 'afterPosition', value: 0n } as const;
    const events = await eventsOf(broker, { patterns, scope, start, values: asJson }, 2);
    expect(
      events.flatMap(({ changes }) => changes.map(({ action }) => shown(action.value as Value))),
    ).toEqual(['{"claim":"staged"}']);
  });

  test('shares the events of subscribers who asked for the same, and tells others otherwise', async () => {
    const start = { case: 'now' } as const;
    const patterns = ['/shared/**'];
    const watches = [asJson, asJson, {}].map((values) =>
      eventsOf(broker, { patterns, start: { ...start, value: {} }, values }),
    );
    await Promise.all(watches.map(({ ready }) => ready));
    const conversions = vi.spyOn(ValueForms.prototype, 'json');
    await publish(putMessageJson('/shared/notes/a', { claim: 'x' }));
    const told = (await Promise.all(watches)).map((events) =>
      shown(events[0]?.changes[0]?.action.value as Value),
    );
    expect(told).toEqual(['{"claim":"x"}', '{"claim":"x"}', 'message']);
    expect(conversions).toHaveBeenCalledTimes(1);
    conversions.mockRestore();
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
    await register(broker, 'ids', set);
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
    await register(broker, 'again', set('string gone = 1; string kept = 2;'));
    const request = { requestId: 'again-1', operations: [putMessageJson('/again/a', { gone: 'x' })] };
    const { revision } = await broker.context.publish(request);
    await register(broker, 'again', set('reserved 1; reserved "gone"; string kept = 2;'));
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
