/**
 * Goal: `History`, `Diff` and `Blame` tell what happened, completely and in pages. Method: a whole broker in memory on a real
 * socket, called through connect-node.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DiffRequestSchema,
  HistoryOrder,
  type HistoryRequestSchema,
  HistoryScope,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { type Event, GhostTransitionKind } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { copy, putText, refusalOf, remove, startTestBroker, type TestBroker } from '../support/broker.ts';

let broker: TestBroker;
/** Revisions of the story, 1 to 6. */
const forest = 'story';
let ghostId: string;
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.forests.createForest({ name: forest });
  const publish = (author: string, ...operations: ReturnType<typeof putText>[]) =>
    broker.context.publish({ forest, author, label: `by ${author}`, operations });
  await publish('ada', putText('/a/x', '1'), putText('/b', '1'));
  await publish('bob', putText('/a/y', '1'));
  await publish('ada', putText('/a/x', '2'));
  const { ghost } = await broker.context.beginGhost({ forest, author: 'eve' });
  ghostId = ghost?.id ?? '';
  await broker.context.publish({
    forest,
    ghostId,
    author: 'eve',
    operations: [putText('/a/z', 'g'), remove('/b')],
  });
  await broker.context.commit({ forest, ghostId, author: 'ada' });
  await publish('bob', copy('/c', '/a'));
  await publish('bob', remove('/a'));
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

type HistoryInit = MessageInitShape<typeof HistoryRequestSchema>;

