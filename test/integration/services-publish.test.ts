/**
 * Goal: `Publish` and `PublishStream` do what the proto promises and refuse the rest with a reason. Method: a whole broker in
 * memory on a real socket, called through connect-node.
 */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type PublishRequestSchema,
  type PublishStreamRequestSchema,
  type PublishStreamResponse,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { DeleteScope, type OperationSchema, Presence } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { MemoryStore } from '../../src/memory-store.ts';
import { NullValue, ValueSchema } from '@bufbuild/protobuf/wkt';
import {
  appendItems,
  appendText,
  bytes,
  copy,
  increment,
  putJson,
  putText,
  refusalOf,
  remove,
  startTestBroker,
  type TestBroker,
  text,
} from '../support/broker.ts';

type OperationInit = MessageInitShape<typeof OperationSchema>;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker({ store: new MemoryStore() });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

/** The value at a path, as text. */
async function valueAt(path: string): Promise<string> {
  const { node } = await broker.context.get({ path });
  const kind = node?.value?.kind;
  if (kind?.case === 'text') return kind.value;
  return kind?.case === 'json' || kind?.case === 'bytes' ? text(kind.value) : `(${String(kind?.case)})`;
}

function operation(path: string, action: NonNullable<OperationInit['action']>): OperationInit {
  return { path, action };
}

describe('an operation', () => {
  test('puts each kind of value and keeps its bytes', async () => {
    const json = '{"b":1.0, "a":9007199254740993,"é":"\\u00e9"}';
    await broker.context.publish({
      operations: [
        operation('/put/json', { case: 'put', value: { kind: { case: 'json', value: bytes(json) } } }),
        putText('/put/text', 'héllo \u{1f600}'),
        operation('/put/bytes', {
          case: 'put',
          value: { kind: { case: 'bytes', value: Uint8Array.of(0, 128, 255) } },
        }),
        operation('/put/message', {
          case: 'put',
          value: {
            kind: { case: 'message', value: { typeUrl: 'type.test/a.B', value: Uint8Array.of(8, 200) } },
          },
        }),
      ],
    });
    expect(await valueAt('/put/json')).toBe(json);
    expect(await valueAt('/put/text')).toBe('héllo \u{1f600}');
    const { nodes } = await broker.context.batchGet({
      paths: ['/put/bytes', '/put/none', '/put/message', '/put'],
    });
    expect(nodes.map(({ path, valueBytes, childCount }) => [path, valueBytes, childCount])).toEqual([
      ['/put/bytes', 3n, 0n],
      ['/put/message', 2n, 0n],
      ['/put', 0n, 4n],
    ]);
    const [first, second] = nodes;
    expect(first?.value?.kind.case === 'bytes' && [...first.value.kind.value]).toEqual([0, 128, 255]);
    expect(second?.value?.kind.case === 'message' && [...second.value.kind.value.value]).toEqual([8, 200]);
  });

  test('turns a struct into JSON, the same each time', async () => {
    const struct = create(ValueSchema, {
      kind: {
        case: 'structValue',
        value: {
          fields: {
            b: { kind: { case: 'numberValue', value: 1.5 } },
            a: {
              kind: {
                case: 'listValue',
                value: { values: [{ kind: { case: 'nullValue', value: NullValue.NULL_VALUE } }] },
              },
            },
            s: { kind: { case: 'stringValue', value: '"' } },
            t: { kind: { case: 'boolValue', value: true } },
          },
        },
      },
    });
    await broker.context.publish({
      operations: [operation('/struct', { case: 'put', value: { kind: { case: 'struct', value: struct } } })],
    });
    expect(await valueAt('/struct')).toBe('{"a":[null],"b":1.5,"s":"\\"","t":true}');
  });

  test('appends to text, bytes and arrays, and creates what is not there', async () => {
    const append = (value: number): OperationInit =>
      operation('/append/bytes', {
        case: 'append',
        value: { addition: { case: 'bytes', value: Uint8Array.of(value) } },
      });
    const first = [appendText('/append/text', 'a'), appendItems('/append/items', 1, { b: ',' }), append(65)];
    const second = [appendText('/append/text', 'b'), appendItems('/append/items', [2]), append(66)];
    await broker.context.publish({ operations: first });
    await broker.context.publish({ operations: second });
    expect(await valueAt('/append/text')).toBe('ab');
    expect(await valueAt('/append/items')).toBe('[1,{"b":","},[2]]');
    expect(await valueAt('/append/bytes')).toBe('AB');
    const { node } = await broker.context.get({ path: '/append/items' });
    expect(node?.valueBytes).toBe(17n);
    expect(node?.version).toBe(2n);
  });

  test('merges, increments, deletes and copies', async () => {
    const merge = (json: string): OperationInit =>
      operation('/mix/object', { case: 'merge', value: { jsonPatch: bytes(json) } });
    await broker.context.publish({
      operations: [putJson('/mix/object', { a: 1, b: 2 }), increment('/mix/n', 2n ** 62n)],
    });
    const { revision } = await broker.context.publish({
      operations: [merge('{"a":null,"c":3}'), increment('/mix/n', 1n)],
    });
    expect(await valueAt('/mix/object')).toBe('{"b":2,"c":3}');
    expect(await valueAt('/mix/n')).toBe(String(2n ** 62n + 1n));
    await broker.context.publish({
      operations: [
        operation('/mix', { case: 'delete', value: { scope: DeleteScope.NODE } }),
        operation('/mix/n', { case: 'increment', value: { amount: { case: 'real', value: 0.5 } } }),
      ],
    });
    await broker.context.publish({ operations: [remove('/mix'), copy('/copied', '/mix', revision)] });
    expect((await refusalOf(broker.context.get({ path: '/mix' }))).reason).toBe('NODE_NOT_FOUND');
    expect(await valueAt('/copied/n')).toBe(String(2n ** 62n + 1n));
  });
});

