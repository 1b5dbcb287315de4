/**
 * Goal: across broken streams every event is handed out whole and exactly once.
 * Method: a broker's stream is cut after each message in turn and resumed from where the assembly asks; once with an event in each
 * message, once with as many as come together.
 */
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { SubscribeResponseSchema, type SubscribeResponse } from './gen/hyperloom/v1/context_service_pb.ts';
import { Assembly } from './subscription-assembly.ts';
import type { SubscriptionItem } from './subscription-item.ts';
import type { ResumePoint } from './subscription-request.ts';

function event(position: number, path: string, partsLeft = 0): SubscribeResponse {
  const action = { case: 'delete', value: {} } as const;
  const changes = [{ path, action }];
  const at = BigInt(position);
  return create(SubscribeResponseSchema, {
    message: { case: 'event', value: { position: at, revision: at, partsLeft, changes } },
  });
}

function bookmark(at: number): SubscribeResponse {
  const value = { revision: BigInt(at), position: BigInt(at) };
  return create(SubscribeResponseSchema, { message: { case: 'bookmark', value } });
}

function snapshot(...paths: string[]): SubscribeResponse {
  const value = { nodes: paths.map((path) => ({ path })), revision: 10n };
  return create(SubscribeResponseSchema, { message: { case: 'snapshot', value } });
}

/** Positions 12 and 15 have several events each; 14 comes in three parts; bookmarks lie between. */
const history: readonly (readonly [number, readonly SubscribeResponse[]])[] = [
  [11, [event(11, '/a')]],
  [12, [event(12, '/b'), event(12, '/c'), event(12, '/d')]],
  [12, [bookmark(12)]],
  [14, [event(14, '/e', 2), event(14, '/f', 1), event(14, '/g')]],
  [15, [event(15, '/h'), event(15, '/i')]],
  [16, [bookmark(16)]],
  [17, [event(17, '/j')]],
];

const expected = [
  ['/x', '/y', '/z'],
  [11, '/a'],
  [12, '/b'],
  [12, '/c'],
  [12, '/d'],
  [14, '/e', '/f', '/g'],
  [15, '/h'],
  [15, '/i'],
  [17, '/j'],
];

function streamFrom(start: ResumePoint): SubscribeResponse[] {
  if (start.kind === 'snapshot')
    return [
      snapshot('/x', '/y'),
      snapshot('/z'),
      bookmark(10),
      ...history.flatMap(([, messages]) => messages),
    ];
  if (start.kind !== 'position') throw new Error(`nobody asked for ${start.kind}`);
  return history.flatMap(([position, messages]) => (position > start.position ? messages : []));
}

/** The same with up to three events in a message. */
function batched(messages: readonly SubscribeResponse[]): SubscribeResponse[] {
  const batches: SubscribeResponse[] = [];
  for (const { message } of messages) {
    const last = batches.at(-1);
    const fits = message.case === 'event' && last?.message.case === 'event' && last.more.length < 2;
    if (fits) last.more.push(message.value);
    else batches.push(create(SubscribeResponseSchema, { message }));
  }
  return batches;
}

function shape(items: readonly SubscriptionItem[]): unknown[] {
  return items.flatMap((item) => {
    if (item.kind === 'event') return [[item.position, ...item.event.changes.map(({ path }) => path)]];
    return item.kind === 'snapshot' ? [item.nodes.map(({ path }) => path)] : [];
  });
}

const forms = [
  ['an event in each message', (messages: readonly SubscribeResponse[]) => [...messages]],
  ['several events in a message', batched],
] as const;

describe.each(forms)('with %s', (_, form) => {
  test('a stream that never breaks is handed out as it is', () => {
    const assembly = new Assembly({ kind: 'snapshot' });
    const items = form(streamFrom(assembly.beginStream())).flatMap((message) => assembly.take(message));
    expect(shape(items)).toEqual(expected);
    expect(items.filter(({ kind }) => kind === 'bookmark').map(({ position }) => position)).toEqual([12, 16]);
  });

  test('a stream cut anywhere once loses and repeats nothing', () => {
    for (let length = 1; length <= form(streamFrom({ kind: 'snapshot' })).length; length += 1) {
      const assembly = new Assembly({ kind: 'snapshot' });
      const first = form(streamFrom(assembly.beginStream())).slice(0, length);
      const items = first.flatMap((message) => assembly.take(message));
      const rest = form(streamFrom(assembly.beginStream()));
      items.push(...rest.flatMap((message) => assembly.take(message)));
      expect(shape(items)).toEqual(expected);
    }
  });

  test('streams cut again and again lose and repeat nothing', () => {
    // Each lives for a few messages only; four are the least that get it over the largest group.
    for (let length = 4; length < 8; length += 1) {
      const assembly = new Assembly({ kind: 'snapshot' });
      const items: SubscriptionItem[] = [];
      for (let stream = 0; stream < 40; stream += 1)
        for (const message of form(streamFrom(assembly.beginStream())).slice(0, length))
          items.push(...assembly.take(message));
      expect(shape(items)).toEqual(expected);
    }
  });
});

test('a snapshot that was cut begins anew', () => {
  const assembly = new Assembly({ kind: 'snapshot' });
  assembly.beginStream();
  expect(assembly.take(snapshot('/x'))).toEqual([]);
  expect(assembly.beginStream()).toEqual({ kind: 'snapshot' });
  expect(assembly.take(snapshot('/y'))).toEqual([]);
  expect(shape(assembly.take(bookmark(10)))).toEqual([['/y']]);
});

test('a start at now becomes a position with the first bookmark', () => {
  const assembly = new Assembly({ kind: 'now' });
  expect(assembly.beginStream()).toEqual({ kind: 'now' });
  assembly.take(bookmark(0));
  expect(assembly.beginStream()).toEqual({ kind: 'position', position: 0 });
});
