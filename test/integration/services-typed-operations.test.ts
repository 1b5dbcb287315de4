/**
 * Goal: fields of messages are merged, appended to and incremented by their names, on the trunk and in ghosts,
 * and whoever asks for what cannot be is told which field of the request is at fault. Method: a whole broker on a real socket.
 */
import { create, fromBinary, toJson } from '@bufbuild/protobuf';
import type { JsonValue } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { all, allKindsSet } from '../support/all-kinds.ts';
import { bytes, increment, putText, refusalOf, startTestBroker, text } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { acme, encoded, jsonSchema, messageOf, protobuf } from '../support/schemas.ts';
import { add, any, append, merge } from '../support/typed-operations.ts';

const rated = acme(`
message Rated {
  option (hyperloom.v1.node).path = "/{session}/rated/{name}";
  string title = 1 [(buf.validate.field).string.max_len = 5];
  int32 stars = 2 [(buf.validate.field).int32 = {gte: 0, lte: 5}];
  repeated string tags = 3 [(buf.validate.field).repeated.max_items = 2];
}`);

const ratedMessage = messageOf(rated, 'acme.v1.Rated');

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.schemas.registerSchema({ name: 'all', definition: protobuf(allKindsSet) });
  await broker.schemas.registerSchema({ name: 'rated', definition: protobuf(rated) });
  const plans = jsonSchema('/{session}/plans/{plan}', { type: 'object' });
  await broker.schemas.registerSchema({ name: 'plans', definition: plans });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

const publish = (...operations: Operation[]) => broker.context.publish({ operations });

async function at(path: string, ghost = ''): Promise<JsonValue> {
  const view = ghost === '' ? {} : { view: { ghostId: ghost } };
  const { node } = await broker.context.get({ path, ...view });
  if (node?.value?.kind.case !== 'message') throw new Error(`${path} holds ${node?.value?.kind.case}`);
  return toJson(all, fromBinary(all, node.value.kind.value.value));
}

describe('fields', () => {
  test('are merged, with and without a mask', async () => {
    const path = '/merge/all/a';
    await publish(
      merge(path, { text: 'first', words: ['a'], inner: { name: 'n', n: '1' }, counts: { k: 1, l: 2 } }),
    );
    await publish(merge(path, { words: ['b'], inner: { n: '2' }, counts: { k: 3 } }));
    expect(await at(path)).toEqual({
      text: 'first',
      words: ['a', 'b'],
      inner: { name: 'n', n: '2' },
      counts: { k: 3, l: 2 },
    });
    await publish(merge(path, { words: ['c'], i32: 7 }, 'words', 'text', 'inner.name', 'counts'));
    expect(await at(path)).toEqual({ words: ['c'], inner: { n: '2' } });
  });

  test('of a oneof exclude one another', async () => {
    const path = '/merge/all/oneof';
    await publish(merge(path, { a: 'x' }));
    await publish(merge(path, { c: 0 }, 'c'));
    expect(await at(path)).toEqual({ c: 0 });
    await publish(merge(path, {}, 'a'));
    expect(await at(path)).toEqual({ c: 0 });
    await publish(merge(path, { b: { name: 'y' } }));
    expect(await at(path)).toEqual({ b: { name: 'y' } });
  });

  test('that are repeated are appended to, also within messages', async () => {
    const path = '/append/all/a';
    await publish(append(path, { words: ['a'], numbers: [1], inner: { tags: ['x'] } }));
    await publish(append(path, { words: ['b', 'c'], numbers: [2, 3], inner: { tags: ['y'] } }));
    expect(await at(path)).toEqual({
      words: ['a', 'b', 'c'],
      numbers: [1, 2, 3],
      inner: { tags: ['x', 'y'] },
    });
  });

  test('that are numbers are added to, and the sum is told', async () => {
    const path = '/add/all/a';
    const { revision } = await publish(
      add(path, 'i32', 5n),
      add(path, 'inner.n', -2n),
      add(path, 'dbl', 0.5),
    );
    await publish(add(path, 'i32', -5n), add(path, 'maybe', 1n), add(path, 'maybe', -1n));
    expect(await at(path)).toEqual({ dbl: 0.5, inner: { n: '-2' }, maybe: 0 });
    const { events } = await broker.context.history({ path: '/add' });
    const told = events
      .find((event) => event.revision === revision)
      ?.changes.map(({ action }) => {
        if (action.case !== 'increment') return action.case;
        return [action.value.increment?.field, text(action.value.resultJson)];
      });
    expect(told).toEqual([
      ['i32', '5'],
      ['inner.n', '-2'],
      ['dbl', '0.5'],
    ]);
  });

  test('are told in events as they were asked for', async () => {
    const path = '/told/all/a';
    await publish(merge(path, { text: 'x' }, 'text', 'inner.name'), append(path, { words: ['a'] }));
    const { events } = await broker.context.history({ path: '/told' });
    const [one, two] = events.at(-1)?.changes ?? [];
    expect(one?.action).toMatchObject({
      case: 'merge',
      value: { message: any({ text: 'x' }), mask: { paths: ['text', 'inner.name'] } },
    });
    expect(two?.action).toMatchObject({
      case: 'append',
      value: { addition: { case: 'message', value: any({ words: ['a'] }) } },
    });
  });
});

