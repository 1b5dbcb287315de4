/**
 * Goal: a wrong write goes with all that was made from it, whoever made it, and those who had read it are told. Method: stories on a whole
 * broker in memory on a real socket, called through connect-node.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cascade, type CascadeReport } from '../../src/gen/hyperloom/v1/cascade_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import {
  appendText,
  copy,
  increment,
  putJson,
  putText,
  refusalOf,
  remove,
  startTestBroker,
  type TestBroker,
} from '../support/broker.ts';
import { newForest } from '../support/reading-forest.ts';
import { jsonSchema } from '../support/schemas.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

function revisions(report: CascadeReport | undefined): [bigint, number][] {
  return (report?.undone ?? []).map(({ revision, hops }) => [revision, hops]);
}

const causes = ['', 'OVERWRITTEN', 'BUILT_UPON', 'HISTORY_GONE', 'SCHEMA'] as const;

function left(report: CascadeReport | undefined): [string, string | undefined, bigint][] {
  return (report?.notUndone ?? []).map(({ path, cause, overwrittenByRevision }) => [
    path,
    causes[cause],
    overwrittenByRevision,
  ]);
}

describe('a cascade', () => {
  test('takes back a write and what was made from it through several agents, and nothing else', async () => {
    const it = await newForest(broker);
    await it.publish([putText('/plan', 'good'), putText('/other', 'kept')]);
    const wrong = await it.publish([putText('/fact', 'wrong')], { author: 'finder' });
    const one = await it.publish([putText('/claim', 'on it')], { reads: ['/fact'], author: 'writer' });
    const two = await it.publish([putText('/plan', 'by it')], { reads: ['/claim'], author: 'planner' });
    await it.publish([putText('/other', 'changed')], { reads: ['/other'], author: 'bystander' });
    const report = await it.report(wrong);
    expect(revisions(report)).toEqual([
      [wrong, 0],
      [one, 1],
      [two, 2],
    ]);
    expect(report).toMatchObject({ undoneTotal: 3n, notUndoneTotal: 0n, ghostsTotal: 0n, operations: 3n });
    expect(report?.undone.map(({ author }) => author)).toEqual(['finder', 'writer', 'planner']);
    const before = await it.newest();
    expect(await it.tree()).toMatchObject({ '/fact': 'wrong', '/plan': 'by it' });
    const { revision, cascade } = await it.cascade(wrong, { reason: 'made up' });
    expect(revision).toBe(before + 1n);
    expect(cascade).toEqual(report);
    expect(await it.tree()).toEqual({ '/plan': 'good', '/other': 'changed' });
  });

  test('leaves what others have put since, and says so', async () => {
    const it = await newForest(broker);
    const wrong = await it.publish([putText('/a', 'wrong'), putText('/b', 'wrong')]);
    const over = await it.publish([putText('/a', 'right')]);
    const child = await it.publish([putText('/b/child', 'of another')]);
    const { cascade } = await it.cascade(wrong);
    expect(left(cascade)).toEqual([
      ['/a', 'OVERWRITTEN', over],
      ['/b', 'BUILT_UPON', child],
    ]);
    expect(await it.tree()).toEqual({ '/a': 'right', '/b/child': 'of another' });
  });

  test('takes back its part of what others have added to as well', async () => {
    const it = await newForest(broker);
    await it.publish([putText('/log', 'a'), putJson('/count', 10), putJson('/plan', { a: 1 })]);
    const wrong = await it.publish([appendText('/log', 'WRONG'), increment('/count', 5n)]);
    await it.publish([appendText('/log', 'b'), increment('/count', 2n)]);
    const { cascade } = await it.cascade(wrong);
    expect(left(cascade)).toEqual([]);
    expect(await it.tree()).toEqual({ '/log': 'ab', '/count': '12', '/plan': '{"a":1}' });
  });

  test('leaves what a schema would not take back, and undoes the rest', async () => {
    const it = await newForest(broker);
    await it.publish([putJson('/a/limit', 20), putJson('/a/other', 1)]);
    const wrong = await it.publish([putJson('/a/limit', 5), putJson('/a/other', 6)]);
    const claim = await it.publish([putText('/claim', 'by the limit')], { reads: ['/a/limit'] });
    const definition = jsonSchema('/a/{name}', { type: 'integer', maximum: 10 });
    await broker.schemas.registerSchema({ forest: it.forest, name: 'limits', definition });
    const report = await it.report(wrong);
    expect(revisions(report)).toEqual([
      [wrong, 0],
      [claim, 1],
    ]);
    expect(left(report)).toEqual([['/a/limit', 'SCHEMA', 0n]]);
    expect(report?.notUndone[0]?.revision).toBe(wrong);
    const { cascade } = await it.cascade(wrong);
    expect(cascade).toEqual(report);
    expect(await it.tree()).toEqual({ '/a/limit': '5', '/a/other': '1' });
  });

  test('leaves what makes no sense without it', async () => {
    const it = await newForest(broker);
    await it.publish([putText('/a', 'text')]);
    const wrong = await it.publish([putJson('/a', 1)]);
    const built = await it.publish([increment('/a', 1n)]);
    const { cascade } = await it.cascade(wrong);
    expect(left(cascade)).toEqual([['/a', 'BUILT_UPON', built]]);
    expect(await it.tree()).toEqual({ '/a': '2' });
  });

  test('brings back whole subtrees, and lets copies go', async () => {
    const it = await newForest(broker);
    const notes = Array.from({ length: 40 }, (_, index) => putText(`/notes/${index}`, `note ${index}`));
    await it.publish(notes);
    const wrong = await it.publish([remove('/notes'), copy('/copied', '/notes', 1n)]);
    await it.publish([putText('/notes/new', 'of another'), putText('/copied/new', 'of another')]);
    const { cascade } = await it.cascade(wrong);
    const tree = await it.tree();
    expect(Object.keys(tree)).toHaveLength(42);
    expect(tree).toMatchObject({
      '/notes/7': 'note 7',
      '/notes/new': 'of another',
      '/copied/new': 'of another',
    });
    expect(cascade?.operations).toBeLessThan(50n);
  });

  test('goes through what was copied', async () => {
    const it = await newForest(broker);
    const wrong = await it.publish([putText('/a/x', 'wrong')]);
    const copied = await it.publish([copy('/b', '/a')]);
    const { cascade } = await it.cascade(wrong);
    expect(revisions(cascade)).toEqual([
      [wrong, 0],
      [copied, 1],
    ]);
    expect(await it.tree()).toEqual({});
  });

  test('of an earlier mistake contains one of a later mistake that came before it', async () => {
    const it = await newForest(broker);
    await it.publish([putText('/a', 'good')]);
    const first = await it.publish([putText('/a', 'wrong'), putText('/x', 'wrong')]);
    const second = await it.publish([putText('/b', 'from it'), putText('/a', 'worse')], { reads: ['/a'] });
    await it.cascade(second);
    expect(await it.tree()).toEqual({ '/a': 'wrong', '/x': 'wrong' });
    const { cascade } = await it.cascade(first);
    expect(left(cascade)).toEqual([]);
    expect(await it.tree()).toEqual({ '/a': 'good' });
  });

  test('finds what a revert of others has brought back', async () => {
    const it = await newForest(broker);
    const wrong = await it.publish([
      putText('/a', 'wrong'),
      putText('/s/x', 'wrong'),
      putText('/s/y', 'wrong'),
    ]);
    const other = await it.publish([putText('/a', 'fine'), remove('/s')]);
    await broker.context.revert({ forest: it.forest, target: { case: 'revision', value: other } });
    expect(await it.tree()).toEqual({ '/a': 'wrong', '/s/x': 'wrong', '/s/y': 'wrong' });
    await it.cascade(wrong);
    expect(await it.tree()).toEqual({});
  });

  test('can be taken back itself', async () => {
    const it = await newForest(broker);
    const wrong = await it.publish([putText('/a', 'one')]);
    await it.publish([putText('/b', 'two')], { reads: ['/a'] });
    const { revision } = await it.cascade(wrong);
    expect(await it.tree()).toEqual({});
    await it.cascade(revision);
    expect(await it.tree()).toEqual({ '/a': 'one', '/b': 'two' });
  });

  test('is made once under one request id, and its report told again', async () => {
    const it = await newForest(broker);
    const wrong = await it.publish([putText('/a', 'wrong')]);
    const first = await it.cascade(wrong, { requestId: 'once' });
    await it.publish([putText('/a', 'new')]);
    const again = await it.cascade(wrong, { requestId: 'once' });
    expect(again).toMatchObject({ revision: first.revision, repeated: true });
    expect(again.cascade).toEqual(first.cascade);
    expect(await it.tree()).toEqual({ '/a': 'new' });
  });

  test('is refused for what cannot be taken back', async () => {
    const it = await newForest(broker);
    await it.publish([putText('/a', '1')]);
    await it.publish([putText('/a', '2')]);
    expect(await refusalOf(it.cascade(9n))).toMatchObject({ reason: 'REVISION_IN_FUTURE' });
    expect(await refusalOf(it.cascade(0n))).toMatchObject({ reason: 'INVALID_REQUEST' });
    const ghostId = await it.begin();
    const onGhost = broker.context.revert({
      forest: it.forest,
      target: { case: 'ghostId', value: ghostId },
      cascade: Cascade.ALL,
    });
    expect(await refusalOf(onGhost)).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['cascade'] });
    await broker.forests.compact({ forest: it.forest, revision: 2n });
    expect(await refusalOf(it.cascade(1n))).toMatchObject({ reason: 'REVISION_COMPACTED' });
    expect(await refusalOf(it.report(2n))).toMatchObject({ reason: 'REVISION_COMPACTED' });
  });

  test('is stopped by locks of others, and passes with their token', async () => {
    const it = await newForest(broker);
    const { forest } = it;
    const wrong = await it.publish([putText('/a', 'wrong')]);
    const { lock } = await broker.locks.acquireLock({
      forest,
      targets: [{ path: '/a', mode: LockMode.EXCLUSIVE }],
    });
    expect(await refusalOf(it.cascade(wrong))).toMatchObject({ reason: 'LOCKED', metadata: { path: '/a' } });
    const target = { case: 'revision' as const, value: wrong };
    const fencingTokens = [lock?.fencingToken ?? 0n];
    await broker.context.revert({ forest, target, cascade: Cascade.ALL, fencingTokens });
    expect(await it.tree()).toEqual({});
  });

  test('that waits for a lock undoes what is there when it is its turn', async () => {
    const it = await newForest(broker);
    const { forest } = it;
    const wrong = await it.publish([putText('/a', 'wrong'), putJson('/count', 1)]);
    const { lock } = await broker.locks.acquireLock({
      forest,
      targets: [{ path: '/a', mode: LockMode.EXCLUSIVE }],
    });
    const target = { case: 'revision' as const, value: wrong };
    const lockWait = { seconds: 60n, nanos: 0 };
    const waiting = broker.context.revert({ forest, target, cascade: Cascade.ALL, lockWait });
    await expect.poll(async () => (await broker.locks.inspectLocks({ forest })).locks.length).toBe(2);
    await it.publish([putJson('/count', 7)]);
    await broker.locks.releaseLock({ forest, lockId: lock?.id ?? '', leaseId: lock?.leaseId ?? '' });
    expect(left((await waiting).cascade)).toEqual([['/count', 'OVERWRITTEN', 2n]]);
    expect(await it.tree()).toEqual({ '/count': '7' });
  });
});
