/**
 * Goal: what the hand-written encoder writes is what generated code would write, and nothing else is ever sent.
 * Method: seeded random diffs of every operation, precondition and value, encoded both ways; then the edges by name.
 */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import type { BasisEntry } from '../basis.ts';
import { InvalidRequestError } from '../errors.ts';
import { PublishStreamRequestSchema } from '../gen/hyperloom/v1/context_service_pb.ts';
import {
  BasisExtent,
  DeleteScope,
  Presence,
  type OperationSchema,
} from '../gen/hyperloom/v1/operation_pb.ts';
import { operation, precondition, type Operation, type Precondition } from '../operation.ts';
import { Json } from '../json.ts';
import { seededRandom, type SeededRandom } from '../testing/seeded-random.ts';
import { messageJson, TypedMessage, type EncodableValue } from '../value.ts';
import type { Diff } from './diff.ts';
import { writePublishStreamRequest } from './encode.ts';
import { Writer } from './writer.ts';

const utf8 = new TextEncoder();
const writer = new Writer();

test('random diffs have the bytes of generated code', () => {
  const seed = 20_261_121;
  const random = seededRandom(seed);
  for (let round = 0; round < 3_000; round += 1) {
    const diff = randomDiff(random);
    expect(handWritten(diff), `seed ${seed}, round ${round}`).toEqual(generated(diff));
  }
});

test.each([0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152])(
  'a text of %d bytes has the right length',
  (length) => {
    for (const text of ['x'.repeat(length), 'é'.repeat(Math.ceil(length / 2))]) {
      const diff = diffOf([operation.put('/a', text)]);
      expect(handWritten(diff)).toEqual(generated(diff));
    }
  },
);

