/**
 * Goal: `Trace` tells what a publish was made from, and what was made from it, in pages that belong together. Method: a whole broker in
 * memory on a real socket, called through connect-node. That it finds exactly what it should is the model test's business.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BasisExtent, type BasisEntrySchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import {
  SeenStanding,
  TraceDirection,
  type TraceEntry,
  type TraceRequestSchema,
} from '../../src/gen/hyperloom/v1/trace_pb.ts';
import { copy, putText, refusalOf, remove, startTestBroker, type TestBroker } from '../support/broker.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

type Read = MessageInitShape<typeof BasisEntrySchema>;
type Operations = NonNullable<Parameters<TestBroker['context']['publish']>[0]['operations']>;

/** One forest with agents that publish in it. */
class Story {
  static #made = 0;
  readonly forest = `story-${(Story.#made += 1)}`;

  static async begin(): Promise<Story> {
    const story = new Story();
    await broker.forests.createForest({ name: story.forest });
    return story;
  }

  async publish(
    operations: Operations,
    basis: Read[] = [],
    more: { ghostId?: string; author?: string } = {},
  ) {
    return broker.context.publish({ forest: this.forest, operations, basis, author: 'ada', ...more });
  }

  async trace(request: MessageInitShape<typeof TraceRequestSchema>): Promise<TraceEntry[]> {
    const entries: TraceEntry[] = [];
    let pageToken = '';
    do {
      const page = await broker.context.trace({ forest: this.forest, ...request, pageToken });
      entries.push(...page.entries);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return entries;
  }

  downstream(
    revision: bigint,
    more: MessageInitShape<typeof TraceRequestSchema> = {},
  ): Promise<TraceEntry[]> {
    const start = { case: 'revision', value: revision } as const;
    return this.trace({ start, direction: TraceDirection.DOWNSTREAM, ...more });
  }

  upstream(revision: bigint, more: MessageInitShape<typeof TraceRequestSchema> = {}): Promise<TraceEntry[]> {
    return this.trace({ start: { case: 'revision', value: revision }, ...more });
  }
}

const node = (path: string, revision: bigint, more: Read = {}): Read => ({ path, revision, ...more });
const subtree = (path: string, revision: bigint): Read => ({ path, revision, extent: BasisExtent.SUBTREE });
const absent = (path: string, revision: bigint): Read => ({ path, revision, extent: BasisExtent.ABSENT });

/** `hops:revision`, or the ghost's diff. */
function derived(entries: readonly TraceEntry[]): string[] {
  return entries.map(({ hops, entry }) => {
    if (entry.case !== 'derived') throw new Error(`it is ${entry.case}`);
    const { revision = 0n, transition } = entry.value.event ?? {};
    return `${hops}:${revision === 0n ? `diff ${transition?.sequence}` : revision}`;
  });
}

/** `hops path=value`. */
function seen(entries: readonly TraceEntry[]): string[] {
  return entries.map(({ hops, entry }) => {
    if (entry.case !== 'seen') throw new Error(`it is ${entry.case}`);
    const { basis, node: told } = entry.value;
    const { kind } = told?.value ?? {};
    const value = kind?.case === 'text' ? kind.value : String(told?.modifiedRevision ?? 'nothing');
    return `${hops} ${basis?.path}=${value}`;
  });
}

describe('downstream', () => {
  test('follows what was read from agent to agent, nearest first, and not beyond what was put anew', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', 'wrong')]);
    await story.publish([putText('/b', 'from a')], [node('/a', 1n)], { author: 'bob' });
    await story.publish([putText('/other', 'on its own')], [absent('/nothing', 1n)]);
    await story.publish([putText('/c', 'from b')], [subtree('/b', 3n)], { author: 'eve' });
    await story.publish([putText('/a', 'right')]);
    await story.publish([putText('/d', 'from the right one')], [node('/a', 5n)]);
    const entries = await story.downstream(1n);
    expect(derived(entries)).toEqual(['1:2', '2:4']);
    const [first] = entries;
    if (first?.entry.case !== 'derived') throw new Error('nothing is derived');
    const { event, links, standingPaths } = first.entry.value;
    expect(event).toMatchObject({ author: 'bob', revision: 2n, changes: [{ path: '/b' }] });
    expect(event?.changes[0]?.action).toMatchObject({ case: 'put', value: { kind: { case: undefined } } });
    expect(links).toMatchObject([{ basis: { path: '/a', revision: 1n }, writerRevision: 1n }]);
    expect(standingPaths).toEqual(['/b']);
    expect(derived(await story.downstream(1n, { hops: 1 }))).toEqual(['1:2']);
  });

  test('counts only what was asked about of a publish that wrote more', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a/x', '1'), putText('/a/y', '1')]);
    await story.publish([putText('/from/x', '2')], [node('/a/x', 1n)]);
    await story.publish([putText('/from/y', '2')], [node('/a/y', 2n)]);
    expect(derived(await story.downstream(1n))).toEqual(['1:2', '1:3']);
    expect(derived(await story.downstream(1n, { path: '/a/y' }))).toEqual(['1:3']);
    expect(derived(await story.trace({ path: '/a/x', direction: TraceDirection.DOWNSTREAM }))).toEqual(
      ['1:2', '1:3'].slice(0, 1),
    );
  });

