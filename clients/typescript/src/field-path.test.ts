/**
 * Goal: fields are named as in TypeScript, with the compiler's help, and reach the broker by their names in the proto. Method: lines that must
 * not compile are marked; names and values are looked at as they would be sent.
 */
import { create } from '@bufbuild/protobuf';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { amountFor, protoJson, resolveField, type FieldPath, type NumberPath } from './field-path.ts';
import { OperationSchema } from './gen/hyperloom/v1/operation_pb.ts';
import { json } from './json.ts';
import { operation, precondition } from './operation.ts';
import { PathTemplate } from './path-template.ts';
import { ResearchNoteSchema } from './testing/gen/acme/v1/research_pb.ts';
import { typedOperations, typedPreconditions } from './typed-operations.ts';

const template = new PathTemplate('/{session}/notes/{note}');
const operations = typedOperations<typeof ResearchNoteSchema, '/{session}/notes/{note}'>(
  ResearchNoteSchema,
  template,
);
const preconditions = typedPreconditions<typeof ResearchNoteSchema, '/{session}/notes/{note}'>(
  ResearchNoteSchema,
  template,
);
const at = { session: 's', note: 'n' };

describe('what the compiler knows', () => {
  test('the fields of a message and of those in it, and no others', () => {
    expectTypeOf<FieldPath<typeof ResearchNoteSchema>>().toEqualTypeOf<
      | 'claim'
      | 'sources'
      | 'confidence'
      | 'citations'
      | 'review'
      | 'review.reviewer'
      | 'review.verdict'
      | 'labels'
    >();
    expectTypeOf<NumberPath<typeof ResearchNoteSchema>>().toEqualTypeOf<'confidence' | 'citations'>();
  });

  test('members of a oneof by their own names', () => {
    expectTypeOf<'leaseId' | 'append.text' | 'merge.mask.paths'>().toExtend<
      FieldPath<typeof OperationSchema>
    >();
    expectTypeOf<'increment.integer' | 'increment.real'>().toExtend<NumberPath<typeof OperationSchema>>();
    expectTypeOf<'action'>().not.toExtend<FieldPath<typeof OperationSchema>>();
    expectTypeOf<'append.addition'>().not.toExtend<FieldPath<typeof OperationSchema>>();
  });

  test('wrong names do not compile', () => {
    const uses: readonly (() => unknown)[] = [
      // @ts-expect-error it is claim
      () => operations.merge(at, { claim: 'c' }, ['clam']),
      // @ts-expect-error it is verdict
      () => operations.merge(at, {}, ['review.verdit']),
      // @ts-expect-error a claim is no number
      () => operations.increment(at, 'claim'),
      // @ts-expect-error it is confidence
      () => preconditions.field(at, 'confident', { isSet: true }),
      // @ts-expect-error either of them
      () => preconditions.field(at, 'confidence', {}),
    ];
    expect(uses).toHaveLength(5);
  });
});

describe('what is sent', () => {
  test('are the names of the proto, whichever were given', () => {
    for (const given of ['leaseId', 'lease_id'])
      expect(resolveField(OperationSchema, given).name).toBe('lease_id');
    expect(resolveField(OperationSchema, 'merge.jsonPatch').name).toBe('merge.json_patch');
    expect(operations.merge(at, { claim: 'c' }, ['claim', 'review.verdict'])).toMatchObject({
      kind: 'merge_message',
      path: '/s/notes/n',
      mask: ['claim', 'review.verdict'],
    });
  });

  test.each([
    ['nothing', 'acme.v1.ResearchNote has no field nothing'],
    ['review.nothing', 'acme.v1.Review has no field nothing'],
    ['claim.text', 'claim.text leads through claim, which is no single message'],
    ['labels.key', 'leads through labels'],
    ['', 'has no field '],
    ['constructor', 'has no field constructor'],
  ])('never the name "%s", which is none', (name, message) => {
    expect(() => resolveField(ResearchNoteSchema, name)).toThrow(message);
    expect(() => resolveField(ResearchNoteSchema, name)).toThrow(TypeError);
  });

  test('amounts are exact for integers, and doubles for the others', () => {
    const [citations, confidence] = ['citations', 'confidence'].map((name) =>
      resolveField(ResearchNoteSchema, name),
    );
    if (citations === undefined || confidence === undefined) throw new Error('there are two');
    expect(amountFor(citations, 3)).toBe(3n);
    expect(amountFor(citations, 2n ** 62n)).toBe(2n ** 62n);
    expect(() => amountFor(citations, 0.5)).toThrow(RangeError);
    expect(() => amountFor(citations, 2 ** 60)).toThrow(RangeError);
    expect(amountFor(confidence, 1)).toEqual({ real: 1 });
    expect(amountFor(confidence, { real: 0.5 })).toEqual({ real: 0.5 });
  });

  test('values are ProtoJSON', () => {
    expect(protoJson(Number.POSITIVE_INFINITY)).toBe('Infinity');
    expect(protoJson(Number.NaN)).toBe('NaN');
    expect(protoJson(Uint8Array.of(255, 254))).toBe('//4=');
    expect(preconditions.field(at, 'citations', { equals: 2n ** 60n })).toEqual(
      precondition.field('/s/notes/n', 'citations', { equals: json('1152921504606846976') }),
    );
    expect(preconditions.field(at, 'claim', { equals: 'c' })).toMatchObject({ expectation: { json: '"c"' } });
  });

  test('a merge into JSON has no mask', () => {
    expect(() => operation.merge('/a', { b: 1 }, ['b'])).toThrow(TypeError);
  });

  test('what is put is the message that was given', () => {
    const put = operations.put(at, create(ResearchNoteSchema, { claim: 'c' }));
    expect(put).toMatchObject({
      value: { message: { typeUrl: 'type.googleapis.com/acme.v1.ResearchNote' } },
    });
  });
});