describe('a diff', () => {
  test('takes effect whole or not at all', async () => {
    const refused = await refusalOf(
      broker.context.publish({ operations: [putText('/whole/a', 'x'), increment('/whole/a', 1n)] }),
    );
    expect(refused).toMatchObject({
      code: 'InvalidArgument',
      reason: 'WRONG_TYPE',
      metadata: { path: '/whole/a' },
    });
    expect((await refusalOf(broker.context.get({ path: '/whole' }))).code).toBe('NotFound');
  });

  test('makes one revision and is stamped with its author', async () => {
    const { revision } = await broker.context.publish({
      author: 'ada',
      operations: [putText('/one/a', 'x'), putText('/one/b', 'y')],
    });
    const { node } = await broker.context.get({ path: '/one/b' });
    expect(node).toMatchObject({
      author: 'ada',
      createdRevision: revision,
      modifiedRevision: revision,
      version: 1n,
    });
    expect((await broker.context.publish({ operations: [putText('/one/a', 'z')] })).revision).toBe(
      revision + 1n,
    );
  });

  test('is refused where a precondition does not hold', async () => {
    const { revision } = await broker.context.publish({ operations: [putText('/pre/a', 'x')] });
    const attempt = (
      condition:
        | { case: 'presence'; value: Presence }
        | { case: 'modifiedRevision' | 'version' | 'subtreeUnchangedSince'; value: bigint },
    ) =>
      broker.context.publish({
        operations: [putText('/pre/b', 'y')],
        preconditions: [{ path: '/pre/a', condition }],
      });
    await attempt({ case: 'presence', value: Presence.PRESENT });
    await attempt({ case: 'modifiedRevision', value: revision });
    await attempt({ case: 'version', value: 1n });
    await attempt({ case: 'subtreeUnchangedSince', value: revision });
    for (const condition of [
      { case: 'presence', value: Presence.ABSENT },
      { case: 'modifiedRevision', value: 2n ** 64n - 1n },
      { case: 'version', value: 2n },
      { case: 'subtreeUnchangedSince', value: revision - 1n },
    ] as const) {
      expect(await refusalOf(attempt(condition))).toMatchObject({
        code: 'Aborted',
        reason: 'PRECONDITION_FAILED',
        metadata: { path: '/pre/a' },
      });
    }
  });

  test('is applied once however often it is sent under one request id', async () => {
    const request = { operations: [increment('/once', 1n)], requestId: 'once-1', author: 'ada' };
    const first = await broker.context.publish(request);
    expect(first.repeated).toBe(false);
    expect(await broker.context.publish(request)).toMatchObject({ revision: first.revision, repeated: true });
    expect(await valueAt('/once')).toBe('1');
    const other = { ...request, operations: [increment('/once', 2n)] };
    expect(await refusalOf(broker.context.publish(other))).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'REQUEST_ID_REUSED',
      metadata: { request_id: 'once-1' },
    });
  });

  test('that was refused is refused again under the same request id', async () => {
    const request = { operations: [increment('/put/text', 1n)], requestId: 'refused-1' };
    expect((await refusalOf(broker.context.publish(request))).reason).toBe('WRONG_TYPE');
    await broker.context.publish({ operations: [remove('/put/text')] });
    expect((await refusalOf(broker.context.publish(request))).reason).toBe('WRONG_TYPE');
  });
});