describe('what is stored afterwards', () => {
  const put = (name: string, json: JsonValue) => {
    const value = { typeUrl: 'x/acme.v1.Rated', value: encodeRated(json) };
    return create(OperationSchema, {
      path: `/s/rated/${name}`,
      action: { case: 'merge', value: { message: value } },
    });
  };

  test('must fit its schema, and a refusal names operation and field', async () => {
    await publish(put('a', { title: 'fine', stars: 4, tags: ['x'] }));
    const refused = await refusalOf(
      publish(putText('/s/free', 'x'), put('a', { title: 'too long', tags: ['y', 'z'] })),
    );
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason: 'SCHEMA_VIOLATION' });
    expect(refused.fields).toEqual(['operations[1].merge.value.title', 'operations[1].merge.value.tags']);
    const many = await refusalOf(publish(add('/s/rated/a', 'stars', 2n)));
    expect(many.reason).toBe('SCHEMA_VIOLATION');
    expect(many.fields).toEqual(['operations[0].increment.value.stars']);
    await publish(add('/s/rated/a', 'stars', 1n));
  });
});

function encodeRated(json: JsonValue): Uint8Array<ArrayBuffer> {
  return encoded(ratedMessage, json);
}

describe('a request is refused', () => {
  const path = '/refused/all/a';
  beforeAll(async () => {
    await publish(merge(path, { text: 'x', i32: 2 ** 31 - 1, dbl: 1.7e308, u64: '0' }));
    await publish(putText('/refused/free', 'x'));
  });
  test.each([
    [
      'with a message where no schema is',
      merge('/refused/free', {}),
      'UNBOUND_PATH',
      ['operations[0].merge.message'],
    ],
    [
      'to append where no schema is',
      append('/free', { words: ['x'] }),
      'UNBOUND_PATH',
      ['operations[0].append.message'],
    ],
    ['to add where no schema is', add('/free', 'i32', 1n), 'UNBOUND_PATH', ['operations[0].increment.field']],
    [
      'with a message where JSON is due',
      merge('/s/plans/p', {}),
      'WRONG_TYPE',
      ['operations[0].merge.message'],
    ],
    ['with another message', merge('/s/rated/x', {}), 'WRONG_TYPE', ['operations[0].merge.message.type_url']],
    [
      'with a name that no field has',
      merge(path, {}, 'text', 'nothing'),
      'INVALID_REQUEST',
      ['operations[0].merge.mask.paths[1]'],
    ],
    [
      'with a name through a list',
      merge(path, {}, 'inners.name'),
      'INVALID_REQUEST',
      ['operations[0].merge.mask.paths[0]'],
    ],
    ['with an empty name', merge(path, {}, ''), 'INVALID_REQUEST', ['operations[0].merge.mask.paths[0]']],
    [
      'with a long name',
      merge(path, {}, 'x'.repeat(1_025)),
      'LIMIT_EXCEEDED',
      ['operations[0].merge.mask.paths[0]'],
    ],
    [
      'with many names',
      merge(path, {}, ...Array<string>(1_001).fill('text')),
      'LIMIT_EXCEEDED',
      ['operations[0].merge.mask.paths'],
    ],
    ['to append a single field', append(path, { text: 'x' }), 'WRONG_TYPE', ['operations[0].append.message']],
    ['to append nothing', append(path, {}), 'INVALID_REQUEST', ['operations[0].append.message']],
    ['to add to a text', add(path, 'text', 1n), 'WRONG_TYPE', ['operations[0].increment.field']],
    ['to add to an enum', add(path, 'kind', 1n), 'WRONG_TYPE', ['operations[0].increment.field']],
    ['to add to a list', add(path, 'numbers', 1n), 'WRONG_TYPE', ['operations[0].increment.field']],
    [
      'to add a real number to an integer',
      add(path, 'i32', 1),
      'WRONG_TYPE',
      ['operations[0].increment.field'],
    ],
    ['to add an integer to a double', add(path, 'dbl', 1n), 'WRONG_TYPE', ['operations[0].increment.field']],
    ['to add beyond the range', add(path, 'i32', 1n), 'OUT_OF_BOUNDS', []],
    ['to add below zero where there is no sign', add(path, 'u64', -1n), 'OUT_OF_BOUNDS', []],
    ['to add beyond a double', add(path, 'dbl', 1.7e308), 'OUT_OF_BOUNDS', []],
    ['to add to the message itself', increment(path, 1n), 'WRONG_TYPE', []],
  ])('%s', async (_name, operation, reason, fields) => {
    const refused = await refusalOf(publish(putText('/refused/other', 'x'), operation));
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason });
    expect(refused.fields).toEqual(fields.map((each) => each.replace('[0]', '[1]')));
    expect(refused.fields.length === 0 || refused.message.startsWith(refused.fields[0] ?? '')).toBe(true);
    expect((await refusalOf(broker.context.get({ path: '/refused/other' }))).reason).toBe('NODE_NOT_FOUND');
  });

  test('with a patch and a message at once, or a mask without a message', async () => {
    const both = create(OperationSchema, {
      path,
      action: { case: 'merge', value: { jsonPatch: bytes('{}'), message: any({}) } },
    });
    expect(await refusalOf(publish(both))).toMatchObject({
      reason: 'INVALID_REQUEST',
      fields: ['operations[0].merge'],
    });
    const masked = create(OperationSchema, {
      path,
      action: { case: 'merge', value: { jsonPatch: bytes('{}'), mask: { paths: ['text'] } } },
    });
    expect((await refusalOf(publish(masked))).fields).toEqual(['operations[0].merge.mask']);
  });

  test('with bytes that are no message', async () => {
    const message = { typeUrl: 'x/acme.v1.All', value: Uint8Array.of(10, 200) };
    const refused = await refusalOf(
      publish(create(OperationSchema, { path, action: { case: 'merge', value: { message } } })),
    );
    expect(refused).toMatchObject({ reason: 'INVALID_VALUE', fields: ['operations[0].merge.message.value'] });
  });
});

