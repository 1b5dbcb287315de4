/**
 * Goal: locks and leases that let somebody through, or live too long or too short, are found. Method: histories written by hand, one that
 * is right and others with one thing wrong each.
 */
import { describe, expect, test } from 'vitest';

import type { Line } from '../record.ts';
import { broken, call, event, publish, put, shown } from './written.ts';
import type { Written } from './written.ts';

describe('what locks let through', () => {
  const pair = (text: string) => [put('/lock/1/a', text), put('/lock/1/b', text)];
  const acquire = (id: string, times: [number, number], token: number): Line[] =>
    call(id, times, { type: 'acquire', path: '/lock/1', ttlMs: 1_000 }, { token });
  const holds = (id: string, ms: number, tenure: string): Line[] =>
    call(id, [ms, ms], { type: 'holds', tenure });
  const release = (id: string, times: [number, number], tenure: string): Line[] =>
    call(id, times, { type: 'release', tenure });
  const under = (id: string, ms: number, tenure: string, revision: number): Line[] =>
    publish(id, [ms, ms + 1], pair(id), revision, { tenure });
  const trunk = (...ids: string[]) => ids.map((id, index) => event(index + 1, id, pair(id)));
  test('one after the other', () => {
    const one = [
      ...acquire('a.1', [0, 1], 1),
      ...under('a.2', 2, 'a.1', 1),
      ...under('a.3', 4, 'a.1', 2),
      ...release('a.4', [6, 7], 'a.1'),
    ];
    const other = [...acquire('b.1', [5, 9], 2), ...under('b.2', 10, 'b.1', 3), ...holds('b.3', 12, 'b.1')];
    expect(broken({ lines: [...one, ...other], events: trunk('a.2', 'a.3', 'b.2') })).toEqual([]);
  });
  describe('a write after it was given back, and a crash', () => {
    const absences = [{ kind: 'restarted', startNs: 4.5e6, endNs: 4.7e6 } as const];
    const lines = [
      ...acquire('a.1', [0, 1], 1),
      ...release('a.2', [2, 3], 'a.1'),
      ...under('a.3', 4, 'a.1', 1),
    ];
    test('may be one that has the lock again', () => {
      expect(broken({ lines, events: trunk('a.3'), absences })).toEqual([]);
    });
    test('but not where another was told meanwhile that it has it', () => {
      const taken = [...lines, ...acquire('b.1', [3, 3.5], 2)];
      expect(broken({ lines: taken, events: trunk('a.3'), absences })).toContain('stale tokens are refused');
    });
    test('nor where the crash was before that', () => {
      const before = [{ kind: 'restarted', startNs: 1.2e6, endNs: 1.8e6 } as const];
      expect(broken({ lines, events: trunk('a.3'), absences: before })).toContain('stale tokens are refused');
    });
  });
  test.each<[string, string, Written]>([
    [
      'two who say that they hold',
      'locks exclude',
      {
        lines: [
          ...acquire('a.1', [0, 1], 1),
          ...acquire('b.1', [2, 3], 2),
          ...holds('a.2', 4, 'a.1'),
          ...holds('b.2', 5, 'b.1'),
        ],
        events: [],
      },
    ],
    [
      'a write with an old token',
      'stale tokens are refused',
      {
        lines: [...acquire('a.1', [0, 1], 1), ...acquire('b.1', [2, 3], 2), ...under('a.2', 4, 'a.1', 1)],
        events: trunk('a.2'),
      },
    ],
    [
      'a write after it was given back',
      'stale tokens are refused',
      {
        lines: [...acquire('a.1', [0, 1], 1), ...release('a.2', [2, 3], 'a.1'), ...under('a.3', 4, 'a.1', 1)],
        events: trunk('a.3'),
      },
    ],
    [
      'a later write of an earlier token',
      'fenced',
      {
        lines: [
          ...acquire('a.1', [0, 1], 1),
          ...acquire('b.1', [0, 9], 2),
          ...under('b.2', 2, 'b.1', 1),
          ...under('a.2', 2, 'a.1', 2),
        ],
        events: trunk('b.2', 'a.2'),
      },
    ],
    [
      'an intruder between two writes',
      'fenced',
      {
        lines: [
          ...acquire('a.1', [0, 1], 1),
          ...under('a.2', 2, 'a.1', 1),
          ...publish('i.1', [3, 4], pair('i.1'), 2),
          ...under('a.3', 5, 'a.1', 3),
        ],
        events: trunk('a.2', 'i.1', 'a.3'),
      },
    ],
    [
      'a token that was given twice',
      'tokens grow',
      { lines: [...acquire('a.1', [0, 1], 1), ...acquire('b.1', [2, 3], 1)], events: [] },
    ],
    [
      'a token that goes back',
      'tokens grow',
      { lines: [...acquire('a.1', [0, 1], 2), ...acquire('b.1', [2, 3], 1)], events: [] },
    ],
  ])('%s', (_, guarantee, written) => {
    expect(broken(written)).toContain(guarantee);
  });
});

describe('how long leases live', () => {
  const node = put('/presence/p-1.1', 'here');
  const present = [
    ...call('p-1.1', [0, 1], { type: 'grant', ttlMs: 1_000 }),
    ...publish('p-1.2', [2, 3], [node], 1, { lease: 'p-1.1' }),
    ...call('p-1.3', [900, 900], { type: 'holds', tenure: 'p-1.1' }),
  ];
  const look = (ms: number, isThere: boolean): Line[] =>
    call(
      'l.1',
      [ms, ms + 1],
      { type: 'list', path: '/presence' },
      { revision: isThere ? 1 : 2, nodes: isThere ? { [node.path]: shown('here', 1) } : {} },
    );
  const ends = [event(1, 'p-1.2', [node]), event(2, '', [{ action: 'delete', path: node.path, text: '' }])];
  const killedMs = { p: 1_000 };
  test('as long as their owners, and not much longer', () => {
    expect(broken({ lines: [...present, ...look(2_900, true)], events: ends, killedMs })).toEqual([]);
    expect(broken({ lines: [...present, ...look(3_100, false)], events: ends, killedMs })).toEqual([]);
    const absences = [{ kind: 'restarted', startNs: 1.5e9, endNs: 2e9 } as const];
    expect(broken({ lines: [...present, ...look(3_900, true)], events: ends, killedMs, absences })).toEqual(
      [],
    );
  });
  test.each<[string, string, Written]>([
    [
      'one outlives its owner',
      'leases end',
      { lines: [...present, ...look(3_100, true)], events: ends, killedMs },
    ],
    [
      'one outlives a restart by more than its ttl',
      'leases end',
      {
        lines: [...present, ...look(4_100, true)],
        events: ends,
        killedMs,
        absences: [{ kind: 'restarted', startNs: 1.5e9, endNs: 2e9 }],
      },
    ],
    [
      'one outlives its end',
      'leases end',
      {
        lines: [
          ...present,
          ...call('p-1.4', [1_000, 1_001], { type: 'release', tenure: 'p-1.1' }),
          ...look(1_002, true),
        ],
        events: ends,
      },
    ],
    ['one ends under its owner', 'leases hold', { lines: [...present, ...look(500, false)], events: ends }],
  ])('%s', (_, guarantee, written) => {
    expect(broken(written)).toContain(guarantee);
  });
});
