/**
 * Goal: a ghost says what is to become of values that do not fit: it is reverted at the first of them, or collects them all for
 * its commit, and neither way lets one reach the trunk. Method: a whole broker in memory on a real socket, descriptor sets that
 * `buf` made, and stock clients.
 */
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { GhostTransitionKind } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { GateSchema, GateState, ViolationAction } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import type { Gate } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import { GhostState } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import { UnboundPaths } from '../../src/gen/hyperloom/v1/schema_pb.ts';
import { copy, putJson, putText, refusalOf, remove, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { reviewedBy, Reviewing } from '../support/reviewing.ts';
import { acme, jsonSchema, messageOf, protobuf, putMessage } from '../support/schemas.ts';

const notes = acme(`
message ResearchNote {
  option (hyperloom.v1.node).path = "/{session}/notes/{note}";
  string claim = 1 [(buf.validate.field).string.min_len = 1];
  double confidence = 3 [(buf.validate.field).double = {gte: 0, lte: 1}];
}`);
const note = messageOf(notes, 'acme.v1.ResearchNote');
const counters = jsonSchema('/{session}/counters/{name}', { type: 'integer', maximum: 10 });

let broker: TestBroker;
let on: Reviewing;
beforeAll(async () => {
  broker = await startTestBroker();
  on = new Reviewing(broker);
  await broker.schemas.registerSchema({ name: 'notes', definition: protobuf(notes) });
  await broker.schemas.registerSchema({ name: 'counters', definition: counters });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

function schemaGate(onViolation: ViolationAction): Gate {
  return create(GateSchema, { kind: { case: 'schema', value: { onViolation } } });
}

const reverting = schemaGate(ViolationAction.REVERT);
const collecting = schemaGate(ViolationAction.COLLECT);
const good = (path: string) => putMessage(path, note, { claim: 'wet', confidence: 0.5 });
const bad = (path: string) => putMessage(path, note, { claim: '', confidence: 1.5 });

type BeginInit = Parameters<TestBroker['context']['beginGhost']>[0];

async function begin(init: BeginInit): Promise<string> {
  return (await broker.context.beginGhost(init)).ghost?.id ?? '';
}

const stage = (ghostId: string, ...operations: ReturnType<typeof putText>[]) =>
  broker.context.publish({ ghostId, operations });
const commit = (ghostId: string) => broker.context.commit({ ghostId });
const missing = async (path: string, ghostId = '') =>
  (await refusalOf(broker.context.get({ path, view: { ghostId } }))).reason === 'NODE_NOT_FOUND';

describe('a ghost that is to be reverted at the first violation', () => {
  test('goes back to its newest checkpoint, tells why, and goes on from there', async () => {
    const ghostId = await begin({ gates: [reverting] });
    await stage(ghostId, good('/revert/notes/a'));
    await broker.context.checkpoint({ ghostId, name: 'one' });
    await stage(ghostId, good('/revert/notes/b'));
    const refused = await refusalOf(stage(ghostId, good('/revert/notes/c'), bad('/revert/notes/d')));
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'GATE_REVERTED' });
    const { edition, ...metadata } = refused.metadata;
    expect(metadata).toEqual({
      ghost_id: ghostId,
      state: 'live',
      checkpoint: 'one',
      violations: '2',
      path: '/revert/notes/d',
      schema: 'notes',
    });
    expect(refused.fields).toEqual(['/revert/notes/d#claim', '/revert/notes/d#confidence']);
    const { ghost } = await broker.context.getGhost({ ghostId });
    expect(ghost).toMatchObject({ edition: BigInt(edition ?? ''), stagedOperations: 1n });
    expect(ghost?.gates).toMatchObject([{ state: GateState.OPEN, violations: [] }]);
    expect(ghost?.attempts).toMatchObject([{ checkpoint: 'one', droppedOperations: 1n }]);
    expect(ghost?.attempts[0]?.reason).toMatch(
      /^values do not fit: \/revert\/notes\/d#claim: string\.min_len: .*; \/revert\/notes\/d#confidence: double\.gte_lte: /,
    );
    expect(await missing('/revert/notes/b', ghostId)).toBe(true);
    await stage(ghostId, good('/revert/notes/d'));
    expect((await commit(ghostId)).operations).toBe(2n);
  });

  test('gives a repeated request the same refusal, and is reverted once', async () => {
    const ghostId = await begin({ gates: [reverting] });
    const ask = () =>
      broker.context.publish({ ghostId, operations: [bad('/again/notes/a')], requestId: 'sg-1' });
    const refused = await refusalOf(ask());
    expect(await refusalOf(ask())).toEqual(refused);
    expect((await on.standing(ghostId)).attempts).toHaveLength(1);
  });

  test('takes ghosts in it along that were begun since, and its history tells of it', async () => {
    const ghostId = await begin({ gates: [reverting], label: 'outer' });
    await stage(ghostId, good('/inner/notes/a'));
    const child = await begin({ parentGhostId: ghostId });
    await refusalOf(stage(ghostId, bad('/inner/notes/b')));
    expect((await on.standing(child)).state).toBe(GhostState.REVERTED);
    const { events } = await broker.context.history({ scope: HistoryScope.EVERYTHING, pageSize: 1_000 });
    const told = events.filter((event) => event.ghostId === ghostId || event.ghostId === child);
    expect(told.map(({ transition, changes }) => [transition?.kind, changes.length])).toEqual([
      [GhostTransitionKind.BEGUN, 0],
      [GhostTransitionKind.STAGED, 1],
      [GhostTransitionKind.BEGUN, 0],
      [GhostTransitionKind.REWOUND, 0],
      [GhostTransitionKind.REVERTED, 0],
    ]);
    expect(told[3]?.transition?.reason).toContain('/inner/notes/b#claim');
    expect(told[4]?.transition?.reason).toContain('ended or went back');
  });

  test('ends where its race has no attempt left', async () => {
    const ghostId = await begin({ gates: [reverting], race: { id: 'sg', attemptsMax: 1 } });
    const refused = await refusalOf(stage(ghostId, bad('/raced/notes/a')));
    expect(refused).toMatchObject({
      reason: 'GATE_REVERTED',
      metadata: { state: 'reverted', checkpoint: '' },
    });
    expect((await on.standing(ghostId)).state).toBe(GhostState.REVERTED);
  });

  test('is reverted at its commit too, where a schema has come or the trunk has moved since', async () => {
    const ghostId = await begin({ gates: [reverting] });
    await stage(ghostId, putJson('/late/tasks/a', 'text'), putJson('/late/counters/a', 1));
    const definition = jsonSchema('/late/tasks/{task}', { type: 'number' });
    await broker.schemas.registerSchema({ name: 'late', definition });
    const refused = await refusalOf(commit(ghostId));
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'GATE_REVERTED', fields: ['/late/tasks/a'] });
    expect(await on.standing(ghostId)).toMatchObject({ state: GhostState.LIVE, stagedOperations: 0n });
    expect(await missing('/late/tasks/a')).toBe(true);
  });
});

