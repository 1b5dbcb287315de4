/**
 * Goal: a run that finds nothing means something. Method: a history that keeps every promise, written by hand, and one after the other
 * histories in which one thing is wrong; each must be found under the name of the promise that it breaks. What Porcupine finds is
 * tested where its model is, in `checker/node_test.go`.
 */
import { describe, expect, test } from 'vitest';

import { bookmark, following, snapshot, subscribed, told } from './checks/following.ts';
import {
  broken,
  call,
  event,
  events,
  first,
  publish,
  put,
  read,
  second,
  shown,
  story,
  third,
  writes,
} from './checks/written.ts';
import type { Written } from './checks/written.ts';
import { History } from './history.ts';
import type { Line, Shown } from './record.ts';

describe('what is right passes', () => {
  test.each<[string, Written]>([
    ['writes alone', story],
    [
      'a read of the newest state',
      {
        ...story,
        lines: [
          ...writes,
          ...read('r.1', [6, 7], 3, {
            '/pair/1/a': shown('y', 2),
            '/pair/1/b': shown('y', 2),
            '/reg/1': null,
          }),
        ],
      },
    ],
    [
      'a subscription from a snapshot',
      following(-1, snapshot(0), bookmark(0), told(1), told(2), bookmark(2), told(3), bookmark(3)),
    ],
    ['one that begins in the middle', following(1, told(2), told(3))],
    [
      'one that sees only a part',
      { ...story, lines: [...writes, subscribed(0, '/log'), bookmark(2), told(3)] },
    ],
    ['a write without an answer that took effect', { events, lines: [...writes.slice(0, -1)] }],
    [
      'a repetition that gets the same',
      {
        ...story,
        lines: [
          ...writes,
          ...call(
            'w.9',
            [8, 9],
            { type: 'publish', requestId: 'w.3', steps: third, repeats: 'w.3' },
            { revision: 3 },
          ),
        ],
      },
    ],
  ])('%s', (_, written) => {
    expect(broken(written)).toEqual([]);
  });
});

describe('what became of writes', () => {
  test.each<[string, string, Written]>([
    ['an acknowledged write is lost', 'durable', { ...story, events: events.slice(0, 2) }],
    [
      'another one is in its place',
      'durable',
      { ...story, events: [...events.slice(0, 2), event(3, 'w.8', third)] },
    ],
    [
      'it holds something else',
      'durable',
      { ...story, events: [...events.slice(0, 2), event(3, 'w.3', second)] },
    ],
    [
      'a request took effect twice',
      'exactly once',
      { ...story, events: [...events, event(4, 'w.3', third)] },
    ],
    [
      'a refused request took effect',
      'exactly once',
      {
        events,
        lines: call(
          'w.3',
          [0, 1],
          { type: 'publish', requestId: 'w.3', steps: third },
          { outcome: 'refused', reason: 'LOCKED' },
        ),
      },
    ],
    [
      'a repetition gets another outcome',
      'exactly once',
      {
        ...story,
        lines: [
          ...writes,
          ...call(
            'w.9',
            [8, 9],
            { type: 'publish', requestId: 'w.3', steps: third, repeats: 'w.3' },
            { revision: 4 },
          ),
        ],
      },
    ],
    [
      'revisions go against time',
      'strictly serializable',
      { events, lines: [...publish('w.2', [0, 1], second, 2), ...publish('w.1', [2, 3], first, 1)] },
    ],
    [
      'there is what nobody asked for',
      'nothing unasked',
      { ...story, events: [...events, event(4, 'x.1', [put('/reg/1', 'x.1')])] },
    ],
    ['restarts reach different states', 'deterministic', { ...story, hashes: ['a', 'b'] }],
  ])('%s', (_, guarantee, written) => {
    expect(broken(written)).toContain(guarantee);
  });
});

describe('forests', () => {
  const other = (line: Line): Line =>
    'client' in line && line.kind !== 'bug' ? { ...line, forest: 'second' } : line;
  const lines = [...publish('a.1', [0, 1], first, 1), ...publish('b.1', [2, 3], second, 1).map(other)];
  const inForest = (name: string, ...trunk: Written['events']): string[] =>
    broken({ lines: [], history: History.of(name, lines), events: trunk });
  test('have revisions of their own', () => {
    expect(inForest('default', event(1, 'a.1', first))).toEqual([]);
    expect(inForest('second', event(1, 'b.1', second))).toEqual([]);
  });
  test('and nothing of one another', () => {
    expect(inForest('default', event(1, 'a.1', first), event(2, 'b.1', second))).toEqual(['nothing unasked']);
    expect(inForest('second', event(1, 'a.1', first))).toEqual(['durable', 'nothing unasked']);
  });
});

