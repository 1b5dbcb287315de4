/**
 * Goal: no request, however strange, makes the broker fail by its own mistake or harms it. Method: for every RPC of both
 * services, seeded requests generated from the descriptors (each field absent, empty, huge, negative, not finite, unknown, and
 * now and then just right), and the same as damaged bytes; what comes back must be an answer or a refusal with a reason.
 */
import {
  create,
  type DescField,
  type DescMessage,
  type DescMethod,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../../src/base/random.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { putText, startTestBroker, type TestBroker } from '../support/broker.ts';

const seed = 4_711;
const roundsPerMethod = 150;

let broker: TestBroker;
let client: Client;
let ghostId: string;
beforeAll(async () => {
  broker = await startTestBroker();
  client = new Client(`127.0.0.1:${broker.broker.address.port}`, credentials.createInsecure());
  await broker.forests.createForest({ name: 'kept' });
  await broker.context.publish({ forest: 'kept', operations: [putText('/safe', 'and sound')] });
  ghostId = (await broker.context.beginGhost({})).ghost?.id ?? '';
  await broker.context.publish({ operations: [putText('/a', 'x'), putText('/a/b', 'y')] });
});
afterAll(async () => {
  client.close();
  await broker.close();
});

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)] as T;
}

const strangeTexts = [
  '',
  '/',
  '/a',
  '/a/b',
  'x',
  '/a//',
  '/**',
  '/*/b',
  '\u0000',
  '\u{1f600}',
  '/'.repeat(5_000),
  'é'.repeat(3_000),
  '__proto__',
  '[1,2]',
];

function strangeText(random: Random, name: string): string {
  if (name === 'forest') return pick(random, ['', '', '', 'default', 'nowhere', '../x']);
  if (name.includes('ghost') && random.below(2) === 0) return ghostId;
  if (name === 'path' && random.below(2) === 0) return '/a';
  // Deleting what the other methods need would make the rest of the run dull.
  if (name === 'name') return pick(random, ['', 'fuzzed', 'default', 'X'.repeat(100)]);
  return pick(random, strangeTexts);
}

const strangeByteStrings = [
  new Uint8Array(0),
  Buffer.from('{"a":1}'),
  Buffer.from('[1,'),
  Uint8Array.of(255, 0, 128),
  new Uint8Array(70_000),
];

const strangeLongs = [0n, 1n, 2n, 5n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n];

/** Every second request is strange in a place or two only, so that it gets further. */
function scalarFor(random: Random, field: DescField, isMild: boolean): unknown {
  if (!isMild || random.below(8) === 0) return strangeScalar(random, field);
  if (field.enum !== undefined) return 1;
  switch (field.scalar) {
    case ScalarType.STRING:
      return field.name.includes('path')
        ? pick(random, ['/a', '/a/b', '/c'])
        : pick(random, ['', 'default', 'x']);
    case ScalarType.BYTES:
      return Buffer.from('{"a":1}');
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return 1n;
    case ScalarType.BOOL:
      return true;
    default:
      return 1;
  }
}