test('integers keep all 64 bits', () => {
  for (const amount of [0n, 1n, -1n, 127n, 128n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
    const diff = diffOf([operation.increment('/n', amount)]);
    expect(handWritten(diff)).toEqual(generated(diff));
  }
  expect(() => operation.increment('/n', 2n ** 63n)).toThrow(RangeError);
});

test('half a surrogate pair is refused, since UTF-8 has no form for it', () => {
  expect(() => handWritten(diffOf([operation.put('/a', 'x\ud800')]))).toThrow(InvalidRequestError);
  expect(() => handWritten(diffOf([operation.put(`/${'é'.repeat(200)}\udc00`, 'x')]))).toThrow(
    InvalidRequestError,
  );
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is refused as a revision', (revision) => {
  const diff = { ...diffOf([]), preconditions: [precondition.modifiedRevision('/a', revision)] };
  expect(() => handWritten(diff)).toThrow(InvalidRequestError);
  expect(() => handWritten({ ...diffOf([]), fencingTokens: [revision] })).toThrow(InvalidRequestError);
});

function diffOf(operations: readonly Operation[]): Diff {
  const nothing = {
    preconditions: [],
    requestId: '',
    author: '',
    label: '',
    basis: [],
    forest: '',
    ghostId: '',
    fencingTokens: [],
    edition: 0,
    traceParent: '',
    lockWaitMs: 0,
  };
  return { ...nothing, operations };
}

function handWritten(diff: Diff): Uint8Array {
  writer.clear();
  writePublishStreamRequest(writer, diff);
  return writer.bytes.slice(0, writer.length);
}

function generated(diff: Diff): Uint8Array {
  return toBinary(
    PublishStreamRequestSchema,
    create(PublishStreamRequestSchema, {
      publish: {
        forest: diff.forest,
        ghostId: diff.ghostId,
        operations: diff.operations.map(wireOperation),
        preconditions: diff.preconditions.map(wirePrecondition),
        requestId: diff.requestId,
        author: diff.author,
        label: diff.label,
        basis: diff.basis.map((entry) => ({
          path: entry.path,
          revision: BigInt(entry.revision),
          extent: { node: BasisExtent.NODE, subtree: BasisExtent.SUBTREE, absent: BasisExtent.ABSENT }[
            entry.extent
          ],
          ghostId: entry.ghostId ?? '',
          sequence: BigInt(entry.sequence ?? 0),
        })),
        fencingTokens: diff.fencingTokens.map(BigInt),
        edition: BigInt(diff.edition),
        traceParent: diff.traceParent,
        ...(diff.lockWaitMs === 0 ? {} : { lockWait: durationFromMs(diff.lockWaitMs) }),
      },
    }),
  );
}

type WireAction = NonNullable<MessageInitShape<typeof OperationSchema>['action']>;

function wireOperation(from: Operation): MessageInitShape<typeof OperationSchema> {
  return { path: from.path, action: wireAction(from), leaseId: from.kind === 'put' ? from.leaseId : '' };
}

function wireAction(from: Operation): WireAction {
  switch (from.kind) {
    case 'put':
      return { case: 'put', value: { kind: wireValue(from.value) } };
    case 'append_text':
      return { case: 'append', value: { addition: { case: 'text', value: from.text } } };
    case 'append_bytes':
      return { case: 'append', value: { addition: { case: 'bytes', value: from.bytes } } };
    case 'append_items': {
      const json = from.items.map((item) => utf8.encode(item));
      return { case: 'append', value: { addition: { case: 'items', value: { json } } } };
    }
    case 'append_message': {
      const value = { typeUrl: from.message.typeUrl, value: from.message.bytes };
      return { case: 'append', value: { addition: { case: 'message', value } } };
    }
    case 'merge':
      return { case: 'merge', value: { jsonPatch: utf8.encode(from.patch) } };
    case 'merge_message': {
      const message = { typeUrl: from.message.typeUrl, value: from.message.bytes };
      const mask = from.mask.length === 0 ? {} : { mask: { paths: [...from.mask] } };
      return { case: 'merge', value: { message, ...mask } };
    }
    case 'increment': {
      const { amount } = from;
      const value =
        typeof amount === 'bigint'
          ? ({ case: 'integer', value: amount } as const)
          : ({ case: 'real', value: amount } as const);
      return { case: 'increment', value: { amount: value, field: from.field } };
    }
    case 'delete':
      return {
        case: 'delete',
        value: { scope: from.scope === 'node' ? DeleteScope.NODE : DeleteScope.SUBTREE },
      };
    case 'copy':
      return {
        case: 'copy',
        value: { sourcePath: from.source, sourceRevision: BigInt(from.sourceRevision) },
      };
    default:
      throw new Error('unreachable');
  }
}

function wireValue(value: EncodableValue) {
  switch (value.kind) {
    case 'json':
      return { case: 'json', value: utf8.encode(value.json) } as const;
    case 'message_json':
      return { case: 'messageJson', value: utf8.encode(value.json) } as const;
    case 'text':
      return { case: 'text', value: value.text } as const;
    case 'bytes':
      return { case: 'bytes', value: value.bytes } as const;
    case 'message':
      return {
        case: 'message',
        value: { typeUrl: value.message.typeUrl, value: value.message.bytes },
      } as const;
    default:
      throw new Error('unreachable');
  }
}

function wirePrecondition(from: Precondition) {
  switch (from.kind) {
    case 'presence': {
      const value = from.present ? Presence.PRESENT : Presence.ABSENT;
      return { path: from.path, condition: { case: 'presence', value } } as const;
    }
    case 'modified_revision':
      return {
        path: from.path,
        condition: { case: 'modifiedRevision', value: BigInt(from.revision) },
      } as const;
    case 'version':
      return { path: from.path, condition: { case: 'version', value: BigInt(from.version) } } as const;
    case 'subtree_unchanged_since':
      return {
        path: from.path,
        condition: { case: 'subtreeUnchangedSince', value: BigInt(from.revision) },
      } as const;
    case 'field': {
      const { target, expectation } = from;
      const value = {
        target:
          'field' in target
            ? ({ case: 'field', value: target.field } as const)
            : ({ case: 'jsonPointer', value: target.pointer } as const),
        expectation:
          'json' in expectation
            ? ({ case: 'equalsJson', value: utf8.encode(expectation.json) } as const)
            : ({ case: 'isSet', value: expectation.isSet } as const),
      };
      return { path: from.path, condition: { case: 'field', value } } as const;
    }
    default:
      throw new Error('unreachable');
  }
}

const words = [
  '',
  'a',
  '/session_1/memory/notes',
  'naïve ünïcode',
  '漢字',
  '👩‍🚀 astronaut',
  '\u0000\n"\\',
  'x'.repeat(200),
  'ß'.repeat(130),
];

function randomDiff(random: SeededRandom): Diff {
  const word = (): string => random.pick(words);
  const revision = (): number => random.pick([0, 1, 127, 128, 2 ** 31, 2 ** 32 + 5, 2 ** 53 - 1]);
  const path = (): string => `/${word()}`;
  const extents: readonly BasisEntry['extent'][] = ['node', 'subtree', 'absent'];
  return {
    forest: random.pick(['', 'team']),
    ghostId: random.pick(['', 'ghost_7']),
    operations: random.many(6, () => randomOperation(random, path, word, revision)),
    preconditions: random.many(4, () =>
      random.pick([
        precondition.present(path()),
        precondition.absent(path()),
        precondition.modifiedRevision(path(), revision()),
        precondition.version(path(), revision()),
        precondition.subtreeUnchangedSince(path(), revision()),
        precondition.field(path(), word(), { isSet: random.pick([true, false]) }),
        precondition.field(path(), word(), { equals: word() }),
        precondition.pointer(path(), word(), { equals: { big: 2n ** 60n, word: word() } }),
      ]),
    ),
    requestId: word(),
    author: word(),
    label: word(),
    basis: random.many(4, () => ({
      path: path(),
      revision: revision(),
      extent: random.pick(extents),
      ...(random.below(2) === 0 ? {} : { ghostId: word(), sequence: revision() }),
    })),
    fencingTokens: random.many(3, revision),
    edition: revision(),
    traceParent: random.pick(['', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']),
    lockWaitMs: random.pick([0, 0, 1, 1_000, 2_500, 86_400_000]),
  };
}

function randomOperation(
  random: SeededRandom,
  path: () => string,
  word: () => string,
  revision: () => number,
): Operation {
  const bytes = Uint8Array.from({ length: random.below(300) }, () => random.below(256));
  return random.pick([
    operation.put(path(), word()),
    operation.put(path(), bytes),
    operation.put(path(), word(), { id: word() }),
    operation.put(path(), { key: word(), big: 2n ** 60n, list: [1, null, true] }),
    operation.put(path(), new Json('[1.10, 1e400]')),
    operation.put(path(), new TypedMessage(word(), bytes)),
    operation.put(path(), messageJson({ [word()]: 2n ** 60n })),
    operation.append(path(), word()),
    operation.append(path(), bytes),
    operation.append(path(), random.many(5, word)),
    operation.append(path(), new TypedMessage(word(), bytes)),
    operation.merge(path(), new TypedMessage(word(), bytes), random.many(5, word)),
    operation.increment(path(), random.pick([7, 0.5]), word()),
    operation.merge(path(), { [word()]: null, other: word() }),
    operation.increment(path(), random.pick([1, -5, 2n ** 40n, 0.25, -0])),
    operation.increment(path(), { real: 3 }),
    operation.delete(path(), random.pick(['node', 'subtree'] as const)),
    operation.copy(path(), path(), revision()),
  ]);
}
