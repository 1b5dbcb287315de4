/**
 * Goal: ghosts as clients meet them: their life, their conflicts and their refusals. Method: a whole broker in memory on a
 * real socket, called through connect-node.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitIsolation, type RevertRequest } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { type BasisEntry, BasisExtent } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { GhostState } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import {
  appendText,
  increment,
  putText,
  refusalOf,
  startTestBroker,
  type TestBroker,
} from '../support/broker.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

async function begin(
  options: { scope?: string; parentGhostId?: string; baseRevision?: bigint } = {},
): Promise<string> {
  const { ghost } = await broker.context.beginGhost(options);
  return ghost?.id ?? '';
}

describe('a ghost', () => {
  test('is begun with what it was told, and found again', async () => {
    const ttl = { seconds: 90n, nanos: 0 };
    const { ghost } = await broker.context.beginGhost({ scope: '/s', label: 'try', author: 'ada', ttl });
    expect(ghost).toMatchObject({
      scope: '/s',
      label: 'try',
      author: 'ada',
      state: GhostState.LIVE,
      ttl,
      parentGhostId: '',
    });
    const found = await broker.context.getGhost({ ghostId: ghost?.id ?? '' });
    expect(found.ghost).toEqual(ghost);
  });

  test('is begun once however often it is asked for under one request id', async () => {
    const request = { label: 'once', requestId: 'begin-once' };
    const first = await broker.context.beginGhost(request);
    expect((await broker.context.beginGhost(request)).ghost?.id).toBe(first.ghost?.id);
    expect((await refusalOf(broker.context.beginGhost({ ...request, label: 'twice' }))).reason).toBe(
      'REQUEST_ID_REUSED',
    );
  });

  test('commits as one revision and is over', async () => {
    const ghostId = await begin();
    await broker.context.publish({ ghostId, operations: [putText('/commit/a', '1')] });
    await broker.context.publish({ ghostId, operations: [putText('/commit/b', '2')] });
    const { revision, operations } = await broker.context.commit({
      ghostId,
      label: 'done',
      author: 'ada',
      requestId: 'commit-1',
    });
    expect(operations).toBe(2n);
    const { node } = await broker.context.get({ path: '/commit/b' });
    expect(node).toMatchObject({ modifiedRevision: revision, stagedSequence: 0n });
    expect((await broker.context.getGhost({ ghostId })).ghost).toMatchObject({
      state: GhostState.COMMITTED,
      committedRevision: revision,
    });
    expect(
      await broker.context.commit({ ghostId, label: 'done', author: 'ada', requestId: 'commit-1' }),
    ).toMatchObject({ revision, repeated: true });
    const refused = await refusalOf(
      broker.context.publish({ ghostId, operations: [putText('/commit/c', '3')] }),
    );
    expect(refused).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'GHOST_OVER',
      metadata: { ghost_id: ghostId, state: 'committed' },
    });
  });

  test('reports conflicts path by path, and lives on', async () => {
    await broker.context.publish({
      operations: [putText('/conflict/a', 'base'), putText('/conflict/log', '')],
    });
    const ghostId = await begin();
    await broker.context.publish({
      ghostId,
      operations: [putText('/conflict/a', 'ghost'), appendText('/conflict/log', 'g')],
    });
    await broker.context.publish({
      operations: [putText('/conflict/a', 'trunk'), appendText('/conflict/log', 't')],
    });
    const refused = await refusalOf(broker.context.commit({ ghostId }));
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'CONFLICT', conflicts: ['/conflict/a'] });
    expect((await broker.context.getGhost({ ghostId })).ghost?.state).toBe(GhostState.LIVE);
  });

  test('tells of many and large conflicts as much as a status can carry', async () => {
    const paths = Array.from({ length: 150 }, (_, index) => `/many/${'p'.repeat(100)}${index}`);
    const large = 'v'.repeat(10_000);
    const put = (value: string) => paths.map((path) => putText(path, value));
    const ghostId = await begin();
    await broker.context.publish({ ghostId, operations: put(large) });
    await broker.context.publish({ operations: put('trunk') });
    const refused = await refusalOf(broker.context.commit({ ghostId }));
    expect(refused.reason).toBe('CONFLICT');
    expect(refused.conflicts.length).toBeGreaterThan(3);
    expect(refused.conflicts.every((path) => path.startsWith('/many/'))).toBe(true);
  });

  test('with a basis that has changed does not pass a serializable commit', async () => {
    const { revision } = await broker.context.publish({ operations: [putText('/basis/read', '1')] });
    const ghostId = await begin();
    const basis = [{ path: '/basis/read', revision, extent: BasisExtent.NODE }];
    await broker.context.publish({ ghostId, basis, operations: [putText('/basis/out', 'x')] });
    await broker.context.publish({ operations: [putText('/basis/read', '2')] });
    const refused = await refusalOf(
      broker.context.commit({ ghostId, isolation: CommitIsolation.SERIALIZABLE }),
    );
    expect(refused).toMatchObject({ reason: 'CONFLICT', conflicts: ['/basis/read'] });
    expect((await broker.context.commit({ ghostId })).revision).toBeGreaterThan(revision);
  });

  test('passes a serializable commit where nothing that it has read has changed, on the trunk and in a ghost', async () => {
    const isolation = CommitIsolation.SERIALIZABLE;
    await broker.context.publish({ operations: [putText('/reads/dir/a', '1')] });
    const outer = await begin();
    await broker.context.publish({ ghostId: outer, operations: [putText('/reads/mine/a', '1')] });
    const readIn = async (ghostId: string): Promise<BasisEntry[]> => {
      const parts = [{ pattern: '/reads/mine/**' }, { pattern: '/reads/inbox/**' }];
      const { basis } = await broker.context.renderContext({ ghostId, parts, tokenBudget: 1_000n });
      expect(basis.map(({ path }) => path)).toEqual(['/reads/mine', '/reads/inbox']);
      return basis;
    };
    const inner = await begin({ parentGhostId: outer });
    const basis = await readIn(inner);
    await broker.context.publish({ ghostId: inner, operations: [putText('/reads/b', '1')], basis });
    expect((await broker.context.commit({ ghostId: inner, isolation })).revision).toBe(0n);
    const late = await begin({ parentGhostId: outer });
    const seen = await readIn(late);
    await broker.context.publish({ ghostId: late, operations: [putText('/reads/c', '1')], basis: seen });
    await broker.context.publish({ ghostId: outer, operations: [putText('/reads/mine/a', '2')] });
    const refused = await refusalOf(broker.context.commit({ ghostId: late, isolation }));
    expect(refused).toMatchObject({ reason: 'CONFLICT', conflicts: ['/reads/mine'] });
    await broker.context.revert({ target: { case: 'ghostId', value: late } });
    const { ghost } = await broker.context.getGhost({ ghostId: outer });
    const dir = { path: '/reads/dir', revision: ghost?.baseRevision ?? 0n, ghostId: outer };
    const read = [...(await readIn(outer)), { ...dir, extent: BasisExtent.NODE }];
    await broker.context.publish({ ghostId: outer, operations: [putText('/reads/d', '1')], basis: read });
    await broker.context.publish({ operations: [putText('/reads/elsewhere', 'x')] });
    expect((await broker.context.commit({ ghostId: outer, isolation })).revision).toBeGreaterThan(0n);
  });

  test('writes only within its scope', async () => {
    const ghostId = await begin({ scope: '/in/here' });
    const refused = await refusalOf(
      broker.context.publish({ ghostId, operations: [putText('/in/there', 'x')] }),
    );
    expect(refused).toMatchObject({
      code: 'InvalidArgument',
      reason: 'OUTSIDE_SCOPE',
      metadata: { path: '/in/there', scope: '/in/here' },
    });
    expect((await refusalOf(begin({ scope: '/in', parentGhostId: ghostId }))).reason).toBe('OUTSIDE_SCOPE');
  });

  test('nests, and commits only after the ghosts in it', async () => {
    const outer = await begin();
    await broker.context.publish({ ghostId: outer, operations: [increment('/nest/n', 1n)] });
    const inner = await begin({ parentGhostId: outer });
    await broker.context.publish({ ghostId: inner, operations: [increment('/nest/n', 1n)] });
    const refused = await refusalOf(broker.context.commit({ ghostId: outer }));
    expect(refused).toMatchObject({
      code: 'FailedPrecondition',
      reason: 'GHOST_HAS_CHILDREN',
      metadata: { ghost_id: outer },
    });
    expect((await broker.context.commit({ ghostId: inner })).revision).toBe(0n);
    expect((await broker.context.commit({ ghostId: outer })).revision).toBeGreaterThan(0n);
    const both = { baseRevision: 1n, parentGhostId: outer };
    expect(await refusalOf(begin(both))).toMatchObject({
      reason: 'INVALID_REQUEST',
      fields: ['base_revision'],
    });
  });
});

describe('a revert', () => {
  const revert = (target: RevertRequest['target'], reason = 'wrong') =>
    broker.context.revert({ target, reason, author: 'verifier' });

  test('drops a ghost and says where it stood', async () => {
    const ghostId = await begin();
    await broker.context.publish({ ghostId, operations: [putText('/drop', 'x')] });
    const told = await revert({ case: 'ghostId', value: ghostId });
    expect(told).toMatchObject({ droppedOperations: 1n, revision: 0n, repeated: false });
    expect(told.attempts.map(({ reason, author }) => [reason, author])).toEqual([['wrong', 'verifier']]);
    expect(told.brokerTime?.seconds).toBe(0n);
    expect(told.brokerTime?.nanos).toBeGreaterThan(0);
    expect((await refusalOf(revert({ case: 'ghostId', value: ghostId }))).reason).toBe('GHOST_OVER');
  });

  test('takes a ghost back to a checkpoint, by name or the newest', async () => {
    const ghostId = await begin();
    await broker.context.publish({ ghostId, operations: [putText('/back/a', '1')] });
    const { checkpoint } = await broker.context.checkpoint({ ghostId, name: 'first' });
    expect(checkpoint).toMatchObject({ name: 'first', sequence: 1n, stagedOperations: 1n });
    const again = await refusalOf(broker.context.checkpoint({ ghostId, name: 'first' }));
    expect(again).toMatchObject({ code: 'AlreadyExists', reason: 'CHECKPOINT_EXISTS' });
    await broker.context.publish({ ghostId, operations: [putText('/back/b', '2'), putText('/back/c', '3')] });
    const rewind = (name: string): RevertRequest['target'] => ({
      case: 'rewind',
      value: { $typeName: 'hyperloom.v1.GhostRewind', ghostId, checkpoint: name },
    });
    expect(await refusalOf(revert(rewind('second')))).toMatchObject({
      code: 'NotFound',
      reason: 'CHECKPOINT_NOT_FOUND',
    });
    const told = await revert(rewind(''));
    expect(told).toMatchObject({ droppedOperations: 2n, checkpoint: { name: 'first' } });
    const { nodes } = await broker.context.batchGet({ paths: ['/back/a', '/back/b'], view: { ghostId } });
    expect(nodes.map(({ path }) => path)).toEqual(['/back/a']);
    expect((await broker.context.getGhost({ ghostId })).ghost?.attempts).toHaveLength(1);
  });

  test('writes the inverse of a revision, unless others have built on it', async () => {
    await broker.context.publish({ operations: [putText('/inverse/a', 'good')] });
    const bad = await broker.context.publish({
      operations: [putText('/inverse/a', 'bad'), putText('/inverse/b', 'bad')],
    });
    const { revision } = await revert({ case: 'revision', value: bad.revision });
    expect(revision).toBe(bad.revision + 1n);
    const { nodes } = await broker.context.batchGet({ paths: ['/inverse/a', '/inverse/b'] });
    expect(nodes.map(({ value }) => value?.kind.value)).toEqual(['good']);
    const later = await broker.context.publish({ operations: [putText('/inverse/a', 'bad again')] });
    await broker.context.publish({ operations: [putText('/inverse/a', 'built on it')] });
    const refused = await refusalOf(revert({ case: 'revision', value: later.revision }));
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'CONFLICT', conflicts: ['/inverse/a'] });
    expect((await refusalOf(revert({ case: 'revision', value: 99_999n }))).reason).toBe('REVISION_IN_FUTURE');
  });
});

describe('ghosts together', () => {
  test('are listed newest first, in pages, by their state', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift(await begin());
    await broker.context.revert({ target: { case: 'ghostId', value: ids[2] ?? '' } });
    const first = await broker.context.listGhosts({ pageSize: 3 });
    expect(first.ghosts.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[3]]);
    const second = await broker.context.listGhosts({ pageSize: 3, pageToken: first.nextPageToken });
    expect(second.ghosts[0]?.id).toBe(ids[4]);
    const reverted = await broker.context.listGhosts({ state: GhostState.REVERTED, pageSize: 1 });
    expect(reverted.ghosts.map(({ id }) => id)).toEqual([ids[2]]);
    const refused = await refusalOf(
      broker.context.listGhosts({ state: GhostState.EXPIRED, pageToken: first.nextPageToken }),
    );
    expect(refused.reason).toBe('INVALID_PAGE_TOKEN');
  });

  test('are kept alive together, and who is over is left out', async () => {
    const [live, over] = [await begin(), await begin()];
    await broker.context.revert({ target: { case: 'ghostId', value: over } });
    const { liveGhostIds } = await broker.context.keepAlive({ ghostIds: [over, live, 'unknown'] });
    expect(liveGhostIds).toEqual([live]);
  });
});