  test('tells what is staged in a live ghost, and the commit in its place once it is committed', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', '1')]);
    const { ghost } = await broker.context.beginGhost({ forest: story.forest });
    const ghostId = ghost?.id ?? '';
    await story.publish([putText('/g', '2')], [node('/a', 1n, { ghostId })], { ghostId });
    await story.publish([putText('/outside', '3')], [node('/g', 1n, { ghostId, sequence: 1n })]);
    expect(derived(await story.downstream(1n))).toEqual(['1:diff 1', '2:2']);
    const diff = { case: 'ghostDiff', value: { ghostId, sequence: 1n } } as const;
    expect(derived(await story.trace({ start: diff, direction: TraceDirection.DOWNSTREAM }))).toEqual([
      '1:2',
    ]);
    await broker.context.commit({ forest: story.forest, ghostId });
    expect(derived(await story.downstream(1n))).toEqual(['1:3', '2:2']);
    expect(derived(await story.downstream(3n))).toEqual(['1:2']);
  });

  test('does not tell what was dropped, but who had read it', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', '1')]);
    const { ghost } = await broker.context.beginGhost({ forest: story.forest });
    const ghostId = ghost?.id ?? '';
    await story.publish([putText('/g', '2')], [node('/a', 1n, { ghostId })], { ghostId });
    await story.publish([putText('/outside', '3')], [node('/g', 1n, { ghostId, sequence: 1n })]);
    await broker.context.revert({ forest: story.forest, target: { case: 'ghostId', value: ghostId } });
    expect(derived(await story.downstream(1n))).toEqual(['2:2']);
  });

  test('goes through copies, removals and reverts', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a/x', '1')]);
    await story.publish([copy('/b', '/a')]);
    await story.publish([putText('/c', 'from the copy')], [node('/b/x', 2n)]);
    await story.publish([remove('/b')]);
    await story.publish([putText('/d', 'nothing there')], [absent('/b/x', 4n)]);
    expect(derived(await story.downstream(1n))).toEqual(['1:2', '2:3']);
    expect(derived(await story.downstream(4n))).toEqual(['1:5']);
  });

  test('gives the same in pages of one as in one page, whatever is written meanwhile', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', '1')]);
    for (let index = 0; index < 5; index += 1)
      await story.publish([putText(`/b/${index}`, '1')], [node('/a', 1n)]);
    const whole = derived(await story.downstream(1n));
    expect(whole).toEqual(['1:2', '1:3', '1:4', '1:5', '1:6']);
    const start = { case: 'revision', value: 1n } as const;
    const request = { forest: story.forest, start, direction: TraceDirection.DOWNSTREAM, pageSize: 2 };
    const first = await broker.context.trace(request);
    await story.publish([putText('/late', '1')], [node('/a', 6n)]);
    const second = await broker.context.trace({ ...request, pageToken: first.nextPageToken });
    const again = await broker.context.trace({ ...request, pageToken: first.nextPageToken });
    const third = await broker.context.trace({ ...request, pageToken: second.nextPageToken });
    expect(derived([...first.entries, ...second.entries, ...third.entries])).toEqual(whole);
    expect(again.entries).toEqual(second.entries);
    expect([first.revision, second.revision, third.revision]).toEqual([6n, 6n, 6n]);
    expect(first.start).toMatchObject({ revision: 1n, author: 'ada' });
  });

  test('goes on with its own walk at another broker, whoever is in the middle of one there', async () => {
    const [one, other] = [await startTestBroker(), await startTestBroker()];
    const pageOf = (at: TestBroker, revision: bigint, pageToken = '') => {
      const start = { case: 'revision', value: revision } as const;
      return at.context.trace({ start, direction: TraceDirection.DOWNSTREAM, pageSize: 2, pageToken });
    };
    try {
      for (const { context } of [one, other]) {
        await context.publish({ operations: [putText('/a', '1')] });
        await context.publish({ operations: [putText('/b', '1')] });
        for (let index = 0; index < 8; index += 1) {
          const basis = [index % 2 === 0 ? node('/a', 1n) : node('/b', 2n)];
          await context.publish({ operations: [putText(`/c/${index}`, '1')], basis });
        }
      }
      const first = await pageOf(one, 1n);
      const elsewhere = await pageOf(other, 2n);
      const second = await pageOf(other, 1n, first.nextPageToken);
      const last = await pageOf(other, 2n, elsewhere.nextPageToken);
      expect(derived([...first.entries, ...second.entries])).toEqual(['1:3', '1:5', '1:7', '1:9']);
      expect(derived([...elsewhere.entries, ...last.entries])).toEqual(['1:4', '1:6', '1:8', '1:10']);
      expect([first, elsewhere, second, last].map(({ start }) => start?.revision)).toEqual([1n, 2n, 1n, 2n]);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });
});