describe('a ghost that collects violations', () => {
  test('stages them, says which there are, and is committed when they are put right', async () => {
    const ghostId = await begin({ gates: [collecting] });
    expect((await on.standing(ghostId)).gates[0]?.state).toBe(GateState.OPEN);
    await stage(
      ghostId,
      bad('/collect/notes/a'),
      putJson('/collect/counters/n', 11),
      putText('/collect/free', 'x'),
    );
    await stage(ghostId, copy('/collect2', '/collect'));
    const [standing] = (await on.standing(ghostId)).gates;
    expect(standing?.state).toBe(GateState.CLOSED);
    expect(standing?.violations.map(({ path, field, rule }) => `${path} ${field} ${rule}`)).toEqual([
      '/collect/notes/a claim string.min_len',
      '/collect/notes/a confidence double.gte_lte',
      '/collect/counters/n  maximum',
      '/collect2/counters/n  maximum',
      '/collect2/notes/a claim string.min_len',
      '/collect2/notes/a confidence double.gte_lte',
    ]);
    const [listed] = (await broker.context.listGhosts({})).ghosts.filter(({ id }) => id === ghostId);
    expect(listed?.gates).toMatchObject([{ state: GateState.UNCHECKED, violations: [] }]);
    const refused = await refusalOf(commit(ghostId));
    expect(refused).toMatchObject({ code: 'InvalidArgument', reason: 'SCHEMA_VIOLATION' });
    expect(refused.fields).toEqual([
      '/collect/notes/a#claim',
      '/collect/notes/a#confidence',
      '/collect/counters/n',
      '/collect2/counters/n',
      '/collect2/notes/a#claim',
      '/collect2/notes/a#confidence',
    ]);
    await stage(ghostId, good('/collect/notes/a'), putJson('/collect/counters/n', 1), remove('/collect2'));
    expect((await on.standing(ghostId)).gates).toMatchObject([{ state: GateState.OPEN, violations: [] }]);
    expect((await commit(ghostId)).operations).toBe(7n);
    expect(await missing('/collect2/notes/a')).toBe(true);
    expect((await on.standing(ghostId)).gates).toMatchObject([{ state: GateState.OPEN }]);
  });

  test('asks no reviewer before all fits, and passes only with both', async () => {
    const ghostId = await begin({ gates: [reviewedBy('ada'), collecting] });
    await stage(ghostId, bad('/reviewed/notes/a'));
    const refused = await refusalOf(commit(ghostId));
    expect(refused.reason).toBe('SCHEMA_VIOLATION');
    expect((await on.standing(ghostId)).commitPending).toBe(false);
    await stage(ghostId, good('/reviewed/notes/a'));
    const { call } = on.commit(ghostId);
    await on.asked(ghostId);
    const states = (await on.standing(ghostId)).gates.map(({ state }) => state);
    expect(states).toEqual([GateState.PENDING, GateState.OPEN]);
    await on.approve(ghostId);
    expect((await call).operations).toBe(2n);
  });

  test('is not committed by an approval once a schema has come that its values do not fit', async () => {
    const ghostId = await begin({ gates: [reviewedBy('ada'), collecting] });
    await stage(ghostId, putJson('/coming/a', 'text'));
    const { refused } = on.commit(ghostId);
    await on.asked(ghostId);
    const definition = jsonSchema('/coming/{a}', { type: 'number' });
    await broker.schemas.registerSchema({ name: 'coming', definition });
    await on.approve(ghostId);
    expect(await refused).toMatchObject({ reason: 'SCHEMA_VIOLATION', fields: ['/coming/a'] });
    expect(await on.standing(ghostId)).toMatchObject({ state: GhostState.LIVE, commitPending: false });
    expect(await missing('/coming/a')).toBe(true);
  });

  test('takes what its children bring, and holds it back from the trunk', async () => {
    const outer = await begin({ gates: [collecting] });
    const inner = await begin({ parentGhostId: outer, gates: [collecting] });
    await stage(inner, bad('/nested/notes/a'));
    await commit(inner);
    expect((await on.standing(outer)).gates).toMatchObject([{ state: GateState.CLOSED }]);
    expect((await refusalOf(commit(outer))).reason).toBe('SCHEMA_VIOLATION');
    const plain = await begin({ parentGhostId: outer });
    expect((await refusalOf(stage(plain, bad('/nested/notes/b')))).reason).toBe('SCHEMA_VIOLATION');
    await stage(plain, good('/nested/notes/a'));
    await commit(plain);
    expect((await commit(outer)).operations).toBe(2n);
  });

  test('cannot hand them to a ghost that does not collect', async () => {
    const outer = await begin({ gates: [reverting] });
    await stage(outer, good('/strictly/notes/a'));
    const inner = await begin({ parentGhostId: outer, gates: [collecting] });
    await stage(inner, bad('/strictly/notes/b'));
    const refused = await refusalOf(commit(inner));
    expect(refused).toMatchObject({
      reason: 'SCHEMA_VIOLATION',
      fields: ['/strictly/notes/b#claim', '/strictly/notes/b#confidence'],
    });
    expect(await on.standing(outer)).toMatchObject({
      state: GhostState.LIVE,
      stagedOperations: 1n,
      attempts: [],
    });
    expect((await on.standing(inner)).state).toBe(GhostState.LIVE);
  });

  test('loses no race to a sibling by collecting, and wins none either', async () => {
    const race = { id: 'collected' };
    const [one, other] = [await begin({ gates: [collecting], race }), await begin({ race })];
    await stage(one, bad('/race/notes/a'));
    expect((await refusalOf(commit(one))).reason).toBe('SCHEMA_VIOLATION');
    expect((await on.standing(other)).state).toBe(GhostState.LIVE);
    await stage(other, good('/race/notes/a'));
    await commit(other);
    expect((await on.standing(one)).state).toBe(GhostState.REVERTED);
  });

  test('counts what values are after a rebase: an increment that fitted on its base', async () => {
    await broker.context.publish({ operations: [putJson('/rebased/counters/n', 5)] });
    const ghostId = await begin({ gates: [collecting] });
    const increment = (amount: bigint) => ({
      path: '/rebased/counters/n',
      action: { case: 'increment' as const, value: { amount: { case: 'integer' as const, value: amount } } },
    });
    await broker.context.publish({ ghostId, operations: [increment(4n)] });
    expect((await on.standing(ghostId)).gates).toMatchObject([{ state: GateState.OPEN }]);
    await broker.context.publish({ operations: [increment(3n)] });
    const refused = await refusalOf(commit(ghostId));
    expect(refused).toMatchObject({ reason: 'SCHEMA_VIOLATION', fields: ['/rebased/counters/n'] });
    await broker.context.publish({ ghostId, operations: [increment(-2n)] });
    await commit(ghostId);
    const { node } = await broker.context.get({ path: '/rebased/counters/n' });
    expect(Buffer.from((node?.value?.kind.value ?? '') as Uint8Array).toString()).toBe('10');
  });
});

