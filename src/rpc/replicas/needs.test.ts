/**
 * Goal: replicas refuse only what they cannot do. Method: the requests that clients send.
 */
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { Cascade } from '../../gen/hyperloom/v1/cascade_pb.ts';
import { RevertRequestSchema } from '../../gen/hyperloom/v1/context_service_pb.ts';
import { contextNeeds } from './needs.ts';

test.each([Cascade.UNSPECIFIED, Cascade.NONE, Cascade.REPORT, Cascade.ALL])(
  'a revert is made, whatever it takes along (%i)',
  (cascade) => {
    expect(contextNeeds.revert(create(RevertRequestSchema, { cascade }))).toBe(Infinity);
  },
);
