/**
 * Goal: answers that are written by hand are the generated code's equal. Method: seeded random nodes of every kind of value, through both.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import {
  BatchGetResponseSchema,
  GetResponseSchema,
  ListResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import { FormProblem, ValueSchema } from '../../gen/hyperloom/v1/node_pb.ts';
import type { NodeSchema } from '../../gen/hyperloom/v1/node_pb.ts';
import { aged } from './age.ts';
import { encodeBatchGetResponse, encodeGetResponse, encodeListResponse } from './node-bytes.ts';

const texts = [
  '',
  'a',
  'é',
  '\u{1f600}',
  'x'.repeat(127),
  'x'.repeat(128),
  'ü'.repeat(100),
  'y'.repeat(70_000),
];
const numbers = [0n, 1n, 127n, 128n, 300n, 2n ** 31n, 2n ** 53n - 1n];

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)] as T;
}

function randomValue(random: Random): MessageInitShape<typeof ValueSchema> {
  const bytes = new TextEncoder().encode(pick(random, texts));
  const kinds: MessageInitShape<typeof ValueSchema>['kind'][] = [
    { case: 'json', value: bytes },
    { case: 'text', value: pick(random, texts) },
    { case: 'bytes', value: bytes },
    { case: 'message', value: { typeUrl: 'acme.v1.Note', value: bytes } },
    { case: 'messageJson', value: bytes },
    { case: 'struct', value: { kind: { case: 'stringValue', value: 'a' } } },
    { case: undefined },
  ];
  const kind = pick(random, kinds) ?? { case: undefined };
  return random.below(8) === 0 ? { kind, formProblem: FormProblem.UNBOUND } : { kind };
}

function randomNode(random: Random): MessageInitShape<typeof NodeSchema> {
  return {
    path: pick(random, ['/', '/a', `/session_1/${'é'.repeat(50)}`, `/${'a'.repeat(200)}`]),
    ...(random.below(6) === 0 ? {} : { value: randomValue(random) }),
    createdRevision: pick(random, numbers),
    modifiedRevision: pick(random, numbers),
    version: pick(random, numbers),
    author: pick(random, ['', 'ada', 'é']),
    subtreeRevision: pick(random, numbers),
    stagedSequence: pick(random, numbers),
    childCount: pick(random, numbers),
    valueBytes: pick(random, numbers),
    leaseId: pick(random, ['', 'lease-1']),
  };
}

test('nodes are written as generated code writes them', () => {
  const random = seededRandom(20_261_122);
  for (let round = 0; round < 500; round += 1) {
    const nodes = Array.from({ length: random.below(4) }, () => randomNode(random));
    const [node] = nodes;
    const revision = pick(random, numbers);
    const told = { revision, ...aged(pick(random, [null, 0, 1, 999, 1_000, 86_400_001])) };
    const got = create(GetResponseSchema, node === undefined ? told : { node, ...told });
    expect(Buffer.compare(encodeGetResponse(got), toBinary(GetResponseSchema, got))).toBe(0);
    const batch = create(BatchGetResponseSchema, { nodes, ...told });
    expect(Buffer.compare(encodeBatchGetResponse(batch), toBinary(BatchGetResponseSchema, batch))).toBe(0);
    const list = create(ListResponseSchema, { nodes, ...told, nextPageToken: pick(random, ['', 'more']) });
    expect(Buffer.compare(encodeListResponse(list), toBinary(ListResponseSchema, list))).toBe(0);
  }
});

test('generated code has no look at plain values', () => {
  const plain: NonNullable<MessageInitShape<typeof ValueSchema>['kind']>[] = [
    { case: 'json', value: new Uint8Array(2).fill(0x31) },
    { case: 'text', value: 'a' },
    { case: 'bytes', value: new Uint8Array(2) },
  ];
  for (const kind of plain) {
    const got = create(GetResponseSchema, { node: { path: '/a', value: create(ValueSchema, { kind }) } });
    const expected = toBinary(GetResponseSchema, got);
    Object.defineProperty(got.node?.value, '$unknown', {
      get() {
        throw new Error('generated code writes this value');
      },
    });
    expect(() => toBinary(GetResponseSchema, got)).toThrow('generated code');
    expect(Buffer.compare(encodeGetResponse(got), expected)).toBe(0);
  }
});
