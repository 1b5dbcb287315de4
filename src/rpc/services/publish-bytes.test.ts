/**
 * Goal: the hand-written reading and writing of publishes is the generated code's equal. Method: seeded random requests,
 * usual and unusual, and damaged ones, through both.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import {
  PublishRequestSchema,
  PublishResponseSchema,
  PublishStreamRequestSchema,
  PublishStreamResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import {
  type BasisEntrySchema,
  type BasisExtent,
  type OperationSchema,
  type PreconditionSchema,
  Presence,
} from '../../gen/hyperloom/v1/operation_pb.ts';
import { decodePublish, encodePublishResponse, framePublished, publishWithin } from './publish-bytes.ts';
import { lockWaitMs } from './patience.ts';
import { publishCommand } from './publish-command.ts';
import type { PublishContext } from './publish-command.ts';

const seed = 20_261_121;

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)] as T;
}

const texts = ['a', 'notes', 'é', '\u{1f600}', 'x'.repeat(100), 'with space'];
const jsons = ['1', '"é"', '{"a":[1,2,{"b":null}]}', ' [ ] ', '1e400', '-0', 'true'];

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function randomOperation(random: Random): MessageInitShape<typeof OperationSchema> {
  const path = `/${Array.from({ length: 1 + random.below(4) }, () => pick(random, texts)).join('/')}`;
  const json = utf8(pick(random, jsons));
  const bytes = Uint8Array.from({ length: random.below(50) }, () => random.below(256));
  const text = pick(random, [...texts, '']);
  switch (random.below(8)) {
    case 0:
      return { path, action: { case: 'put', value: { kind: { case: 'json', value: json } } } };
    case 1:
      return { path, action: { case: 'put', value: { kind: { case: 'text', value: text } } } };
    case 2:
      return { path, action: { case: 'put', value: { kind: { case: 'bytes', value: bytes } } } };
    case 3:
      return { path, action: { case: 'append', value: { addition: { case: 'text', value: text } } } };
    case 4:
      return { path, action: { case: 'append', value: { addition: { case: 'bytes', value: bytes } } } };
    case 5:
      return {
        path,
        action: { case: 'append', value: { addition: { case: 'items', value: { json: [json] } } } },
      };
    case 6: {
      const any = { typeUrl: pick(random, ['type.googleapis.com/a.B', 'x/y.Z', text]), value: bytes };
      return { path, action: { case: 'put', value: { kind: { case: 'message', value: any } } } };
    }
    default:
      return { path, action: { case: 'merge', value: { jsonPatch: json } } };
  }
}

function randomPrecondition(random: Random): MessageInitShape<typeof PreconditionSchema> {
  const path = pick(random, ['/', '/a/b', ...texts.map((text) => `/${text}`)]);
  const value = BigInt(pick(random, [0, 1, 300, Number.MAX_SAFE_INTEGER]));
  switch (random.below(7)) {
    case 0:
      return { path, condition: { case: 'modifiedRevision', value } };
    case 1:
      return { path, condition: { case: 'version', value } };
    case 2:
      return { path, condition: { case: 'subtreeUnchangedSince', value } };
    case 3:
      return { path, condition: { case: 'presence', value: random.below(3) as Presence } };
    case 4:
      return pick(random, [{ path }, { condition: { case: 'version', value } }]);
    default:
      return { path, condition: { case: 'presence', value: (1 + random.below(2)) as Presence } };
  }
}

const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** These publishes speak of no fields. */
const nothingAsked: PublishContext = {
  message: () => expect.unreachable(),
  typed: () => expect.unreachable(),
  remembers: () => expect.unreachable(),
};

