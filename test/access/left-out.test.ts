/**
 * Goal: what a caller may not read is neither counted nor hinted at. Method: the same questions before and after there is more that may not be
 * read, from every place that a page could go on from.
 */
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChangeDetail, SubscribeRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { putText } from '../support/broker.ts';
import { startGuardedBroker, until, type GuardedBroker, type Principal } from './guarded-broker.ts';

let guarded: GuardedBroker;
let root: Principal;
let alice: Principal;

beforeAll(async () => {
  guarded = await startGuardedBroker({
    grants: [
      { principals: 'root', may: 'all' },
      { principals: 'alice', paths: ['/a/**', '/team', '/team/*/open', '/**/public'], may: 'read' },
    ],
  });
  root = guarded.as(guarded.token('root'));
  alice = guarded.as(guarded.token('alice'));
  await until(async () =>
    Promise.all([root.context.list({}), alice.context.list({})]).then(
      () => true,
      () => false,
    ),
  );
  const paths = [
    '/a/1',
    '/a/2',
    '/a/3',
    '/team',
    '/team/x/open',
    '/team/x/shut',
    '/team/public',
    '/z/public',
  ];
  await root.context.publish({ operations: paths.map((path) => putText(path, path)) });
  await root.context.publish({ operations: paths.map((path) => putText(path, `${path} again`)) });
});
afterAll(() => guarded.close());

type Ask = (pageSize: number, pageToken: string) => Promise<{ nextPageToken: string }>;

const asks: Readonly<Record<string, Ask>> = {
  List: (pageSize, pageToken) =>
    alice.context.list({ path: '/', view: { atRevision: newest }, pageSize, pageToken }),
  Search: (pageSize, pageToken) =>
    alice.context.search({ query: '/', path: '/', atRevision: newest, pageSize, pageToken }),
  Diff: (pageSize, pageToken) => {
    const value = { fromRevision: 1n, toRevision: newest };
    return alice.context.diff({ sides: { case: 'revisions', value }, path: '/', pageSize, pageToken });
  },
  Blame: (pageSize, pageToken) =>
    alice.context.blame({ path: '/team', depth: 64, atRevision: newest, pageSize, pageToken }),
};
let newest = 2n;

/** All that pages of one item tell, from each place, and how many there are. */
async function pagesOf(ask: Ask, places: readonly string[]): Promise<unknown[]> {
  const { nextPageToken } = await ask(1, '');
  const parts = JSON.parse(Buffer.from(nextPageToken, 'base64url').toString()) as unknown[];
  const pages: unknown[] = [];
  for (const place of ['', ...places]) {
    const forged = JSON.stringify([...parts.slice(0, -1), place]);
    let pageToken = place === '' ? '' : Buffer.from(forged).toString('base64url');
    do {
      const page = await ask(1, pageToken);
      pageToken = page.nextPageToken;
      const told = Buffer.from(pageToken, 'base64url').toString();
      expect(told).not.toContain('secret');
      pages.push(tellable({ ...page, nextPageToken: told.slice(told.lastIndexOf(',')) }));
    } while (pageToken !== '');
  }
  return pages;
}

/** Without revisions and ages, which go on as others write. */
function tellable(message: object): unknown {
  const text = JSON.stringify(message, (key, value: unknown) =>
    /[rR]evision|age|event/.test(key) ? undefined : typeof value === 'bigint' ? String(value) : value,
  );
  return JSON.parse(text);
}

describe('what may not be read', () => {
  const places = ['/a/1', '/a/3', '/secre', '/secret/k', '/secret/key', '/secret/z', '/team/public', '/zz'];

  test('shows in no page of a list, search, diff or blame, wherever it goes on from', async () => {
    const before = await Promise.all(Object.values(asks).map((ask) => pagesOf(ask, places)));
    const hidden = Array.from({ length: 12_000 }, (_, index) => `/secret/k${index}`);
    const others = ['/secret/key', '/team/x/secret', '/team/secret', '/zzz/secret'];
    for (const paths of [others, hidden.slice(0, 6_000), hidden.slice(6_000)]) {
      const { revision } = await root.context.publish({
        operations: paths.map((path) => putText(path, path)),
      });
      newest = revision;
    }
    const after = await Promise.all(Object.values(asks).map((ask) => pagesOf(ask, places)));
    expect(after).toEqual(before);
  }, 60_000);
});

test('children are counted that may be read, wherever a node is told', async () => {
  const paths = ['/counted/team', '/team/x/hidden', '/team/y', '/a/deep/1', '/a/deep/2'];
  const { revision } = await root.context.publish({ operations: paths.map((path) => putText(path, 'x')) });
  const { node } = await alice.context.get({ path: '/team' });
  const { nodes } = await alice.context.batchGet({ paths: ['/team', '/a/deep', '/team/x/open'] });
  expect([node, ...nodes].map((each) => [each?.path, each?.childCount])).toEqual([
    ['/team', 1n],
    ['/team', 1n],
    ['/a/deep', 2n],
    ['/team/x/open', 0n],
  ]);
  const all = await root.context.get({ path: '/team' });
  expect(all.node?.childCount).toBeGreaterThan(1n);
  const abort = new AbortController();
  const told: (bigint | undefined)[] = [];
  const request = create(SubscribeRequestSchema, {
    patterns: ['/team'],
    detail: ChangeDetail.RESULT,
    includePrevious: true,
    start: { case: 'afterRevision', value: revision },
  });
  await root.context.publish({ operations: [putText('/team', 'new')] });
  for await (const { message } of alice.context.subscribe(request, { signal: abort.signal })) {
    if (message.case !== 'event') continue;
    for (const { previous, result } of message.value.changes)
      told.push(previous?.childCount, result?.childCount);
    break;
  }
  abort.abort();
  expect(told).toEqual([1n, 1n]);
});