test('in a strict forest paths of no schema are collected too, or take the ghost back', async () => {
  const forest = 'strict-gates';
  await broker.forests.createForest({ name: forest });
  await broker.schemas.registerSchema({ forest, name: 'counters', definition: counters });
  await broker.schemas.setUnboundPaths({ forest, unboundPaths: UnboundPaths.REFUSED });
  const { ghost } = await broker.context.beginGhost({ forest, gates: [collecting] });
  const ghostId = ghost?.id ?? '';
  await broker.context.publish({ forest, ghostId, operations: [putText('/a', 'x')] });
  const standing = (await broker.context.getGhost({ forest, ghostId })).ghost?.gates[0];
  expect(standing).toMatchObject({
    state: GateState.CLOSED,
    violations: [{ path: '/a', rule: '', field: '' }],
  });
  expect((await refusalOf(broker.context.commit({ forest, ghostId }))).reason).toBe('UNBOUND_PATH');
  const other = (await broker.context.beginGhost({ forest, gates: [reverting] })).ghost?.id ?? '';
  const refused = await refusalOf(
    broker.context.publish({ forest, ghostId: other, operations: [putText('/a', 'x')] }),
  );
  expect(refused).toMatchObject({ reason: 'GATE_REVERTED', fields: ['/a'] });
});

test.each<[string, Gate[], string]>([
  ['no action', [schemaGate(ViolationAction.UNSPECIFIED)], 'gates[0].schema.on_violation'],
  ['an unknown action', [schemaGate(9 as ViolationAction)], 'gates[0].schema.on_violation'],
  ['two of them', [reverting, reviewedBy('ada'), collecting], 'gates[2].schema'],
])('a schema gate with %s is refused', async (_, gates, field) => {
  const refused = await refusalOf(broker.context.beginGhost({ gates }));
  expect(refused).toMatchObject({ code: 'InvalidArgument', reason: 'INVALID_REQUEST', fields: [field] });
});