function randomRequest(random: Random): Uint8Array {
  const basis = Array.from({ length: random.below(3) }, (): MessageInitShape<typeof BasisEntrySchema> => {
    return {
      path: `/${pick(random, texts)}`,
      revision: BigInt(random.below(5)),
      extent: random.below(4) as BasisExtent,
      ghostId: pick(random, ['', '', '0123456789abcdef', 'x'.repeat(65), 'no_id']),
      sequence: BigInt(pick(random, [0, 0, 1, 300])),
    };
  });
  const request = create(PublishRequestSchema, {
    forest: pick(random, ['', 'f1']),
    ghostId: pick(random, ['', '0123456789abcdef']),
    operations: Array.from({ length: 1 + random.below(3) }, () => randomOperation(random)),
    preconditions: Array.from({ length: pick(random, [0, 0, 1, 2]) }, () => randomPrecondition(random)),
    requestId: pick(random, ['', 'r-1']),
    author: pick(random, ['', 'ada']),
    label: pick(random, ['', 'a label']),
    basis,
    fencingTokens: Array.from({ length: pick(random, [0, 0, 1, 3]) }, () =>
      BigInt(1 + random.below(2 ** 32)),
    ),
    ...pick(random, [
      {},
      {},
      { lockWait: { seconds: BigInt(random.below(100_000)) } },
      { lockWait: { nanos: random.below(1_000_000_000) } },
      { lockWait: { seconds: 86_399n, nanos: 999_999_999 } },
      { lockWait: {} },
    ]),
    traceParent: pick(random, ['', '', traceParent, traceParent.toUpperCase(), 'none']),
  });
  return toBinary(PublishRequestSchema, request);
}

describe('a publish read by hand', () => {
  test(`is the same command as the generated code's, or is left to it (seed ${seed})`, () => {
    const random = seededRandom(seed);
    let usual = 0;
    for (let round = 0; round < 3_000; round += 1) {
      const bytes = randomRequest(random);
      const read = decodePublish(bytes);
      if (read === null) continue;
      usual += 1;
      const request = fromBinary(PublishRequestSchema, bytes);
      expect(read.forest).toBe(request.forest);
      expect(read.command).toEqual(publishCommand(request, nothingAsked));
      expect(read.waitMs).toBe(lockWaitMs(request.lockWait));
    }
    expect(usual).toBeGreaterThan(1_000);
  });

  test(`accepts nothing that the generated code refuses or understands otherwise (seed ${seed})`, () => {
    const random = seededRandom(seed + 1);
    let accepted = 0;
    for (let round = 0; round < 6_000; round += 1) {
      const bytes = randomRequest(random);
      for (let flips = 1 + random.below(2); flips > 0; flips -= 1)
        bytes[random.below(bytes.length)] = random.below(256);
      const read = decodePublish(bytes);
      if (read === null) continue;
      accepted += 1;
      const request = fromBinary(PublishRequestSchema, bytes);
      const command = publishCommand(request, nothingAsked);
      expect(read.waitMs).toBe(lockWaitMs(request.lockWait));
      const isSameRequest = Buffer.from(
        toBinary(PublishRequestSchema, fromBinary(PublishRequestSchema, bytes)),
      ).equals(bytes);
      expect({ ...read.command, request: null }).toEqual({ ...command, request: null });
      if (isSameRequest) expect(read.command.request).toEqual(command.request);
    }
    expect(accepted).toBeGreaterThan(100);
  });

  test.each([
    ['no operation', {}],
    [
      'the root',
      { operations: [{ path: '/', action: { case: 'put', value: { kind: { case: 'text', value: '' } } } }] },
    ],
    ['no action', { operations: [{ path: '/a' }] }],
    [
      'a value that is no JSON',
      {
        operations: [
          { path: '/a', action: { case: 'put', value: { kind: { case: 'json', value: utf8('{') } } } },
        ],
      },
    ],
    [
      'a condition on a field',
      {
        operations: [{ path: '/a', action: { case: 'put', value: { kind: { case: 'text', value: '' } } } }],
        preconditions: [
          {
            path: '/a',
            condition: {
              case: 'field',
              value: {
                target: { case: 'jsonPointer', value: '/b' },
                expectation: { case: 'isSet', value: true },
              },
            },
          },
        ],
      },
    ],
    [
      'a long author',
      { author: 'a'.repeat(257), operations: [{ path: '/a', action: { case: 'delete', value: {} } }] },
    ],
  ] as const)('with %s is left to the generated code', (_name, init) => {
    const request = create(PublishRequestSchema, init as MessageInitShape<typeof PublishRequestSchema>);
    expect(decodePublish(toBinary(PublishRequestSchema, request))).toBeNull();
  });

  test('is the same request whatever its agent had read and however long it waits', () => {
    const fingerprints = new Set<number>();
    for (const more of [
      {},
      { basis: [{ path: '/b', revision: 3n }] },
      { lockWait: { seconds: 5n } },
      { basis: [{ path: '/c' }], lockWait: { seconds: 7n } },
    ]) {
      const operations = [
        { path: '/a', action: { case: 'append', value: { addition: { case: 'text', value: 'x' } } } },
      ] as const;
      const init = { requestId: 'r', operations: [...operations], fencingTokens: [7n], ...more };
      const bytes = toBinary(PublishRequestSchema, create(PublishRequestSchema, init));
      fingerprints.add(decodePublish(bytes)?.command.request?.fingerprint ?? -1);
      fingerprints.add(
        publishCommand(fromBinary(PublishRequestSchema, bytes), nothingAsked).request?.fingerprint ?? -2,
      );
      const other = create(PublishRequestSchema, { ...init, fencingTokens: [8n] });
      const otherwise = decodePublish(toBinary(PublishRequestSchema, other))?.command.request?.fingerprint;
      expect(fingerprints.has(otherwise ?? -1)).toBe(false);
    }
    expect(fingerprints.size).toBe(1);
    expect(fingerprints.has(-1)).toBe(false);
  });

  test('is found inside a stream message', () => {
    const bytes = randomRequest(seededRandom(seed));
    const publish = fromBinary(PublishRequestSchema, bytes);
    const message = toBinary(PublishStreamRequestSchema, create(PublishStreamRequestSchema, { publish }));
    const start = publishWithin(message)?.start ?? -1;
    expect(Buffer.from(message.subarray(start)).equals(bytes)).toBe(true);
    expect(publishWithin(Buffer.concat([message, Buffer.of(0)]))).toBeNull();
    expect(publishWithin(message.subarray(0, -1))).toBeNull();
    expect(publishWithin(new Uint8Array(0))).toBeNull();
  });
});

