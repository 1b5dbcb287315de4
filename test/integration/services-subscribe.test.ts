/**
 * Goal: subscriptions through the whole broker: what is sent, in which form, and how they end. (Their guarantees are tested
 * with the hub.) Method: a broker in memory on a real socket, called through connect-node.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangeDetail,
  type SubscribeRequestSchema,
  type SubscribeResponse,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { type Event, GhostTransitionKind } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { BasisExtent } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import {
  appendText,
  copy,
  describeRefusal,
  increment,
  putText,
  refusalOf,
  type Refusal,
  remove,
  startTestBroker,
  type TestBroker,
} from '../support/broker.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
const open: Watch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.stop();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

/** A subscription that is being read. */
class Watch {
  readonly #messages: AsyncIterator<SubscribeResponse>;
  readonly #abort = new AbortController();

  constructor(of: TestBroker, request: MessageInitShape<typeof SubscribeRequestSchema>) {
    const stream = of.context.subscribe(request, { signal: this.#abort.signal });
    this.#messages = stream[Symbol.asyncIterator]();
    open.push(this);
  }

  stop(): void {
    this.#abort.abort();
  }

  /** The next message; `undefined` at the orderly end. */
  async whole(): Promise<SubscribeResponse | undefined> {
    const next = await this.#messages.next();
    return next.done === true ? undefined : next.value;
  }

  /** What is in the next message; `undefined` at the orderly end. */
  async next(): Promise<SubscribeResponse['message'] | undefined> {
    return (await this.whole())?.message;
  }

  /** The next event, bookmarks skipped. */
  async event(): Promise<Event> {
    for (;;) {
      const message = await this.next();
      if (message?.case === 'event') return message.value;
      if (message === undefined) throw new Error('the subscription ended');
    }
  }

  /** Waits until it has seen everything there is. */
  async bookmark(): Promise<{
    readonly nodes: string[];
    readonly revision: bigint;
    readonly position: bigint;
  }> {
    const nodes: string[] = [];
    for (;;) {
      const message = await this.next();
      if (message?.case === 'snapshot') nodes.push(...message.value.nodes.map(({ path }) => path));
      if (message?.case === 'bookmark') return { nodes, ...message.value };
      if (message === undefined) throw new Error('the subscription ended');
    }
  }

  /** How it ends, if it is not orderly. */
  async refusal(): Promise<Refusal> {
    try {
      for (let message = await this.next(); message !== undefined; message = await this.next());
    } catch (error) {
      return describeRefusal(error);
    }
    throw new Error('the subscription ended well');
  }
}

function watch(request: MessageInitShape<typeof SubscribeRequestSchema>): Watch {
  return new Watch(broker, request);
}

const now = { case: 'now', value: {} } as const;

describe('a subscription', () => {
  test('tells several events in a message to a client that takes them so, and in order', async () => {
    const { revision: before } = await broker.context.publish({ operations: [putText('/batch/0', 'x')] });
    for (let index = 1; index <= 40; index += 1)
      await broker.context.publish({ operations: [putText(`/batch/${index}`, 'x')] });
    const start = { case: 'afterRevision', value: before } as const;
    const told = async (batchEvents: boolean): Promise<string[][]> => {
      const messages: string[][] = [];
      const watched = watch({ patterns: ['/batch/**'], start, batchEvents });
      for (;;) {
        const { message, more = [] } = (await watched.whole()) ?? {};
        if (message?.case !== 'event') return messages;
        const events = [message.value, ...more];
        messages.push(events.flatMap(({ changes }) => changes.map(({ path }) => path)));
      }
    };
    const [batched, single] = [await told(true), await told(false)];
    const paths = Array.from({ length: 40 }, (_, index) => `/batch/${index + 1}`);
    expect(single).toEqual(paths.map((path) => [path]));
    expect(batched).toEqual([paths]);
  });

  test('begins with the matching nodes, and then tells what changes in them', async () => {
    await broker.context.publish({ operations: [putText('/s1/a/b', '1'), putText('/s1/bc', '1')] });
    const watched = watch({ patterns: ['/s1/a/**'] });
    const { nodes, revision } = await watched.bookmark();
    expect(nodes).toEqual(['/s1/a', '/s1/a/b']);
    await broker.context.publish({ operations: [putText('/s1/ab', 'no'), putText('/s1/bc', 'no')] });
    const request = {
      author: 'ada',
      label: 'why',
      requestId: 'sub-1',
      operations: [putText('/s1/bc', 'no'), appendText('/s1/a/b', '2')],
    };
    const told = await broker.context.publish(request);
    const event = await watched.event();
    expect(event).toMatchObject({
      revision: told.revision,
      author: 'ada',
      label: 'why',
      requestId: 'sub-1',
      partsLeft: 0,
      ghostId: '',
    });
    expect(event.revision).toBe(revision + 2n);
    expect(event.changes.map(({ path, action }) => [path, action.case])).toEqual([['/s1/a/b', 'append']]);
    expect(event.changes[0]?.result).toBeUndefined();
  });

  test('adds the node before and after, the basis, and sums, where it is asked to', async () => {
    await broker.context.publish({ operations: [putText('/s2/a', 'old'), increment('/s2/n', 40n)] });
    const watched = watch({
      patterns: ['/s2/**'],
      start: now,
      detail: ChangeDetail.RESULT,
      includePrevious: true,
      includeBasis: true,
    });
    await watched.bookmark();
    const basis = [{ path: '/s2/a', revision: 1n, extent: BasisExtent.NODE }];
    await broker.context.publish({
      basis,
      operations: [appendText('/s2/a', '+new'), increment('/s2/n', 2n), remove('/s2/none')],
    });
    const { changes, basis: told } = await watched.event();
    expect(changes.map(({ previous, result }) => [previous?.value?.kind.case, result?.version])).toEqual([
      ['text', 2n],
      ['json', 2n],
      [undefined, undefined],
    ]);
    expect(changes[0]?.result?.value?.kind.value).toBe('old+new');
    expect(
      changes[1]?.action.case === 'increment' && Buffer.from(changes[1].action.value.resultJson).toString(),
    ).toBe('42');
    expect(told).toMatchObject([{ path: '/s2/a', revision: 1n }]);
  });

  test('adds what a copy brought', async () => {
    await broker.context.publish({ operations: [putText('/s3/from/x', '1'), putText('/s3/from/y/z', '2')] });
    const watched = watch({ patterns: ['/s3/to/**'], start: now });
    await watched.bookmark();
    await broker.context.publish({ operations: [copy('/s3/to', '/s3/from')] });
    const { changes } = await watched.event();
    expect(changes.map(({ path, action }) => [path, action.case])).toEqual([
      ['/s3/to', 'copy'],
      ['/s3/to/x', 'put'],
      ['/s3/to/y/z', 'put'],
    ]);
  });

  test('resumes after a revision or a position without a gap', async () => {
    const first = await broker.context.publish({ operations: [putText('/s4/a', '1')] });
    const second = await broker.context.publish({ operations: [putText('/s4/a', '2')] });
    const third = await broker.context.publish({ operations: [putText('/s4/a', '3')] });
    const resumed = watch({ patterns: ['/s4/**'], start: { case: 'afterRevision', value: first.revision } });
    const event = await resumed.event();
    expect([event.revision, (await resumed.event()).revision]).toEqual([second.revision, third.revision]);
    const again = watch({ patterns: ['/s4/**'], start: { case: 'afterPosition', value: event.position } });
    expect((await again.event()).revision).toBe(third.revision);
  });

  test('splits a large event into parts that say how many are left', async () => {
    const watched = watch({ patterns: ['/s5/**'], start: now });
    await watched.bookmark();
    const value = 'v'.repeat(400_000);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    await broker.context.publish({ operations: names.map((name) => putText(`/s5/${name}`, value)) });
    const parts: Event[] = [await watched.event()];
    while (parts.at(-1)?.partsLeft !== 0) parts.push(await watched.event());
    expect(parts.map(({ partsLeft }) => partsLeft)).toEqual([3, 2, 1, 0]);
    expect(parts.flatMap(({ changes }) => changes.map(({ path }) => path))).toEqual(
      names.map((name) => `/s5/${name}`),
    );
    expect(new Set(parts.map(({ revision }) => revision)).size).toBe(1);
  });

  test('of one ghost tells its life and ends with it', async () => {
    const { ghost } = await broker.context.beginGhost({ scope: '/s6' });
    const ghostId = ghost?.id ?? '';
    const watched = watch({ patterns: ['/**'], start: now, scope: { case: 'ghostId', value: ghostId } });
    await watched.bookmark();
    await broker.context.publish({ ghostId, operations: [putText('/s6/a', 'x')] });
    await broker.context.checkpoint({ ghostId, name: 'c' });
    const { revision } = await broker.context.commit({ ghostId });
    const kinds: unknown[] = [];
    for (;;) {
      const message = await watched.next();
      if (message === undefined) break;
      if (message.case === 'event')
        kinds.push([message.value.transition?.kind, message.value.revision, message.value.changes.length]);
    }
    expect(kinds).toEqual([
      [GhostTransitionKind.STAGED, 0n, 1],
      [GhostTransitionKind.CHECKPOINTED, 0n, 0],
      [GhostTransitionKind.COMMITTED, revision, 1],
    ]);
  });

  test('of everything hears of ghosts, the trunk alone does not', async () => {
    const trunk = watch({ patterns: ['/s7/**'], start: now });
    const everything = watch({ patterns: ['/s7/**'], start: now, scope: { case: 'everything', value: {} } });
    await Promise.all([trunk.bookmark(), everything.bookmark()]);
    const { ghost } = await broker.context.beginGhost({ scope: '/s7' });
    await broker.context.publish({ ghostId: ghost?.id ?? '', operations: [putText('/s7/a', 'g')] });
    const { revision } = await broker.context.publish({ operations: [putText('/s7/b', 't')] });
    const begun = await everything.event();
    expect(begun.transition).toMatchObject({
      kind: GhostTransitionKind.BEGUN,
      ghost: { id: ghost?.id, scope: '/s7' },
    });
    expect((await everything.event()).transition?.kind).toBe(GhostTransitionKind.STAGED);
    expect((await everything.event()).revision).toBe(revision);
    expect((await trunk.event()).revision).toBe(revision);
  });

  test('sends bookmarks while nothing happens', async () => {
    const watched = watch({
      patterns: ['/quiet'],
      start: now,
      bookmarkInterval: { seconds: 0n, nanos: 100_000_000 },
    });
    const first = await watched.bookmark();
    expect((await watched.bookmark()).position).toBe(first.position);
  });

  test('counts as long as it lasts', async () => {
    const count = async (): Promise<bigint> => (await broker.forests.getStatus({})).subscriptions;
    await expect.poll(count).toBe(0n);
    const watched = watch({ patterns: ['/**'], start: now });
    await watched.bookmark();
    expect(await count()).toBe(1n);
    watched.stop();
    await expect.poll(count).toBe(0n);
  });
});

describe('a subscription is refused', () => {
  const nanos = (value: number) => ({ seconds: 0n, nanos: value });
  test.each([
    ['without patterns', { patterns: [] }, 'INVALID_REQUEST', 'patterns'],
    ['with too many', { patterns: Array.from({ length: 101 }, () => '/a') }, 'LIMIT_EXCEEDED', 'patterns'],
    ['with a malformed pattern', { patterns: ['/a', '/*b'] }, 'INVALID_PATTERN', 'patterns[1]'],
    [
      'with hasty bookmarks',
      { patterns: ['/a'], bookmarkInterval: nanos(99_000_000) },
      'INVALID_REQUEST',
      'bookmark_interval',
    ],
    [
      'with no duration',
      { patterns: ['/a'], bookmarkInterval: { seconds: -1n, nanos: 5 } },
      'INVALID_REQUEST',
      'bookmark_interval',
    ],
    ['with an unknown detail', { patterns: ['/a'], detail: 9 as ChangeDetail }, 'INVALID_REQUEST', 'detail'],
    [
      'for a ghost without a name',
      { patterns: ['/a'], scope: { case: 'ghostId', value: '' } },
      'INVALID_REQUEST',
      'ghost_id',
    ],
    [
      'for a ghost that is not there',
      { patterns: ['/a'], scope: { case: 'ghostId', value: 'x' } },
      'GHOST_NOT_FOUND',
      undefined,
    ],
    ['for a forest that is not there', { forest: 'x', patterns: ['/a'] }, 'FOREST_NOT_FOUND', undefined],
    [
      'from a revision to come',
      { patterns: ['/a'], start: { case: 'afterRevision', value: 1n << 60n } },
      'REVISION_IN_FUTURE',
      undefined,
    ],
    [
      'from a position to come',
      { patterns: ['/a'], start: { case: 'afterPosition', value: 1n << 60n } },
      'REVISION_IN_FUTURE',
      undefined,
    ],
  ] as const)('%s', async (_name, request, reason, field) => {
    const refused = await watch(request as MessageInitShape<typeof SubscribeRequestSchema>).refusal();
    expect(refused.reason).toBe(reason);
    expect(refused.fields[0]).toBe(field);
  });

  test('from a revision that is compacted, with the oldest one left', async () => {
    await broker.forests.createForest({ name: 'compacted' });
    for (let index = 0; index < 5; index += 1)
      await broker.context.publish({ forest: 'compacted', operations: [putText('/a', 'x')] });
    await broker.forests.compact({ forest: 'compacted', revision: 4n });
    const refused = await watch({
      forest: 'compacted',
      patterns: ['/a'],
      start: { case: 'afterRevision', value: 2n },
    }).refusal();
    expect(refused).toMatchObject({
      code: 'OutOfRange',
      reason: 'REVISION_COMPACTED',
      metadata: { oldest_revision: '4' },
    });
    const read = await refusalOf(
      broker.context.get({ forest: 'compacted', path: '/a', view: { atRevision: 2n } }),
    );
    expect(read).toMatchObject({
      code: 'OutOfRange',
      reason: 'REVISION_COMPACTED',
      metadata: { oldest_revision: '4' },
    });
  });

  test('and ended when the broker stops, with a last bookmark', async () => {
    const other = await startTestBroker();
    const watched = new Watch(other, { patterns: ['/**'], start: now });
    await watched.bookmark();
    await other.context.publish({ operations: [putText('/a', 'x')] });
    await watched.event();
    const stopped = other.broker.stop();
    expect(await watched.bookmark()).toMatchObject({ revision: 1n });
    expect(await watched.refusal()).toMatchObject({ code: 'Unavailable', reason: 'NOT_SERVING' });
    await stopped;
    await other.close();
  });
});
