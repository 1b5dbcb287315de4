/** Goal: outcomes read the same by hand and by generated code. Method: encoded by generated code, edges by name. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { HyperloomError, PreconditionFailedError } from '../errors.ts';
import { PublishStreamResponseSchema } from '../gen/hyperloom/v1/context_service_pb.ts';
import { readOutcome } from './decode.ts';

test.each([0, 1, 127, 128, 2 ** 31, 2 ** 32, 2 ** 42, 2 ** 49, 2 ** 53 - 1])('revision %d', (revision) => {
  for (const repeated of [false, true]) {
    const number = BigInt(revision);
    const value = { revision: number, sequence: number, repeated, edition: number };
    expect(read({ case: 'published', value })).toEqual({
      revision,
      sequence: revision,
      repeated,
      edition: revision,
    });
  }
});

test('a refusal becomes the typed error', () => {
  const value = { code: 10, message: 'no', reason: 'PRECONDITION_FAILED', metadata: { path: '/a' } };
  const error = read({ case: 'refused', value });
  expect(error).toBeInstanceOf(PreconditionFailedError);
  expect(error).toMatchObject({ code: 'ABORTED', metadata: { path: '/a' }, message: 'no' });
});

test('an empty outcome is an error and not a revision', () => {
  expect(read({ case: undefined })).toBeInstanceOf(HyperloomError);
});

function read(outcome: NonNullable<MessageInitShape<typeof PublishStreamResponseSchema>['outcome']>) {
  const bytes = toBinary(PublishStreamResponseSchema, create(PublishStreamResponseSchema, { outcome }));
  const padded = new Uint8Array(bytes.length + 9);
  padded.set(bytes, 4);
  return readOutcome(padded, 4, 4 + bytes.length);
}