describe('what an adapter sends as a matter of course', () => {
  test.each<readonly [string, MessageInitShape<typeof PreconditionSchema>]>([
    ['a head that is not there', { condition: { case: 'presence', value: Presence.ABSENT } }],
    ['a head as it was', { condition: { case: 'modifiedRevision', value: 7n } }],
    ['a subtree that nobody has touched', { condition: { case: 'subtreeUnchangedSince', value: 7n } }],
  ])('is read by hand: %s', (_name, condition) => {
    const path = '/t/head';
    const kind = { case: 'json', value: utf8('{"id":"a","next":2}') } as const;
    const request = create(PublishRequestSchema, {
      operations: [{ path, action: { case: 'put', value: { kind } } }],
      preconditions: [{ path, ...condition }],
      requestId: 'r',
    });
    const read = decodePublish(toBinary(PublishRequestSchema, request));
    expect(read?.command).toEqual(publishCommand(request, nothingAsked));
  });
});

describe('an outcome written by hand', () => {
  test('has the bytes of the generated code', () => {
    for (const number of [0, 1, 127, 128, 300_000, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      for (const repeated of [false, true]) {
        const edition = number > 128 ? number : 0;
        const published = { revision: number, sequence: 7, edition };
        const numbers = { revision: BigInt(number), sequence: 7n, edition: BigInt(edition) };
        const value = create(PublishResponseSchema, { ...numbers, repeated });
        expect([...encodePublishResponse(published, repeated)]).toEqual([
          ...toBinary(PublishResponseSchema, value),
        ]);
        const outcome = create(PublishStreamResponseSchema, { outcome: { case: 'published', value } });
        const bytes = toBinary(PublishStreamResponseSchema, outcome);
        expect([...framePublished(published, repeated)]).toEqual([0, 0, 0, 0, bytes.length, ...bytes]);
      }
    }
  });
});