function strangeScalar(random: Random, field: DescField): unknown {
  if (field.enum !== undefined) return pick(random, [0, 1, 2, 3, 99, -1, 2 ** 31 - 1]);
  switch (field.scalar) {
    case ScalarType.STRING:
      return strangeText(random, field.name);
    case ScalarType.BYTES:
      return pick(random, strangeByteStrings);
    case ScalarType.INT64:
      return pick(random, strangeLongs) * (random.below(3) === 0 ? -1n : 1n);
    case ScalarType.UINT64:
      return pick(random, strangeLongs);
    case ScalarType.DOUBLE:
      return pick(random, [0, -1.5, NaN, Infinity, -Infinity, 1e308]);
    case ScalarType.INT32:
      return pick(random, [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return pick(random, [0, 1, 7, 2 ** 32 - 1]);
    case ScalarType.BOOL:
      return random.below(2) === 0;
    default:
      throw new Error(`${field.toString()} has a type that this test does not know yet`);
  }
}

function strangeMessage(
  random: Random,
  descriptor: DescMessage,
  depth: number,
  isMild: boolean,
): ReflectMessage {
  const message = reflect(descriptor, create(descriptor), false);
  for (const member of descriptor.members) {
    if (random.below(isMild ? 8 : 3) === 0) continue;
    const field = member.kind === 'oneof' ? pick(random, member.fields) : member;
    fill(random, message, field, depth, isMild);
  }
  return message;
}

function fill(
  random: Random,
  message: ReflectMessage,
  field: DescField,
  depth: number,
  isMild: boolean,
): void {
  switch (field.fieldKind) {
    case 'message':
      if (depth > 0) message.set(field, strangeMessage(random, field.message, depth - 1, isMild));
      return;
    case 'list': {
      const list = message.get(field);
      for (let count = pick(random, [1, 1, 2, 5]); count > 0; count -= 1) {
        if (field.listKind !== 'message') list.add(scalarFor(random, field, isMild));
        else if (depth > 0) list.add(strangeMessage(random, field.message, depth - 1, isMild));
      }
      return;
    }
    case 'map':
      return;
    case 'enum':
    case 'scalar':
      message.set(field, scalarFor(random, field, isMild));
  }
}

function strangeBytes(random: Random, descriptor: DescMessage): Uint8Array {
  const isMild = random.below(2) === 0;
  const bytes = toBinary(descriptor, strangeMessage(random, descriptor, 4, isMild).message);
  if (bytes.length === 0 || isMild || random.below(2) > 0) return bytes;
  // Invalid UTF-8, lengths that lead nowhere, wrong wire types, groups.
  for (let flips = 1 + random.below(3); flips > 0; flips -= 1)
    bytes[random.below(bytes.length)] = random.below(256);
  return random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

/** Calls a method of any kind with these requests; the status that it ends with. */
function call(method: DescMethod, requests: readonly Uint8Array[]): Promise<ServiceError | null> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const raw = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
  const deadline = { deadline: Date.now() + 10_000 };
  return new Promise((resolve) => {
    const first = requests[0] ?? new Uint8Array(0);
    const done = (error: unknown = null): void => resolve(error as ServiceError | null);
    const sendAll = (stream: { write(request: Uint8Array): unknown; end(): unknown }): void => {
      for (const request of requests) stream.write(request);
      stream.end();
    };
    switch (method.methodKind) {
      case 'unary':
        client.makeUnaryRequest(path, raw, raw, first, deadline, done);
        return;
      case 'client_streaming':
        sendAll(client.makeClientStreamRequest(path, raw, raw, deadline, done));
        return;
      case 'server_streaming': {
        // A subscription that was accepted goes on for ever: its first message is enough.
        const stream = client.makeServerStreamRequest(path, raw, raw, first, deadline);
        stream
          .on('data', () => stream.cancel())
          .on('error', done)
          .on('end', done);
        return;
      }
      case 'bidi_streaming': {
        const stream = client.makeBidiStreamRequest(path, raw, raw, deadline);
        stream
          .on('data', () => undefined)
          .on('error', done)
          .on('end', done);
        sendAll(stream);
      }
    }
  });
}

const ours = new Set([status.INTERNAL, status.UNKNOWN, status.DEADLINE_EXCEEDED]);

describe.each(
  [...ContextService.methods, ...ForestService.methods].map((method) => [method.name, method] as const),
)('%s', (_name, method) => {
  test(`answers or refuses whatever comes (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const seen = new Set<number>();
    for (let round = 0; round < roundsPerMethod; round += 1) {
      const requests = Array.from({ length: 1 + random.below(3) }, () => strangeBytes(random, method.input));
      const error = await call(method, requests);
      seen.add(error?.code ?? status.OK);
      const told = `round ${round}: ${error?.message ?? ''} for ${requests.map((each) => Buffer.from(each).toString('hex').slice(0, 400)).join(' ')}`;
      expect(error !== null && ours.has(error.code), told).toBe(false);
      // What is no refusal of the transport has a reason.
      const isRefusal =
        error !== null && error.code !== status.CANCELLED && !/takes exactly one/.test(error.details);
      if (isRefusal) expect(error.metadata.get('grpc-status-details-bin').length, told).toBe(1);
    }
    expect(seen.size).toBeGreaterThan(method.input.fields.length > 0 ? 1 : 0);
  });
});

test('the broker is unharmed', async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  const { node } = await broker.context.get({ forest: 'kept', path: '/safe' });
  expect(node?.value?.kind.value).toBe('and sound');
  const before = (await broker.forests.getStatus({})).forest?.revision ?? 0n;
  expect((await broker.context.publish({ operations: [putText('/after', 'x')] })).revision).toBe(before + 1n);
});