async function history(request: HistoryInit): Promise<Event[]> {
  const events: Event[] = [];
  let pageToken = '';
  do {
    const page = await broker.context.history({ forest, ...request, pageToken });
    events.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return events;
}

const revisions = (events: readonly Event[]): number[] => events.map(({ revision }) => Number(revision));

describe('history', () => {
  test('tells the trunk from its beginning, or from its end', async () => {
    expect(revisions(await history({}))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(revisions(await history({ order: HistoryOrder.NEWEST_FIRST }))).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test('comes in pages of any size, in both orders', async () => {
    for (const pageSize of [1, 2, 5]) {
      expect(revisions(await history({ pageSize }))).toEqual([1, 2, 3, 4, 5, 6]);
      const all = await history({
        pageSize,
        scope: HistoryScope.EVERYTHING,
        order: HistoryOrder.NEWEST_FIRST,
      });
      expect(all.map(({ position }) => Number(position))).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    }
  });

  test('includes ghosts where asked to', async () => {
    const kinds = (await history({ scope: HistoryScope.EVERYTHING })).map(
      ({ transition }) => transition?.kind ?? 0,
    );
    const { BEGUN, STAGED, COMMITTED } = GhostTransitionKind;
    expect(kinds).toEqual([0, 0, 0, BEGUN, STAGED, COMMITTED, 0, 0]);
  });

  test('names those who staged what another committed', async () => {
    const committed = (await history({}))[3];
    expect(committed).toMatchObject({ author: 'ada', ghostId });
    expect(committed?.changes.map(({ path, author }) => [path, author])).toEqual([
      ['/a/z', 'eve'],
      ['/b', 'eve'],
    ]);
  });

  test('of a path has what changed there, below, or from above', async () => {
    expect(revisions(await history({ path: '/a' }))).toEqual([1, 2, 3, 4, 6]);
    expect(revisions(await history({ path: '/a/x' }))).toEqual([1, 3, 6]);
    expect(revisions(await history({ path: '/c/y' }))).toEqual([5]);
    expect(await history({ path: '/nowhere' })).toEqual([]);
  });

  test('begins and ends where asked to', async () => {
    expect(revisions(await history({ afterRevision: 3n }))).toEqual([4, 5, 6]);
    expect(revisions(await history({ afterPosition: 2n, untilPosition: 7n }))).toEqual([3, 4, 5]);
    expect(
      revisions(await history({ afterPosition: 2n, untilPosition: 7n, order: HistoryOrder.NEWEST_FIRST })),
    ).toEqual([5, 4, 3]);
    expect(await history({ afterPosition: 1n << 60n })).toEqual([]);
    expect((await refusalOf(history({ afterRevision: 99n }))).reason).toBe('REVISION_IN_FUTURE');
  });

  test('tells a large event in parts, over several pages', async () => {
    await broker.forests.createForest({ name: 'large' });
    const names = Array.from({ length: 12 }, (_, index) => `/n/${String(index).padStart(2, '0')}`);
    await broker.context.publish({
      forest: 'large',
      operations: names.map((name) => putText(name, 'v'.repeat(600_000))),
    });
    for (const order of [HistoryOrder.OLDEST_FIRST, HistoryOrder.NEWEST_FIRST]) {
      const events = await history({ forest: 'large', order, pageSize: 5 });
      expect(events.map(({ partsLeft }) => partsLeft)).toEqual(
        events.map((_, index) => events.length - 1 - index),
      );
      expect(events.flatMap(({ changes }) => changes.map(({ path }) => path))).toEqual(names);
    }
  });

  test('whose beginning was given up is refused there, and begins later without being asked for it', async () => {
    await broker.forests.createForest({ name: 'short' });
    for (let index = 0; index < 6; index += 1)
      await broker.context.publish({ forest: 'short', operations: [putText('/a', 'x')] });
    const { compactedRevision } = await broker.forests.compact({ forest: 'short', revision: 3n });
    expect(compactedRevision).toBe(3n);
    expect(revisions(await history({ forest: 'short' })).at(-1)).toBe(6);
    expect(revisions(await history({ forest: 'short', afterRevision: 3n }))).toEqual([4, 5, 6]);
    const refused = await refusalOf(history({ forest: 'short', afterRevision: 1n }));
    expect(refused).toMatchObject({
      code: 'OutOfRange',
      reason: 'REVISION_COMPACTED',
      metadata: { oldest_revision: '3' },
    });
    const blame = await broker.context.blame({ forest: 'short', path: '/a', atRevision: 3n });
    expect(blame.lines[0]?.node?.modifiedRevision).toBe(3n);
  });
});

type DiffInit = MessageInitShape<typeof DiffRequestSchema>;

async function differences(request: DiffInit): Promise<unknown[]> {
  const all: unknown[] = [];
  let pageToken = '';
  do {
    const page = await broker.context.diff({ forest, ...request, pageToken });
    for (const { path, before, after } of page.differences) {
      all.push([path, before?.value?.kind.value, after?.value?.kind.value]);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return all;
}

describe('a difference', () => {
  const between = (fromRevision: bigint, toRevision: bigint): NonNullable<DiffInit['sides']> => ({
    case: 'revisions',
    value: { fromRevision, toRevision },
  });

  test('of two revisions has both sides, in the order of paths, in pages of any size', async () => {
    for (const pageSize of [0, 1, 2]) {
      expect(await differences({ sides: between(2n, 4n), pageSize })).toEqual([
        ['/a/x', '1', '2'],
        ['/a/z', undefined, 'g'],
        ['/b', '1', undefined],
      ]);
      expect(await differences({ sides: between(4n, 2n), pageSize })).toHaveLength(3);
    }
  });

  test('reaches from before the first revision to the newest, and within a path only', async () => {
    expect(await differences({ sides: between(0n, 1n) })).toEqual([
      ['/a/x', undefined, '1'],
      ['/b', undefined, '1'],
    ]);
    expect(await differences({ sides: between(4n, 0n), path: '/c' })).toEqual([
      ['/c/x', undefined, '2'],
      ['/c/y', undefined, '1'],
      ['/c/z', undefined, 'g'],
    ]);
    expect(await differences({ sides: between(3n, 3n) })).toEqual([]);
  });

  test('of a ghost and its base stays the same over its pages', async () => {
    const { ghost } = await broker.context.beginGhost({ forest });
    const id = ghost?.id ?? '';
    await broker.context.publish({
      forest,
      ghostId: id,
      operations: ['a', 'b', 'c'].map((name) => putText(`/d/${name}`, name)),
    });
    const request = { forest, sides: { case: 'ghostId', value: id } as const, pageSize: 2 };
    const first = await broker.context.diff(request);
    await broker.context.publish({
      forest,
      ghostId: id,
      operations: [remove('/d'), putText('/d/zz', 'late')],
    });
    const second = await broker.context.diff({ ...request, pageToken: first.nextPageToken });
    expect([...first.differences, ...second.differences].map(({ path }) => path)).toEqual([
      '/d/a',
      '/d/b',
      '/d/c',
    ]);
    await broker.context.revert({ forest, target: { case: 'ghostId', value: id } });
    expect((await refusalOf(broker.context.diff(request))).reason).toBe('GHOST_OVER');
  });

  test('needs two sides that are there', async () => {
    expect(await refusalOf(broker.context.diff({ forest }))).toMatchObject({
      reason: 'INVALID_REQUEST',
      fields: ['sides'],
    });
    expect((await refusalOf(broker.context.diff({ forest, sides: between(1n, 99n) }))).reason).toBe(
      'REVISION_IN_FUTURE',
    );
    const none = { case: 'ghostId', value: 'none' } as const;
    expect((await refusalOf(broker.context.diff({ forest, sides: none }))).reason).toBe('GHOST_NOT_FOUND');
  });
});

describe('blame', () => {
  test('names the publish that made each value', async () => {
    const { lines } = await broker.context.blame({ forest, path: '/', depth: 9, atRevision: 4n });
    expect(
      lines.map(({ node, event }) => [node?.path, event?.revision, event?.author, event?.changes.length]),
    ).toEqual([
      ['/a/x', 3n, 'ada', 0],
      ['/a/y', 2n, 'bob', 0],
      ['/a/z', 4n, 'ada', 0],
    ]);
    expect(lines.every(({ node }) => node?.value === undefined)).toBe(true);
  });

  test('of a copy is the copy', async () => {
    const { lines } = await broker.context.blame({ forest, path: '/c/x' });
    expect(lines.map(({ event }) => event?.revision)).toEqual([5n]);
  });

  test('comes in pages of one revision', async () => {
    const paths: (string | undefined)[] = [];
    let pageToken = '';
    do {
      const page = await broker.context.blame({ forest, path: '/', depth: 9, pageSize: 1, pageToken });
      paths.push(...page.lines.map(({ node }) => node?.path));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(paths).toEqual(['/c/x', '/c/y', '/c/z']);
  });

  test('of what is not there is refused', async () => {
    expect(await refusalOf(broker.context.blame({ forest, path: '/none' }))).toMatchObject({
      code: 'NotFound',
      reason: 'NODE_NOT_FOUND',
    });
  });
});