describe('upstream', () => {
  test('shows each node as it was seen, and how it compares with now', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a/x', 'old'), putText('/a/y', 'same')]);
    await story.publish([putText('/b', 'made')], [subtree('/a', 1n), absent('/none', 1n)]);
    await story.publish([putText('/a/x', 'new')]);
    const entries = await story.upstream(2n);
    expect(seen(entries)).toEqual(['1 /a/x=old', '1 /a/y=same', '1 /none=nothing']);
    const standings = entries.map(({ entry }) => (entry.case === 'seen' ? entry.value.standing : 0));
    expect(standings).toEqual([SeenStanding.CHANGED, SeenStanding.UNCHANGED, SeenStanding.UNCHANGED]);
    expect(entries[0]?.entry.value).toMatchObject({ readerRevision: 2n });
    expect(seen(await story.upstream(2n, { keysOnly: true }))).toEqual([
      '1 /a/x=1',
      '1 /a/y=1',
      '1 /none=nothing',
    ]);
  });

  test('goes back as far as it is asked to', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', 'a')]);
    await story.publish([putText('/b', 'b')], [node('/a', 1n)]);
    await story.publish([putText('/c', 'c')], [node('/b', 2n)]);
    expect(seen(await story.upstream(3n))).toEqual(['1 /b=b']);
    expect(seen(await story.upstream(3n, { hops: 5 }))).toEqual(['1 /b=b', '2 /a=a']);
    expect(seen(await story.trace({ path: '/c', hops: 2 }))).toEqual(['1 /b=b', '2 /a=a']);
  });

  test('says that something was reverted since, on the trunk and in ghosts', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', 'a')]);
    await story.publish([putText('/b', 'b')], [node('/a', 1n)]);
    await broker.context.revert({ forest: story.forest, target: { case: 'revision', value: 1n } });
    const { ghost } = await broker.context.beginGhost({ forest: story.forest });
    const ghostId = ghost?.id ?? '';
    await story.publish([putText('/g', 'staged')], [], { ghostId });
    await story.publish([putText('/c', 'c')], [node('/g', 3n, { ghostId, sequence: 1n })]);
    await broker.context.revert({ forest: story.forest, target: { case: 'ghostId', value: ghostId } });
    const standing = (entries: TraceEntry[]) =>
      entries.map(({ entry }) => (entry.case === 'seen' ? entry.value.standing : 0));
    expect(standing(await story.upstream(2n))).toEqual([SeenStanding.REVERTED]);
    const inGhost = await story.upstream(4n);
    expect(seen(inGhost)).toEqual(['1 /g=staged']);
    expect(standing(inGhost)).toEqual([SeenStanding.REVERTED]);
  });
});

describe('what is asked wrongly', () => {
  test('is refused with the reason', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', 'a')]);
    const { forest } = story;
    const trace = (request: MessageInitShape<typeof TraceRequestSchema>) =>
      refusalOf(broker.context.trace({ forest, ...request }));
    const revision = (value: bigint) => ({ start: { case: 'revision', value } as const });
    expect(await trace({})).toMatchObject({ reason: 'INVALID_REQUEST' });
    expect(await trace(revision(0n))).toMatchObject({ reason: 'INVALID_REQUEST' });
    expect(await trace(revision(2n))).toMatchObject({ reason: 'REVISION_IN_FUTURE' });
    expect(await trace({ path: '/none' })).toMatchObject({ reason: 'NODE_NOT_FOUND' });
    expect(await trace({ ...revision(1n), hops: 1_001 })).toMatchObject({ reason: 'LIMIT_EXCEEDED' });
    const diff = (ghostId: string) => ({
      start: { case: 'ghostDiff', value: { ghostId, sequence: 1n } } as const,
    });
    expect(await trace(diff(''))).toMatchObject({ reason: 'INVALID_REQUEST' });
    expect(await trace(diff('nobody'))).toMatchObject({ reason: 'GHOST_NOT_FOUND' });
    expect(await trace({ ...revision(1n), pageToken: 'x' })).toMatchObject({ reason: 'INVALID_PAGE_TOKEN' });
    await broker.forests.compact({ forest, revision: 1n });
    await story.publish([putText('/a', 'b')]);
    await broker.forests.compact({ forest, revision: 2n });
    expect(await trace(revision(1n))).toMatchObject({ reason: 'REVISION_COMPACTED' });
  });

  test('takes a basis as what its author says: paths that nobody reads and revisions to come show nothing', async () => {
    const story = await Story.begin();
    await story.publish([putText('/a', 'a')], [node('/a', 99n), node('/never', 0n)]);
    await story.publish([putText('/a', 'b')]);
    expect(derived(await story.downstream(1n))).toEqual([]);
    expect(seen(await story.upstream(1n))).toEqual(['1 /never=nothing']);
    const many = Array.from({ length: 10_000 }, () => node('/a', 1n));
    const refused = await refusalOf(story.publish([putText('/b', 'b')], many));
    expect(refused).toMatchObject({ reason: 'LIMIT_EXCEEDED' });
  });
});
