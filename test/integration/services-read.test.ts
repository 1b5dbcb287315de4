/**
 * Goal: reads show one state, page without gaps, and refuse what they must. Method: a whole broker in memory on a real
 * socket, called through connect-node.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ListDetail, type ListRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { copy, putText, refusalOf, remove, startTestBroker, type TestBroker } from '../support/broker.ts';

let broker: TestBroker;
/** The revision that made the tree. */
let made: bigint;
beforeAll(async () => {
  broker = await startTestBroker();
  const operations = Array.from({ length: 25 }, (_, index) =>
    putText(`/tree/n${String(index).padStart(2, '0')}`, 'x'),
  );
  made = (await broker.context.publish({ operations: [...operations, putText('/tree/n00/deep/er', 'y')] }))
    .revision;
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

type ListInit = MessageInitShape<typeof ListRequestSchema>;

/** All pages of a listing; `between` runs after each. */
async function pages(request: ListInit, between: () => Promise<unknown>) {
  const all: string[] = [];
  const revisions = new Set<bigint>();
  let pageToken = '';
  do {
    const page = await broker.context.list({ ...request, pageToken });
    all.push(...page.nodes.map(({ path }) => path));
    revisions.add(page.revision);
    pageToken = page.nextPageToken;
    await between();
  } while (pageToken !== '');
  return { all, revisions: [...revisions] };
}

describe('a listing', () => {
  test('goes as deep as asked, in the order of paths, without the node itself', async () => {
    const direct = await broker.context.list({ path: '/tree', depth: 1 });
    expect(direct.nodes.map(({ path }) => path)).toEqual(
      Array.from({ length: 25 }, (_, index) => `/tree/n${String(index).padStart(2, '0')}`),
    );
    expect(direct.nodes[0]).toMatchObject({ childCount: 1n, version: 1n });
    const all = await broker.context.list({ path: '/tree' });
    expect(all.nodes.map(({ path }) => path).slice(0, 4)).toEqual([
      '/tree/n00',
      '/tree/n00/deep',
      '/tree/n00/deep/er',
      '/tree/n01',
    ]);
    const roots = await broker.context.list({ depth: 1 });
    expect(roots.nodes.map(({ path }) => path)).toContain('/tree');
  });

  test('leaves values out where only keys are asked for', async () => {
    const { nodes } = await broker.context.list({ path: '/tree', detail: ListDetail.KEYS });
    expect(nodes.every(({ value }) => value === undefined)).toBe(true);
    expect(nodes.at(-1)?.valueBytes).toBe(1n);
  });

  test('of what is not there is empty, and makes nothing', async () => {
    expect((await broker.context.list({ path: '/nowhere/at/all' })).nodes).toEqual([]);
    expect((await broker.context.list({ depth: 1 })).nodes.map(({ path }) => path)).not.toContain('/nowhere');
  });

  test('shows the revision of its first page on every page, whatever is written meanwhile', async () => {
    let count = 0;
    const { all, revisions } = await pages({ path: '/tree', pageSize: 4 }, async () => {
      count += 1;
      await broker.context.publish({ operations: [putText(`/tree/n99_${count}`, 'z'), remove('/tree/n20')] });
    });
    expect(all).toHaveLength(27);
    expect(all).toContain('/tree/n20');
    expect(revisions).toHaveLength(1);
  });

  test('of a ghost shows the state of its first page on every page', async () => {
    const { ghost } = await broker.context.beginGhost({ baseRevision: made });
    const ghostId = ghost?.id ?? '';
    const view = { ghostId };
    const { all, revisions } = await pages({ path: '/tree', pageSize: 5, view }, () =>
      broker.context.publish({ ghostId, operations: [remove('/tree')] }),
    );
    expect(all).toHaveLength(27);
    expect(revisions).toEqual([made]);
    expect((await broker.context.list({ path: '/tree', view })).nodes).toEqual([]);
  });

  test('ends a page at some megabytes', async () => {
    const large = 'l'.repeat(900_000);
    await broker.context.publish({
      operations: ['a', 'b', 'c', 'd', 'e'].map((name) => putText(`/large/${name}`, large)),
    });
    const first = await broker.context.list({ path: '/large' });
    expect(first.nodes).toHaveLength(3);
    const second = await broker.context.list({ path: '/large', pageToken: first.nextPageToken });
    expect(second.nodes.map(({ path }) => path)).toEqual(['/large/d', '/large/e']);
    expect(second.nextPageToken).toBe('');
  });

  test('refuses tokens that are made up, damaged or of another request', async () => {
    const { nextPageToken } = await broker.context.list({ path: '/tree', pageSize: 3 });
    expect(nextPageToken).not.toBe('');
    const damaged = `${nextPageToken.slice(0, -3)}AAA`;
    const forged = Buffer.from(JSON.stringify([1, 0, -1, {}, null])).toString('base64url');
    const attempts = [
      { path: '/tree', pageToken: 'x' },
      { path: '/tree', pageToken: damaged },
      { path: '/tree', pageToken: forged },
      { path: '/tree', pageToken: 'A'.repeat(100_000) },
      { path: '/', pageToken: nextPageToken },
    ];
    for (const attempt of attempts) {
      const refused = await refusalOf(broker.context.list(attempt));
      expect(refused).toMatchObject({
        code: 'InvalidArgument',
        reason: 'INVALID_PAGE_TOKEN',
        fields: ['page_token'],
      });
    }
    // The page's size is no part of the request.
    expect(
      (await broker.context.list({ path: '/tree', pageSize: 1, pageToken: nextPageToken })).nodes,
    ).toHaveLength(1);
  });
});

describe('a view', () => {
  test('of an earlier revision is as it was', async () => {
    const { revision } = await broker.context.publish({ operations: [putText('/at/a', 'old')] });
    await broker.context.publish({ operations: [putText('/at/a', 'new'), putText('/at/b', 'b')] });
    const view = { atRevision: revision };
    const { node, revision: seen } = await broker.context.get({ path: '/at/a', view });
    expect(node?.value?.kind.value).toBe('old');
    expect(seen).toBe(revision);
    expect((await refusalOf(broker.context.get({ path: '/at/b', view }))).metadata).toEqual({
      path: '/at/b',
      revision: String(revision),
    });
  });

  test('of a revision that does not exist yet is out of range', async () => {
    for (const atRevision of [10_000n, 2n ** 64n - 1n]) {
      const refused = await refusalOf(broker.context.get({ path: '/tree', view: { atRevision } }));
      expect(refused).toMatchObject({ code: 'OutOfRange', reason: 'REVISION_IN_FUTURE' });
      expect(Number(refused.metadata.newest_revision)).toBeGreaterThan(0);
    }
  });

  test('at least as new as a write sees it', async () => {
    const { revision } = await broker.context.publish({ operations: [putText('/least', 'x')] });
    const view = { consistency: { case: 'atLeastRevision' as const, value: revision } };
    expect((await broker.context.get({ path: '/least', view })).revision).toBe(revision);
    const future = { consistency: { case: 'atLeastRevision' as const, value: revision + 100n } };
    expect((await refusalOf(broker.context.get({ path: '/least', view: future }))).reason).toBe(
      'REVISION_IN_FUTURE',
    );
  });

  test('of a ghost shows its writes, which the trunk does not', async () => {
    const { ghost } = await broker.context.beginGhost({ scope: '/ghostly' });
    const ghostId = ghost?.id ?? '';
    const { sequence } = await broker.context.publish({ ghostId, operations: [putText('/ghostly/a', 'g')] });
    const { node } = await broker.context.get({ path: '/ghostly/a', view: { ghostId } });
    expect(node).toMatchObject({
      createdRevision: 0n,
      modifiedRevision: 0n,
      subtreeRevision: 0n,
      stagedSequence: sequence,
      version: 1n,
    });
    expect((await refusalOf(broker.context.get({ path: '/ghostly/a' }))).reason).toBe('NODE_NOT_FOUND');
    const both = await refusalOf(
      broker.context.get({ path: '/ghostly/a', view: { ghostId, atRevision: 1n } }),
    );
    expect(both).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['view'] });
    expect((await refusalOf(broker.context.get({ path: '/a', view: { ghostId: 'none' } }))).reason).toBe(
      'GHOST_NOT_FOUND',
    );
  });

  test('tells copied nodes as modified by the copy', async () => {
    await broker.context.publish({ operations: [putText('/from/a/b', '1')] });
    const { revision } = await broker.context.publish({ operations: [copy('/to', '/from')] });
    const { node } = await broker.context.get({ path: '/to/a/b' });
    expect(node).toMatchObject({
      modifiedRevision: revision,
      createdRevision: revision,
      subtreeRevision: revision,
      version: 1n,
    });
  });
});

describe('several nodes', () => {
  test('that are too large together are refused', async () => {
    const paths = Array.from({ length: 80 }, () => '/large/a');
    const refused = await refusalOf(broker.context.batchGet({ paths }));
    expect(refused).toMatchObject({ code: 'ResourceExhausted', reason: 'ANSWER_TOO_LARGE' });
  });
});
