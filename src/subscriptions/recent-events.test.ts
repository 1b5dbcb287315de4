/**
 * Goal: recent events are there for those who fell behind, within their bounds, and keep nothing alive that nobody asked for.
 * Method: events made by hand.
 */
import { expect, test } from 'vitest';
import { recentEventsBytesMax, recentEventsOperationsMax } from '../base/limits.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Operation } from '../state/command.ts';
import type { Entry } from '../state/values/value.ts';
import { emptyRoot } from '../trie/node.ts';
import { RecentEvents } from './recent-events.ts';

const put: Operation = { kind: 'put', path: ['a'], value: { kind: 'text', data: 'b', bytes: 1, type: '' } };
const copy: Operation = { kind: 'copy', path: ['a'], source: ['b'], sourceRevision: 0 };

function eventAt(position: number, operation = put, revision = position): ForestEvent {
  return {
    position,
    timeMs: 0,
    revision,
    author: '',
    label: '',
    ghostId: revision === 0 ? 'g' : '',
    requestId: '',
    transition: null,
    changes: [{ operation, author: '', sum: '' }],
    basis: [],
    revertedRevision: 0,
    leaseId: '',
    roots: { before: emptyRoot<Entry>(), after: emptyRoot<Entry>() },
  };
}

test('roots of the trunk are let go unless somebody wants them; the rest of the event stays as it was', () => {
  const recent = new RecentEvents(0);
  const event = eventAt(1);
  recent.add(event, false);
  recent.add(eventAt(2), true);
  const [bare, whole] = recent.after(0, 10);
  expect(bare).toEqual({ ...event, roots: null });
  expect(whole?.roots).not.toBeNull();
});

test('roots that cannot be had again, or without which an event cannot be told, stay', () => {
  const recent = new RecentEvents(0);
  recent.add(eventAt(1, put, 0), false);
  recent.add(eventAt(2, copy), false);
  for (const { roots } of recent.after(0, 10)) expect(roots).not.toBeNull();
});

test('the oldest go first, by count, by operations and by bytes, and it says up to where', () => {
  const recent = new RecentEvents(7, 3);
  expect(recent.completeAfter).toBe(7);
  for (let position = 8; position <= 12; position += 1) recent.add(eventAt(position), false);
  expect([recent.length, recent.completeAfter]).toEqual([3, 9]);
  const large: Operation = {
    kind: 'put',
    path: ['a'],
    value: { kind: 'text', data: 'b', bytes: recentEventsBytesMax, type: '' },
  };
  recent.add(eventAt(13, large), false);
  expect([recent.length, recent.completeAfter]).toEqual([0, 13]);
  recent.add(eventAt(14), false);
  expect(recent.after(13, 10).map(({ position }) => position)).toEqual([14]);
  const change = { operation: put, author: '', sum: '' };
  const half = Array.from({ length: recentEventsOperationsMax / 2 }, () => change);
  recent.add({ ...eventAt(15), changes: half }, false);
  expect([recent.length, recent.completeAfter]).toEqual([2, 13]);
  recent.add({ ...eventAt(16), changes: half }, false);
  expect([recent.length, recent.completeAfter]).toEqual([2, 14]);
  recent.add({ ...eventAt(17), changes: [...half, ...half, change] }, false);
  expect([recent.length, recent.completeAfter]).toEqual([0, 17]);
});

test('those after a revision of the trunk are told, ghosts left out, as long as that revision is still here', () => {
  const recent = new RecentEvents(0, 4);
  for (const [position, revision] of [
    [1, 1],
    [2, 0],
    [3, 2],
    [4, 0],
    [5, 3],
  ] as const)
    recent.add(eventAt(position, put, revision), false);
  const revisionsAfter = (revision: number): number[] | undefined =>
    recent.afterRevision(revision)?.map((event) => event.revision);
  expect(revisionsAfter(2)).toEqual([3]);
  expect(revisionsAfter(3)).toEqual([]);
  expect(revisionsAfter(4)).toEqual([]);
  // The event of revision 1 is gone, and nobody knows whether there was another behind it.
  expect(revisionsAfter(1)).toBeUndefined();
  expect(new RecentEvents(0).afterRevision(0)).toBeNull();
});
