/** Goal: the window on history moves and finds right. Method: windows of made-up events, valid and odd. */
import { expect, test } from 'vitest';
import type { Event } from '../../../typescript/src/browser.ts';
import {
  emptyWindow,
  extend,
  indexAt,
  isWanted,
  keyOf,
  noFilter,
  revisionAt,
  step,
  windowEventsMax,
} from './timeline.ts';

function event(position: number, fields: Partial<Event> = {}): Event {
  return {
    revision: position,
    position,
    time: new Date(0),
    author: 'a',
    label: '',
    ghostId: '',
    transition: undefined,
    changes: [],
    basis: [],
    requestId: '',
    revertedRevision: 0,
    leaseId: '',
    ...fields,
  };
}

const put = (path: string): Event['changes'][number] => ({
  action: 'put',
  kind: 'text',
  value: 'x',
  json: undefined,
  path,
  author: '',
  result: undefined,
  previous: undefined,
});
const removal = (path: string): Event['changes'][number] => ({
  action: 'delete',
  scope: 'subtree',
  path,
  author: '',
  result: undefined,
  previous: undefined,
});

test('the place of a position is the last event at or before it', () => {
  const events = [event(10), event(20), event(30)];
  expect([5, 10, 19, 20, 31].map((position) => indexAt(events, position))).toEqual([-1, 0, 0, 1, 2]);
});

test('a window takes each event once and lets the oldest go', () => {
  const window = extend(emptyWindow, [event(1), event(2)]);
  expect(extend(window, [event(2)])).toBe(window);
  const many = Array.from({ length: windowEventsMax + 5 }, (_, at) => event(at + 3));
  const grown = extend({ ...window, isAtBeginning: true }, many);
  expect(grown.events).toHaveLength(windowEventsMax);
  expect(grown.isAtBeginning).toBe(false);
  expect(grown.events.at(-1)?.position).toBe(windowEventsMax + 7);
});

test('a window takes what shares its last position also where that comes later', () => {
  const end = (ghostId: string): Event => event(7, { revision: 0, ghostId });
  const window = extend(emptyWindow, [event(6), end('inner')]);
  const grown = extend(window, [end('inner'), end('outer'), event(8)]);
  expect(grown.events.map(keyOf)).toEqual(['6 6 ', '7 0 inner', '7 0 outer', '8 8 ']);
  expect(extend(grown, [end('outer'), event(8)])).toBe(grown);
});

test('events of one position are told apart', () => {
  const together = ['', 'g1', 'g2'].map((ghostId) => event(7, { ghostId }));
  expect(new Set([...together, event(8)].map(keyOf)).size).toBe(4);
});

test('events in ghosts stand on the revision before them', () => {
  const events = [event(1), event(2, { revision: 0 }), event(3, { revision: 0 })];
  expect(revisionAt(events, 2)).toBe(1);
  expect(revisionAt(events.slice(1), 1)).toBeUndefined();
});

test('steps lead over what the filter does not want, both ways', () => {
  const events = [event(1, { author: 'b' }), event(2), event(3), event(4, { author: 'b' })];
  const filter = { ...noFilter, author: 'b' };
  expect(step(events, 1, 1, filter)?.position).toBe(4);
  expect(step(events, 4, -1, filter)?.position).toBe(1);
  expect(step(events, 4, 1, filter)).toBeUndefined();
  expect(step(events, 2, 1, noFilter)?.position).toBe(3);
  expect(step(events, 2, -1, noFilter)?.position).toBe(1);
});

test('a path is wanted with all below it, and with what removes it from above', () => {
  const filter = { ...noFilter, path: '/a/b' };
  expect(isWanted(event(1, { changes: [put('/a/b/c')] }), filter)).toBe(true);
  expect(isWanted(event(1, { changes: [put('/a/bc')] }), filter)).toBe(false);
  expect(isWanted(event(1, { changes: [put('/a')] }), filter)).toBe(false);
  expect(isWanted(event(1, { changes: [removal('/a')] }), filter)).toBe(true);
});