describe('in ghosts', () => {
  test('merges of other fields, appends and increments are rebased; the same field is a conflict', async () => {
    const path = '/ghosts/all/a';
    await publish(merge(path, { text: 'x', words: ['a'], i32: 1 }));
    const begun = async (...operations: Operation[]): Promise<string> => {
      const { ghost } = await broker.context.beginGhost({});
      await broker.context.publish({ ghostId: ghost?.id ?? '', operations });
      return ghost?.id ?? '';
    };
    const free = await begun(
      merge(path, { dbl: 2 }, 'dbl'),
      append(path, { words: ['c'] }),
      add(path, 'i32', 10n),
    );
    const same = await begun(merge(path, { text: 'ghost' }, 'text'));
    expect(await at(path, free)).toEqual({ text: 'x', words: ['a', 'c'], i32: 11, dbl: 2 });
    await publish(append(path, { words: ['b'] }), add(path, 'i32', 100n));
    await broker.context.commit({ ghostId: free });
    expect(await at(path)).toEqual({ text: 'x', words: ['a', 'b', 'c'], i32: 111, dbl: 2 });
    await publish(merge(path, { text: 'trunk' }, 'text'));
    const refused = await refusalOf(broker.context.commit({ ghostId: same }));
    expect(refused.reason).toBe('CONFLICT');
  });
});

describe('a repeated request', () => {
  test('gets its outcome although the schema does not know the field any more than the path', async () => {
    const path = '/repeat/all/a';
    const request = { requestId: 'typed-1', operations: [append(path, { words: ['once'] })] };
    const first = await broker.context.publish(request);
    const again = await broker.context.publish(request);
    expect(again).toMatchObject({ revision: first.revision, repeated: true });
    expect(await at(path)).toEqual({ words: ['once'] });
    const other = { ...request, operations: [append(path, { words: ['other'] })] };
    expect((await refusalOf(broker.context.publish(other))).reason).toBe('REQUEST_ID_REUSED');
    const unbound = { ...request, operations: [append('/free', { words: ['once'] })] };
    expect((await refusalOf(broker.context.publish(unbound))).reason).toBe('REQUEST_ID_REUSED');
  });

  test('on a stream is the same, beside others', async () => {
    const path = '/stream/all/a';
    async function* sent() {
      yield { publish: { requestId: 's-1', operations: [add(path, 'i32', 1n)] } };
      yield { publish: { operations: [add(path, 'nothing', 1n)] } };
      yield { publish: { requestId: 's-1', operations: [add(path, 'i32', 1n)] } };
      yield { publish: { operations: [merge(path, { text: 'x' })] } };
    }
    const cases: (string | undefined)[] = [];
    for await (const { outcome } of broker.context.publishStream(sent()))
      cases.push(outcome.case === 'refused' ? outcome.value.reason : outcome.case);
    expect(cases).toEqual(['published', 'INVALID_REQUEST', 'published', 'published']);
    expect(await at(path)).toEqual({ i32: 1, text: 'x' });
  });
});
