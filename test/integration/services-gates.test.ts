/**
 * Goal: what a gate's limits let pass, and that malformed gates and decisions are refused, each with its field. Method: a
 * whole broker in memory on a real socket.
 */
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatePatternsMax, gatesPerGhostMax } from '../../src/base/limits.ts';
import { type Gate, GateSchema, GateState } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import { ReviewDecision } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import {
  appendText,
  copy,
  putText,
  refusalOf,
  remove,
  startTestBroker,
  type TestBroker,
} from '../support/broker.ts';
import { limitedTo, reviewedBy, Reviewing } from '../support/reviewing.ts';

let broker: TestBroker;
let on: Reviewing;
beforeAll(async () => {
  broker = await startTestBroker();
  on = new Reviewing(broker);
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

describe('a gate that limits', () => {
  test('refuses what lies outside its patterns, and what may reach outside', async () => {
    await broker.context.publish({ operations: [putText('/limit/notes/a', '1'), putText('/limit/x', '1')] });
    const { ghost } = await broker.context.beginGhost({
      gates: [limitedTo({ patterns: ['/limit/notes/*', '/limit/free/**'] })],
    });
    const ghostId = ghost?.id ?? '';
    const told = async (operation: ReturnType<typeof putText>) => {
      const call = broker.context.publish({ ghostId, operations: [operation] });
      return call.then(
        () => 'staged',
        async () => {
          const { code, reason, metadata } = await refusalOf(call);
          return `${code} ${reason} ${metadata['path']}`;
        },
      );
    };
    expect(await told(putText('/limit/notes/a', '2'))).toBe('staged');
    expect(await told(appendText('/limit/free/deep/down', '2'))).toBe('staged');
    expect(await told(remove('/limit/free'))).toBe('staged');
    expect(await told(copy('/limit/free/copied', '/limit/x'))).toBe('staged');
    expect(await told(putText('/limit/x', '2'))).toBe('FailedPrecondition GATE_LIMIT /limit/x');
    expect(await told(remove('/limit/notes/a'))).toBe('FailedPrecondition GATE_LIMIT /limit/notes/a');
    expect(await told(copy('/limit/notes/b', '/limit/x'))).toBe(
      'FailedPrecondition GATE_LIMIT /limit/notes/b',
    );
    expect((await on.standing(ghostId)).gates.map(({ state }) => state)).toEqual([GateState.OPEN]);
    expect((await broker.context.commit({ ghostId })).operations).toBe(4n);
  });

  test.each([
    ['operations_max', { operationsMax: 2n }, '3'],
    ['bytes_max', { bytesMax: 200n }, undefined],
  ])('refuses what is beyond its %s, whole', async (limit, gate, actual) => {
    const { ghost } = await broker.context.beginGhost({ gates: [limitedTo(gate)] });
    const ghostId = ghost?.id ?? '';
    await broker.context.publish({ ghostId, operations: [putText('/amount/a', 'x'.repeat(50))] });
    const more = [putText('/amount/b', 'x'.repeat(50)), putText('/amount/c', 'x'.repeat(100))];
    const refused = await refusalOf(broker.context.publish({ ghostId, operations: more }));
    expect(refused).toMatchObject({ reason: 'GATE_LIMIT', metadata: { ghost_id: ghostId, limit } });
    if (actual !== undefined) expect(refused.metadata).toMatchObject({ maximum: '2', actual });
    expect(Number(refused.metadata['actual'])).toBeGreaterThan(Number(refused.metadata['maximum']));
    expect((await on.standing(ghostId)).stagedOperations).toBe(1n);
  });
});

describe('bad input is refused:', () => {
  const fields = async (call: Promise<unknown>) => {
    const { code, reason, fields: named } = await refusalOf(call);
    return [code, reason, ...named].join(' ');
  };

  test.each<[string, Gate[], string]>([
    ['a gate of no kind', [create(GateSchema)], 'InvalidArgument INVALID_REQUEST gates[0]'],
    ['a limit of nothing', [limitedTo({})], 'InvalidArgument INVALID_REQUEST gates[0].limit'],
    ['no reviewer', [reviewedBy('')], 'InvalidArgument INVALID_REQUEST gates[0].review.reviewer'],
    ['a long name', [reviewedBy('é'.repeat(65))], 'InvalidArgument LIMIT_EXCEEDED gates[0].review.reviewer'],
    [
      'a reviewer twice',
      [reviewedBy('a'), reviewedBy('b'), reviewedBy('a')],
      'InvalidArgument INVALID_REQUEST gates[2].review.reviewer',
    ],
    [
      'a malformed pattern',
      [limitedTo({ patterns: ['/a', '/a/**b'] })],
      'InvalidArgument INVALID_PATTERN gates[0].limit.patterns[1]',
    ],
    [
      'too many patterns',
      [limitedTo({ patterns: Array.from({ length: gatePatternsMax + 1 }, () => '/a') })],
      'InvalidArgument LIMIT_EXCEEDED gates[0].limit.patterns',
    ],
    [
      'too many gates',
      Array.from({ length: gatesPerGhostMax + 1 }, (_, index) => reviewedBy(`r${index}`)),
      'InvalidArgument LIMIT_EXCEEDED gates',
    ],
  ])('%s', async (_, gates, told) => {
    expect(await fields(broker.context.beginGhost({ gates }))).toBe(told);
  });

  test('decisions that are none, by nobody, about nothing, without a reason', async () => {
    const ghostId = await on.begin('/bad/a', [reviewedBy('ada')]);
    const { edition } = await on.standing(ghostId);
    const good = { ghostId, reviewer: 'ada', edition, decision: ReviewDecision.REJECT, reason: 'r' };
    const { review } = broker.reviews;
    const invalid = (field: string) => `InvalidArgument INVALID_REQUEST ${field}`;
    expect(await fields(review({ ...good, ghostId: '' }))).toBe(invalid('ghost_id'));
    expect(await fields(review({ ...good, reviewer: '' }))).toBe(invalid('reviewer'));
    expect(await fields(review({ ...good, edition: 0n }))).toBe(invalid('edition'));
    expect(await fields(review({ ...good, decision: ReviewDecision.UNSPECIFIED }))).toBe(invalid('decision'));
    expect(await fields(review({ ...good, decision: 7 as ReviewDecision }))).toBe(invalid('decision'));
    expect(await fields(review({ ...good, reason: '' }))).toBe(invalid('reason'));
    expect(await fields(review({ ...good, reason: 'x'.repeat(4_097) }))).toBe(
      'InvalidArgument LIMIT_EXCEEDED reason',
    );
    expect(await refusalOf(review({ ...good, reviewer: 'bob' }))).toMatchObject({
      code: 'NotFound',
      reason: 'REVIEWER_NOT_FOUND',
      metadata: { ghost_id: ghostId, reviewer: 'bob' },
    });
    expect(await refusalOf(review({ ...good, edition: edition + 1n }))).toMatchObject({
      code: 'Aborted',
      reason: 'REVIEW_OUTDATED',
      metadata: { ghost_id: ghostId, edition: String(edition) },
    });
    expect((await refusalOf(review({ ...good, ghostId: 'nobody' }))).reason).toBe('GHOST_NOT_FOUND');
    expect(await on.standing(ghostId)).toMatchObject({ edition, attempts: [] });
  });
});
