/**
 * Goal: whatever a client publishes that is malformed or beyond a limit is refused with a reason, the field at fault and a code
 * that agree with the proto, and leaves the broker unharmed. Method: a table of bad publishes to a whole broker in memory on a
 * real socket; the same refusals over gRPC, on a stream, and over Connect with JSON.
 */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PublishRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { ValueSchema } from '../../src/gen/hyperloom/v1/node_pb.ts';
import { ErrorReason } from '../../src/gen/hyperloom/v1/error_reason_pb.ts';
import {
  type BasisExtent,
  type OperationSchema,
  type Presence,
} from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { codeOf } from '../../src/rpc/errors.ts';
import type { Reason } from '../../src/state/outcome.ts';
import { type Client, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import {
  bytes,
  copy,
  increment,
  putJson,
  putText,
  refusalOf,
  startTestBroker,
  type TestBroker,
} from '../support/broker.ts';

type PublishInit = MessageInitShape<typeof PublishRequestSchema>;
type OperationInit = MessageInitShape<typeof OperationSchema>;

let broker: TestBroker;
let connect: Client<typeof ContextService>;
beforeAll(async () => {
  broker = await startTestBroker();
  connect = createClient(
    ContextService,
    createConnectTransport({ baseUrl: broker.url, httpVersion: '1.1', useBinaryFormat: false }),
  );
  await broker.context.publish({
    operations: [putText('/text', 'x'), putJson('/json', { a: 1 }), putJson('/max', 2 ** 31)],
  });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  expect((await broker.context.get({ path: '/text' })).node?.value?.kind.value).toBe('x');
  await broker.close();
});

const put = (kind: NonNullable<MessageInitShape<typeof ValueSchema>['kind']>): OperationInit => ({
  path: '/a',
  action: { case: 'put', value: { kind } },
});
const one = (operation: OperationInit): PublishInit => ({ operations: [operation] });
const json = (text: string): PublishInit => one(put({ case: 'json', value: bytes(text) }));
const at = (path: string): PublishInit => one({ ...putText('/a', 'x'), path });
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const fine = putText('/a', 'x');

const badPublishes: readonly (readonly [string, PublishInit, Reason, string | undefined])[] = [
  ['no operation', {}, 'INVALID_REQUEST', 'operations'],
  ['too many operations', { operations: many(10_001, fine) }, 'LIMIT_EXCEEDED', 'operations'],
  ['an operation without an action', one({ path: '/a' }), 'INVALID_REQUEST', 'operations[0]'],
  ['no path', { operations: [fine, { ...fine, path: '' }] }, 'INVALID_PATH', 'operations[1].path'],
  ['the root', at('/'), 'INVALID_PATH', 'operations[0].path'],
  ['a relative path', at('a/b'), 'INVALID_PATH', 'operations[0].path'],
  ['an empty segment', at('/a//b'), 'INVALID_PATH', 'operations[0].path'],
  ['a slash at the end', at('/a/'), 'INVALID_PATH', 'operations[0].path'],
  ['a dot', at('/a/.'), 'INVALID_PATH', 'operations[0].path'],
  ['two dots', at('/../a'), 'INVALID_PATH', 'operations[0].path'],
  ['a wildcard', at('/a/*'), 'INVALID_PATH', 'operations[0].path'],
  ['a control character', at('/a\u0000b'), 'INVALID_PATH', 'operations[0].path'],
  ['a long segment', at(`/${'s'.repeat(256)}`), 'INVALID_PATH', 'operations[0].path'],
  ['a segment of many bytes', at(`/${'é'.repeat(128)}`), 'INVALID_PATH', 'operations[0].path'],
  ['a deep path', at('/a'.repeat(65)), 'INVALID_PATH', 'operations[0].path'],
  ['a long path', at(`/${'p'.repeat(255)}`.repeat(17)), 'INVALID_PATH', 'operations[0].path'],
  ['a huge path', at(`/${'p'.repeat(1_000_000)}`), 'INVALID_PATH', 'operations[0].path'],
  [
    'a value of no kind',
    one({ path: '/a', action: { case: 'put', value: {} } }),
    'INVALID_REQUEST',
    'operations[0].put',
  ],
  ['JSON that is none', json('{"a":}'), 'INVALID_VALUE', 'operations[0].put.json'],
  ['empty JSON', json(''), 'INVALID_VALUE', 'operations[0].put.json'],
  ['JSON with something behind it', json('1 2'), 'INVALID_VALUE', 'operations[0].put.json'],
  ['JSON behind a byte order mark', json('\ufeff1'), 'INVALID_VALUE', 'operations[0].put.json'],
  [
    'JSON that is not UTF-8',
    one(put({ case: 'json', value: Uint8Array.of(34, 255, 34) })),
    'INVALID_VALUE',
    'operations[0].put.json',
  ],
  ['JSON that is nested too deeply', json(deep(513)), 'INVALID_VALUE', 'operations[0].put.json'],
  [
    'a large JSON value',
    json(`"${'j'.repeat(2 * 1024 * 1024)}"`),
    'LIMIT_EXCEEDED',
    'operations[0].put.json',
  ],
  [
    'a large text',
    one(put({ case: 'text', value: 'é'.repeat(1024 * 1024 + 1) })),
    'LIMIT_EXCEEDED',
    'operations[0].put.text',
  ],
  [
    'large bytes',
    one(put({ case: 'bytes', value: new Uint8Array(2 * 1024 * 1024 + 1) })),
    'LIMIT_EXCEEDED',
    'operations[0].put.bytes',
  ],
  [
    'a message without a type',
    one(put({ case: 'message', value: { value: Uint8Array.of(1) } })),
    'INVALID_REQUEST',
    'operations[0].put.message.type_url',
  ],
  [
    'a struct that is not finite',
    one(put({ case: 'struct', value: { kind: { case: 'numberValue', value: NaN } } })),
    'INVALID_VALUE',
    'operations[0].put.struct',
  ],
  [
    'a struct without a kind',
    one(put({ case: 'struct', value: {} })),
    'INVALID_VALUE',
    'operations[0].put.struct',
  ],
  [
    'nothing to append',
    one({ path: '/a', action: { case: 'append', value: {} } }),
    'INVALID_REQUEST',
    'operations[0].append',
  ],
  [
    'no items',
    one({ path: '/a', action: { case: 'append', value: { addition: { case: 'items', value: {} } } } }),
    'INVALID_REQUEST',
    'operations[0].append.items.json',
  ],
  [
    'an item that smuggles in another',
    one({
      path: '/a',
      action: {
        case: 'append',
        value: { addition: { case: 'items', value: { json: [bytes('1'), bytes('2,3')] } } },
      },
    }),
    'INVALID_VALUE',
    'operations[0].append.items.json[1]',
  ],
  [
    'a patch that is no JSON',
    one({ path: '/a', action: { case: 'merge', value: {} } }),
    'INVALID_VALUE',
    'operations[0].merge.json_patch',
  ],
  [
    'no amount',
    one({ path: '/a', action: { case: 'increment', value: {} } }),
    'INVALID_REQUEST',
    'operations[0].increment',
  ],
  [
    'an amount that is no number',
    one({ path: '/a', action: { case: 'increment', value: { amount: { case: 'real', value: NaN } } } }),
    'INVALID_REQUEST',
    'operations[0].increment.real',
  ],
  [
    'an amount without end',
    one({ path: '/a', action: { case: 'increment', value: { amount: { case: 'real', value: Infinity } } } }),
    'INVALID_REQUEST',
    'operations[0].increment.real',
  ],
  [
    'an unknown extent of a removal',
    one({ path: '/a', action: { case: 'delete', value: { scope: 7 as never } } }),
    'INVALID_REQUEST',
    'operations[0].delete.scope',
  ],
  ['a copy from nowhere', one(copy('/a', '')), 'INVALID_PATH', 'operations[0].copy.source_path'],
  ['a copy of what is not there', one(copy('/a', '/none')), 'NODE_NOT_FOUND', undefined],
  ['a copy into itself', one(copy('/json/in', '/json')), 'OVERLAPPING_COPY', undefined],
  ['a copy from the future', one(copy('/a', '/json', 2n ** 63n)), 'REVISION_IN_FUTURE', undefined],
  ['an increment of text', one(increment('/text', 1n)), 'WRONG_TYPE', undefined],
  [
    'an increment beyond 64 bits',
    { operations: [increment('/max', 2n ** 63n - 1n)] },
    'OUT_OF_BOUNDS',
    undefined,
  ],
  [
    'an append to an object',
    one({ path: '/json', action: { case: 'append', value: { addition: { case: 'text', value: 'x' } } } }),
    'WRONG_TYPE',
    undefined,
  ],
  [
    'a merge into text',
    one({ path: '/text', action: { case: 'merge', value: { jsonPatch: bytes('{}') } } }),
    'WRONG_TYPE',
    undefined,
  ],
  ['an unknown forest', { forest: 'nowhere', operations: [fine] }, 'FOREST_NOT_FOUND', undefined],
  ['a forest with a strange name', { forest: '../etc', operations: [fine] }, 'FOREST_NOT_FOUND', undefined],
  ['an unknown ghost', { ghostId: 'nobody', operations: [fine] }, 'GHOST_NOT_FOUND', undefined],
  ['a long author', { author: 'a'.repeat(257), operations: [fine] }, 'LIMIT_EXCEEDED', 'author'],
  ['a long label', { label: 'é'.repeat(513), operations: [fine] }, 'LIMIT_EXCEEDED', 'label'],
  ['a long request id', { requestId: 'r'.repeat(129), operations: [fine] }, 'LIMIT_EXCEEDED', 'request_id'],
  [
    'too many preconditions',
    { operations: [fine], preconditions: many(1_001, { path: '/a' }) },
    'LIMIT_EXCEEDED',
    'preconditions',
  ],
  [
    'a precondition of no kind',
    { operations: [fine], preconditions: [{ path: '/a' }] },
    'INVALID_REQUEST',
    'preconditions[0]',
  ],
  [
    'a precondition without a path',
    { operations: [fine], preconditions: [{ condition: { case: 'version', value: 1n } }] },
    'INVALID_PATH',
    'preconditions[0].path',
  ],
  [
    'a presence that says nothing',
    {
      operations: [fine],
      preconditions: [{ path: '/a', condition: { case: 'presence', value: 0 as Presence } }],
    },
    'INVALID_REQUEST',
    'preconditions[0].presence',
  ],
  [
    'too much of a basis',
    { operations: [fine], basis: many(1_001, { path: '/a' }) },
    'LIMIT_EXCEEDED',
    'basis',
  ],
  [
    'a basis of an unknown extent',
    { operations: [fine], basis: [{ path: '/a', extent: 9 as BasisExtent }] },
    'INVALID_REQUEST',
    'basis[0].extent',
  ],
];

describe('a publish is refused with', () => {
  test.each(badPublishes)('%s', async (_name, request, reason, field) => {
    const refused = await refusalOf(broker.context.publish(request));
    expect(refused).toMatchObject({ reason, fields: field === undefined ? [] : [field] });
    const code = codeOf(reason).toLowerCase().replaceAll('_', '');
    expect(refused.code.toLowerCase()).toBe(code);
    async function* alone(): AsyncGenerator<{ publish: PublishInit }> {
      yield { publish: request };
    }
    for await (const { outcome } of broker.context.publishStream(alone())) {
      expect(outcome.case === 'refused' && outcome.value.reason).toBe(reason);
    }
  });

  test('the same words over Connect with JSON', async () => {
    for (const [, request, reason, field] of badPublishes.filter(([name]) =>
      /^(no|a) (operation|path|long|relative)/.test(name),
    )) {
      expect(await refusalOf(connect.publish(request))).toMatchObject({ reason, fields: [field] });
    }
  });
});

describe('a refusal', () => {
  test('stays small however large what it is about', async () => {
    const refused = await refusalOf(broker.context.publish(at(`/${'\u{1f600}'.repeat(400_000)}`)));
    expect(refused.reason).toBe('INVALID_PATH');
    expect(refused.message.length).toBeLessThan(1_000);
    expect(refused.metadata.path?.length).toBeLessThan(400);
  });

  test('has a code for each reason that the proto names, as it says', () => {
    const reasons = Object.keys(ErrorReason).filter(
      (name) => Number.isNaN(Number(name)) && name !== 'UNSPECIFIED',
    );
    for (const reason of reasons) expect(codeOf(reason as Reason), reason).toBeTruthy();
    expect(reasons).toHaveLength(60);
  });
});

describe('a value at its limit is taken', () => {
  /** Publishes one operation; the size of what can be read back. */
  async function sizeOf(request: PublishInit): Promise<bigint | undefined> {
    await broker.context.publish(request);
    return (await broker.context.get({ path: request.operations?.[0]?.path ?? '' })).node?.valueBytes;
  }

  test('JSON nested as deeply as may be', async () => {
    expect(await sizeOf(json(deep(512)))).toBe(1_024n);
    expect(await sizeOf(json(`{"a":"${'['.repeat(2_000)}\\""}`))).toBe(2_010n);
  });

  test('a path as long and as deep as may be', async () => {
    expect(await sizeOf(at(`${'/d'.repeat(63)}/${'é'.repeat(127)}`))).toBe(1n);
    expect(await sizeOf(at(`${`/${'p'.repeat(255)}`.repeat(15)}/${'p'.repeat(254)}`))).toBe(1n);
  });

  test('two megabytes', async () => {
    expect(await sizeOf(one(put({ case: 'bytes', value: new Uint8Array(2 * 1024 * 1024) })))).toBe(
      2_097_152n,
    );
  });

  test('an empty text, empty bytes and an empty message', async () => {
    expect(await sizeOf(one(put({ case: 'text', value: '' })))).toBe(0n);
    expect(await sizeOf(one(put({ case: 'bytes', value: new Uint8Array(0) })))).toBe(0n);
    const value = toBinary(EmptySchema, create(EmptySchema));
    const typeUrl = 'type.googleapis.com/google.protobuf.Empty';
    expect(await sizeOf(one(put({ case: 'message', value: { typeUrl, value } })))).toBe(0n);
    const { node } = await broker.context.get({ path: '/a' });
    expect(node?.value?.kind).toMatchObject({ case: 'message', value: { typeUrl } });
  });
});