describe('what reads show', () => {
  const reading = (
    times: [number, number],
    revision: number,
    nodes: Record<string, Shown | null>,
  ): Written => ({
    ...story,
    lines: [...writes, ...read('r.1', times, revision, nodes)],
  });
  const view = (name: 'at_least' | 'at_revision', revision: number): Written => ({
    ...story,
    lines: [
      ...writes,
      ...call(
        'r.1',
        [6, 7],
        { type: 'read', paths: ['/reg/1'], view: name, revision },
        { revision: 2, nodes: { '/reg/1': null } },
      ),
    ],
  });
  const seenBefore = {
    ...story,
    lines: [
      ...writes,
      ...call('w.4', [6, 7], { type: 'read', paths: [], view: 'seen', revision: 0 }, { revision: 2 }),
    ],
  };
  test.each<[string, string, Written]>([
    ['a stale read', 'strictly serializable', reading([6, 7], 2, { '/log/1': null })],
    ['a state that never was', 'reads show their revision', reading([6, 7], 3, { '/log/1': null })],
    ['a revision that never was', 'reads show their revision', reading([6, 7], 4, { '/reg/1': null })],
    ['half a diff', 'atomic', reading([6, 7], 3, { '/pair/1/a': shown('y', 2), '/pair/1/b': shown('x', 1) })],
    ['less than it asked for', 'reads are new enough', view('at_least', 3)],
    ['less than its client had seen', 'reads are new enough', seenBefore],
    ['another revision than it asked for', 'reads are new enough', view('at_revision', 1)],
  ])('%s', (_, guarantee, written) => {
    expect(broken(written)).toContain(guarantee);
  });
});

describe('what ghosts leave behind', () => {
  const steps = [put('/reg/1', 'g1'), put('/reg/2', 'g2')];
  const begin = [
    ...call('g.1', [0, 1], { type: 'begin' }, { revision: 0 }),
    ...call('g.2', [2, 3], { type: 'stage', ghost: 'g.1', steps }),
  ];
  const commit = (outcome: 'ok' | 'refused', revision: number): Line[] =>
    call('g.3', [4, 5], { type: 'commit', ghost: 'g.1', steps }, { outcome, revision });
  const peek = call(
    'g.4',
    [3, 4],
    { type: 'peek', ghost: 'g.1', path: '/reg/1', text: 'g1' },
    { nodes: { '/reg/1': null } },
  );
  test('nothing but their commits', () => {
    expect(broken({ lines: [...begin, ...commit('ok', 1)], events: [event(1, 'g.3', steps)] })).toEqual([]);
    expect(broken({ lines: [...begin, ...commit('refused', 0)], events: [] })).toEqual([]);
  });
  test.each<[string, Written]>([
    ['one that was never committed is seen', { lines: begin, events: [event(1, 'g.3', steps)] }],
    [
      'one that was refused is seen',
      { lines: [...begin, ...commit('refused', 0)], events: [event(1, 'g.3', steps)] },
    ],
    [
      'half of one is seen',
      { lines: [...begin, ...commit('ok', 1)], events: [event(1, 'g.3', steps.slice(1))] },
    ],
    [
      'one is seen in two parts',
      {
        lines: [...begin, ...commit('ok', 1)],
        events: [event(1, 'g.3', steps.slice(0, 1)), event(2, '', steps.slice(1))],
      },
    ],
    [
      'one overwrites what it has not seen',
      {
        lines: [...begin, ...commit('ok', 2)],
        events: [event(1, 'o.1', [put('/reg/1', 'o')]), event(2, 'g.3', steps)],
      },
    ],
    ['it does not see its own writes', { lines: [...begin, ...peek], events: [] }],
  ])('%s', (_, written) => {
    expect(broken(written)).toContain('isolated');
  });
  test('but after a crash it may see less', () => {
    const absences = [{ kind: 'restarted', startNs: 2e6, endNs: 3e6 } as const];
    expect(broken({ lines: [...begin, ...peek], events: [], absences })).toEqual([]);
  });
});
