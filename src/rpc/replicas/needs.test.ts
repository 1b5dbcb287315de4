/**
 * Goal: replicas refuse only what they cannot do. Method: the requests that clients send, beside those that are refused.
 */
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { Cascade } from '../../gen/hyperloom/v1/cascade_pb.ts';
import { RevertRequestSchema } from '../../gen/hyperloom/v1/context_service_pb.ts';
import { contextNeeds } from './needs.ts';

test.each([Cascade.UNSPECIFIED, Cascade.NONE])(
  'a revert that takes nothing along (%i) is made',
  (cascade) => {
    expect(contextNeeds.revert(create(RevertRequestSchema, { cascade }))).toBe(Infinity);
  },
);
