/**
 * Goal: replicas refuse only what they cannot do. Method: the requests that clients send.
 */
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { Cascade } from '../../gen/hyperloom/v1/cascade_pb.ts';
import {
  BlameRequestSchema,
  DiffRequestSchema,
  RevertRequestSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import { SearchRequestSchema } from '../../gen/hyperloom/v1/search_pb.ts';
import { contextNeeds } from './needs.ts';

test.each([Cascade.UNSPECIFIED, Cascade.NONE, Cascade.REPORT, Cascade.ALL])(
  'a revert is made, whatever it takes along (%i)',
  (cascade) => {
    expect(contextNeeds.revert(create(RevertRequestSchema, { cascade }))).toBe(Infinity);
  },
);

test('what is asked about the past needs no more than that', () => {
  const { diff, blame, search } = contextNeeds;
  const between = (fromRevision: bigint, toRevision: bigint) =>
    diff(create(DiffRequestSchema, { sides: { case: 'revisions', value: { fromRevision, toRevision } } }));
  expect([between(2n, 7n), between(7n, 2n), between(0n, 3n)]).toEqual([7, 7, 3]);
  expect(blame(create(BlameRequestSchema, { atRevision: 5n }))).toBe(5);
  expect(search(create(SearchRequestSchema, { atRevision: 5n }))).toBe(5);
});

test('what is asked about now, or about a ghost, needs all that was acknowledged', () => {
  const { diff, blame, search } = contextNeeds;
  const toNewest = { case: 'revisions', value: { fromRevision: 2n, toRevision: 0n } } as const;
  expect(diff(create(DiffRequestSchema, { sides: toNewest }))).toBe(Infinity);
  expect(diff(create(DiffRequestSchema, { sides: { case: 'ghostId', value: 'g' } }))).toBe(Infinity);
  expect(blame(create(BlameRequestSchema))).toBe(Infinity);
  expect(search(create(SearchRequestSchema))).toBe(Infinity);
  expect(search(create(SearchRequestSchema, { ghostId: 'g' }))).toBe(Infinity);
});
