/**
 * Goal: a model is told what to do next, whatever the broker refuses. Method: the list of reasons of the API itself.
 */
import { expect, it } from 'vitest';

import { ErrorReason } from '../../clients/typescript/src/gen/hyperloom/v1/error_reason_pb.ts';
import { nextSteps } from './next-steps.ts';

const known = Object.keys(ErrorReason).filter((name) => Number.isNaN(Number(name)) && name !== 'UNSPECIFIED');

it('knows a next step for every reason of the API, and none for others', () => {
  expect(known.length).toBeGreaterThan(50);
  expect(Object.keys(nextSteps).sort()).toEqual([...known, 'LEASE_LOST'].sort());
});

it('says each in whole sentences', () => {
  for (const [reason, step] of Object.entries(nextSteps)) expect(step, reason).toMatch(/^[A-Z].*\.$/s);
});