/** Sends all and collects the outcomes. */
async function stream(
  requests: readonly MessageInitShape<typeof PublishStreamRequestSchema>[],
): Promise<PublishStreamResponse[]> {
  const outcomes: PublishStreamResponse[] = [];
  async function* send(): AsyncGenerator<MessageInitShape<typeof PublishStreamRequestSchema>> {
    yield* requests;
  }
  for await (const outcome of broker.context.publishStream(send())) outcomes.push(outcome);
  return outcomes;
}

describe('a stream of publishes', () => {
  test('answers in the order of the requests, also where a later one settles earlier', async () => {
    const { ghost } = await broker.context.beginGhost({});
    const outcomes = await stream([
      { publish: { operations: [putText('/stream/a', '1')] } },
      { publish: { ghostId: ghost?.id ?? '', operations: [putText('/stream/g', '1')] } },
      { publish: { operations: [increment('/stream/a', 1n)] } },
      { publish: {} },
      {},
      { publish: { forest: 'nowhere', operations: [putText('/a', '1')] } },
      { publish: { operations: [putText('/stream/b', '2')] } },
    ]);
    const told = outcomes.map(({ outcome }) =>
      outcome.case === 'published'
        ? [outcome.value.revision > 0n, outcome.value.sequence]
        : outcome.value?.reason,
    );
    expect(told).toEqual([
      [true, 0n],
      [false, 1n],
      'WRONG_TYPE',
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      'FOREST_NOT_FOUND',
      [true, 0n],
    ]);
  });

  test('takes several diffs in a message and answers with several outcomes, each in its place', async () => {
    const good = (index: number): MessageInitShape<typeof PublishRequestSchema> => ({
      operations: [putText(`/stream/m${index}`, 'x')],
    });
    const outcomes = await stream([
      {
        publish: good(0),
        more: [good(1), {}, { forest: 'nowhere', operations: [putText('/a', '1')] }, good(2)],
      },
      { publish: good(3) },
      { publish: good(5), more: Array.from({ length: 999 }, (_, index) => good(index)) },
    ]);
    const told = outcomes
      .flatMap(({ outcome, more }) => [outcome, ...more.map((each) => each.outcome)])
      .map((outcome) => (outcome.case === 'published' ? 'published' : outcome.value?.reason));
    expect(told.slice(0, 7)).toEqual([
      'published',
      'published',
      'INVALID_REQUEST',
      'FOREST_NOT_FOUND',
      'published',
      'published',
      'published',
    ]);
    expect(told).toHaveLength(5 + 1 + 1_000);
    expect(outcomes.length).toBeLessThan(100);
    const tooMany = stream([{ publish: good(0), more: Array.from({ length: 1_000 }, () => good(1)) }]);
    await expect(tooMany).rejects.toThrow(/over the limit of 1000/);
    await expect(stream([{ more: [good(1)] }])).rejects.toThrow(/without `publish`/);
  });

  test('carries more than it may have in flight, none lost and none twice', async () => {
    const count = 6_000;
    const outcomes = await stream(
      Array.from({ length: count }, () => ({ publish: { operations: [increment('/stream/count', 1n)] } })),
    );
    expect(outcomes).toHaveLength(count);
    expect(
      new Set(outcomes.map(({ outcome }) => outcome.case === 'published' && outcome.value.revision)).size,
    ).toBe(count);
    expect(await valueAt('/stream/count')).toBe(String(count));
  });
});
